"""Lists: in order, in pages without gaps, counted right, and read from an index."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest

from monitor.clock import micros
from monitor.errors import DeskError, NotFound
from monitor.message import Conversation, State
from monitor.store import Store, open_store
from monitor.store.database import NO_PARAMS, Params, Row
from monitor.store.lists import Position, View
from monitor.store.sqlite import SqliteDatabase
from tests.fakes import START, FakeClock, message, policy, take_in
from tests.monitor.office import EVERYTHING, Office


def position(there: Conversation) -> Position:
    return (there.reply_by_us or 0, there.awaiting_us or 0, there.id)


def paged(store: Store, view: View, size: int) -> list[Conversation]:
    found: list[Conversation] = []
    while page := store.lists.page(view, size, position(found[-1]) if found else None):
        found += page
    return found


def fill(store: Store, seed: int, size: int = 60) -> None:
    """A history on two accounts, with many ties and every state in it."""
    rng = random.Random(seed)
    for account in ("support", "sales"):
        office = Office(store, FakeClock(), account)
        messages = [
            message(n, START - timedelta(hours=rng.randrange(4)), ext_id=name, keys=(name,))
            for n in range(size)
            for name in [f"<{account}{n}>"]
        ]
        window = timedelta(hours=rng.choice((1, 2)))
        take_in(store, messages, START, account, policy(account, window))
        for there in store.lists.page(View(accounts=(store.accounts.ids()[account],)), 500):
            with suppress(DeskError):
                act(office, there.id, rng)


def act(office: Office, number: int, rng: random.Random) -> None:
    desk, who = office.desk, rng.choice(("ann", "bob"))
    acts = (
        lambda: desk.claim(number, who),
        lambda: desk.snooze(number, who, START + timedelta(days=1), past_deadline=True),
        lambda: desk.reply(number, who, "x", seen=None),
        lambda: desk.close(number, who),
        lambda: desk.no_reply_needed(number, who, "thanks"),
    )
    if rng.random() < 0.5:
        rng.choice(acts)()


VIEWS = (
    View(),
    View(assignee=""),
    View(assignee="ann"),
    View(overdue_at=micros(START)),
    View(accounts=(1,)),
    View(accounts=(1, 2), assignee=""),
    View(State.SNOOZED),
    View(State.SENDING),
)


@pytest.fixture
def filled(store: Store) -> Store:
    fill(store, 1)
    return store


def test_the_order_is_reply_by_then_age_then_id(filled: Store) -> None:
    listed = filled.lists.page(View(), 500)
    assert len(listed) > 50
    assert listed == sorted(listed, key=position)


@pytest.mark.parametrize("view", VIEWS, ids=str)
def test_small_pages_make_up_one_big_page(filled: Store, view: View) -> None:
    whole = filled.lists.page(view, 500)
    assert whole
    assert paged(filled, view, 7) == whole


@pytest.mark.parametrize("view", [*VIEWS, EVERYTHING, View(tag="vip")], ids=str)
def test_pages_from_the_end_make_up_the_same_list(filled: Store, view: View) -> None:
    for there in filled.lists.page(View(assignee=""), 7):
        filled.acts.tag(there.id, "ann", ["vip", "x"], START)
    whole = paged(filled, view, 50)
    found: list[Conversation] = []
    edge: Position | None = None
    while page := filled.lists.page(view, 7, edge, backwards=True):
        found = [*page, *found]
        edge = position(page[0])
    assert found == whole


@pytest.mark.parametrize("view", [*VIEWS, EVERYTHING], ids=str)
def test_rows_are_counted_and_found_by_their_number(filled: Store, view: View) -> None:
    whole = paged(filled, view, 50)
    assert filled.lists.count(view) == len(whole)
    for number, there in list(enumerate(whole))[::9]:
        assert filled.lists.count(view, position(there)) == number
        at = filled.lists.position(view, number)
        assert at is not None
        assert at[2] == there.id
    assert filled.lists.position(view, len(whole)) is None


def test_a_tag_is_a_whole_tag(filled: Store) -> None:
    one, two, three = filled.lists.page(View(assignee=""), 3)
    for there, tags in ((one, ["vip"]), (two, ["vipers", "a%"]), (three, ['"quo"', "vip é"])):
        filled.acts.tag(there.id, "ann", tags, START)
    for tag, wanted in (("vip", one), ("a%", two), ('"quo"', three), ("vip é", three)):
        assert [c.id for c in filled.lists.page(View(tag=tag))] == [wanted.id]
    assert filled.lists.page(View(tag="a_")) == []


def test_a_glance_shows_ones_own_drafts_and_the_customers_last_words(filled: Store) -> None:
    one, two = filled.lists.page(View(), 2)
    filled.drafts.save(one.id, "ann", "Dear", 0, START)
    filled.drafts.save(two.id, "bob", "Dear", 0, START)
    seen = filled.lists.glance([one.id, two.id], "ann")
    assert seen.drafts == {one.id}
    assert seen.last_words == {
        c.id: max(m.id for m in filled.lists.messages(c.id)) for c in (one, two)
    }
    assert filled.lists.glance([], "ann").last_words == {}


@pytest.mark.parametrize("view", [EVERYTHING, View(State.ANSWERED), View(State.CLOSED)], ids=str)
def test_small_pages_make_up_one_big_page_of_what_is_done(store: Store, view: View) -> None:
    office = Office(store, FakeClock())
    office.receive(*(message(n) for n in range(9)))
    for there in office.desk.page():
        if view.state is State.CLOSED:
            office.desk.close(there.id, "ann")
        else:
            office.desk.reply(there.id, "ann", "x", seen=None)
    office.outbox.deliver()
    assert len(paged(store, view, 2)) == 9


def wanted(view: View, there: Conversation, ids: dict[str, int]) -> bool:
    return all(
        (
            view.state is None or there.state is view.state,
            not view.accounts or ids[there.account] in view.accounts,
            view.assignee is None or (there.assignee or "") == view.assignee,
            view.overdue_at is None or there.overdue(view.overdue_at),
            not view.leads or there.lead,
        )
    )


@pytest.mark.parametrize("view", VIEWS, ids=str)
def test_a_view_shows_what_it_says_and_nothing_else(filled: Store, view: View) -> None:
    everything, ids = filled.lists.page(EVERYTHING, 500), filled.accounts.ids()
    shown = {c.id for c in filled.lists.page(view, 500)}
    assert shown == {c.id for c in everything if wanted(view, c, ids)}


@pytest.mark.parametrize("seed", range(3))
def test_counts_are_what_plain_sql_counts(store: Store, seed: int) -> None:
    fill(store, seed, 40)
    for now in (micros(START), micros(START + timedelta(hours=1)), micros(START) + 1):
        counts = store.lists.counts(now)
        assert counts.owed == plainly(store, "state <= 2")
        assert counts.overdue == plainly(store, f"state <= 2 AND reply_by < {now}")
        assert store.lists.overdue(now) == counts.overdue


def plainly(store: Store, condition: str) -> dict[str, int]:
    rows = store.database.read(
        "SELECT a.name, c.state, c.reply_by, c.id FROM account a LEFT JOIN conversation c"
        f" ON c.account_id = a.id AND {condition}"
    )
    counted = {row[0]: 0 for row in rows}
    for row in rows:
        counted[row[0]] += row[3] is not None
    return counted


def test_due_exactly_now_is_not_overdue(store: Store) -> None:
    take_in(store, [message(1)])
    due = micros(START + timedelta(hours=6))
    assert store.lists.counts(due).overdue == {"support": 0}
    assert store.lists.counts(due + 1).overdue == {"support": 1}
    assert store.lists.page(View(overdue_at=due)) == []


def test_a_list_is_empty_on_an_empty_desk(store: Store) -> None:
    assert store.lists.page(View()) == []
    assert store.lists.counts(micros(START)).owed == {}
    with pytest.raises(NotFound):
        store.lists.conversation(1)


def test_conversations_come_in_the_order_asked_for(filled: Store) -> None:
    assert [c.id for c in filled.lists.conversations([9, 3, 10**9, 7])] == [9, 3, 7]
    assert filled.lists.conversations([]) == []


class Planned(SqliteDatabase):
    """A SQLite file that also writes down how each statement was going to be read."""

    plans: list[str]

    def read(self, sql: str, params: Params = NO_PARAMS) -> list[Row]:
        steps = super().read(f"EXPLAIN QUERY PLAN {sql}", params)
        self.plans = [str(step[3]) for step in steps]
        return super().read(sql, params)


@pytest.fixture(params=["fresh", "analysed"])
def planned(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Store, Planned]]:
    url = f"sqlite:///{tmp_path}/planned.db"
    first = open_store(url, START)
    fill(first, 2)
    if request.param == "analysed":
        first.database.read("ANALYZE")
    first.close()
    database = Planned(url)
    store = Store(database)
    store.lists.page(View())  # the names of the accounts are read once
    yield store, database
    database.close()


def reads_an_index(plans: Sequence[str]) -> bool:
    """No table is read from end to end, and nothing is sorted afterwards."""
    # An account is a row of config.toml: reading them all is no scan to speak of.
    rows = [p for p in plans if not p.startswith(("SCAN a", "SCALAR", "CORRELATED"))]
    return bool(rows) and all("INDEX ix_" in p and "TEMP B-TREE" not in p for p in rows)


QUEUES = (
    View(),
    View(leads=True),
    View(assignee=""),
    View(assignee="ann"),
    View(accounts=(1,)),
    View(accounts=(1,), assignee=""),
    View(accounts=(1,), assignee="ann"),
    View(overdue_at=micros(START)),
    View(accounts=(1,), overdue_at=micros(START)),
    View(assignee="", overdue_at=micros(START)),
)


@pytest.mark.slow
@pytest.mark.parametrize("view", QUEUES, ids=str)
@pytest.mark.parametrize("after", [None, (micros(START), micros(START), 5)], ids=["top", "deep"])
def test_every_queue_is_read_in_order_from_an_index(
    planned: tuple[Store, Planned], view: View, after: Position | None
) -> None:
    store, database = planned
    store.lists.page(view, 50, after)
    assert reads_an_index(database.plans), database.plans


@pytest.mark.parametrize(
    "state",
    [
        State.SNOOZED,
        State.SENDING,
    ],
)
def test_what_is_put_aside_is_found_by_an_index(
    planned: tuple[Store, Planned], state: State
) -> None:
    store, database = planned
    store.lists.page(View(state))
    assert all("INDEX ix_" in p for p in database.plans if "conversation" in p), database.plans


def test_a_tag_is_looked_for_among_what_has_tags(planned: tuple[Store, Planned]) -> None:
    store, database = planned
    store.lists.page(View(tag="vip"))
    [plan] = database.plans
    assert "SEARCH conversation USING INDEX ix_queue_tagged" in plan
    store.lists.count(View(tag="vip"))
    assert "COVERING INDEX ix_queue_tagged" in database.plans[0]


def test_counts_are_read_from_indexes_that_cover_them(planned: tuple[Store, Planned]) -> None:
    store, database = planned
    store.lists.counts(micros(START))
    assert reads_an_index(database.plans), database.plans
    assert all("SEARCH c USING COVERING INDEX" in p for p in database.plans if " c " in p)
    store.lists.overdue(micros(START))
    assert reads_an_index(database.plans), database.plans
