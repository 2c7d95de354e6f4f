"""The command `replyby board`."""

from __future__ import annotations

import argparse
import os
import sys

from monitor.command import Shell
from monitor.errors import UsageError
from queue_tui.capability import need_full_screen


class BoardCommand:
    """The entry point `board`."""

    help = (
        "The lead's screen: what is overdue and due soon by channel, account and person, who has\n"
        "waited longest, what goes over next, how the day goes, who is at work, how every account\n"
        "is doing. Enter shows the conversations behind a row in the queue, Esc comes back.\n"
        "A number with ≥ before it is a lower bound: an account is not ok."
    )

    def arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="print it as text, and end")
        parser.add_argument(
            "--json", action="store_true", help="with --once: an object, for scripts"
        )

    def run(self, args: argparse.Namespace, shell: Shell) -> int:
        if args.json and not args.once:
            raise UsageError("--json goes with --once; the screen is for people")
        if args.once:
            return _once(shell, as_json=args.json)
        tty = sys.stdin.isatty() and sys.stdout.isatty()
        need_full_screen(os.environ, tty=tty, instead="`replyby board --once` prints it")
        from queue_tui.board_app import BoardApp
        from queue_tui.process import run

        return run(BoardApp(shell))


def _once(shell: Shell, *, as_json: bool) -> int:
    from shutil import get_terminal_size
    from zoneinfo import ZoneInfo

    from monitor.figures import begin_of_day

    house = shell.house
    zone = ZoneInfo(house.config.desk.timezone)
    seen = house.desk.figures(begin_of_day(house.clock(), zone))
    if as_json:
        shell.say_json(seen.whole_as_json())
    else:
        from queue_tui.board_rows import page

        shell.say(page(seen, zone, house.config.desk.name, get_terminal_size((100, 24)).columns))
    return 0
