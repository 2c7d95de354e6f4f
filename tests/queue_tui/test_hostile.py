"""Hostile text in every part of the real terminal: nothing acts on it, and its columns hold."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from unicodedata import category, combining

import pytest
from pyte import ByteStream
from pyte import Screen as Emulator

from monitor.clean import keepable
from monitor.clock import now
from monitor.message import Attachment, IncomingMessage, Party
from tests.fakes import FakeClock, message, take_in
from tests.hostile import obeyed, strange, texts
from tests.queue_tui.driving import CONFIG, Office
from tests.queue_tui.test_pty import Screen, screen

SIZE = (200, 80)
MARK = "§"
_SHORT = 400
_NAME_CHARS = 60
_LIST_COLUMNS = 60
_ROWS_LEAST = 60
_TOGETHER = 24
_PASTE = "\x1b[200~{}\x1b[201~"
_LISTS = """
[keys]
tag = "界"

[views."[bold]\\u001b]0;owned\\u0007[/]"]
search = "tag:vip"

[canned.texts]
evil = "[link=https://evil.example]{customer}[/] \\u001b[2J \\u202e"
"""


class HostileOffice(Office):
    """Every string stands in every place that somebody outside, or a colleague, can write to."""

    def fill(self) -> None:
        """One conversation for each, and all of them again in a few."""
        for number, text in enumerate(texts(_SHORT)):
            self._take_in([self._mail(number, text)])
        several = texts(_SHORT)
        for begin in range(0, len(several), _TOGETHER):
            self._long_one(1000 + begin, several[begin : begin + _TOGETHER])

    def _mail(self, number: int, text: str, **changes: object) -> IncomingMessage:
        given = {
            "subject": f"{MARK}{text}",
            "text": text,
            "author": Party(f"customer{number}@customer.test", text),
            "attachments": (Attachment(0, text, text, 10),),
        }
        return message(number, self.clock() + timedelta(seconds=number), **given | changes)

    def _long_one(self, number: int, said: list[str]) -> None:
        """A conversation in which all of them were said, about which all was noted."""
        mail = self._mail(number, "they follow", keys=(f"<{number}@customer.test>",))
        further = [self._further(mail, place, text) for place, text in enumerate(said)]
        self._take_in([mail, *further])
        there, who = self.of(number).id, said[0]
        self.desk.claim(there, who)
        self.desk.note(there, who, "\n".join(said))
        self.desk.tag(there, who, tuple(said))
        self.desk.release(there, who)
        self.desk.save_draft(there, "ann", "\n".join(said), 0)
        for name in said:
            self.desk.here(keepable(name)[:_NAME_CHARS], there)
            self.clock.forward(microseconds=1)

    def _further(self, mail: IncomingMessage, place: int, text: str) -> IncomingMessage:
        own = f"<{place}.{mail.ext_id.strip('<')}"
        author = Party(mail.author.address, text)
        return replace(mail, ext_id=own, keys=(own, *mail.keys), subject="", text=text,
                       author=author)  # fmt: skip


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory, empty_database: Path) -> Path:
    """A folder with such an office, to be copied."""
    folder = tmp_path_factory.mktemp("hostile")
    shutil.copy(empty_database, folder / "queue.db")
    office = HostileOffice(folder, FakeClock(now()))
    office.fill()
    office.close()
    return folder


@pytest.fixture
def office(tmp_path: Path, filled: Path) -> Iterator[Office]:
    shutil.copytree(filled, tmp_path, dirs_exist_ok=True)
    opened = Office(tmp_path, FakeClock(now()))
    yield opened
    opened.close()


@contextmanager
def watched(office: Office, *words: str) -> Iterator[Screen]:
    """A terminal whose every byte is looked at when it is left."""
    with screen(office, SIZE, CONFIG + _LISTS, words=words) as s:
        yield s
        assert obeyed(s.output) == set()
        assert strange(s.output) == set()


class Emulated(Emulator):  # type: ignore[misc] # pyte has no types
    """What a terminal would show by now."""

    def draw(self, data: str) -> None:
        """As a terminal does; pyte loses what follows a mark that takes no column."""
        super().draw("".join(c for c in data if combining(c) or category(c)[0] != "M"))

    @property
    def text(self) -> str:
        """All of its cells, a line for each row."""
        rows = ([self.buffer[y][x].data for x in range(self.columns)] for y in range(self.lines))
        return "\n".join("".join(row).rstrip() for row in rows)


def emulated(s: Screen) -> Emulated:
    """What it has written by now, on a terminal."""
    shown = Emulated(*SIZE)
    ByteStream(shown).feed(s.output)
    return shown


def columns_of(shown: Emulated, mark: str) -> Counter[int]:
    """In which columns of the list the mark stands first, and in how many of its rows."""
    rows = (sorted(row.items()) for row in shown.buffer.values())
    marked = ([x for x, cell in row if cell.data == mark and x < _LIST_COLUMNS] for row in rows)
    return Counter(places[0] for places in marked if places)


def typed_and_left(s: Screen, key: str, words: str) -> None:
    """Something opens, says these words, and is put away."""
    s.type(key)
    s.see(words)
    s.quiet()
    s.type("\x1b")
    s.quiet()


def test_hostile_rows_have_their_columns_where_all_rows_have_them(office: Office) -> None:
    with watched(office, "queue") as s:
        s.see("waiting")
        s.quiet()
        shown = emulated(s)
        s.type("q")
        assert s.end() == 0
    (_, rows), *others = columns_of(shown, MARK).most_common()
    assert rows > _ROWS_LEAST
    assert others == []


def test_what_can_be_looked_at_obeys_no_hostile_text(office: Office) -> None:
    with watched(office, "queue") as s:
        s.see("waiting")
        s.type("G")
        s.see("they follow")
        s.quiet()
        assert not literally(emulated(s))
        for key, words in _LOOKS.items():
            typed_and_left(s, key, words)
        s.type("q")
        assert s.end() == 0
