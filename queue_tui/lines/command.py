"""The command `replyby work`."""

from __future__ import annotations

import argparse
import signal
from types import FrameType
from typing import NoReturn

from monitor.command import Shell

_ENDINGS = (signal.SIGTERM, signal.SIGHUP)


class WorkCommand:
    """The entry point `work`."""

    help = (
        "Work through the queue line by line: for screen readers, bad links, and terminals that\n"
        "have no full screen. The next conversation is said in words, and a plain command says\n"
        "what becomes of it; nothing is drawn, coloured or moved.\n\n"
        "Nothing is fetched or sent from here: that is what `replyby run` does."
    )

    def arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "--bell", action="store_true", help="ring when the customer has written again"
        )

    def run(self, args: argparse.Namespace, shell: Shell) -> int:
        from queue_tui.lines.session import Session
        from queue_tui.lines.talk import Talk

        talk = Talk(bell=args.bell)
        shell.house.tell = talk.under_way
        before = {number: signal.signal(number, _leave) for number in _ENDINGS}
        try:
            Session(shell, talk).run()
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
        return 0


def _leave(number: int, frame: FrameType | None) -> NoReturn:
    """Somebody ends us, or the line is lost: what is held goes back on the way out."""
    raise SystemExit(128 + number)
