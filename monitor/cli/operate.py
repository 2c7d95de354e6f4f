"""`poll`, `run`, `accounts` and `rebuild`: what operators need."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from monitor import wording
from monitor.command import Shell, columns, log_to_stderr
from monitor.decision import Outcome
from monitor.errors import StoreError
from monitor.health import Health
from monitor.poller import Pass, Progress
from monitor.wiring import House

_AT_ONCE = 8


def _silent(done: Pass) -> None:
    """Nobody looks."""


class Poll:
    """One pass, for cron."""

    help = (
        "Fetch once what came in on all accounts, or those named, and send what is due.\n"
        "Made for cron: two passes over one account never run at once, and a pass that was\n"
        "killed goes on where it was. Exit code 1 where an account failed; the others are done."
    )

    def arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("account", nargs="*", help="else every account of config.toml")
        parser.add_argument("--quiet", action="store_true", help="say only what failed")
        parser.add_argument("--verbose", action="store_true", help="show the log as well")

    def run(self, args: argparse.Namespace, shell: Shell) -> int:
        if args.verbose:
            log_to_stderr()
        house = shell.house
        house.config.check_holidays()
        for name in args.account:
            house.config.account(name)
        names = args.account or list(house.accounts)
        passes = poll_all(house, names, _silent if args.quiet else partial(_come, shell))
        shell.tell("")
        for done in passes:
            if done.problem:
                remedy = f"; {done.remedy}" if done.remedy else ""
                shell.complain(f"{done.account}: {done.problem}{remedy}")
            elif not args.quiet:
                shell.say(ledger_line(done))
        house.outbox.deliver()
        return 1 if any(done.problem for done in passes) else 0


def poll_all(house: House, names: Sequence[str], progress: Progress = _silent) -> list[Pass]:
    """Poll the accounts side by side: one that hangs holds up no other."""
    poller, accounts = house.poller, house.accounts

    def one(name: str) -> Pass:
        try:
            return poller.poll(accounts[name], progress)
        except StoreError as error:
            return Pass(name, problem=str(error))

    with ThreadPoolExecutor(min(_AT_ONCE, len(names) or 1)) as pool:
        return list(pool.map(one, dict.fromkeys(names)))


def _come(shell: Shell, done: Pass) -> None:
    """How far a pass has come."""
    of = f" of {done.total:,}" if done.total else ""
    shell.tell(f"{done.account}: {done.listed:,}{of} messages")


def ledger_line(done: Pass) -> str:
    """`support: 12 listed = 3 new + 9 known`."""
    if done.skipped:
        return f"{done.account}: another process is polling it just now"
    parts = [f"{done.outcomes[o]} {o}" for o in Outcome if done.outcomes[o]]
    return f"{done.account}: {done.listed} listed = {' + '.join(parts) or '0 new'}"


class Run:
    """Like cron, without cron."""

    help = (
        "Poll every account when it is due, send answers, wake what was snoozed, until SIGTERM\n"
        "or Ctrl-C; what is under way then comes to its end. Several may run on one database."
    )

    def arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "--verbose", action="store_true", help="a line for every poll and announcement"
        )

    def run(self, args: argparse.Namespace, shell: Shell) -> int:
        import logging

        from monitor.schedule import Daemon, run_until_stopped

        log_to_stderr()
        logging.getLogger("alembic").setLevel(logging.WARNING)
        logging.getLogger("replyby.watch").setLevel(logging.DEBUG if args.verbose else logging.INFO)
        log = logging.getLogger("replyby.run")

        def heard(done: Pass) -> None:
            if not done.problem and (args.verbose or done.outcomes[Outcome.NEW]):
                log.info("%s", ledger_line(done))

        house = shell.house
        house.config.check_holidays()
        daemon = Daemon(house, heard)
        log.info("polling %d accounts; stop with Ctrl-C or SIGTERM", len(house.config.accounts))
        run_until_stopped(daemon)
        return 0


class Accounts:
    """The truth about each channel."""

    help = (
        "How each account is doing: ok, throttled, blind or signed out, since when, why, and\n"
        "what to do about it. Exit code 1 where one is not ok."
    )

    def arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print an array, for scripts")

    def run(self, args: argparse.Namespace, shell: Shell) -> int:
        from zoneinfo import ZoneInfo

        house = shell.house
        statuses = house.desk.statuses()
        if args.json:
            shell.say_json([s.as_json() for s in statuses])
        else:
            zone = ZoneInfo(house.config.desk.timezone)
            for s in statuses:
                since = f"since {wording.stamp(s.since, zone)}" if s.since else ""
                ok = f"last ok {wording.stamp(s.last_ok, zone)}" if s.last_ok else "never ok yet"
                shell.say(columns([(s.name, s.channel, str(s.state), since, ok)]))
                if s.state is not Health.OK:
                    shell.say(f"    {s.reason}\n    what to do: {s.remedy}")
                if caveat := house.caveats.get(s.name):
                    shell.say(f"    {caveat}")
            if not statuses:
                shell.say("config.toml has no accounts")
        return 0 if all(s.state is Health.OK for s in statuses) else 1


class Rebuild:
    """Trust, and check."""

    help = (
        "Compare every conversation with what the append-only log says it must look like.\n"
        "Without --write nothing is changed. Exit code 1 where something differs."
    )

    def arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--write", action="store_true", help="set them to what the log says")

    def run(self, args: argparse.Namespace, shell: Shell) -> int:
        archive, wrong = shell.house.store.archive, 0
        for conversation, columns_ in archive.differences():
            wrong += 1
            for column, (stored, logged) in columns_.items():
                shell.say(f"#{conversation} {column}: stored {stored!r}, logged {logged!r}")
            if args.write:
                archive.rebuild(conversation)
        shell.say(f"{wrong} conversations differ" + (" and were rebuilt" if args.write else ""))
        return 1 if wrong and not args.write else 0
