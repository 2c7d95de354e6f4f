"""Colleagues at work are seen in the list, and this person is seen by them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.queue_tui.driving import Office, Terminal, sync


async def seconds_pass(office: Office, t: Terminal, count: int) -> None:
    for _ in range(count):
        office.clock.forward(seconds=1)
        t.main.colleagues.tick()
        await t.settle()


@sync
async def test_who_looks_at_or_types_in_a_conversation_shows_in_its_row(office: Office) -> None:
    office.writes(1, 2)
    async with office.terminal() as t:
        office.desk.here("bob", office.of(1).id, typing=True)
        office.desk.here("carla", office.of(2).id)
        await seconds_pass(office, t, 3)
        await t.see("(bob types) subject 1", "(carla looks) subject 2")
        office.desk.gone("bob")
        await seconds_pass(office, t, 3)
        await t.wait(lambda: "bob" not in t.text)


@sync
async def test_colleagues_learn_where_this_person_is_and_that_they_have_gone(
    office: Office,
) -> None:
    office.writes(1, 2)
    async with office.terminal() as t:
        await t.press("j")
        await t.on(office.of(2).id)
        await seconds_pass(office, t, 3)
        (there,) = office.desk.present()
        assert (there.person, there.conversation_id, there.typing) == ("ann", 2, False)
        await t.compose()
        await seconds_pass(office, t, 3)
        assert [p.typing for p in office.desk.present()] == [True]
        await t.press("escape", "q")
        await t.settle()
    assert office.desk.present() == []


@sync
async def test_what_the_customer_wrote_since_one_looked_is_marked(office: Office) -> None:
    office.writes(1, 2)
    office.desk.save_draft(office.of(2).id, "ann", "Dear", 0)
    async with office.terminal() as t:
        await t.on(office.of(1).id)
        await t.press("j")
        await t.on(office.of(2).id)
        office.writes_again(1)
        await t.read_again()
        assert " * " in t.queue.render_line(t.rows.index(office.of(1).id)).text
        assert " d " in t.cursor_row
        await t.press("k")
        await t.on(office.of(1).id)
        assert " * " not in t.cursor_row


@pytest.mark.parametrize("size", [(80, 24), (120, 30), (160, 45)])
@sync
async def test_a_claim_shows_its_remaining_minutes(office: Office, size: tuple[int, int]) -> None:
    office.writes(1)
    office.desk.claim(office.of(1).id, "bob")
    async with office.terminal(size=size) as t:
        await t.see("bob 30m")
        office.clock.forward(minutes=10)
        t.queue.draw_changes()
        await t.see("bob 20m")


@sync
async def test_a_store_that_does_not_answer_is_said_and_what_is_typed_stays(
    office: Office,
) -> None:
    office.writes(1)
    async with office.terminal() as t:
        await t.compose()
        with office.held():
            await t.type("kept")
            await t.wait(lambda: t.main.place.waited() > 0)
            await t.wait(lambda: "has not answered" in t.status)
        await t.wait(lambda: office.draft(1) == "kept")
        await t.wait(lambda: "has not answered" not in t.status)
        assert timedelta(seconds=t.main.place.waited()) < timedelta(seconds=2)
