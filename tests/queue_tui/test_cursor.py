"""The cursor belongs to a conversation: whatever the list does, it stays there and acts there."""

from __future__ import annotations

from datetime import timedelta

import pytest

from monitor.message import State
from tests.fakes import START
from tests.queue_tui.driving import Office, Terminal, sync


async def on_second_of_three(office: Office, t: Terminal) -> int:
    await t.press("j")
    await t.on(office.of(2).id)
    return office.of(2).id


@sync
async def test_it_stays_through_ticks(office: Office) -> None:
    office.writes(1, 2, 3)
    async with office.terminal() as t:
        here = await on_second_of_three(office, t)
        for _ in range(12):
            office.clock.forward(minutes=10)
            t.main.reading.tick()
            await t.settle()
        assert t.cursor == t.shown == here


@sync
async def test_it_stays_through_arrivals_above_and_below(office: Office) -> None:
    office.writes(1, 2, 3)
    async with office.terminal() as t:
        here = await on_second_of_three(office, t)
        office.writes(*range(10, 40), minutes=-30)
        office.writes(*range(40, 50), minutes=30)
        await t.wait(lambda: len(t.rows) == 43)
        await t.settle()
        assert t.cursor == t.shown == here
        assert "subject 2" in t.cursor_row


@sync
async def test_its_row_stays_on_the_screen_when_many_arrive_above(office: Office) -> None:
    office.writes(1, 2, 3)
    async with office.terminal(size=(80, 24)) as t:
        here = await on_second_of_three(office, t)
        office.writes(*range(10, 60), minutes=-30)
        await t.wait(lambda: len(t.rows) == 53)
        await t.settle()
        top = t.queue.top
        assert top <= t.rows.index(here) < top + t.queue.size.height


@sync
async def test_it_stays_when_colleagues_claim_around_it(office: Office) -> None:
    office.writes(1, 2, 3)
    async with office.terminal() as t:
        here = await on_second_of_three(office, t)
        for customer in (1, 2, 3):
            office.desk.claim(office.of(customer).id, "bob")
        await t.see("claimed by bob")
        assert t.cursor == t.shown == here


@sync
async def test_it_stays_when_the_order_changes(office: Office) -> None:
    office.writes(1, minutes=1)
    office.writes(2, minutes=2)
    office.writes(3, minutes=3)
    async with office.terminal() as t:
        here = await on_second_of_three(office, t)
        hurry(office, 3)
        await t.wait(lambda: t.rows == [3, 1, 2])
        await t.settle()
        assert t.cursor == t.shown == here


@sync
async def test_a_conversation_that_colleagues_end_stays_until_the_cursor_leaves(
    office: Office,
) -> None:
    office.writes(1, 2, 3)
    async with office.terminal() as t:
        here = await on_second_of_three(office, t)
        office.desk.close(here, "bob")
        await t.see("2 waiting", "done mail")
        assert t.cursor == t.shown == here
        await t.press("j")
        await t.on(office.of(3).id)
        await t.read_again()
        assert t.rows == [office.of(1).id, office.of(3).id]


@sync
async def test_it_stays_when_all_others_go(office: Office) -> None:
    office.writes(1, 2, 3)
    async with office.terminal() as t:
        here = await on_second_of_three(office, t)
        for customer in (1, 3):
            office.desk.close(office.of(customer).id, "bob")
        await t.wait(lambda: t.rows == [here])
        await t.settle()
        assert t.cursor == t.shown == here


@pytest.mark.parametrize(
    ("keys", "state"),
    [("e", State.NO_REPLY_NEEDED), ("x", State.CLOSED), ("s", State.SNOOZED)],
)
@sync
async def test_an_action_is_for_the_conversation_under_the_cursor(
    office: Office, keys: str, state: State
) -> None:
    office.writes(1, 2, 3)
    async with office.terminal() as t:
        here = await on_second_of_three(office, t)
        office.writes(*range(10, 20), minutes=-30)
        await t.press(keys)
        await t.see(f"#{here}")
        await t.type("1h")
        await t.press("enter")
        await t.wait(lambda: office.of(2).state is state)
        others = [office.of(n).state for n in (1, 3, *range(10, 20))]
        assert set(others) == {State.WAITING}


@sync
async def test_an_arrival_during_a_question_does_not_change_what_is_ended(office: Office) -> None:
    office.writes(1, 2, 3)
    async with office.terminal() as t:
        here = await on_second_of_three(office, t)
        await t.press("x")
        await t.see(f"#{here}")
        office.writes(*range(10, 20), minutes=-30)
        await t.wait(lambda: len(t.rows) == 13)
        await t.press("enter")
        await t.wait(lambda: office.of(2).state is State.CLOSED)
        assert office.store.lists.counts(0).owed["support"] == 12


@sync
async def test_what_is_being_answered_stays_shown_and_bound_while_the_list_changes(
    office: Office,
) -> None:
    office.writes(1, 2, 3)
    async with office.terminal() as t:
        here = await on_second_of_three(office, t)
        await t.compose("for two")
        office.writes(*range(10, 20), minutes=-30)
        office.desk.close(office.of(1).id, "bob")
        await t.wait(lambda: len(t.rows) == 12)
        await t.settle()
        assert t.cursor == t.shown == t.composing == here
        await t.press("ctrl+s")
        await t.wait(lambda: t.composing is None)
        assert [a.conversation_id for a in office.answers()] == [here]


@sync
async def test_beside_an_open_composer_no_key_ends_what_is_not_shown(office: Office) -> None:
    office.writes(1, 2, 3)
    async with office.terminal() as t:
        await t.compose()
        await t.press("tab", "j")
        await t.settle()
        await t.press("x", "enter")
        await t.settle()
        await t.settle()
        assert office.of(2).state is State.WAITING


@sync
async def test_j_k_g_and_shift_g_move_the_cursor(office: Office) -> None:
    office.writes(*range(1, 61))
    async with office.terminal(size=(80, 24)) as t:
        for key, row in (("G", 59), ("k", 58), ("g", 0), ("k", 0), ("j", 1)):
            await t.press(key)
            assert t.cursor == t.rows[row]
            await t.settle()
        await t.see("subject 2")


@pytest.mark.parametrize(
    ("key", "start", "row"),
    [("down", 0, 1), ("up", 30, 29), ("pagedown", 0, 9), ("pageup", 30, 21),
     ("end", 0, 59), ("home", 30, 0)],
)  # fmt: skip
@sync
async def test_the_arrow_and_page_keys_move_the_cursor(
    office: Office, key: str, start: int, row: int
) -> None:
    office.writes(*range(1, 61))
    async with office.terminal(size=(80, 24)) as t:
        t.queue.move_to(start)
        await t.press(key)
        assert t.cursor == t.rows[row]


def hurry(office: Office, customer: int) -> None:
    """This customer's deadline comes nearer than everybody's."""
    soon = START - timedelta(hours=1)
    with office.store.database.write() as tx:
        tx.run(
            "UPDATE conversation SET reply_by = :soon WHERE id = :id",
            {"soon": int(soon.timestamp() * 1_000_000), "id": office.of(customer).id},
        )
