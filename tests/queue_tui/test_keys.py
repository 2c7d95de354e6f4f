"""Keys: one table, a person's own, the palette, and what is refused by name."""

from __future__ import annotations

import pytest
from textual.command import CommandPalette

from monitor.command import Shell
from monitor.errors import ConfigError
from queue_tui import keys
from queue_tui.app import QueueApp
from queue_tui.palette import fit
from tests.queue_tui.driving import CONFIG, Office, sync


def test_no_key_has_two_meanings() -> None:
    assert keys.remapped({}) == keys.QUEUE


@sync
async def test_a_key_of_ones_own_works_and_stands_in_footer_and_help(office: Office) -> None:
    office.config = f'{CONFIG}\n[keys]\nclaim = "C"\nreply = ["R", "f5"]\n'
    office.writes(1)
    async with office.terminal(size=(100, 40)) as t:
        assert "R reply" in t.text
        await t.press("a")
        await t.settle()
        assert office.of(1).assignee is None
        await t.press("C")
        await t.wait(lambda: office.of(1).assignee == "ann")
        await t.press("question_mark")
        await t.see("C     claim this one")
        await t.press("escape")
        await t.compose(key="f5")


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        ({"fly": "x"}, "there is no 'fly' here"),
        ({"reply": "k"}, "k would be both reply and up"),
        ({"reply": "x", "close": "x"}, "both reply and close"),
        ({"reply": "ctrl+p"}, r"both reply and commands"),
        ({"reply": "alt+r"}, "reply: 'alt\\+r' is no key"),
        ({"reply": ""}, "is no key"),
        ({"reply": []}, "reply needs a key"),
    ],
)
def test_a_clash_or_an_unknown_name_is_refused(
    given: dict[str, str | list[str]], complaint: str
) -> None:
    with pytest.raises(ConfigError, match=complaint):
        keys.remapped(given)


def test_two_keys_may_change_places() -> None:
    table = {k.name: k.keys for k in keys.remapped({"reply": "n", "note": "r"})}
    assert (table["reply"], table["note"]) == ("n", "r")


def test_a_bad_key_stops_the_program_before_its_screen(office: Office) -> None:
    office.config = f'{CONFIG}\n[keys]\nclaim = "r"\n'
    with pytest.raises(ConfigError, match="both"):
        QueueApp(Shell.at(office.other_house(), "ann"))


@sync
async def test_every_command_is_in_the_palette_and_runs(office: Office) -> None:
    office.writes(1)
    async with office.terminal(size=(100, 40)) as t:
        for key in ("colon", "ctrl+p"):
            await t.press(key)
            await t.wait(lambda: isinstance(t.pilot.app.screen, CommandPalette))
            await t.type("claim this")
            await t.see("claim this one", "key a")
            await t.press("escape")
            await t.wait(lambda: t.pilot.app.screen is t.main)
        await t.press("colon")
        await t.wait(lambda: isinstance(t.pilot.app.screen, CommandPalette))
        await t.type("claim this")
        await t.see("key a")
        await t.press("enter")
        await t.wait(lambda: office.of(1).assignee == "ann")


def found(typed: str) -> list[str]:
    """The commands that the palette finds, the best one first."""
    fits = {key.meaning: fit(typed, key.meaning, key.name) for key in keys.QUEUE}
    return sorted((what for what in fits if fits[what]), key=fits.__getitem__, reverse=True)


@pytest.mark.parametrize(
    ("typed", "best"),
    [
        ("claim the", "claim the next one and open it"),
        ("snooze", "snooze"),
        ("snoozed", "what is snoozed"),
        ("Tag", "tags"),
        ("done", "end it: no reply needed"),
        ("reply no", "end it: no reply needed"),
        ("next over", "to the next overdue"),
        ("ndo", "undo the last act or answer"),
    ],
)
def test_the_palette_finds_what_was_typed_the_best_fit_first(typed: str, best: str) -> None:
    assert found(typed)[0] == best


@pytest.mark.parametrize("typed", ["canned", "", "  ", "zzz", "ea" * 40])
def test_the_palette_finds_nothing_in_letters_from_anywhere(typed: str) -> None:
    assert found(typed) == []


@sync
async def test_beside_an_open_composer_the_palette_acts_on_nothing(office: Office) -> None:
    office.writes(1, 2)
    async with office.terminal(size=(100, 40)) as t:
        await t.compose()
        await t.press("ctrl+p")
        await t.wait(lambda: isinstance(t.pilot.app.screen, CommandPalette))
        await t.type("close without")
        await t.see("key x")
        await t.press("enter")
        await t.wait(lambda: t.pilot.app.screen is t.main)
        await t.settle()
        assert t.composing == office.of(1).id
