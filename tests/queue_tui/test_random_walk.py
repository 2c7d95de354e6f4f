"""Anybody at the keys, anything from customers and colleagues: what may never happen doesn't."""

from __future__ import annotations

import os
import random
import string
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial

import pytest

from monitor.errors import DeskError
from queue_tui import keys
from queue_tui.widgets.composer import Composer
from queue_tui.widgets.composer_text import Text
from tests.queue_tui.driving import Office, Terminal, sync

WALKS = int(os.environ.get("REPLYBY_WALKS", "0"))
_STEPS = 300 if WALKS else 60
_SIZES = [(80, 24), (160, 45), (40, 10), (8, 3), (100, 30), (120, 30)]
_OFTEN = ["r", "r", "r", "j", "k", "escape", "enter", "tab", "ctrl+s", "y"]
_BESIDE_TEXT = ["ctrl+r", "ctrl+t", "ctrl+o", "ctrl+e"]
_ALL = [key for entry in keys.QUEUE if entry.name != "quit" for key in entry.keys.split(",")]
_LETTERS = string.ascii_lowercase.replace("q", "")  # of which one ends the terminal
_KEYS = [*_ALL, *_OFTEN, *_OFTEN, *_BESIDE_TEXT]


class Walk:
    """A seeded person, and a note of what was on the screen at each ctrl+s.

    `left` has the last that was seen of each answer that was being written.
    """

    def __init__(self, office: Office, terminal: Terminal, seed: int) -> None:
        self.office = office
        self.t = terminal
        self.dice = random.Random(seed)
        self.customers = 5
        self.changes = 1
        self.may_go: set[tuple[int, str]] = set()
        self.left: dict[int, str] = {}

    async def step(self) -> None:
        busy = 8 if self.t.composing else 1
        acts: list[tuple[Callable[[], Awaitable[None]], int]] = [
            (self.key, 10), (self.answer, 5), (self.words, busy), (self.send, busy),
            (self.leave, 2), (self.resize, 1), (self.customer, 2), (self.colleague, 2),
            (self.time_passes, 1), (self.second_thoughts, 1), (self.trouble, 1),
        ]  # fmt: skip
        (act,) = self.dice.choices([a for a, _ in acts], [weight for _, weight in acts])
        self.note_draft()
        await act()
        self.note_draft()

    def note_draft(self) -> None:
        bound = self.t.composer.bound
        if bound and not bound.note:
            self.left[bound.conversation] = self.t.draft

    async def answer(self) -> None:
        if self.t.pilot.app.screen is self.t.main and not self.t.composing:
            await self.t.press("G", "r")
            await self.t.settle()

    async def leave(self) -> None:
        if self.t.pilot.app.screen is not self.t.main:
            await self.t.press("escape")

    async def key(self) -> None:
        key = self.dice.choice(_KEYS)
        await (self.send() if key == "ctrl+s" else self.t.press(key))

    async def words(self) -> None:
        if self.t.composing and isinstance(self.t.pilot.app.focused, Text):
            await self.t.press(*self.dice.choices(_LETTERS, k=3))

    async def send(self) -> None:
        await self.t.settle()
        if self.writing:
            assert self.t.shown == self.t.composing
        await self.send_blindly()

    async def send_blindly(self) -> None:
        if self.t.composing and self.writing:
            self.may_go.add((self.t.composing, self.t.draft))
        await self.t.press("ctrl+s")

    @property
    def writing(self) -> bool:
        bound = self.t.composer.bound
        return bound is not None and not bound.note

    async def resize(self) -> None:
        await self.t.pilot.resize_terminal(*self.dice.choice(_SIZES))

    async def customer(self) -> None:
        self.customers += 1
        if self.dice.random() < 0.5:
            self.office.writes(self.customers, minutes=self.dice.randint(-60, 60))
        else:
            self.office.writes_again(self.dice.randint(1, 5))

    async def colleague(self) -> None:
        rows = self.office.desk.page(limit=20)
        if not rows:
            return
        number = self.dice.choice(rows).id
        desk = self.office.desk
        acts: list[Callable[[], object]] = [
            lambda: desk.claim(number, "bob"), lambda: desk.release(number, "bob"),
            lambda: desk.close(number, "bob"), lambda: desk.note(number, "bob", "hm"),
            lambda: desk.reply(number, "bob", "bob has seen to it", seen=None),
        ]  # fmt: skip
        act = self.dice.choice(acts)
        with suppress(DeskError):  # somebody else has it: that is what desks are like
            act()

    async def second_thoughts(self) -> None:
        """A customer edits what they wrote, or takes it back."""
        self.changes += 1
        self.office.changes(
            self.dice.randint(1, 5), f"rather {self.changes}", str(self.changes),
            deleted=self.dice.random() < 0.3,
        )  # fmt: skip

    async def trouble(self) -> None:
        """For a while a table is missing, or everything that is written waits; work goes on."""
        kinds = (self.office.broken(), self.office.broken("draft"), self.office.held())
        with self.dice.choice(kinds):
            for _ in range(4):
                act = self.dice.choice([self.words, self.words, self.leave, self.send_blindly])
                await act()
                self.note_draft()
        await self.t.settle()

    async def time_passes(self) -> None:
        self.office.clock.forward(seconds=self.dice.choice([1, 11, 400]))

    def check(self) -> None:
        """Nothing went anywhere but to the conversation that was shown when it was sent."""
        sent = [(a.conversation_id, a.text) for a in self.office.answers() if a.author == "ann"]
        assert set(sent) <= self.may_go
        if self.t.composing:
            assert self.t.main.query_one(Composer).display

    async def check_paint(self) -> None:
        """The list shows what it would if all of it were drawn anew; where nothing moves."""
        queue, seen = self.t.queue, []
        for draw in (lambda: None, queue.draw_changes, queue.refresh):
            draw()
            await self.t.settle()
            seen.append((self.made_of(), self.list_as_painted()))
        (before, _), (then, shown), (after, fresh) = seen
        if before == then == after:
            assert shown == fresh

    def made_of(self) -> list[object]:
        queue = self.t.queue
        here = self.t.pilot.app.screen is self.t.main
        return [here, queue.region, *(queue._line(y) for y in range(queue.size.height))]

    def list_as_painted(self) -> list[str]:
        x, y, width, height = self.t.queue.region
        return [line[x : x + width].rstrip() for line in self.t.text.split("\n")[y : y + height]]

    async def check_drafts(self) -> None:
        """All that was written and is not sent is found again by a new terminal."""
        for number, text in self.left.items():
            await self.t.wait(partial(self.is_safe, number, text))

    def is_safe(self, number: int, text: str) -> bool:
        return self.kept(number) == text or self.went(number, text)

    def went(self, number: int, text: str) -> bool:
        answers = [a for a in self.office.answers() if a.author == "ann"]
        return (number, text) in {(a.conversation_id, a.text) for a in answers}

    def kept(self, number: int) -> str:
        draft = self.office.store.drafts.load(number, "ann")
        return draft.text if draft else ""


@pytest.mark.parametrize("seed", range(1, max(WALKS, 1) + 1))
@sync
async def test_no_walk_over_the_keys_sends_to_another_or_loses_a_draft(
    office: Office, seed: int
) -> None:
    office.writes(*range(1, 6))
    async with office.terminal(size=(80, 24)) as t:
        walk = Walk(office, t, seed)
        for number in range(_STEPS):
            await walk.step()
            assert t.pilot.app.is_running
            if number % 20 == 0:
                await t.settle()
                walk.check()
                await walk.check_paint()
                await walk.check_drafts()
        await t.settle()
        walk.check()
        await walk.check_drafts()
        assert walk.may_go
