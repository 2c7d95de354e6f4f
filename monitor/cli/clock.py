"""`when` and `explain`: the whole sum behind a reply-by time."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from monitor import wording
from monitor.cli.arguments import conversation_id
from monitor.clock import from_micros, iso
from monitor.command import Shell, columns
from monitor.duration import format_duration
from monitor.errors import UsageError
from monitor.message import Conversation, Event
from monitor.telling import told
from monitor.when import parse_moment
from monitor.windows import Hours, Step, steps


class When:
    """What if."""

    help = (
        "Say by when a message that arrives then has to be answered, and how that adds up.\n"
        "It reaches no server, no database, and needs no secret."
    )

    def arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("account", help="as config.toml names it")
        parser.add_argument(
            "--at", metavar="MOMENT",
            help="when it arrives, like 2026-11-20T18:40:00Z (else now)",
        )  # fmt: skip
        parser.add_argument("--lead", action="store_true", help="it is a sales lead")
        parser.add_argument("--json", action="store_true", help="print an object, for scripts")

    def run(self, args: argparse.Namespace, shell: Shell) -> int:
        from monitor.clock import now

        config = shell.config
        account = config.account(args.account)
        config.check_holidays()
        zone = ZoneInfo(config.desk.timezone)
        try:
            at = parse_moment(args.at, zone) if args.at is not None else now()
        except ValueError as error:
            raise UsageError(f"--at: {error}") from None
        try:
            return _say_when(args, shell, account.name, at)
        except OverflowError:
            raise UsageError("--at: that is too near the beginning or the end of time") from None


def _say_when(args: argparse.Namespace, shell: Shell, name: str, at: datetime) -> int:
    account = shell.config.account(name)
    window, hours = shell.config.window(account, lead=args.lead), shell.config.hours(account)
    walked = steps(at, window, hours)
    reply_by = walked[-1].ends
    if args.json:
        shell.say_json(
            {
                "account": name,
                "at": iso(at),
                "window_seconds": _whole(window.total_seconds()),
                "reply_by": iso(reply_by),
                "steps": [_step_json(step) for step in walked],
            }
        )
        return 0
    zone = hours.zone if hours else ZoneInfo(shell.config.desk.timezone)
    lines = [
        f"arrives  {_full(at, zone)}",
        f"window   {format_duration(window)}" + _hours_text(hours),
        _steps_text(walked, zone),
        f"reply by {_full(reply_by, zone)}",
    ]
    shell.say("\n".join(lines))
    return 0


class Explain:
    """No hidden score."""

    help = "Show how a conversation's deadline came about, and everything that happened to it."

    def arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("id", type=conversation_id, help="as `replyby list` shows it")
        parser.add_argument("--full", action="store_true", help="the log as it is stored")

    def run(self, args: argparse.Namespace, shell: Shell) -> int:
        house = shell.house
        house.config.check_holidays()
        conversation = house.store.lists.conversation(args.id)
        zone = ZoneInfo(house.config.desk.timezone)
        events = house.store.archive.events(args.id)
        standing = wording.standing(conversation, zone, house.clock())
        shell.say(f"#{args.id}  {conversation.subject}  {standing}")
        policy = house.policies.get(conversation.account)
        hours = policy.hours if policy else None
        if conversation.awaiting_since and conversation.reply_by:
            self._sum(shell, conversation, events, hours, zone)
        for v in house.store.archive.verdicts(args.id):
            word = "in time" if v.in_time else "late" if v.outcome == "answered" else ""
            shell.say(
                f"{v.outcome} {word} at {wording.stamp(v.ended_at, zone)} by {v.who}: "
                f"waited {format_duration(timedelta(seconds=v.seconds))} by the calendar, "
                f"{format_duration(timedelta(seconds=v.seconds_in_hours))} in hours, "
                f"of {format_duration(v.window)}"
            )
        shell.say("\nlog")
        if args.full:
            shell.say(columns([_event_row(event, zone) for event in events]))
        else:
            shell.say("\n".join(f"  {told(event, zone)}" for event in events))
        return 0

    @staticmethod
    def _sum(
        shell: Shell, c: Conversation, events: Sequence[Event], hours: Hours | None, zone: ZoneInfo
    ) -> None:
        assert c.awaiting_since
        assert c.reply_by
        rules = {
            e.detail.get("at"): e.detail.get("rule", 0) for e in events if e.kind == "received"
        }
        rule = rules.get(c.awaiting_us)
        shown = hours.zone if hours else zone
        shell.say(f"the customer waits since {_full(c.awaiting_since, shown)}")
        shell.say(f"rule     {f'number {rule} of config.toml' if rule else 'none matched'}")
        word = " (lead)" if c.lead else ""
        shell.say(f"window   {format_duration(c.window)}{word}" + _hours_text(hours))
        shell.say(_steps_text(steps(c.awaiting_since, c.window, hours), shown))
        shell.say(f"reply by {_full(c.reply_by, shown)}")


def _event_row(event: Event, zone: ZoneInfo) -> tuple[str, str, str, str]:
    return (
        event.at.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S"),
        event.who,
        event.kind,
        ", ".join(f"{k} {_value(k, v)}" for k, v in {**event.changes, **event.detail}.items() if v),
    )


def _value(name: str, value: object) -> str:
    moment = name in ("reply_by", "awaiting_since", "claim_until", "snooze_until", "at")
    return str(iso(from_micros(value))) if moment and isinstance(value, int) else str(value)[:80]


def _step_json(step: Step) -> dict[str, object]:
    return {
        "from": iso(step.begins),
        "to": iso(step.ends),
        "counted_seconds": _whole(step.counted),
        "note": step.note,
    }


def _whole(seconds: float) -> float:
    return int(seconds) if seconds == int(seconds) else seconds


def _hours_text(hours: Hours | None) -> str:
    return f", counted in hours '{hours.name}' ({hours.zone.key})" if hours else ""


def _steps_text(walked: Sequence[Step], zone: ZoneInfo) -> str:
    return columns(
        [
            (
                f"  {_full(s.begins, zone)} - {_full(s.ends, zone)}",
                f"counts {format_duration(timedelta(seconds=s.counted))}" if s.counted else "-",
                s.note,
            )
            for s in walked
        ]
    )


def _full(moment: datetime, zone: ZoneInfo) -> str:
    return moment.astimezone(zone).strftime("%a %Y-%m-%d %H:%M:%S %Z")
