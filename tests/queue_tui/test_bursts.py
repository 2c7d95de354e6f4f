"""Keys that come in one piece, as over a bad link: each is for what the last one opened."""

from __future__ import annotations

import asyncio

import pytest
from textual import events
from textual.keys import _character_to_key

from monitor.message import State
from tests.queue_tui.driving import Office, Terminal, sync

TEXT = "Hello, excuse us"


def burst(t: Terminal, keys: str) -> None:
    """All at once, without a look at what comes of them."""
    for char in keys:
        key = "enter" if char == "\n" else _character_to_key(char)
        t.pilot.app.post_message(events.Key(key, char))


@pytest.mark.parametrize("keys", ["r", " r"])
@sync
async def test_what_is_typed_in_one_burst_is_the_answer_and_no_command(
    office: Office, keys: str
) -> None:
    office.writes(1, 2)
    async with office.terminal() as t:
        burst(t, keys + TEXT)
        await t.wait(lambda: t.composing == office.of(1).id)
        await t.wait(lambda: t.draft == TEXT)
        assert t.pilot.app.screen is t.main
        assert office.of(1).assignee == "ann"


@pytest.mark.parametrize("looks", [1, 2, 3, 5])
@sync
async def test_what_is_typed_while_the_composer_comes_is_in_it_letter_by_letter(
    office: Office, looks: int
) -> None:
    office.writes(1)
    text = " ".join(f"word{number}" for number in range(100))
    async with office.terminal() as t:
        burst(t, "r")
        for char in text:
            burst(t, char)
            for _ in range(looks):
                await asyncio.sleep(0)
        await t.wait(lambda: t.draft.endswith("99"))
        assert t.draft == text


@sync
async def test_what_is_typed_after_a_claim_of_nobody_is_no_text(office: Office) -> None:
    async with office.terminal() as t:
        burst(t, " r")
        await t.see("nobody waits")
        office.writes(1)
        await t.read_again()
        await t.compose()
        assert t.draft == ""


@pytest.mark.parametrize("looks", [0, 1, 2, 3, 5])
@sync
async def test_what_is_typed_while_a_question_comes_is_its_line_letter_by_letter(
    office: Office, looks: int
) -> None:
    office.writes(1, 2)
    text = "".join(f"{number}:hal2" for number in range(50))
    async with office.terminal() as t:
        for char in f"t{text}\n":
            burst(t, char)
            for _ in range(looks):
                await asyncio.sleep(0)
        await t.wait(lambda: office.of(1).tags)
        assert office.of(1).tags == (text,)
        assert t.pilot.app.screen is t.main


@pytest.mark.parametrize("keys", ["s", " s"])
@sync
async def test_a_question_and_its_answer_in_one_burst_are_both_taken(
    office: Office, keys: str
) -> None:
    office.writes(1, 2)
    async with office.terminal() as t:
        burst(t, f"{keys}2h\n")
        await t.wait(lambda: office.of(1).state is State.SNOOZED)
        assert t.pilot.app.screen is t.main
        await t.press("j")
        await t.on(office.of(2).id)


@pytest.mark.parametrize("keys", ["v1h", "?1h", ":1l"])
@sync
async def test_keys_behind_what_comes_up_do_not_act_on_the_list(office: Office, keys: str) -> None:
    office.writes(1, 2)
    office.desk.claim(office.of(1).id, "ann")
    async with office.terminal() as t:
        await t.on(office.of(1).id)
        burst(t, keys)
        await t.wait(lambda: t.pilot.app.screen is not t.main)
        await t.settle()
        assert len(t.pilot.app.screen_stack) == 3
        assert t.main.reading.asked.name == "all"
        assert office.of(1).assignee == "ann"
