"""`check`: whether each account can be read and answered, before anything depends on it."""

from __future__ import annotations

import argparse
import contextlib
import sys
import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta

from monitor.checked import Checked, Finding, Mark
from monitor.checkup import PATIENCE, ask_database, check_accounts, check_clock, check_desk
from monitor.clean import clean_line
from monitor.command import Shell, terminal_columns
from monitor.duration import format_duration, parse_duration

_MARKS = {Mark.OK: "ok", Mark.NOTE: "note", Mark.MISSING: "MISSING"}
_INDENT = " " * 11


class Check:
    """Before Monday morning."""

    help = (
        "Sign in to every account, or those named, and say as whom, what is allowed, and what is\n"
        "missing and how to get it. Nothing is sent, marked or polled; what it costs is said.\n"
        "Without names the database, the key and the configuration are looked at too.\n"
        "Exit code 1 where something is missing."
    )

    def arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("account", nargs="*", help="else every account of config.toml")
        parser.add_argument("--quiet", action="store_true", help="say only what is missing")
        parser.add_argument("--json", action="store_true", help="print an object, for scripts")
        parser.add_argument(
            "--timeout", type=_patience, default=PATIENCE, metavar="LENGTH",
            help=f"the longest that an account may take (else {format_duration(PATIENCE)})",
        )  # fmt: skip

    def run(self, args: argparse.Namespace, shell: Shell) -> int:
        house = shell.house
        names = [house.config.account(name).name for name in args.account]
        every = names or [account.name for account in house.config.accounts]
        with _progress(args, shell) as show:
            show(["the database"])
            stored = ask_database(house)
            desk = Checked() if names else check_desk(house, stored)
            accounts = check_accounts(house, every, stored, args.timeout, show)
        desk = desk.and_also(check_clock(accounts.values()))
        if args.json:
            shell.say_json(_as_json(accounts, desk))
        else:
            channels = {a.name: a.channel for a in house.config.accounts}
            headed = {f"{n} ({channels[n]})": checked for n, checked in accounts.items()}
            for line in _report(headed | {"this desk": desk}, quiet=args.quiet):
                shell.say(line)
        return 0 if _ok(accounts, desk) else 1


def _patience(text: str) -> timedelta:
    try:
        return parse_duration(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


@contextlib.contextmanager
def _progress(args: argparse.Namespace, shell: Shell) -> Iterator[Callable[[Sequence[str]], None]]:
    """Says what is still out, where no script reads it."""
    tell = _silent if args.json else shell.tell
    try:
        yield lambda names: tell(f"checking {', '.join(names)} …")
    finally:
        tell("")


def _silent(text: str) -> None:
    """Nobody looks."""


def _ok(accounts: Mapping[str, Checked], desk: Checked) -> bool:
    return desk.ok and all(checked.ok for checked in accounts.values())


def _as_json(accounts: Mapping[str, Checked], desk: Checked) -> dict[str, object]:
    return {
        "ok": _ok(accounts, desk),
        "accounts": [{"name": n} | checked.as_json() for n, checked in accounts.items()],
        "desk": [finding.as_json() for finding in desk.findings],
    }


def _report(everything: Mapping[str, Checked], *, quiet: bool) -> Iterator[str]:
    for name, checked in everything.items():
        yield from _section(name, checked, quiet=quiet)
    missing = {name: sum(not f.ok for f in c.findings) for name, c in everything.items()}
    where = ", ".join(f"{name} {number}" for name, number in missing.items() if number)
    if where or not quiet:
        # The last line, for those whose terminal shows no more than the end.
        yield f"missing: {where}" if where else "all is well"


def _section(name: str, checked: Checked, *, quiet: bool) -> Iterator[str]:
    findings = [f for f in checked.findings if not (quiet and f.ok)]
    if not findings:
        return
    who = f": signed in as {checked.who}" if checked.who else ""
    yield from _wrapped(f"{name}{who}", "")
    for finding in findings:
        yield from _lines(finding)
    if checked.cost and not quiet:
        yield f"  cost     {checked.cost}"
    yield ""


def _lines(finding: Finding) -> Iterator[str]:
    yield from _wrapped(f"  {_MARKS[finding.mark]:<7}  {finding.what}", _INDENT)
    if finding.remedy:
        yield from _wrapped(f"{_INDENT}what to do: {finding.remedy}", _INDENT)


def _wrapped(text: str, indent: str) -> list[str]:
    """One printable line, broken where the terminal ends; whole where the output goes elsewhere."""
    line = clean_line(text)
    if not sys.stdout.isatty():
        return [line]
    return textwrap.wrap(
        line,
        terminal_columns(),
        subsequent_indent=indent,
        drop_whitespace=True,
        break_on_hyphens=False,
    )
