"""Acts on marked conversations: what was done, what could not be, and one undo of it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from monitor.desk import Desk
from monitor.errors import DeskError, StoreError
from monitor.message import State
from queue_tui.flows.bulk import Undo, run
from tests.queue_tui.driving import CONFIG, Office, sync


@sync
async def test_an_act_is_for_all_that_are_marked_and_says_what_could_not_be(
    office: Office,
) -> None:
    office.writes(1, 2, 3, 4)
    office.desk.claim(office.of(2).id, "bob")
    async with office.terminal() as t:
        await t.press("m", "m", "m")
        await t.see("+3 marked")
        await t.press("a")
        await t.see("2 claimed; 1 could not be: bob has conversation 2", "+1 marked")
        assert [office.of(n).assignee for n in (1, 2, 3, 4)] == ["ann", "bob", "ann", None]


@pytest.mark.parametrize(
    ("key", "question", "text", "state"),
    [
        ("e", "No reply needed for 3 conversations?", "thanks", State.NO_REPLY_NEEDED),
        ("x", "Close without an answer 3 conversations?", "", State.CLOSED),
        ("s", "Snooze 3 conversations until", "1h", State.SNOOZED),
    ],
)
@sync
async def test_all_are_marked_with_one_key_ended_and_brought_back_with_another(
    office: Office, key: str, question: str, text: str, state: State
) -> None:
    office.writes(1, 2, 3)
    async with office.terminal() as t:
        await t.press("asterisk")
        await t.see("3 are marked")
        await t.press(key)
        await t.fill_in(question, text)
        await t.wait(lambda: {office.of(n).state for n in (1, 2, 3)} == {state})
        await t.see("0 waiting" if state is not State.SNOOZED else "snoozed until")
        await t.press("z")
        await t.see("undone: 3 ")
        assert {office.of(n).state for n in (1, 2, 3)} == {State.WAITING}
        assert list(office.store.archive.differences()) == []


@sync
async def test_one_that_is_due_before_is_snoozed_only_on_a_second_word(office: Office) -> None:
    office.writes(1)
    office.writes(2, minutes=-300)
    async with office.terminal() as t:
        await t.press("asterisk")
        await t.see("2 are marked")
        await t.press("s")
        await t.fill_in("Snooze 2 conversations until", "2h")
        await t.see("Snooze it all the same?")
        assert [office.of(n).state for n in (1, 2)] == [State.SNOOZED, State.WAITING]
        await t.press("y")
        await t.wait(lambda: office.of(2).state is State.SNOOZED)


@sync
async def test_a_claim_a_release_and_tags_are_undone(office: Office) -> None:
    office.writes(1)
    office.desk.tag(office.of(1).id, "bob", ("old",))
    async with office.terminal() as t:
        await t.press("a")
        await t.see("#1 claimed")
        await t.press("z")
        await t.see("undone: #1 claimed")
        assert office.of(1).assignee is None
        await t.press("t")
        await t.fill_in("Tags of #1", " vip")
        await t.wait(lambda: office.of(1).tags == ("old", "vip"))
        await t.see("#1 tagged")
        await t.press("z")
        await t.wait(lambda: office.of(1).tags == ("old",))


def test_a_fault_of_the_store_leaves_what_was_done_before_it_done(office: Office) -> None:
    faults = {1: DeskError("bob has it"), 3: StoreError("no such table"), 4: StoreError("neither")}

    def act(desk: Desk, number: int) -> Undo | None:
        if number in faults:
            raise faults[number]
        return None

    outcome = run(office.desk, act, [1, 2, 3, 4], "claimed")
    assert outcome.done == [2]
    assert outcome.refused == {1: "bob has it", 3: "no such table", 4: "no such table"}


@sync
async def test_an_undo_that_nobody_can_make_any_more_says_why(office: Office) -> None:
    office.writes(1, 2)
    async with office.terminal() as t:
        await t.press("asterisk")
        await t.see("2 are marked")
        await t.press("a")
        await t.see("2 claimed")
        office.desk.release(office.of(1).id, "ann")
        await t.press("z")
        await t.see("undone: 1 of 2 claimed; 1 could not be: conversation 1 is not yours")
        await t.press("a")
        await t.see("claimed")
        office.desk.release(t.cursor or 0, "ann")
        await t.press("z")
        await t.see("not undone: conversation")


@sync
async def test_passing_on_gives_it_to_a_colleague_with_a_note(office: Office) -> None:
    office.writes(1)
    office.desk.here("bob", None)
    async with office.terminal() as t:
        await t.press("c")
        await t.fill_in("Give #1 to whom?", "bob: knows her")
        await t.wait(lambda: office.of(1).assignee == "bob")
        await t.see("#1 given to bob", "knows her")
        await t.press("z")
        await t.wait(lambda: office.of(1).assignee is None)


@sync
async def test_a_name_that_nobody_knows_is_given_nothing_without_a_question(
    office: Office,
) -> None:
    office.writes(1)
    async with office.terminal() as t:
        for said in "ny":
            await t.press("c")
            await t.fill_in("Give #1 to whom?", "bbo")
            await t.see("Nobody called bbo has worked here. Give them #1?")
            assert office.of(1).assignee is None
            await t.press(said)
        await t.wait(lambda: office.of(1).assignee == "bbo")


@sync
async def test_where_people_are_named_only_they_are_given_anything(office: Office) -> None:
    office.config = f'{CONFIG}\n[[people]]\nname = "ann"\n[[people]]\nname = "bob"\n'
    office.writes(1)
    async with office.terminal() as t:
        await t.press("c")
        await t.fill_in("Give #1 to whom?", "bbo")
        await t.see("did you mean 'bob'?")
        await t.press("c")
        await t.fill_in("Give #1 to whom?", "bob")
        await t.wait(lambda: office.of(1).assignee == "bob")


@sync
async def test_after_an_answer_undo_is_for_the_answer(office: Office) -> None:
    office.writes(1, 2)
    async with office.terminal() as t:
        await t.press("a")
        await t.see("#1 claimed")
        await t.answer("hello")
        await t.press("z")
        await t.see("is taken back")
        assert office.answers() == []


@sync
async def test_escape_takes_all_marks_away_and_says_so(office: Office) -> None:
    office.writes(1, 2)
    async with office.terminal() as t:
        await t.press("m")
        await t.see("+1 marked")
        await t.press("escape")
        await t.see("nothing is marked any more")
        await t.wait(lambda: "marked" not in t.headline)


@sync
async def test_a_question_is_about_what_was_marked_when_it_was_put(office: Office) -> None:
    office.writes(1, 2)
    async with office.terminal() as t:
        await t.press("m", "e")
        await t.see("No reply needed for #1?")
        office.clock.forward(minutes=1)
        office.desk.snooze(office.of(2).id, "bob", office.clock() + timedelta(hours=1))
        await t.press("enter")
        await t.wait(lambda: office.of(1).state is State.NO_REPLY_NEEDED)
        assert office.of(2).state is State.SNOOZED


@sync
async def test_the_next_overdue_is_one_key_away(office: Office) -> None:
    office.writes(1, minutes=-400)
    office.writes(2, minutes=-390)
    office.writes(3)
    async with office.terminal() as t:
        await t.press("G", "left_square_bracket")
        assert t.cursor == office.of(2).id
        await t.press("left_square_bracket", "left_square_bracket")
        assert t.cursor == office.of(1).id
        await t.press("right_square_bracket", "right_square_bracket")
        assert t.cursor == office.of(2).id
        assert "none below is overdue" in t.status
