"""`status`: what is late, in a line or a small table; for prompts, cron and monitoring."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from monitor.cli.alarm import UNKNOWN, verdict

if TYPE_CHECKING:
    from monitor.command import Shell
    from monitor.figures import Figures, Load


class Status:
    """How late the desk is."""

    help = (
        "How many wait, are due soon and overdue: now, by channel and person.\n"
        "A number with ≥ before it is a lower bound: an account is not ok.\n\n"
        "Exit codes are those of monitoring plugins, so that a check that can't count is never\n"
        "taken for an alarm: 0 ok; 1 warning, from --warn N overdue on, or where an account is\n"
        "not ok; 2 critical, with more than --fail-over N overdue; 3 unknown: nothing could be\n"
        "counted, wrong options and a missing configuration included. Without --warn and\n"
        "--fail-over it is 0 once it has counted."
    )
    unable = UNKNOWN

    def arguments(self, parser: argparse.ArgumentParser) -> None:
        form = parser.add_mutually_exclusive_group()
        form.add_argument("--json", action="store_true", help="print an object, for scripts")
        form.add_argument(
            "--prompt", action="store_true",
            help="a few characters for a tmux or shell prompt: `2! next 04:12`, `?` if unknown",
        )  # fmt: skip
        parser.add_argument("--channel", action="append", default=[], help="only this channel's")
        parser.add_argument("--account", action="append", default=[], help="only this account's")
        parser.add_argument(
            "--warn", type=number, metavar="N", help="exit code 1 from N overdue on"
        )
        parser.add_argument(
            "--fail-over", type=number, metavar="N", help="exit code 2 with more than N overdue"
        )

    def run(self, args: argparse.Namespace, shell: Shell) -> int:
        from zoneinfo import ZoneInfo

        from monitor.clock import micros
        from monitor.figures import begin_of_day

        if args.prompt:
            from monitor.cli.prompt import Question, prompt

            given = (args.config, args.channel, args.account, args.warn, args.fail_over)
            return prompt(Question(*given))
        house = shell.house
        only = _accounts(args, shell)
        day = begin_of_day(house.clock(), ZoneInfo(house.config.desk.timezone))
        seen = house.desk.figures(day, only)
        if args.json:
            shell.say_json(seen.as_json())
        else:
            shell.say(as_text(seen, micros(seen.at)))
        return verdict(
            seen.load.overdue, lower_bound=seen.lower_bound, warn=args.warn,
            fail_over=args.fail_over,
        )  # fmt: skip


def number(text: str) -> int:
    """How many may be overdue, from 0."""
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        raise argparse.ArgumentTypeError(f"'{text[:40]}' is not a number from 0")
    return int(text)


def _accounts(args: argparse.Namespace, shell: Shell) -> set[str] | None:
    """The chosen accounts, None for all; a name that nothing has is refused."""
    if not args.account and not args.channel:
        return None
    from monitor.errors import UsageError

    config = shell.config
    for name in args.account:
        config.account(name)
    channels = {a.channel for a in config.accounts}
    for channel in args.channel:
        if channel not in channels:
            there = ", ".join(sorted(channels)) or "none yet"
            raise UsageError(f"no account has the channel '{channel}' (there are: {there})")
    return {
        a.name
        for a in config.accounts
        if (not args.account or a.name in args.account)
        and (not args.channel or a.channel in args.channel)
    }


def as_text(seen: Figures, now_us: int) -> str:
    """A line; below it a row for each channel and person, and what is not ok."""
    from monitor.command import columns
    from monitor.wording import number as counted
    from monitor.wording import troubles

    bound = seen.lower_bound
    load = seen.load
    line = (
        f"{counted(load.overdue, lower_bound=bound)} overdue"
        f"  {counted(load.due_soon, lower_bound=bound)} due soon"
        f"  {counted(load.waiting, lower_bound=bound)} waiting{_next(seen, now_us)}"
    )
    heading = ("", "overdue", "due soon", "waiting")
    rows = [(c.name, *_cells(c.load, bound=c.blind)) for c in seen.channels]
    people = [(f"@{p.name}", *_cells(p.held, bound=False)) for p in seen.people]
    table = [heading, *rows, *people] if rows or people else []
    statuses = [a.status for a in seen.accounts if a.status]
    return "\n".join(filter(None, [line, columns(table), *troubles(statuses)]))


def _cells(load: Load, *, bound: bool) -> tuple[str, str, str]:
    from monitor.wording import number as counted

    cells = (load.overdue, load.due_soon, load.waiting)
    overdue, soon, waiting = (counted(n, lower_bound=bound).rjust(7) for n in cells)
    return overdue, soon, waiting


def _next(seen: Figures, now_us: int) -> str:
    from monitor.countdown import countdown

    if seen.next is None or seen.next.reply_by_us is None:
        return ""
    return f"  next {countdown((seen.next.reply_by_us - now_us) / 1_000_000)} #{seen.next.id}"
