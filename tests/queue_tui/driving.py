"""An office to test in: a real house on SQLite, and the real terminal driven key by key."""

from __future__ import annotations

import asyncio
import fcntl
import functools
import shutil
import sqlite3
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, ParamSpec, Self

from textual.pilot import Pilot
from textual.widgets import Static

from monitor import plugins
from monitor.command import Shell
from monitor.config import parse_config
from monitor.desk import Desk
from monitor.message import Conversation
from monitor.store import Store
from monitor.store.outgoing import OutboxEntry
from monitor.wiring import House
from queue_tui.app import QueueApp
from queue_tui.screens.queue_screen import QueueScreen
from queue_tui.widgets.composer import Composer
from queue_tui.widgets.composer_text import Text
from queue_tui.widgets.conversation import ConversationView
from queue_tui.widgets.queue_list import QueueList
from tests.fakes import START, FakeClock, message, take_in

P = ParamSpec("P")

CONFIG = """
[desk]
name = "Acme support"
timezone = "UTC"
database = "sqlite:///queue.db"

[windows]
email = "6h"

[[accounts]]
name = "support"
channel = "email"
every = "1m"
address = "support@acme.test"
imap = "imap://127.0.0.1:1"
smtp = "smtp://127.0.0.1:1"
password = "env:REPLYBY_TEST_PASSWORD"
"""
DEADLINE = 20.0


def sync(test: Callable[P, Awaitable[None]]) -> Callable[P, None]:
    """An async test as pytest runs it without a plugin."""

    @functools.wraps(test)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        async def main() -> None:
            await test(*args, **kwargs)

        asyncio.run(main())

    return run


async def wait_until(
    pilot: Pilot[None], condition: Callable[[], Any], seconds: float = DEADLINE
) -> None:
    """Let the app go on until the condition holds; fail with its screen where it never does."""
    ends = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < ends, f"still not after {seconds} s:\n{screen_text(pilot)}"
        await pilot.pause(0.01)


def screen_text(pilot: Pilot[None]) -> str:
    """What the screen shows."""
    strips = pilot.app.screen._compositor.render_strips()
    return "\n".join(strip.text.rstrip() for strip in strips)


class Terminal:
    """One person's terminal, with questions about what it shows."""

    def __init__(self, pilot: Pilot[None]) -> None:
        self.pilot = pilot
        assert isinstance(pilot.app.screen, QueueScreen)
        self.main = pilot.app.screen

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)

    async def type(self, text: str) -> None:
        """Press a key for each character."""
        names = {" ": "space", "\n": "enter", ".": "full_stop", ",": "comma", ":": "colon"}
        await self.pilot.press(*(names.get(char, char) for char in text))

    async def wait(self, condition: Callable[[], Any], seconds: float = DEADLINE) -> None:
        await wait_until(self.pilot, condition, seconds)

    async def see(self, *words: str) -> None:
        """Wait until all of these words stand on the screen."""
        await self.wait(lambda: all(word in self.text for word in words))

    async def settle(self) -> None:
        """Wait until the clerk has done what was asked before, and the screen has heard of it."""
        heard: list[bool] = []
        self.main.place.ask(lambda desk: None, lambda _: heard.append(True))
        await self.wait(lambda: heard)
        await self.pilot.pause()

    async def read_again(self) -> None:
        """Have the screen read the store, and show what it read."""
        await self.settle()
        heard: list[bool] = []
        self.main.reading.reload(lambda: heard.append(True))
        await self.wait(lambda: heard)
        await self.settle()

    async def compose(self, text: str = "", *, key: str = "r") -> None:
        """Open the composer on the conversation under the cursor, and type this into it."""
        await self.press(key)
        await self.wait(lambda: self.composing)
        await self.type(text)

    async def answer(self, text: str) -> None:
        """Answer the conversation under the cursor."""
        await self.compose(text)
        await self.press("ctrl+s")
        await self.wait(lambda: self.composing is None)

    async def fill_in(self, question: str, text: str) -> None:
        """Wait for a question, and answer it."""
        await self.see(question)
        await self.type(text)
        await self.press("enter")

    async def on(self, conversation: int) -> None:
        """Wait until the cursor is on it and it is the one shown."""
        await self.wait(lambda: self.cursor == conversation == self.shown)

    async def go_to(self, conversation: int) -> None:
        """Put the cursor on a conversation, wherever it stands, and wait until it is shown."""
        self.main.reading.reload_on(conversation)
        await self.on(conversation)

    @property
    def text(self) -> str:
        return screen_text(self.pilot)

    @property
    def queue(self) -> QueueList:
        return self.main.query_one(QueueList)

    @property
    def composer(self) -> Composer:
        return self.main.query_one(Composer)

    @property
    def cursor(self) -> int | None:
        return self.queue.selected

    @property
    def cursor_row(self) -> str:
        """The row under the cursor, as it is drawn."""
        number = [row.id for row in self.queue.rows].index(self.cursor or 0)
        return self.queue.render_line(number - self.queue.top).text

    @property
    def rows(self) -> list[int]:
        return [row.id for row in self.queue.rows]

    @property
    def shown(self) -> int | None:
        opened = self.main.query_one(ConversationView).opened
        return opened.conversation.id if opened else None

    @property
    def composing(self) -> int | None:
        bound = self.composer.bound
        return bound.conversation if bound else None

    @property
    def draft(self) -> str:
        return self.composer.query_one(Text).text

    @property
    def status(self) -> str:
        return str(self.main.query_one("#status", Static).content)

    @property
    def headline(self) -> str:
        return str(self.main.query_one("#headline", Static).content)


class Office:
    """A desk with customers, colleagues and a clock in the test's hand."""

    def __init__(self, folder: Path, clock: FakeClock, config: str = CONFIG) -> None:
        self.clock = clock
        self.config = config
        self.folder = folder
        self.house = self.other_house()
        self.written = 0

    @classmethod
    @contextmanager
    def on(cls, database: Path, folder: Path, clock: FakeClock) -> Iterator[Self]:
        """An office in this folder, on a copy of this database."""
        shutil.copy(database, folder / "queue.db")
        opened = cls(folder, clock)
        yield opened
        opened.close()

    def other_house(self) -> House:
        """The same desk as another program would open it."""
        return self._house()

    def _house(self) -> House:
        models = {name: channel.settings for name, channel in plugins.channels().items()}
        return House(parse_config(self.config, self.folder / "config.toml", models), self.clock)

    @property
    def store(self) -> Store:
        return self.house.store

    @property
    def desk(self) -> Desk:
        """The desk as colleagues use it."""
        return self.house.desk

    def writes(self, *customers: int, minutes: float = 0, **changes: object) -> None:
        """Each of these customers writes a first mail, `minutes` after the start."""
        at = START.replace(microsecond=0)
        moved = datetime.fromtimestamp(at.timestamp() + minutes * 60, at.tzinfo)
        self.take_in([message(number, moved, **changes) for number in customers])

    def writes_again(self, customer: int, text: str = "any news?") -> None:
        """A customer writes once more, in the same thread."""
        self.written += 1
        own = f"<again{self.written}@customer.test>"
        keys = (own, f"<{customer}@customer.test>")
        self.take_in([message(customer, self.clock(), ext_id=own, keys=keys, text=text)])

    def changes(self, customer: int, text: str, revision: str, *, deleted: bool = False) -> None:
        """A customer edits their first message, or deletes it."""
        self.take_in([message(customer, text=text, revision=revision, deleted=deleted)])

    def take_in(self, messages: list[Any]) -> None:
        """These messages come in by one poll."""
        policy = self.house.policies["support"]
        take_in(self.store, messages, self.clock(), using=policy)

    def of(self, customer: int) -> Conversation:
        """A customer's conversation, by the customer's number."""
        wanted = f"customer{customer}@customer.test"
        found = self.store.database.read(
            "SELECT id FROM conversation WHERE customer_address = :who", {"who": wanted}
        )
        return self.store.lists.conversation(found[0][0])

    def found(self, subject: str) -> int:
        """The id of the conversation of this subject."""
        [(number,)] = self.store.database.read(
            "SELECT id FROM conversation WHERE subject = :subject", {"subject": subject}
        )
        return int(number)

    def answers(self) -> list[OutboxEntry]:
        """Everything in the outbox that was not taken back."""
        rows = self.store.database.read("SELECT id FROM outbox WHERE state <> 'undone' ORDER BY id")
        return [self.store.outgoing.entry(row[0]) for row in rows]

    def draft(self, customer: int, who: str = "ann") -> str:
        """What is kept of somebody's draft, "" where nothing is."""
        kept = self.store.drafts.load(self.of(customer).id, who)
        return kept.text if kept else ""

    def send(self, customer: int, outcome: str) -> None:
        """The sender takes the queued answer: it is `sent`'s opposite, "failed" or "unsure"."""
        number = self.answers()[-1].id
        later = datetime.fromtimestamp(self.clock().timestamp() + 60, self.clock().tzinfo)
        assert self.store.outgoing.lease("sender", later, later - self.clock(), number)
        end = {"failed": self.store.outgoing.failed, "unsure": self.store.outgoing.unsure}
        end[outcome](number, "sender", self.clock(), "the server said 550 no such user")
        assert self.of(customer).send_state == outcome

    @asynccontextmanager
    async def terminal(
        self, who: str = "ann", size: tuple[int, int] = (100, 30)
    ) -> AsyncIterator[Terminal]:
        """A new terminal on the same store, its first reading of the queue on the screen."""
        house = self.other_house()
        async with QueueApp(Shell.at(house, who)).run_test(size=size) as pilot:
            terminal = Terminal(pilot)
            await terminal.wait(lambda: "waiting" in terminal.headline)
            await terminal.settle()
            yield terminal
        house.close()

    @contextmanager
    def broken(self, table: str = "conversation") -> Iterator[None]:
        """For a while, a table is missing."""
        with closing(sqlite3.connect(self.folder / "queue.db")) as other:
            other.execute("PRAGMA legacy_alter_table=ON")
            other.execute(f"ALTER TABLE {table} RENAME TO hidden")
            yield
            other.execute(f"ALTER TABLE hidden RENAME TO {table}")

    @contextmanager
    def held(self) -> Iterator[None]:
        """For a while, another process holds the writer's lock: whatever is written waits."""
        with (self.folder / "queue.db.writer").open("rb+") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def close(self) -> None:
        self.house.close()
