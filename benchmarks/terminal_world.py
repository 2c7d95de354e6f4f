"""A desk of a given size for a terminal to be opened on, and colleagues who change it."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.data import ACCOUNTS, Worlds, connect
from benchmarks.terminal_tty import Tty
from monitor.clock import micros, now

WHO = "ann"
FOOTER, ROWS, TEXT = "keys", "Where is my order", "peculiar"
_MINUTE = 60_000_000
_ACCOUNT = """
[[accounts]]
name = "account {number}"
channel = "email"
address = "desk{number}@acme.example"
imap = "imap://127.0.0.1:1"
smtp = "smtp://127.0.0.1:1"
password = "env:REPLYBY_BENCH"
"""
# Each customer wrote one mail; it has a link, and a word of its own by which it is seen on screens.
_MESSAGES = f"""
INSERT INTO message (id, conversation_id, account_id, ext_id, direction, author_name,
  author_address, recipients, at, found_at, subject, body, reference, window_us, reply_by)
SELECT id, id, account_id, '<' || id || '@customer.test>', 0, customer_name, customer_address,
  'desk@acme.example', awaiting_since, awaiting_since, subject,
  preview || char(10) || char(10) || 'It is a {TEXT} one: https://acme.example/orders/' || id,
  '<' || id || '@customer.test>', window_us, reply_by
FROM conversation
"""
_SEARCHABLE = """
INSERT INTO message_search (rowid, subject, author_name, author_address, body)
SELECT id, subject, author_name, author_address, body FROM message
"""
# The top of the list goes over one after another within the hour: all that is seen counts down.
_COUNTING = """
UPDATE conversation SET assignee = NULL, claim_until = NULL, reply_by = :now + top.n * 20000000
FROM (SELECT id, row_number() OVER (ORDER BY reply_by) AS n FROM conversation
  WHERE state = 0 ORDER BY reply_by LIMIT 120) AS top WHERE conversation.id = top.id
"""
# What was overdue beyond that comes later: nothing stands before the countdowns.
_OVERDUE = """
UPDATE conversation SET reply_by = reply_by + 172800000000 WHERE reply_by < :now + 7200000000
"""
_BEFORE = """(
SELECT id FROM conversation WHERE state = 0
  AND reply_by < (SELECT reply_by FROM conversation WHERE id = :cursor)
ORDER BY reply_by DESC LIMIT 1)"""


@dataclass(frozen=True, slots=True)
class Place:
    """A folder with a configuration and a filled database of its own."""

    folder: Path
    size: int

    def command(self, *words: str) -> list[str]:
        """`replyby WORDS` here."""
        here = ["--config", str(self.folder / "config.toml"), "--as", WHO]
        return [sys.executable, "-m", "monitor", *here, *words]

    @contextmanager
    def opened(self, *words: str) -> Iterator[Tty]:
        """`replyby queue`, or another screen, with its first rows on the screen."""
        with Tty(self.command(*(words or ("queue",))), self.folder) as tty:
            tty.until(ROWS)
            tty.settle()
            yield tty


def place(worlds: Worlds, size: int) -> Place:
    """A desk with so many open, 120 of them due within the hour."""
    folder = worlds.folder / f"terminal-{size}"
    folder.mkdir()
    accounts = (_ACCOUNT.format(number=n) for n in range(1, ACCOUNTS + 1))
    config = '[desk]\ndatabase = "sqlite:///queue.db"\n' + "".join(accounts)
    (folder / "config.toml").write_text(config)
    source = worlds.filled("sqlite", size).removeprefix("sqlite:///")
    shutil.copy(source, folder / "queue.db")
    made = Place(folder, size)
    _run(made, _MESSAGES, _SEARCHABLE)
    # The first to open it computes every deadline anew, as after a change of config.toml.
    subprocess.run(made.command("list"), check=True, capture_output=True, cwd=folder)
    _run(made, _OVERDUE, _COUNTING)
    return made


def _run(place: Place, *statements: str) -> None:
    with closing(connect(f"sqlite:///{place.folder / 'queue.db'}")) as database:
        begin = {"now": micros(now())}
        for statement in ("BEGIN", *statements, "COMMIT"):
            database.execute(statement, begin if ":now" in statement else {})


class Colleague:
    """Another process at the same desk; each change has a word by which it is seen.

    All of it is done to what is due just before the conversation `cursor`.
    """

    def __init__(self, place: Place, cursor: int) -> None:
        self._database = sqlite3.connect(place.folder / "queue.db", isolation_level=None)
        self._cursor = cursor
        self._number = 0

    def insert(self) -> str:
        """Somebody writes."""
        return self._do(
            "INSERT INTO conversation (account_id, kind, customer_name, customer_address, subject,"
            " preview, state, awaiting_since, window_us, reply_by) SELECT account_id, kind,"
            " 'Customer 0', 'a@b.test', :word, '', 0, awaiting_since, window_us,"
            " reply_by - 10000000 + :number FROM conversation WHERE id = :cursor"
        )

    def remove(self) -> str:
        """It is answered; what then stands there is seen by its subject."""
        return self._do(
            f"UPDATE conversation SET state = 3, reply_by = NULL WHERE id = {_BEFORE}",
            f"UPDATE conversation SET subject = :word WHERE id = {_BEFORE}",
        )

    def reorder(self) -> str:
        """It gets more time than ten others have."""
        return self._do(
            "UPDATE conversation SET subject = :word, reply_by = reply_by + 200000000"
            f" WHERE id = {_BEFORE}"
        )

    def claim(self) -> str:
        """A colleague of this name claims it."""
        return self._do(
            f"UPDATE conversation SET assignee = :word, claim_until = :until WHERE id = {_BEFORE}"
        )

    def close(self) -> None:
        """Go."""
        self._database.close()

    def _do(self, *statements: str) -> str:
        self._number += 1
        word = f"new{self._number}"
        values = {"number": self._number, "word": word, "cursor": self._cursor}
        values["until"] = micros(now()) + 30 * _MINUTE
        self._database.execute("BEGIN IMMEDIATE")
        for statement in statements:
            self._database.execute(statement, values)
        self._database.execute("COMMIT")
        return word
