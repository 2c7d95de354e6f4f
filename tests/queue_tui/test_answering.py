"""Claiming, writing and sending: one answer, to the conversation that is shown, or none."""

from __future__ import annotations

from datetime import timedelta

import pytest
from textual import events
from textual.widgets import Input

from monitor.message import Direction, State
from tests.fakes import START
from tests.queue_tui.driving import Office, sync


@sync
async def test_space_claims_the_most_urgent_and_opens_it(office: Office) -> None:
    office.writes(1, minutes=5)
    office.writes(2, minutes=1)
    office.writes(3, minutes=0)
    office.desk.claim(office.of(3).id, "bob")
    async with office.terminal() as t:
        await t.press("G", "space")
        await t.on(office.of(2).id)
        await t.see("claimed #", "r answers", ">you", "text 2")
        assert office.of(2).assignee == "ann"


@sync
async def test_space_says_when_there_is_nobody_to_claim(office: Office) -> None:
    office.writes(1)
    office.desk.claim(office.of(1).id, "bob")
    async with office.terminal() as t:
        await t.press("space")
        await t.see("nobody waits whom you could claim")


@sync
async def test_space_leaves_a_list_that_does_not_hold_what_it_claims(office: Office) -> None:
    office.writes(1, 2)
    async with office.terminal() as t:
        await t.press("2")
        await t.see("[unclaimed]")
        await t.press("space")
        await t.on(office.of(1).id)
        await t.see("[all]")


@sync
async def test_r_claims_and_opens_the_composer_on_the_conversation_shown(office: Office) -> None:
    office.writes(1, 2)
    async with office.terminal() as t:
        await t.press("j")
        await t.compose()
        await t.see("Answer to Customer 2 <customer2@customer.test>", "text 2")
        assert t.composing == t.shown == office.of(2).id
        assert office.of(2).assignee == "ann"


@sync
async def test_ctrl_s_queues_one_answer_to_the_conversation_shown(office: Office) -> None:
    office.writes(1, 2, 3)
    async with office.terminal() as t:
        await t.press("j")
        await t.compose("we are sorry\nreally")
        await t.press("ctrl+s")
        await t.see("is on its way", "z takes it back")
        answer = office.answers()
        assert [(a.conversation_id, a.author, a.text) for a in answer] == [
            (office.of(2).id, "ann", "we are sorry\nreally")
        ]
        assert t.composing is None
        assert office.of(2).state is State.SENDING


@sync
async def test_enter_is_a_new_line_and_never_sends(office: Office) -> None:
    office.writes(1)
    async with office.terminal() as t:
        await t.compose()
        await t.press("a", "enter", "enter", "shift+enter", "ctrl+enter", "ctrl+j", "b")
        await t.settle()
        assert t.composing
        assert t.draft.startswith("a\n\n")
        assert office.answers() == []


@sync
async def test_ctrl_s_twice_is_one_answer(office: Office) -> None:
    office.writes(1)
    async with office.terminal() as t:
        await t.compose("once")
        with office.held():
            await t.press("ctrl+s", "ctrl+s")
        await t.wait(lambda: t.composing is None)
        assert [a.text for a in office.answers()] == ["once"]


@sync
async def test_ctrl_s_twice_is_one_note(office: Office) -> None:
    office.writes(1)
    async with office.terminal() as t:
        await t.compose("once", key="n")
        with office.held():
            await t.press("ctrl+s", "ctrl+s")
        await t.wait(lambda: t.composing is None)
        await t.settle()
        assert notes(office, 1) == ["once"]


@sync
async def test_an_empty_answer_is_not_sent(office: Office) -> None:
    office.writes(1)
    async with office.terminal() as t:
        await t.compose()
        await t.press("space", "enter", "ctrl+s")
        await t.see("an empty answer is not sent")
        assert t.composing
        assert office.answers() == []


@sync
async def test_what_colleagues_hold_opens_no_composer(office: Office) -> None:
    office.writes(1)
    async with office.terminal() as t:
        office.desk.claim(office.of(1).id, "bob")
        await t.press("r")
        await t.see("bob has conversation 1")
        assert t.composing is None
        assert office.of(1).assignee == "bob"


@sync
async def test_a_note_is_kept_for_colleagues_and_sends_nothing(office: Office) -> None:
    office.writes(1)
    office.desk.claim(office.of(1).id, "bob")
    async with office.terminal() as t:
        await t.compose(key="n")
        await t.see("Note on #1", "ctrl+s keep")
        await t.type("lost in Kiel")
        await t.press("ctrl+s")
        await t.see("private note", "lost in Kiel", "noted")
        assert notes(office, 1) == ["lost in Kiel"]
        assert office.answers() == []


@sync
async def test_when_the_customer_writes_again_only_the_second_ctrl_s_sends(office: Office) -> None:
    office.writes(1)
    async with office.terminal() as t:
        await t.compose("old news")
        office.writes_again(1, "forget it, I found it")
        await t.press("ctrl+s")
        await t.see("NOT sent: the customer wrote again", "forget it, I found it", "old news")
        assert office.answers() == []
        await t.press("ctrl+s")
        await t.see("on its way")
        assert [a.text for a in office.answers()] == ["old news"]


@sync
async def test_a_message_that_comes_while_composing_is_shown_at_once(office: Office) -> None:
    office.writes(1)
    async with office.terminal() as t:
        await t.compose()
        office.writes_again(1, "one thing more")
        await t.see("one thing more", "the customer wrote again")
        assert t.composing == office.of(1).id


@sync
async def test_every_further_message_needs_a_further_look(office: Office) -> None:
    office.writes(1)
    async with office.terminal() as t:
        await t.compose("old news")
        for text in ("second", "third"):
            office.writes_again(1, text)
            await t.press("ctrl+s")
            await t.see("NOT sent", text)
            await t.settle()
        assert office.answers() == []


@sync
async def test_z_takes_the_answer_back_and_r_goes_on_with_it(office: Office) -> None:
    office.writes(1, 2)
    async with office.terminal() as t:
        await t.compose("too early")
        await t.press("ctrl+s")
        await t.see("on its way")
        await t.press("G", "z")
        await t.see("the answer to #1 is taken back")
        assert office.answers() == []
        await t.on(office.of(1).id)
        await t.compose()
        await t.see("your draft is back")
        assert t.draft == "too early"


@sync
async def test_z_cannot_take_back_what_has_left(office: Office) -> None:
    office.writes(1, 2)
    async with office.terminal() as t:
        await t.compose("gone")
        await t.press("ctrl+s")
        await t.see("on its way")
        later = office.clock.forward(seconds=11)
        assert office.store.outgoing.lease("sender", later, timedelta(minutes=1))
        await t.press("z")
        await t.see("nothing of yours can be taken back")
        assert [a.text for a in office.answers()] == ["gone"]


@sync
async def test_after_the_last_answer_undo_is_still_offered(office: Office) -> None:
    office.writes(1)
    async with office.terminal() as t:
        await t.answer("last one")
        await t.read_again()
        assert "z takes it back" in t.text


@sync
async def test_the_text_of_a_failed_answer_is_back(office: Office) -> None:
    office.writes(1)
    async with office.terminal() as t:
        await t.answer("will bounce")
        office.send(1, "failed")
        await t.see(
            "answer by ann: failed", "550 no such user", "the last answer could not be sent"
        )
        await t.compose()
        assert t.draft == "will bounce"


@pytest.mark.parametrize(("key", "state"), [("y", State.ANSWERED), ("n", State.WAITING)])
@sync
async def test_a_person_settles_an_unsure_answer(office: Office, key: str, state: State) -> None:
    office.writes(1, 2)
    async with office.terminal() as t:
        await t.answer("perhaps")
        office.send(1, "unsure")
        await t.see("UNSURE whether the last answer arrived")
        await t.press("y")
        await t.see("Did the last answer to #1 arrive?")
        await t.press(key)
        await t.see("settled")
        assert office.of(1).state is state


@sync
async def test_an_unsure_answer_is_never_sent_a_second_time_by_ctrl_s(office: Office) -> None:
    office.writes(1)
    async with office.terminal() as t:
        await t.answer("perhaps")
        office.send(1, "unsure")
        await t.see("UNSURE")
        await t.compose("again")
        await t.press("ctrl+s")
        await t.wait(lambda: "may have arrived" in t.status)
        assert len(office.answers()) == 1


@sync
async def test_y_where_nothing_is_unsure_says_so(office: Office) -> None:
    office.writes(1)
    async with office.terminal() as t:
        await t.press("y")
        await t.see("there is no unsure answer here")


@sync
async def test_snooze_takes_words_for_a_time(office: Office) -> None:
    office.writes(1, 2)
    async with office.terminal() as t:
        await t.press("s")
        await t.fill_in("Snooze #1 until", "2h")
        await t.see("snoozed until Fri 20 Nov 11:00")
        assert office.of(1).snoozed_until == START + timedelta(hours=2)


@sync
async def test_a_snooze_until_another_day_names_the_day(office: Office) -> None:
    office.writes(1)
    office.desk.snooze(office.of(1).id, "ann", START + timedelta(days=3), past_deadline=True)
    async with office.terminal() as t:
        await t.press("4")
        await t.see("left  snoozed until Mon 23 Nov 09:00")


@sync
async def test_a_late_answer_leaves_at_once_and_nobody_is_told_of_undoing_it(
    office: Office,
) -> None:
    office.writes(1)
    office.clock.forward(hours=7)
    async with office.terminal() as t:
        await t.compose("sorry")
        await t.press("ctrl+s")
        await t.see("on its way; it was late, so it leaves at once")


@sync
async def test_in_a_very_low_terminal_what_is_typed_is_seen(office: Office) -> None:
    office.writes(1)
    async with office.terminal(size=(40, 10)) as t:
        await t.compose("hello there")
        await t.see("hello there", "Answer to Customer")


@sync
async def test_a_snooze_in_no_known_words_changes_nothing(office: Office) -> None:
    office.writes(1)
    async with office.terminal() as t:
        await t.press("s")
        await t.fill_in("Snooze #1 until", "whenever")
        await t.see("'whenever' is no time; write 2h, 14:30")
        assert office.of(1).state is State.WAITING


@pytest.mark.parametrize(("key", "state"), [("y", State.SNOOZED), ("n", State.WAITING)])
@sync
async def test_a_snooze_past_the_deadline_asks(office: Office, key: str, state: State) -> None:
    office.writes(1)
    async with office.terminal() as t:
        await t.press("s")
        await t.fill_in("Snooze #1 until", "8h")
        await t.see("that is 2h after conversation 1 is due")
        await t.press(key)
        await t.wait(lambda: t.pilot.app.screen is t.main)
        await t.settle()
        assert office.of(1).state is state


@pytest.mark.parametrize(
    ("key", "state"), [("e", State.NO_REPLY_NEEDED), ("x", State.CLOSED)]
)  # fmt: skip
@sync
async def test_ending_takes_a_reason_into_the_log(office: Office, key: str, state: State) -> None:
    office.writes(1)
    async with office.terminal() as t:
        await t.press(key)
        await t.fill_in("#1?", "spam")
        await t.wait(lambda: office.of(1).state is state)
        events_of = office.store.archive.events(office.of(1).id)
        assert "spam" in str(list(events_of)[-1].detail)


@pytest.mark.parametrize("key", ["s", "e", "x"])
@sync
async def test_esc_leaves_a_question_without_doing_anything(office: Office, key: str) -> None:
    office.writes(1)
    async with office.terminal() as t:
        await t.press(key)
        await t.see("#1")
        await t.type("2h")
        await t.press("escape")
        await t.wait(lambda: t.pilot.app.screen is t.main)
        await t.settle()
        assert office.of(1).state is State.WAITING


@sync
async def test_a_claim_can_be_taken_and_let_go(office: Office) -> None:
    office.writes(1)
    async with office.terminal() as t:
        await t.press("a")
        await t.see("#1 claimed")
        assert office.of(1).assignee == "ann"
        await t.press("l")
        await t.see("#1 released")
        assert office.of(1).assignee is None


@sync
async def test_typing_renews_the_claim(office: Office) -> None:
    office.writes(1)
    async with office.terminal() as t:
        await t.compose()
        first = office.of(1).claim_until
        office.clock.forward(minutes=20)
        await t.type("x")
        await t.wait(lambda: office.of(1).claim_until != first)
        assert office.of(1).assignee == "ann"


@sync
async def test_a_colleague_who_took_a_lapsed_claim_is_not_answered_over(office: Office) -> None:
    office.writes(1)
    async with office.terminal() as t:
        await t.compose("slow")
        await t.wait(lambda: office.draft(1) == "slow")  # keeping it renews the claim
        await t.settle()
        office.clock.forward(minutes=31)
        office.desk.claim(office.of(1).id, "bob")
        await t.press("ctrl+s")
        await t.see("bob has conversation 1")
        assert office.answers() == []
        assert t.draft == "slow"


@sync
async def test_what_is_typed_before_the_composer_opens_closes_nothing(office: Office) -> None:
    office.writes(1)
    async with office.terminal() as t:
        with office.held():
            await t.press("r")
            await t.type("exit\n")
        await t.settle()
        await t.settle()
        assert office.of(1).state is State.WAITING


@sync
async def test_space_r_answers_what_space_claimed(office: Office) -> None:
    office.writes(1, 2)
    async with office.terminal() as t:
        await t.press("G")
        await t.on(office.of(2).id)
        with office.held():
            await t.press("space", "r")
        await t.wait(lambda: t.composing)
        assert t.composing == office.of(1).id
        assert office.of(2).assignee is None


@sync
async def test_a_paste_into_a_question_is_cleaned(office: Office) -> None:
    async with office.terminal() as t:
        await t.press("slash")
        await t.see("Search everything")
        box = t.pilot.app.screen.query_one(Input)
        box.post_message(events.Paste("a\x9d52;c;eA==\x9cb\u202e"))
        await t.see("52;c;")
        assert box.value.count("52;c;") == 1
        assert not {"\x9d", "\x9c", "\u202e"} & set(t.text)


@sync
async def test_a_paste_into_the_composer_is_cleaned_and_sends_nothing(office: Office) -> None:
    office.writes(1)
    async with office.terminal() as t:
        await t.compose()
        t.pilot.app.post_message(events.Paste("a\x1b]52;c;eA==\x07b\n\x13\u202ec"))
        await t.see("52;c;")
        assert t.draft.count("52;c;") == 1
        assert not set("\x1b\x07\x13\u202e") & set(t.draft + t.text)
        assert office.answers() == []


@sync
async def test_a_draft_made_by_a_script_is_cleaned_for_the_screen(office: Office) -> None:
    office.writes(1)
    office.desk.reply(office.of(1).id, "ann", "a\x1b]52;c;eA==\x07b", seen=None)
    office.send(1, "failed")
    async with office.terminal() as t:
        await t.compose()
        await t.see("52;c;")
        assert not {"\x1b", "\x07"} & set(t.text)


def notes(office: Office, customer: int) -> list[str]:
    messages = office.store.lists.messages(office.of(customer).id)
    return [m.text for m in messages if m.direction is Direction.NOTE]
