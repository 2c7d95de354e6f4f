"""A desk worth leading: several accounts and people, a day's work behind them, and the board."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from textual.pilot import Pilot

from monitor import plugins
from monitor.command import Shell
from monitor.config import parse_config
from monitor.message import Party
from monitor.wiring import House
from queue_tui.board_app import BoardApp
from queue_tui.screens.board_screen import BoardScreen
from queue_tui.widgets.board_list import BoardList
from tests.fakes import message, take_in
from tests.monitor.office import raw_sql
from tests.queue_tui.driving import CONFIG, Office, screen_text, wait_until

SALES = """
[[accounts]]
name = "sales"
channel = "email"
every = "1m"
address = "sales@acme.test"
imap = "imap://127.0.0.1:1"
smtp = "smtp://127.0.0.1:1"
password = "env:REPLYBY_TEST_PASSWORD"

[[accounts]]
name = "page"
channel = "facebook"
every = "1m"
page = "1234"
token = "env:REPLYBY_TEST_PASSWORD"
"""
SUBJECTS = (
    "Where is my order?",
    "Charged twice",
    "Sign-in",
    "A quote for us",
    "Thanks",
)
NAMES = ("Bob Stone", "Chloé Petit", "王小明", "Ana Ruiz", "Igor S.", "Kim Lee", "Fatıma Kaya")


class LeadOffice(Office):
    """The office with two more accounts; nothing in it yet, all of them read a moment ago."""

    def other_house(self) -> House:
        models = {name: channel.settings for name, channel in plugins.channels().items()}
        return House(parse_config(CONFIG + SALES, self.folder / "config.toml", models), self.clock)

    def wrote(self, number: int, account: str, name: str = "", subject: str = "") -> int:
        """A customer writes now; the conversation."""
        author = Party(f"customer{number}@customer.test", name or f"Customer {number}")
        mail = message(number, self.clock(), author=author, subject=subject or f"subject {number}")
        policy = self.house.policies[account]
        take_in(self.store, [mail], self.clock(), account, policy)
        return self.of(number).id

    def reads_all(self) -> None:
        """Every account has been read just now."""
        raw_sql(
            self.store, "UPDATE poll SET state = 'ok', reason = '', last_ok = :t, last_poll = :t",
            t=int(self.clock().timestamp() * 1_000_000),
        )  # fmt: skip

    def blind(self, account: str, reason: str, remedy: str) -> None:
        """An account can't be read any more."""
        raw_sql(
            self.store, "UPDATE poll SET state = 'blind', reason = :reason, remedy = :remedy"
            " WHERE account_id = (SELECT id FROM account WHERE name = :account)",
            reason=reason, remedy=remedy, account=account,
        )  # fmt: skip

    def a_day(self, customers: int = 120, seed: int = 1) -> None:
        """Hours of customers, most of them answered by three people; it ends now."""
        rng, ends = random.Random(seed), self.clock()
        self.clock.now -= timedelta(hours=8)
        pause = timedelta(hours=8) / customers
        for number in range(customers):
            self.clock.now += pause * rng.uniform(0.2, 1.6)
            account = rng.choice(("support", "support", "support", "sales", "page"))
            there = self.wrote(number, account, rng.choice(NAMES), rng.choice(SUBJECTS))
            if rng.random() < 0.6:
                raw_sql(
                    self.store,
                    "INSERT INTO verdict (conversation_id, account_id, awaiting_since, reply_by,"
                    " window_us, ended_at, waited_us, waited_in_hours_us, outcome, who, through,"
                    " in_time) SELECT id, account_id, awaiting_since, reply_by, window_us, :t, 0,"
                    " 0, 'answered', :who, 'email', :ok FROM conversation WHERE id = :id",
                    t=int(self.clock().timestamp() * 1_000_000) + rng.randrange(10**9), id=there,
                    who=rng.choice(("ann", "bob", "carla")), ok=int(rng.random() < 0.9),
                )  # fmt: skip
                raw_sql(
                    self.store, "UPDATE conversation SET state = 3, reply_by = NULL,"
                    " awaiting_since = NULL, window_us = NULL WHERE id = :id", id=there,
                )  # fmt: skip
        self.clock.now = ends
        self.reads_all()

    def at_work(self) -> None:
        """Ann types, Bob has claimed three and looks at one, Dev is just there."""
        for _ in range(3):
            self.desk.claim_next("bob")
        self.desk.here("ann", self.desk.page()[5].id, typing=True)
        self.desk.here("bob", self.desk.page()[0].id)
        self.desk.here("dev", None)

    @asynccontextmanager
    async def board(self, size: tuple[int, int] = (80, 24)) -> AsyncIterator[Board]:
        """The board in a terminal of its own, its first figures shown."""
        house = self.other_house()
        async with BoardApp(Shell.at(house, "lead")).run_test(size=size) as pilot:
            board = Board(pilot)
            await board.wait(lambda: board.rows.selected is not None)
            yield board
        house.close()


class Board:
    """A lead's terminal, with questions about what it shows."""

    def __init__(self, pilot: Pilot[None]) -> None:
        self.pilot = pilot

    async def wait(self, condition: object) -> None:
        await wait_until(self.pilot, condition)  # type: ignore[arg-type] # a lambda

    async def see(self, *words: str) -> None:
        await self.wait(lambda: all(word in self.text for word in words))

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)

    async def to(self, name: str) -> None:
        """Put the cursor on the row of that name."""
        await self.press("home")
        for _ in range(40):
            choice = self.rows.selected
            if choice and name in (choice.name, str(choice.kind)):
                return
            await self.press("j")
        raise AssertionError(f"no row {name}:\n{self.text}")

    @property
    def screen(self) -> BoardScreen:
        found = [s for s in self.pilot.app.screen_stack if isinstance(s, BoardScreen)]
        return found[0]

    @property
    def rows(self) -> BoardList:
        return self.screen.query_one(BoardList)

    @property
    def text(self) -> str:
        return screen_text(self.pilot)

    def row(self, name: str) -> str:
        """The line of the screen that begins with this name."""
        lines = [line for line in self.text.splitlines() if line.lstrip(" >!").startswith(name)]
        assert lines, f"no row {name}:\n{self.text}"
        return lines[-1]
