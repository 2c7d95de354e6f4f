"""The lead's figures: what plain Python counts in the same rows, on either database."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitor.clock import from_micros, micros
from monitor.desk import Desk
from monitor.figures import SLOT, Figures, Flow, Load, begin_of_day, end_of_day
from monitor.health import Health
from monitor.message import OWED, Party, State
from monitor.store import Store
from monitor.urgency import Urgency, urgency
from tests.fakes import START, FakeClock, message, take_in
from tests.monitor.office import Office, count, raw_sql
from tests.monitor.test_lists import fill

DAY = begin_of_day(START, UTC)
CHANNELS = {"support": "email", "sales": "email", "acme": "twitter"}
PEOPLE = (None, None, "ann", "bob", "[/] eve")
WINDOWS = (60, 15 * 60, 3600, 6 * 3600, 14 * 86400)
HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Row:
    """A conversation as plain Python sees it."""

    account: int
    state: State
    awaiting: int
    window: int
    reply_by: int | None
    assignee: str | None

    def urgency(self, now: datetime) -> Urgency | None:
        if self.reply_by is None or self.state not in OWED:
            return None
        window = timedelta(microseconds=self.window)
        return urgency(from_micros(self.reply_by), window, now)


moments = st.one_of(
    st.integers(-3 * 86400, 86400).map(lambda s: micros(START) + s * 1_000_000),
    # Around the edges: now, now and a tick, what is soon by either bound.
    st.builds(
        lambda edge, tick: micros(START) + edge * 1_000_000 + tick,
        st.sampled_from([0, 15, 300, 900, 3600, -3600]), st.integers(-1, 1),
    ),
)  # fmt: skip
rows = st.builds(
    lambda account, state, awaiting, window, by, assignee: Row(
        account, state, awaiting, window * 1_000_000, by if state in OWED else None,
        assignee if state is State.WAITING else None,
    ),
    st.integers(0, 2), st.sampled_from(State), moments, st.sampled_from(WINDOWS), moments,
    st.sampled_from(PEOPLE),
)  # fmt: skip
arrivals = st.tuples(st.integers(0, 2), moments, st.booleans(), st.booleans())
ends = st.tuples(
    st.integers(0, 2), moments, st.sampled_from(["answered", "closed", "undelivered"]),
    st.sampled_from(PEOPLE[2:]), st.booleans(),
)  # fmt: skip


@pytest.fixture
def desk(store: Store, clock: FakeClock) -> Desk:
    store.accounts.ensure(CHANNELS, START)
    return Desk(store, clock, dict.fromkeys(CHANNELS, timedelta(minutes=1)))


def put(store: Store, conversations: list[Row], came: list[Any], ended: list[Any]) -> None:
    """Rows behind the store's back, in place of those of the example before."""
    ids = [store.accounts.ids()[name] for name in CHANNELS]
    with store.database.write() as tx:
        for table in ("verdict", "message", "conversation"):
            tx.run(f"DELETE FROM {table}")
        tx.many(
            "INSERT INTO conversation (id, account_id, state, awaiting_since, window_us, reply_by,"
            " assignee) VALUES (:id, :account, :state, :awaiting, :window, :reply_by, :assignee)",
            [
                {
                    "id": n, "account": ids[r.account], "state": int(r.state),
                    "awaiting": r.awaiting if r.reply_by else None, "window": r.window,
                    "reply_by": r.reply_by, "assignee": r.assignee,
                }
                for n, r in enumerate(conversations, 1)
            ],
        )  # fmt: skip
        tx.many(
            "INSERT INTO message (id, conversation_id, account_id, ext_id, direction, at, found_at,"
            " reply_by) VALUES (:id, 1, :account, :ext_id, :direction, :at, :at, :reply_by)",
            [
                {
                    "id": 3 * n, "account": ids[account], "ext_id": str(n), "at": at,
                    "direction": int(ours), "reply_by": at if awaits else None,
                }
                for n, (account, at, awaits, ours) in enumerate(sorted(came, key=_moment), 1)
            ],
        )  # fmt: skip
        tx.many(
            "INSERT INTO verdict (conversation_id, account_id, awaiting_since, reply_by, window_us,"
            " ended_at, waited_us, waited_in_hours_us, outcome, who, through, in_time)"
            " VALUES (1, :account, 0, 0, 0, :at, 0, 0, :outcome, :who, 'email', :in_time)",
            [
                {
                    "account": ids[account], "at": at, "outcome": outcome, "who": who,
                    "in_time": int(in_time),
                }
                for account, at, outcome, who, in_time in ended
            ],
        )  # fmt: skip


def _moment(row: Any) -> int:
    return int(row[1])


def plain(found: list[Row]) -> Load:
    """The load of these rows, one by one."""
    urgencies = [u for r in found if (u := r.urgency(START)) is not None]
    late, soon = urgencies.count(Urgency.OVERDUE), urgencies.count(Urgency.DUE_SOON)
    return Load(len(urgencies), soon, late)


def flow(came: list[Any], ended: list[Any], since: datetime, *, after: bool = False) -> Flow:
    """What came and went from then until now."""
    begin, now = micros(since) + after, micros(START)
    answered = [e for e in ended if begin <= e[1] <= now and e[2] == "answered"]
    arrived = [a for a in came if begin <= a[1] <= now and a[2] and not a[3]]
    return Flow(len(arrived), len(answered), sum(e[4] for e in answered))


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(rows, min_size=1, max_size=30), st.lists(arrivals, max_size=20),
    st.lists(ends, max_size=20), st.sets(st.sampled_from([*CHANNELS])),
)  # fmt: skip
def test_figures_are_what_plain_python_counts(
    store: Store, desk: Desk, found: list[Row], came: list[Any], ended: list[Any], chosen: set[str]
) -> None:
    put(store, found, came, ended)
    only = chosen or None
    of = [n for n, name in enumerate(CHANNELS) if only is None or name in only]
    found = [r for r in found if r.account in of]
    came, ended = ([x for x in some if x[0] in of] for some in (came, ended))
    seen = desk.figures(DAY, only)
    assert seen.load == plain(found)
    assert seen.aside == plain([r for r in found if r.state in (State.SNOOZED, State.SENDING)])
    waiting = [r for r in found if r.state is State.WAITING]
    assert seen.unclaimed == plain([r for r in waiting if r.assignee is None])
    for n, name in enumerate(CHANNELS):
        loads = [a.load for a in seen.accounts if a.name == name]
        assert loads == ([plain([r for r in found if r.account == n])] if n in of else [])
    for person in seen.people:
        assert person.held == plain([r for r in waiting if r.assignee == person.name])
        assert person.today == flow([], [e for e in ended if e[3] == person.name], DAY)
    assert seen.today == flow(came, ended, DAY)
    assert seen.last_hour == flow(came, ended, START - HOUR, after=True)
    assert sum((s.flow for s in seen.slots), Flow()) == seen.today
    assert_firsts(seen, found, waiting)


def assert_firsts(seen: Figures, found: list[Row], waiting: list[Row]) -> None:
    ahead = [r.reply_by for r in found if r.reply_by and r.reply_by >= micros(START)]
    assert (seen.next.reply_by_us if seen.next else None) == min(ahead, default=None)
    ages = [r.awaiting for r in waiting]
    assert (seen.oldest.awaiting_us if seen.oldest else None) == min(ages, default=None)


@pytest.mark.parametrize("seed", range(2))
def test_figures_agree_with_the_lists_after_real_work(
    store: Store, clock: FakeClock, seed: int
) -> None:
    fill(store, seed, 40)
    every = dict.fromkeys(("support", "sales"), timedelta(minutes=1))
    seen = Desk(store, clock, every).figures(DAY)
    counts = store.lists.counts(micros(START))
    assert {a.name: a.load.waiting for a in seen.accounts} == counts.owed
    assert {a.name: a.load.overdue for a in seen.accounts} == counts.overdue
    held = sum((p.held.waiting for p in seen.people), 0)
    assert held + seen.unclaimed.waiting + seen.aside.waiting == sum(counts.owed.values())


def test_an_answer_counts_in_its_slot_for_who_gave_it(store: Store, clock: FakeClock) -> None:
    office = Office(store, clock)
    office.receive(message(1, START))
    clock.forward(minutes=20)
    office.answered_by("ann")
    office.outbox.deliver()
    seen = office.desk.figures(DAY)
    assert seen.slots[-1].begins == START + SLOT
    assert seen.slots[-1].flow == Flow(0, 1, 1)
    assert seen.slots[-2].flow == Flow(1, 0, 0)
    assert seen.last_hour == seen.today == Flow(1, 1, 1)
    (ann,) = seen.people
    assert (ann.name, ann.today.answered, ann.presence) == ("ann", 1, None)


def test_who_answered_with_another_program_alone_is_not_among_the_people(
    store: Store, clock: FakeClock
) -> None:
    office = Office(store, clock)
    office.receive(message(1), message(2))
    page = Party("page@acme.test", "Acme Page")
    office.receive(
        message(3, author=page, keys=("<3>", "<1@customer.test>"), outgoing=True,
                to=("customer1@customer.test",))
    )  # fmt: skip
    office.desk.answered_outside(2, "ann")
    seen = office.desk.figures(DAY)
    assert (seen.today.answered, seen.people) == (2, ())
    office.desk.here("ann", None)
    (ann,) = office.desk.figures(DAY).people
    assert (ann.name, ann.today.answered) == ("ann", 1)


def test_a_blind_account_makes_lower_bounds_of_its_channel_only(
    store: Store, clock: FakeClock
) -> None:
    store.accounts.ensure(CHANNELS, START)
    take_in(store, [message(1)], account="acme")
    raw_sql(store, "UPDATE poll SET state = 'ok'")
    raw_sql(store, "UPDATE poll SET state = 'blind' WHERE account_id ="
            " (SELECT id FROM account WHERE name = 'acme')")  # fmt: skip
    seen = Desk(store, clock, dict.fromkeys(CHANNELS, timedelta(days=1))).figures(DAY)
    assert seen.lower_bound
    assert [(c.name, c.blind) for c in seen.channels] == [("email", False), ("twitter", True)]
    assert not Desk(store, clock, {"support": HOUR}).figures(DAY, ["support"]).lower_bound


def test_an_account_that_is_configured_no_more_still_counts(store: Store, clock: FakeClock) -> None:
    take_in(store, [message(1)], account="gone")
    (gone,) = Desk(store, clock, {}).figures(DAY).accounts
    assert (gone.load.waiting, gone.status, gone.blind) == (1, None, False)


def test_an_account_that_nobody_polls_is_blind(store: Store, clock: FakeClock) -> None:
    take_in(store, [message(1)])
    clock.forward(hours=1)
    (account,) = Desk(store, clock, {"support": timedelta(minutes=1)}).figures(DAY).accounts
    assert account.blind
    assert account.status is not None
    assert account.status.state is Health.BLIND


def test_who_is_present_is_among_the_people(store: Store, desk: Desk) -> None:
    desk.here("ann", 7, typing=True)
    (ann,) = desk.figures(DAY).people
    assert ann.presence is not None
    assert (ann.presence.conversation_id, ann.presence.typing) == (7, True)


def test_an_empty_desk_has_nothing_in_it(store: Store, clock: FakeClock) -> None:
    seen = Desk(store, clock, {}).figures(DAY)
    assert (seen.load, seen.next, seen.oldest, seen.people) == (Load(), None, None, ())
    assert seen.today.share_in_time is None
    assert not seen.lower_bound


def test_the_day_begins_at_midnight_where_people_are() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    assert begin_of_day(START, berlin) == datetime(2026, 11, 19, 23, tzinfo=UTC)
    changing = datetime(2026, 3, 29, 12, tzinfo=UTC)
    assert begin_of_day(changing, berlin) == datetime(2026, 3, 28, 23, tzinfo=UTC)
    # In Beirut midnight itself is skipped when the clocks go forward.
    skipped = datetime(2026, 3, 29, 12, tzinfo=UTC)
    assert begin_of_day(skipped, ZoneInfo("Asia/Beirut")) == datetime(2026, 3, 28, 22, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("Europe/Berlin", datetime(2026, 11, 20, tzinfo=UTC), 24),
        ("Europe/Berlin", datetime(2026, 3, 29, tzinfo=UTC), 23),
        ("Europe/Berlin", datetime(2026, 10, 25, tzinfo=UTC), 25),
        ("Asia/Beirut", datetime(2026, 3, 29, tzinfo=UTC), 23),
        ("America/Havana", datetime(2026, 11, 1, 12, tzinfo=UTC), 25),
        ("Australia/Lord_Howe", datetime(2026, 10, 4, tzinfo=UTC), 23.5),
    ],
)
def test_a_day_is_as_long_as_the_clocks_make_it(zone: str, day: datetime, hours: float) -> None:
    begins = begin_of_day(day, ZoneInfo(zone))
    assert end_of_day(begins, ZoneInfo(zone)) - begins == hours * HOUR


def test_the_first_message_of_the_day_is_found_among_many(store: Store, clock: FakeClock) -> None:
    rng = random.Random(1)
    office = Office(store, clock)
    for n in range(60):
        office.receive(message(n, clock()))
        clock.forward(minutes=rng.randrange(1, 60))
    today = begin_of_day(clock(), UTC)
    wanted = store.database.read(
        "SELECT count(*) FROM message WHERE direction = 0 AND at >= :t", {"t": micros(today)}
    )[0][0]
    assert 0 < wanted < count(store, "message")
    assert office.desk.figures(today).today.arrived == wanted
