"""What is typed is kept: while typing, after Esc, quitting, a crash, a lapsed claim, an error."""

from __future__ import annotations

import asyncio

import pytest

from tests.queue_tui.driving import Office, sync


@sync
async def test_a_draft_is_kept_at_a_pause_in_typing(office: Office) -> None:
    office.writes(1)
    async with office.terminal() as t:
        await t.compose("half a thought")
        await t.wait(lambda: office.draft(1) == "half a thought")


# Not strict: on a slow machine there are pauses between the keys.
@sync
async def test_a_draft_is_kept_while_somebody_types_without_a_pause(office: Office) -> None:
    office.writes(1)
    async with office.terminal() as t:
        await t.compose()
        for _ in range(60):
            await t.press("x")
            await asyncio.sleep(0.03)
            if office.draft(1):
                break
        assert office.draft(1)


@sync
async def test_esc_keeps_the_draft_and_r_goes_on_with_it(office: Office) -> None:
    office.writes(1, 2)
    async with office.terminal() as t:
        await t.compose("more")
        await t.press("escape")
        await t.see("the draft is kept")
        await t.press("j")
        await t.compose()
        assert t.draft == ""
        await t.press("escape", "k")
        await t.compose()
        assert t.draft == "more"
        await t.see("your draft is back")
        await t.type(" yet")
        await t.wait(lambda: office.draft(1) == "more yet")


@sync
async def test_a_new_terminal_on_the_same_store_has_the_draft(office: Office) -> None:
    office.writes(1)
    async with office.terminal() as t:
        await t.compose("kept")
        await t.wait(lambda: office.draft(1) == "kept")
    async with office.terminal() as t:
        await t.compose()
        assert t.draft == "kept"


_QUITS = [
    ("escape", "q"),
    ("tab", "q"),
    ("ctrl+q",),
]


@pytest.mark.parametrize("keys", _QUITS)
@sync
async def test_quitting_at_once_keeps_the_draft(office: Office, keys: tuple[str, ...]) -> None:
    office.writes(1)
    async with office.terminal() as t:
        await t.compose()
        await t.press("k", *keys)
    assert office.draft(1) == "k"


@sync
async def test_a_draft_outlives_its_lapsed_claim(office: Office) -> None:
    office.writes(1)
    async with office.terminal() as t:
        await t.compose("kept")
        await t.press("escape")
        office.clock.forward(minutes=31)
        await t.read_again()
        assert office.of(1).assignee is None
        await t.compose()
        assert t.draft == "kept"


@sync
async def test_drafts_of_two_people_are_apart(office: Office) -> None:
    office.writes(1)
    async with office.terminal() as t:
        await t.compose("mine")
        await t.press("escape")
        await t.wait(lambda: office.draft(1) == "mine")
        office.desk.release(office.of(1).id, "ann")
    async with office.terminal(who="bob") as t:
        await t.compose()
        assert t.draft == ""


@sync
async def test_a_sent_answer_is_no_draft_any_more(office: Office) -> None:
    office.writes(1)
    async with office.terminal() as t:
        await t.compose("off")
        await t.wait(lambda: office.draft(1) == "off")
        await t.press("ctrl+s")
        await t.wait(lambda: t.composing is None)
        assert office.draft(1) == ""


@sync
async def test_a_slow_store_does_not_turn_what_was_sent_into_a_draft(office: Office) -> None:
    office.writes(1)
    async with office.terminal() as t:
        await t.compose("off")
        with office.held():
            await t.press("ctrl+s")
            await t.pilot.pause(0.6)  # longer than the pause after which a draft is kept
        await t.wait(lambda: t.composing is None)
        await t.settle()
        assert [a.text for a in office.answers()] == ["off"]
        assert office.draft(1) == ""


@sync
async def test_a_draft_that_could_not_be_kept_is_kept_when_the_store_is_well(
    office: Office,
) -> None:
    office.writes(1)
    async with office.terminal() as t:
        await t.compose()
        with office.broken("draft"):
            await t.type("kept")
            await t.see("NOT kept")
        assert "no such table" in t.status
        await t.press("escape")
        await t.settle()
        assert office.draft(1) == "kept"


@sync
async def test_what_was_wiped_out_without_the_store_is_gone_when_it_is_well(office: Office) -> None:
    office.writes(1)
    async with office.terminal() as t:
        await t.compose("x")
        await t.wait(lambda: office.draft(1) == "x")
        with office.broken("draft"):
            await t.press("backspace")
            await t.see("NOT kept")
        await t.wait(lambda: office.draft(1) == "")


@sync
async def test_esc_does_not_say_kept_when_it_could_not_be_kept(office: Office) -> None:
    office.writes(1)
    async with office.terminal() as t:
        await t.compose()
        with office.broken("draft"):
            await t.type("lost")
            await t.see("NOT kept")
            await t.press("escape")
            await t.settle()
            assert "the draft is kept" not in t.status


@sync
async def test_esc_keeps_a_note(office: Office) -> None:
    office.writes(1)
    async with office.terminal() as t:
        await t.compose("lost in Kiel", key="n")
        await t.press("escape")
        await t.settle()
        await t.compose(key="n")
        assert t.draft == "lost in Kiel"


@sync
async def test_leaving_the_composer_leaves_the_list_as_it_is(office: Office) -> None:
    office.writes(1, 2, 3)
    async with office.terminal() as t:
        await t.press("2")
        await t.see("[unclaimed]")
        await t.press("space")
        await t.on(office.of(1).id)
        await t.compose("soon")
        await t.press("escape")
        await t.see("the draft is kept")
        await t.read_again()
        assert "[all]" in t.headline
        assert t.cursor == t.shown == office.of(1).id
