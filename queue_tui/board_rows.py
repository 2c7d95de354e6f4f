"""The lead's board in lines of text, from the figures: the same on the screen and on paper."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from enum import StrEnum

from monitor import wording
from monitor.clean import Safe, clean_line
from monitor.clock import micros
from monitor.duration import format_duration
from monitor.figures import SLOT, AccountFigures, Figures, Flow, Load, PersonFigures, end_of_day
from monitor.health import Health, Status
from monitor.message import Conversation
from monitor.query import Query
from monitor.urgency import Urgency
from monitor.width import pad

NAME = 18
_NOTHING = clean_line("")
_NUMBERS = (9, 10, 9)
_TITLES = ("overdue", "due soon", "waiting")


class Kind(StrEnum):
    """What a row counts."""

    ALL = "everything"
    UNCLAIMED = "unclaimed"
    CHANNEL = "channel"
    ACCOUNT = "account"
    PERSON = "person"


@dataclass(frozen=True, slots=True)
class Choice:
    """What a row stands for, as long as the board is open; the cursor belongs to it."""

    kind: Kind
    name: str = ""

    @property
    def title(self) -> str:
        """What the queue is called that shows these."""
        return f"{self.kind} {self.name}".strip()

    def query(self) -> Query:
        """The list that shows what the row counts."""
        waiting = frozenset({"waiting"})
        queries = {
            Kind.ALL: Query(flags=waiting),
            Kind.UNCLAIMED: Query(flags=waiting | {"unclaimed"}),
            Kind.CHANNEL: Query(flags=waiting, channels=(self.name,)),
            Kind.ACCOUNT: Query(flags=waiting, accounts=(self.name,)),
            Kind.PERSON: Query(flags=waiting, holder=self.name),
        }
        return queries[self.kind]


class Tone(StrEnum):
    """How a part of a row is shown; what it says is in its words and marks as well."""

    PLAIN = "plain"
    HEADING = "heading"
    OVERDUE = "overdue"
    SOON = "soon"
    TROUBLE = "trouble"


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the board: numbers that can be gone into, or a heading without a `choice`."""

    parts: tuple[tuple[Safe, Tone], ...]
    choice: Choice | None = None
    detail: Safe = _NOTHING

    @property
    def text(self) -> str:
        return "".join(text for text, _ in self.parts)


def rows(seen: Figures, zone: tzinfo) -> list[Row]:
    """Everything, then channels, accounts and people."""
    bound = seen.lower_bound
    found = [
        _heading(""),
        _row(Choice(Kind.ALL), "everything", seen.load, bound=bound, remark=_put_aside(seen)),
        _row(Choice(Kind.UNCLAIMED), "unclaimed", seen.unclaimed, bound=bound,
             remark="nobody has them"),
    ]  # fmt: skip
    if seen.channels:
        found.append(_heading("channels"))
    for channel in seen.channels:
        remark = _today(channel.today)
        chosen = Choice(Kind.CHANNEL, channel.name)
        found.append(_row(chosen, channel.name, channel.load, bound=channel.blind, remark=remark))
    if seen.accounts:
        found.append(_heading("accounts"))
    found += (_account(a, seen.at, zone) for a in seen.accounts)
    if seen.people:
        found.append(_heading("people", "claimed"))
    found += (_person(p, seen.at) for p in seen.people)
    return found


def _heading(title: str, last: str = _TITLES[-1]) -> Row:
    titles = (*_TITLES[:-1], last)
    cells = "".join(word.rjust(n) for word, n in zip(titles, _NUMBERS, strict=True))
    return Row(((clean_line(f"   {pad(title, NAME)}{cells}"), Tone.HEADING),))


def _row(
    choice: Choice, name: str, load: Load, *, bound: bool, remark: str = "", detail: str = "",
    trouble: bool = False,
) -> Row:  # fmt: skip
    overdue, soon, waiting = (
        wording.number(count, lower_bound=bound).rjust(columns)
        for count, columns in zip(
            (load.overdue, load.due_soon, load.waiting), _NUMBERS, strict=True
        )
    )
    parts = (
        (f"{wording.MARKS[_urgency(load)]} ", _TONES[_urgency(load)]),
        (pad(clean_line(name, 60), NAME), Tone.PLAIN),
        (overdue, Tone.OVERDUE if load.overdue else Tone.PLAIN),
        (soon, Tone.SOON if load.due_soon else Tone.PLAIN),
        (f"{waiting}  ", Tone.PLAIN),
        (remark, Tone.TROUBLE if trouble else Tone.PLAIN),
    )
    cleaned = tuple((clean_line(text), tone) for text, tone in parts)
    return Row(cleaned, choice, clean_line(detail, 600))


_TONES = {
    Urgency.OVERDUE: Tone.OVERDUE, Urgency.DUE_SOON: Tone.SOON, Urgency.ON_TIME: Tone.PLAIN,
}  # fmt: skip


def _urgency(load: Load) -> Urgency:
    if load.overdue:
        return Urgency.OVERDUE
    return Urgency.DUE_SOON if load.due_soon else Urgency.ON_TIME


def _put_aside(seen: Figures) -> str:
    count = seen.aside.waiting
    return f"{count} of them snoozed or on their way" if count else ""


def _account(account: AccountFigures, now: datetime, zone: tzinfo) -> Row:
    state = state_of(account.status, now)
    return _row(
        Choice(Kind.ACCOUNT, account.name), account.name, account.load, bound=account.blind,
        remark=state, detail=trouble_of(account.status, zone), trouble=account.blind,
    )  # fmt: skip


def state_of(status: Status | None, now: datetime) -> str:
    """`ok, read 12s ago`; `BLIND: what to do`."""
    if status is None:
        return "not in config.toml any more"
    if status.state is not Health.OK:
        return f"{str(status.state).upper()}: {status.remedy}"
    if status.last_ok is None:
        return "ok"
    return f"ok, read {format_duration(max(now - status.last_ok, timedelta()))} ago"


def trouble_of(status: Status | None, zone: tzinfo) -> str:
    """What is wrong with an account, since when, and what to do; "" where nothing is."""
    if status is None or status.state is Health.OK:
        return ""
    since = f" since {wording.stamp(status.since, zone)}" if status.since else ""
    return f"{status.name} is {status.state}{since}: {status.reason}. What to do: {status.remedy}"


def _person(person: PersonFigures, now: datetime) -> Row:
    remark = ", ".join(filter(None, (_where(person, now), _today(person.today))))
    return _row(
        Choice(Kind.PERSON, person.name), person.name, person.held, bound=False, remark=remark
    )


def _where(person: PersonFigures, now: datetime) -> str:
    there = person.presence
    if there is None:
        return "away"
    if there.conversation_id is None:
        return "here"
    return f"{'typing' if there.typing else 'looking'} at #{there.conversation_id}"


def _today(flow: Flow) -> str:
    """`31 answered, 90 % in time`."""
    share = flow.share_in_time
    return "" if share is None else f"{flow.answered} answered, {percent(share)} in time"


def percent(share: float) -> str:
    """Rounded down: 100 % is only said of all."""
    return f"{int(share * 100)} %"


# What stands above the rows


def now_line(seen: Figures) -> Safe:
    """`!! 14 overdue  ! 23 due soon 402 waiting  37 unclaimed`."""
    bound = seen.lower_bound

    def counted(count: int, word: str) -> str:
        return f"{wording.number(count, lower_bound=bound)} {word}"

    load = seen.load
    parts = [
        f"{'!! ' if load.overdue else ''}{counted(load.overdue, 'overdue')}",
        f"{'! ' if load.due_soon else ''}{counted(load.due_soon, 'due soon')}",
        counted(load.waiting, "waiting"),
        counted(seen.unclaimed.waiting, "unclaimed"),
    ]
    if blind := [a.name for a in seen.accounts if a.blind]:
        parts.append(f"blind: {', '.join(blind)}")
    return clean_line(" " + "  ".join(parts), 300)


def next_line(seen: Figures, now: datetime) -> Safe:
    """The conversation that goes over next, with its countdown at `now`."""
    upcoming = seen.next
    if upcoming is None or upcoming.reply_by_us is None:
        return clean_line(" next over  nothing that waits is still in time")
    left = wording.countdown((upcoming.reply_by_us - micros(now)) / 1_000_000)
    return clean_line(f" next over  {left:>7}  {_whose(upcoming)}", 300)


def oldest_line(seen: Figures, now: datetime) -> Safe:
    """Who has waited longest, and how long at `now`."""
    oldest = seen.oldest
    if oldest is None or oldest.awaiting_us is None:
        return clean_line(" oldest     nobody waits")
    age = format_duration(timedelta(microseconds=micros(now) - oldest.awaiting_us))
    return clean_line(f" oldest     {age:>7}  {_whose(oldest)}", 300)


def _whose(c: Conversation) -> str:
    who = clean_line(c.customer_name or c.customer_address or "(unknown)", 30)
    holder = f", {clean_line(c.assignee, 20)} has it" if c.assignee else ""
    return f"#{c.id} {who} ({clean_line(c.account, 20)}{holder})  {c.subject or c.preview}"


def flow_line(seen: Figures) -> Safe:
    """The last hour, and the day."""
    hour, day = seen.last_hour, seen.today
    share = day.share_in_time
    in_time = "" if share is None else f", {percent(share)} in time"
    return clean_line(
        f" last hour  {hour.arrived} came in, {hour.answered} answered"
        f"   today  {day.arrived} in, {day.answered} answered{in_time}", 300,
    )  # fmt: skip


# The day


BLOCKS = " ▁▂▃▄▅▆▇█"
_LABEL = 10


def chart(seen: Figures, zone: tzinfo, width: int, height: int = 1) -> list[Safe]:
    """The day from midnight to midnight in bars, both on one scale, above the hours."""
    columns = width - _LABEL - 1
    if columns < 12 or len(seen.slots) < 1:
        return []
    slots = (end_of_day(seen.day, zone) - seen.day) // SLOT
    together = -(-slots // columns)
    came = _sums([s.flow.arrived for s in seen.slots], together)
    went = _sums([s.flow.answered for s in seen.slots], together)
    top = max([*came, *went, 1])
    lines = [*_bars("arrived", came, top, height), *_bars("answered", went, top, height)]
    bar = SLOT * together
    hours = _hours(seen.day, bar, -(-slots // together), zone)
    lines.append(f" {pad('', _LABEL)}{hours}  full: {top} in {bar // timedelta(minutes=1)} min")
    return [clean_line(line[:width]) for line in lines]


def _sums(counts: Sequence[int], together: int) -> list[int]:
    return [sum(counts[n : n + together]) for n in range(0, len(counts), together)]


def _bars(label: str, counts: Iterable[int], top: int, height: int) -> list[str]:
    steps = len(BLOCKS) - 1
    heights = [-(-count * steps * height // top) for count in counts]
    lines = []
    for level in reversed(range(height)):
        bars = "".join(BLOCKS[max(0, min(steps, h - level * steps))] for h in heights)
        lines.append(f" {pad(label if level == 0 else '', _LABEL)}{bars}")
    return lines


def _hours(day: datetime, span: timedelta, columns: int, zone: tzinfo) -> str:
    """`00          06          12`, each below its column."""
    line = ""
    for column in range(columns):
        local = (day + column * span).astimezone(zone)
        if local.hour % 3 == 0 and local.minute == 0 and len(line) <= column:
            line = line.ljust(column) + f"{local.hour:02}"
    return line.ljust(columns)


# On paper


def page(seen: Figures, zone: tzinfo, name: str, width: int) -> str:
    """The whole board as text, for `--once`."""
    lines: list[str] = [
        f" {clean_line(name, 60)}  {wording.stamp(seen.at, zone)}",
        now_line(seen), next_line(seen, seen.at), oldest_line(seen, seen.at), flow_line(seen),
        "", *chart(seen, zone, width), "", *(row.text.rstrip() for row in rows(seen, zone)),
    ]  # fmt: skip
    details = [f" {row.detail}" for row in rows(seen, zone) if row.detail]
    return "\n".join([*lines, *([""] if details else []), *details])
