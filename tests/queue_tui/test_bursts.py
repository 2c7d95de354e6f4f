"""Keys that come in one piece, as over a bad link: each is for what the last one opened."""

from __future__ import annotations

import asyncio

import pytest
from textual import events
from textual.keys import _character_to_key

from tests.queue_tui.driving import Office, Terminal, sync

TEXT = "Hello, excuse us"


def burst(t: Terminal, keys: str) -> None:
    """All at once, without a look at what comes of them."""
    for char in keys:
        t.pilot.app.post_message(events.Key(_character_to_key(char), char))


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


@sync
async def test_keys_after_a_question_do_not_act_on_the_list(office: Office) -> None:
    office.writes(1, 2)
    async with office.terminal() as t:
        burst(t, "sal")
        await t.wait(lambda: t.pilot.app.screen is not t.main)
        await t.settle()
        assert not office.of(1).assignee
