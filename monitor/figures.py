"""What a lead wants to know, from what was counted: how late, where, whose, and how it goes on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any

from monitor.clock import iso
from monitor.health import Health, Status
from monitor.message import Conversation
from monitor.store.figures import Answered, Arrived, Tally
from monitor.store.presence import Presence

SLOT = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Load:
    """Conversations that are owed an answer; those overdue and due soon are among `waiting`."""

    waiting: int = 0
    due_soon: int = 0
    overdue: int = 0

    @property
    def on_time(self) -> int:
        return self.waiting - self.due_soon - self.overdue

    def as_json(self) -> dict[str, int]:
        """The public form."""
        return {"waiting": self.waiting, "due_soon": self.due_soon, "overdue": self.overdue}

    def __add__(self, other: Load) -> Load:
        return Load(
            self.waiting + other.waiting,
            self.due_soon + other.due_soon,
            self.overdue + other.overdue,
        )

    def __sub__(self, other: Load) -> Load:
        return Load(
            self.waiting - other.waiting,
            self.due_soon - other.due_soon,
            self.overdue - other.overdue,
        )


@dataclass(frozen=True, slots=True)
class Flow:
    """What came in and what was answered within some time.

    `arrived` are customers' messages that want an answer, at the moment at which the platform had
    them; `answered` are waits that an answer ended, several messages of one customer mostly in one.
    """

    arrived: int = 0
    answered: int = 0
    in_time: int = 0

    def as_json(self) -> dict[str, int]:
        """The public form."""
        return {"arrived": self.arrived, "answered": self.answered, "in_time": self.in_time}

    def __add__(self, other: Flow) -> Flow:
        return Flow(
            self.arrived + other.arrived,
            self.answered + other.answered,
            self.in_time + other.in_time,
        )

    @property
    def share_in_time(self) -> float | None:
        """Of what was answered, from 0 to 1; None where nothing was."""
        return self.in_time / self.answered if self.answered else None


@dataclass(frozen=True, slots=True)
class AccountFigures:
    """An account's share, `status` None where config.toml does not name it any more."""

    name: str
    channel: str
    load: Load
    status: Status | None
    next: Conversation | None = None
    oldest: Conversation | None = None
    today: Flow = Flow()

    @property
    def blind(self) -> bool:
        """Whether there may be more than is counted."""
        return self.status is not None and self.status.state is not Health.OK


@dataclass(frozen=True, slots=True)
class ChannelFigures:
    """A channel's accounts taken together."""

    name: str
    load: Load
    blind: bool
    today: Flow = Flow()


@dataclass(frozen=True, slots=True)
class PersonFigures:
    """What somebody holds, how many waits their answers ended today, and where they are."""

    name: str
    held: Load = Load()
    today: Flow = Flow()
    presence: Presence | None = None


@dataclass(frozen=True, slots=True)
class Slot:
    """A stretch of the day."""

    begins: datetime
    flow: Flow


@dataclass(frozen=True, slots=True)
class Figures:
    """Everything at one moment. Counts are lower bounds where an account is not ok.

    What people hold, `unclaimed` and `aside` (snoozed, or the answer on its way) add up to `load`.
    """

    at: datetime
    day: datetime
    accounts: tuple[AccountFigures, ...] = ()
    people: tuple[PersonFigures, ...] = ()
    unclaimed: Load = Load()
    aside: Load = Load()
    last_hour: Flow = Flow()
    slots: tuple[Slot, ...] = field(default=())

    @property
    def load(self) -> Load:
        return sum((a.load for a in self.accounts), Load())

    @property
    def today(self) -> Flow:
        return sum((a.today for a in self.accounts), Flow())

    @property
    def lower_bound(self) -> bool:
        return any(a.blind for a in self.accounts)

    @property
    def next(self) -> Conversation | None:
        """What will be overdue next."""
        return min((a.next for a in self.accounts if a.next), key=_by_deadline, default=None)

    @property
    def oldest(self) -> Conversation | None:
        """Of those that wait, the one that has waited longest; what is put aside does not count."""
        return min((a.oldest for a in self.accounts if a.oldest), key=_by_age, default=None)

    @property
    def channels(self) -> tuple[ChannelFigures, ...]:
        """By channel, in the order of names."""
        names = sorted({a.channel for a in self.accounts})
        return tuple(_channel(n, [a for a in self.accounts if a.channel == n]) for n in names)

    def as_json(self) -> dict[str, Any]:
        """The public form, as `replyby status --json` prints it."""
        upcoming = self.next
        return {
            "waiting": self.load.waiting,
            "overdue": self.load.overdue,
            "due_soon": self.load.due_soon,
            "lower_bound": self.lower_bound,
            "next": {"id": upcoming.id, "reply_by": iso(upcoming.reply_by)} if upcoming else None,
            "channels": {
                c.name: {
                    "waiting": c.load.waiting, "overdue": c.load.overdue,
                    "due_soon": c.load.due_soon, "blind": c.blind,
                }
                for c in self.channels
            },
            "people": {
                p.name: {"claimed": p.held.waiting, "overdue": p.held.overdue}
                for p in self.people
            },
        }  # fmt: skip

    def whole_as_json(self) -> dict[str, Any]:
        """The same with all the rest, as `replyby board --once --json` prints it."""
        oldest = self.oldest
        return self.as_json() | {
            "at": iso(self.at),
            "unclaimed": self.unclaimed.as_json(),
            "aside": self.aside.as_json(),
            "oldest": {"id": oldest.id, "awaiting_since": iso(oldest.awaiting_since)}
            if oldest else None,
            "last_hour": self.last_hour.as_json(),
            "today": self.today.as_json(),
            "accounts": {
                a.name: {"channel": a.channel, **a.load.as_json(), "today": a.today.as_json(),
                         "status": a.status.as_json() if a.status else None}
                for a in self.accounts
            },
            "people": {p.name: _person_as_json(p) for p in self.people},
            "day": [{"begins": iso(s.begins), **s.flow.as_json()} for s in self.slots],
        }  # fmt: skip


def figures(
    at: datetime,
    day: datetime,
    tally: Tally,
    statuses: Sequence[Status],
    channels: Mapping[str, str],
    present: Sequence[Presence] = (),
    only: Collection[str] | None = None,
    slot: timedelta = SLOT,
) -> Figures:
    """The figures at a moment of the day that began at `day`; `only` some accounts, or all.

    `channels` are the channels of all accounts that the tally speaks of, by name.
    """
    names = [name for name in channels if only is None or name in only]
    arrived = [a for a in tally.arrived if a.account in names]
    answered = [a for a in tally.answered if a.account in names]
    known = {status.name: status for status in statuses}
    every = (
        _account(name, channels[name], tally, known.get(name), arrived, answered)
        for name in sorted(names)
    )
    # An account that config.toml names no longer is gone once nobody waits there.
    accounts = tuple(a for a in every if a.status or a.load.waiting)
    people = _people(names, tally, answered, present)
    aside = sum((_aside(name, tally) for name in names), Load())
    total = sum((a.load for a in accounts), Load())
    return Figures(
        at, day, accounts, people,
        unclaimed=total - aside - sum((p.held for p in people), Load()),
        aside=aside,
        last_hour=Flow(sum(a.recent for a in arrived), sum(a.recent for a in answered),
                       sum(a.recent_in_time for a in answered)),
        slots=_slots(day, at, slot, arrived, answered),
    )  # fmt: skip


def begin_of_day(now: datetime, zone: tzinfo) -> datetime:
    """The local midnight before `now`, or the first moment after it where clocks jump over it."""
    return _midnight(now.astimezone(zone).date(), zone)


def end_of_day(day: datetime, zone: tzinfo) -> datetime:
    """Where the day ends that began then: 23 or 25 hours later where the clocks change on it."""
    return _midnight(day.astimezone(zone).date() + timedelta(days=1), zone)


def _midnight(date: date, zone: tzinfo) -> datetime:
    return datetime.combine(date, time(), zone).astimezone(UTC)


def _person_as_json(person: PersonFigures) -> dict[str, Any]:
    there = person.presence
    return {
        "claimed": person.held.waiting, "overdue": person.held.overdue,
        "due_soon": person.held.due_soon, "answered": person.today.answered,
        "in_time": person.today.in_time, "present": there is not None,
        "conversation": there.conversation_id if there else None,
        "typing": bool(there and there.typing),
    }  # fmt: skip


def _by_deadline(conversation: Conversation) -> tuple[int, int]:
    return (conversation.reply_by_us or 0, conversation.id)


def _by_age(conversation: Conversation) -> tuple[int, int]:
    return (conversation.awaiting_us or 0, conversation.id)


def _account(
    name: str, channel: str, tally: Tally, status: Status | None,
    arrived: Sequence[Arrived], answered: Sequence[Answered],
) -> AccountFigures:  # fmt: skip
    firsts = tally.firsts.get(name)
    return AccountFigures(
        name, channel, _waiting(name, tally) + _aside(name, tally), status,
        next=firsts.next if firsts else None,
        oldest=firsts.oldest if firsts else None,
        today=_flow((a for a in arrived if a.account == name),
                    (a for a in answered if a.account == name)),
    )  # fmt: skip


def _waiting(account: str, tally: Tally) -> Load:
    soon = sum(s.count for s in tally.soon if s.account == account and not s.aside)
    counted = (Load(c.waiting, 0, c.overdue) for c in tally.counted if c.account == account)
    return sum(counted, Load(0, soon, 0))


def _aside(account: str, tally: Tally) -> Load:
    soon = sum(s.count for s in tally.soon if s.account == account and s.aside)
    counted = (Load(c.aside, 0, c.aside_overdue) for c in tally.counted if c.account == account)
    return sum(counted, Load(0, soon, 0))


def _people(
    names: Collection[str], tally: Tally, answered: Sequence[Answered], present: Sequence[Presence]
) -> tuple[PersonFigures, ...]:
    """Whoever is there, holds something, or answered something today from here."""
    held: dict[str, Load] = {}
    for h in tally.held:
        if h.account in names:
            held[h.person] = held.get(h.person, Load()) + Load(h.claimed, 0, h.overdue)
    for s in tally.soon:
        if s.account in names and s.person:
            held[s.person] = held.get(s.person, Load()) + Load(0, s.count, 0)
    done: dict[str, Flow] = {}
    for a in answered:
        if a.slot >= 0:
            done[a.who] = done.get(a.who, Flow()) + Flow(0, a.count, a.in_time)
    here = {a.who for a in answered if a.slot >= 0 and not a.outside}
    there = {p.person: p for p in present}
    return tuple(
        PersonFigures(name, held.get(name, Load()), done.get(name, Flow()), there.get(name))
        for name in sorted({*held, *here, *there})
    )


def _slots(
    day: datetime, now: datetime, slot: timedelta,
    arrived: Iterable[Arrived], answered: Iterable[Answered],
) -> tuple[Slot, ...]:  # fmt: skip
    came, went, kept = Counter[int](), Counter[int](), Counter[int]()
    for a in arrived:
        came[a.slot] += a.count
    for b in answered:
        went[b.slot] += b.count
        kept[b.slot] += b.in_time
    until = (now - day) // slot + 1
    return tuple(Slot(day + n * slot, Flow(came[n], went[n], kept[n])) for n in range(until))


def _flow(arrived: Iterable[Arrived], answered: Iterable[Answered]) -> Flow:
    of_today = [a for a in answered if a.slot >= 0]
    return Flow(
        sum(a.count for a in arrived if a.slot >= 0),
        sum(a.count for a in of_today),
        sum(a.in_time for a in of_today),
    )


def _channel(name: str, accounts: Sequence[AccountFigures]) -> ChannelFigures:
    return ChannelFigures(
        name,
        sum((a.load for a in accounts), Load()),
        any(a.blind for a in accounts),
        sum((a.today for a in accounts), Flow()),
    )
