"""The desk counted for those who lead it: by account and person, now and over a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.clock import micros
from monitor.message import Conversation
from monitor.store.accounts import AccountNames
from monitor.store.database import Database, Params
from monitor.store.lists import Lists
from monitor.urgency import SOON_LEAST, SOON_MOST

LAST = timedelta(hours=1)
_MICROSECOND = timedelta(microseconds=1)
_OF = "(SELECT count(*) FROM conversation c WHERE c.{state} AND c.account_id = a.id{late})"
_COUNTED = (
    "SELECT a.id, "
    + ", ".join(
        _OF.format(state=state, late=late)
        for state in ("state = 0", "state IN (1, 2)")
        for late in ("", " AND c.reply_by < :now")
    )
    + " FROM account a"
)
_HELD = (
    "SELECT account_id, assignee, count(*), sum(CASE WHEN reply_by < :now THEN 1 ELSE 0 END)"
    " FROM conversation WHERE state = 0 AND assignee > '' GROUP BY assignee, account_id"
)
# `urgency.soon` in SQL. The window is in no index: it is read of those alone that fall due within
# the longest span that may be called soon.
_SOON = (
    " AND c.reply_by BETWEEN :now AND :now + :most"
    " AND (c.reply_by <= :now + :least OR 4 * (c.reply_by - :now) <= c.window_us)"
)
_DUE_SOON = (
    "SELECT account_id, holder, aside, count(*) FROM ("
    "SELECT c.account_id, c.assignee AS holder, 0 AS aside"
    f" FROM conversation c WHERE c.state = 0{_SOON} UNION ALL"
    " SELECT c.account_id, CAST(NULL AS VARCHAR), 1 FROM account a JOIN conversation c"
    f" ON c.account_id = a.id AND c.state IN (1, 2){_SOON}) soon GROUP BY account_id, holder, aside"
)
_FIRST = (
    "(SELECT c.id FROM conversation c WHERE c.{state} AND c.account_id = a.id{when}"
    " ORDER BY {order} LIMIT 1)"
)
_AHEAD = " AND c.reply_by >= :now"
_URGENT, _ASIDE = "c.reply_by, c.awaiting_since, c.id", "c.reply_by, c.id"
_FIRSTS = (
    "SELECT a.id, "
    + _FIRST.format(state="state = 0", when=_AHEAD, order=_URGENT)
    + ", "
    + _FIRST.format(state="state IN (1, 2)", when=_AHEAD, order=_ASIDE)
    + ", "
    + _FIRST.format(state="state = 0", when="", order="c.awaiting_since, c.id")
    + " FROM account a"
)
# Ids are given in the order in which messages are found: the first of a day is looked for by
# halves, since no index has to be kept for it.
_EARLY = (
    "coalesce((SELECT found_at FROM message WHERE id >= (low + high) / 2 ORDER BY id LIMIT 1)"
    " < :since, FALSE)"
)
_SINCE = (
    "WITH RECURSIVE halves(low, high) AS"
    " (SELECT CAST(0 AS BIGINT), coalesce(max(id), 0) + 1 FROM message"
    f" UNION ALL SELECT CASE WHEN {_EARLY} THEN (low + high) / 2 + 1 ELSE low END,"
    f" CASE WHEN {_EARLY} THEN high ELSE (low + high) / 2 END FROM halves WHERE low < high)"
    " SELECT low FROM halves WHERE low >= high"
)
_ARRIVED = (
    "SELECT account_id, (at - :begin) / :slot AS slot, count(*),"
    " sum(CASE WHEN at > :recent THEN 1 ELSE 0 END) FROM message"
    " WHERE id >= :first AND direction = 0 AND reply_by IS NOT NULL AND at BETWEEN :begin AND :now"
    " GROUP BY account_id, slot"
)
_ANSWERED = (
    "SELECT account_id, (ended_at - :begin) / :slot AS slot, who, through = 'outside' AS outside,"
    " count(*), sum(in_time),"
    " sum(CASE WHEN ended_at > :recent THEN 1 ELSE 0 END),"
    " sum(CASE WHEN ended_at > :recent THEN in_time ELSE 0 END) FROM verdict"
    " WHERE ended_at BETWEEN :begin AND :now AND outcome = 'answered'"
    " GROUP BY account_id, slot, who, outside"
)


@dataclass(frozen=True, slots=True)
class Counted:
    """How many of an account wait, and how many are put aside: snoozed, or their answer leaves."""

    account: str
    waiting: int
    overdue: int
    aside: int
    aside_overdue: int


@dataclass(frozen=True, slots=True)
class Held:
    """What somebody holds of an account's waiting conversations."""

    account: str
    person: str
    claimed: int
    overdue: int


@dataclass(frozen=True, slots=True)
class Soon:
    """How many of an account are due soon; nobody's where `person` is None."""

    account: str
    person: str | None
    aside: bool
    count: int


@dataclass(frozen=True, slots=True)
class Arrived:
    """Customers' messages that want an answer, in a slot of the day; `recent` in the last hour.

    Slots are counted from the day's begin; those before it are negative.
    """

    account: str
    slot: int
    count: int
    recent: int


@dataclass(frozen=True, slots=True)
class Answered:
    """Waits that an answer ended in a slot of the day, by who answered.

    Who answered `outside` may be nobody of ours by that name: a page, a mailbox.
    """

    account: str
    slot: int
    who: str
    outside: bool
    count: int
    in_time: int
    recent: int
    recent_in_time: int


@dataclass(frozen=True, slots=True)
class Firsts:
    """Of an account, what will be overdue next, and who of those that wait has waited longest."""

    next: Conversation | None
    oldest: Conversation | None


@dataclass(frozen=True, slots=True)
class Tally:
    """All that is counted in one reading of the store."""

    counted: tuple[Counted, ...]
    held: tuple[Held, ...]
    soon: tuple[Soon, ...]
    firsts: dict[str, Firsts]
    arrived: tuple[Arrived, ...]
    answered: tuple[Answered, ...]


class Figures:
    """The store's abacus. Every statement reads ranges of indexes, and no customer's text."""

    def __init__(self, database: Database, names: AccountNames, lists: Lists) -> None:
        self._database = database
        self._names = names
        self._lists = lists

    def tally(self, now: datetime, day: datetime, slot: timedelta) -> Tally:
        """Everything as it is `now`; the day begins at `day`, and is parted into slots."""
        at = {"now": micros(now)}
        past = _past(now, day, slot)
        before = int(past["before"])
        return Tally(
            self._counted(at),
            self._held(at),
            self._soon(at),
            self._firsts(at),
            self._arrived(past, before),
            self._answered(past, before),
        )

    def _counted(self, at: Params) -> tuple[Counted, ...]:
        rows = self._database.read(_COUNTED, at)
        return tuple(Counted(self._name(row[0]), *row[1:]) for row in rows)

    def _held(self, at: Params) -> tuple[Held, ...]:
        rows = self._database.read(_HELD, at)
        return tuple(Held(self._name(row[0]), row[1], row[2], int(row[3])) for row in rows)

    def _soon(self, at: Params) -> tuple[Soon, ...]:
        spans = {"least": SOON_LEAST // _MICROSECOND, "most": SOON_MOST // _MICROSECOND}
        rows = self._database.read(_DUE_SOON, {**at, **spans})
        return tuple(Soon(self._name(row[0]), row[1], bool(row[2]), row[3]) for row in rows)

    def _firsts(self, at: Params) -> dict[str, Firsts]:
        rows = self._database.read(_FIRSTS, at)
        wanted = [number for row in rows for number in row[1:] if number is not None]
        found = {c.id: c for c in self._lists.conversations(wanted)}
        return {self._name(row[0]): _firsts(*(found.get(n) for n in row[1:])) for row in rows}

    def _arrived(self, past: Params, before: int) -> tuple[Arrived, ...]:
        first = self._database.read(_SINCE, {"since": past["since"]})[0][0]
        window = {k: past[k] for k in ("begin", "slot", "recent", "now")}
        rows = self._database.read(_ARRIVED, {**window, "first": first})
        return tuple(
            Arrived(self._name(row[0]), row[1] - before, row[2], int(row[3])) for row in rows
        )

    def _answered(self, past: Params, before: int) -> tuple[Answered, ...]:
        window = {k: past[k] for k in ("begin", "slot", "recent", "now")}
        rows = self._database.read(_ANSWERED, window)
        return tuple(
            Answered(self._name(row[0]), row[1] - before, row[2], bool(row[3]), *map(int, row[4:]))
            for row in rows
        )

    def _name(self, account_id: int) -> str:
        return self._names.of(account_id).name


_SKEW = timedelta(minutes=15)


def _past(now: datetime, day: datetime, slot: timedelta) -> dict[str, int]:
    """Where the day and the last hour begin; `before` slots of the day before are read too."""
    before = -(-LAST // slot)
    begin = day - before * slot
    return {
        "now": micros(now), "begin": micros(begin), "recent": micros(now - LAST),
        "slot": slot // _MICROSECOND, "before": before,
        # A platform's clock may be ahead of ours: its messages are found before they came.
        "since": micros(begin - _SKEW),
    }  # fmt: skip


def _firsts(
    waiting: Conversation | None, aside: Conversation | None, oldest: Conversation | None
) -> Firsts:
    ahead = [c for c in (waiting, aside) if c is not None]
    return Firsts(min(ahead, key=lambda c: (c.reply_by_us or 0, c.id), default=None), oldest)
