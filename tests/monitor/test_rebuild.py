"""After any history the log tells all, every clock is right and every wait was judged once."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from monitor.clock import micros
from monitor.errors import ConnectorError, DeskError, Refused, Unsure
from monitor.message import OWED, SendState, State
from monitor.store import Store
from monitor.store.lists import View
from tests.fakes import START, FakeClock, message, policy
from tests.monitor.office import Office, count, nothing, raiser, raw_sql

THREADS = 3
PEOPLE = ("ann", "bob")
OUTCOMES: dict[str, Callable[[], None]] = {
    "sent": nothing,
    "refused": raiser(Refused("no")),
    "later": raiser(ConnectorError("later")),
    "unsure": raiser(Unsure("who knows")),
}
_accounts = itertools.count(1)


class History:
    """What may happen to three customers of one account, in any order."""

    def __init__(self, store: Store) -> None:
        clock = FakeClock()
        self.office = Office(store, clock, f"account{next(_accounts)}")
        self._numbers = itertools.count(1)
        store.accounts.ensure({self.office.account: "email"}, clock())
        self.account = store.accounts.ids()[self.office.account]

    @property
    def ids(self) -> list[int]:
        view = View(state=None, accounts=(self.account,))
        return sorted(c.id for c in self.office.store.lists.page(view, 500))

    def receives(self, customer: int, minutes_old: int) -> None:
        number = next(self._numbers)
        thread = f"<{self.office.account}-{customer}>"
        at = self.office.clock() - timedelta(minutes=minutes_old)
        author = message(customer).author
        told = message(number, at, author=author, keys=(f"<m{number}>", thread))
        self.office.receive(told, using=policy(self.office.account))

    def does(self, act: str, which: int, who: str) -> None:
        ids, desk = self.ids, self.office.desk
        if not ids:
            return
        number = ids[which % len(ids)]
        soon = self.office.clock() + timedelta(minutes=20)
        acts: dict[str, Callable[[], object]] = {
            "claim": lambda: desk.claim(number, who),
            "claim next": lambda: desk.claim_next(who, self.account),
            "release": lambda: desk.release(number, who),
            "reply": lambda: desk.reply(number, who, "x", seen=None),
            "undo": lambda: desk.undo(number, who),
            "snooze": lambda: desk.snooze(number, who, soon, past_deadline=True),
            "close": lambda: desk.close(number, who),
            "no reply needed": lambda: desk.no_reply_needed(number, who, "thanks"),
            "arrived": lambda: desk.settle(number, who, arrived=True),
            "not arrived": lambda: desk.settle(number, who, arrived=False),
            "note": lambda: desk.note(number, who, "hm"),
            "tag": lambda: desk.tag(number, who, ("late", "late", "ü")),
            "retime": lambda: self.office.store.retiming.retime(
                self.account,
                policy(self.office.account, timedelta(hours=1 + which)),
                self.office.clock(),
            ),
        }
        with suppress(DeskError):
            acts[act]()

    def sends(self, outcome: str) -> None:
        self.office.platform.after = OUTCOMES[outcome]
        self.office.outbox.deliver()

    def passes(self, minutes: int) -> None:
        self.office.clock.forward(minutes=minutes)
        self.office.desk.tick()

    def comes_to_an_end(self) -> None:
        """Nothing is left on its way that the next history would send."""
        self.office.clock.forward(days=1)
        self.sends("sent")

    def check(self) -> None:
        ours = set(self.ids)
        wrong = {n: w for n, w in self.office.store.archive.differences() if n in ours}
        assert wrong == {}
        for number in ours:
            check_clock(self.office, number)
            check_waits(self.office, number)


def check_clock(office: Office, number: int) -> None:
    """State, clock and claim go together."""
    there = office.desk.find(number)
    owed = there.state in OWED
    assert owed == (there.reply_by is not None) == (there.awaiting_since is not None)
    assert (there.state is State.SNOOZED) == (there.snoozed_until is not None)
    on_its_way = {SendState.QUEUED, SendState.SENDING, SendState.HANDED_OVER}
    assert there.state is not State.SENDING or there.send_state in on_its_way
    assert there.claim_until is None or there.assignee is not None
    entries = [e.state for e in office.store.outgoing.entries(number)]
    under_way = [s for s in entries if s in on_its_way]
    assert len(under_way) == (there.send_state in on_its_way)
    assert (SendState.UNSURE in entries) == (there.send_state == SendState.UNSURE)


def check_waits(office: Office, number: int) -> None:
    """The wait began with the oldest unanswered message, and each that ended has one verdict."""
    unanswered, ended, state = walked(office, number)
    there = office.desk.find(number)
    assert there.state is state
    assert [v.outcome for v in office.store.archive.verdicts(number)] == ended
    # A follow-up that failed waits since it was written, with a window of nothing.
    if there.state in OWED and there.window > timedelta():
        assert there.awaiting_us == min(unanswered.values())
    elif there.state in OWED:
        assert there.awaiting_us is not None
        assert there.awaiting_us <= min(unanswered.values(), default=there.awaiting_us)
    else:
        assert unanswered == {}


def walked(office: Office, number: int) -> tuple[dict[int, int], list[str], State]:
    """The log walked by hand: messages unanswered, outcomes of the waits that ended, the state."""
    unanswered: dict[int, int] = {}
    ended: list[str] = []
    state = State.WAITING
    for event in office.store.archive.events(number):
        if event.kind == "received":
            unanswered[event.detail["message"]] = event.detail["at"]
        if event.kind in ("answered", "follow-up sent"):
            seen = seen_by(office, event.detail)
            unanswered = {m: at for m, at in unanswered.items() if m > seen}
        if event.kind in ("no reply needed", "closed"):
            unanswered = {}
        if state in OWED and event.kind in ("answered", "no reply needed", "closed"):
            ended.append(event.kind)
        state = State(event.changes.get("state", state))
    return unanswered, ended, state


def seen_by(office: Office, detail: Any) -> int:
    rows = office.store.database.read(
        "SELECT seen_message FROM outbox WHERE id = :id", {"id": detail["outbox"]}
    )
    return int(rows[0][0])


def histories(ages: st.SearchStrategy[int], outcomes: tuple[str, ...]) -> Any:
    """Lists of (what happens, its arguments)."""
    which, who = st.integers(0, THREADS - 1), st.sampled_from(PEOPLE)
    acts = (
        "claim", "claim next", "release", "reply", "reply", "undo", "snooze", "close",
        "no reply needed", "arrived", "not arrived", "note", "tag", "retime",
    )  # fmt: skip
    return st.lists(
        st.one_of(
            st.tuples(st.just("receives"), which, ages),
            st.tuples(st.just("does"), st.sampled_from(acts), which, who),
            st.tuples(st.just("does"), st.just("reply"), which, who),
            st.tuples(st.just("sends"), st.sampled_from(outcomes)),
            st.tuples(st.just("passes"), st.integers(1, 400)),
        ),
        min_size=6,
        max_size=25,
    )


def live(store: Store, steps: list[tuple[Any, ...]]) -> None:
    history = History(store)
    try:
        for name, *arguments in steps:
            getattr(history, name)(*arguments)
            history.office.clock.forward(seconds=1)
        history.check()
    finally:
        history.comes_to_an_end()


FIRST, REPLY, SENT = ("receives", 0, 0), ("does", "reply", 0, "ann"), ("sends", "sent")
QUICK = settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)


@QUICK
@given(steps=histories(st.just(0), ("sent", "later")))
@example(steps=[FIRST, ("does", "claim", 0, "ann"), ("passes", 31)])
@example(steps=[FIRST, ("does", "snooze", 0, "ann"), ("passes", 21)])
@example(steps=[FIRST, REPLY, ("sends", "later"), ("does", "undo", 0, "ann")])
def test_the_log_tells_all_after_any_ordinary_history(
    store: Store, steps: list[tuple[Any, ...]]
) -> None:
    live(store, steps)


@QUICK
@given(steps=histories(st.integers(0, 90), tuple(OUTCOMES)))
@example(steps=[FIRST, REPLY, SENT, REPLY, ("sends", "refused"), REPLY, SENT])
@example(steps=[FIRST, REPLY, ("receives", 0, 60), SENT])
def test_the_log_tells_all_after_any_history(store: Store, steps: list[tuple[Any, ...]]) -> None:
    live(store, steps)


@pytest.mark.parametrize(
    ("column", "value"), [("subject", "forged"), ("assignee", "nobody"), ("lead", 1)]
)
def test_a_damaged_row_is_named_and_mended(store: Store, column: str, value: Any) -> None:
    office = Office(store, FakeClock())
    office.receive(message(1), message(2))
    first, second = sorted(c.id for c in office.desk.page())
    raw_sql(store, f"UPDATE conversation SET {column} = :value WHERE id = {second}", value=value)
    ((number, wrong),) = store.archive.differences()
    assert (number, list(wrong)) == (second, [column])
    assert wrong[column][0] == value
    store.archive.rebuild(second)
    assert list(store.archive.differences()) == []
    assert office.desk.find(first).subject == "subject 1"


def test_a_clock_that_was_tampered_with_is_mended(store: Store) -> None:
    office = Office(store, FakeClock())
    office.receive(message(1))
    before = office.conversation()
    raw_sql(store, "UPDATE conversation SET reply_by = reply_by + 1, state = 1")
    ((number, wrong),) = store.archive.differences()
    assert set(wrong) == {"reply_by", "state"}
    store.archive.rebuild(number)
    after = office.conversation()
    assert (after.state, after.reply_by) == (before.state, before.reply_by)


def test_differences_are_found_beyond_the_first_page(store: Store) -> None:
    office = Office(store, FakeClock())
    for start in range(0, 1100, 100):
        office.receive(*(message(n) for n in range(start, start + 100)))
    raw_sql(store, "UPDATE conversation SET subject = 'forged' WHERE id IN (3, 1050)")
    assert [number for number, _ in store.archive.differences()] == [3, 1050]


def test_every_change_has_a_line_that_says_who_when_and_what(store: Store) -> None:
    office = Office(store, FakeClock())
    office.receive(message(1))
    number = office.conversation().id
    office.clock.forward(minutes=3)
    office.desk.claim(number, "ann")
    office.answered_by("ann")
    office.outbox.deliver()
    events = store.archive.events(number)
    assert [(e.kind, e.who) for e in events] == [
        ("received", "intake"),
        ("claimed", "ann"),
        ("reply queued", "ann"),
        ("answered", "outbox"),
    ]
    assert [micros(e.at) - micros(START) for e in events] == [0, *[180_000_000] * 3]
    assert events[0].detail["at"] == micros(START)
    assert json.dumps(dict(events[0].changes))
    assert count(store, "event") == 4
