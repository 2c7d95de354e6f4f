"""The command `replyby queue`."""

from __future__ import annotations

import argparse
import os
import sys

from monitor.command import Shell
from queue_tui.capability import need_full_screen


class QueueCommand:
    """The entry point `queue`."""

    help = (
        "Work through the queue in the terminal: the most urgent conversation is on top.\n"
        "Space claims the next one and opens it, r answers, ctrl+s sends, ? shows all keys.\n"
        "Nothing is fetched or sent from here: that is what `replyby run` does."
    )

    def arguments(self, parser: argparse.ArgumentParser) -> None:
        pass

    def run(self, args: argparse.Namespace, shell: Shell) -> int:
        need_full_screen(os.environ, tty=sys.stdin.isatty() and sys.stdout.isatty())
        from queue_tui.app import QueueApp
        from queue_tui.process import run

        return run(QueueApp(shell))
