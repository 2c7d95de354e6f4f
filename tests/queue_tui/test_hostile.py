"""Hostile text in every part of the real terminal: nothing acts on it, and its columns hold."""

from __future__ import annotations

import re
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

from monitor.clean import clean_block, keepable
from monitor.clock import now
from monitor.message import Attachment, IncomingMessage, Party
from tests.fakes import FakeClock, message
from tests.hostile import obeyed, strange, texts
from tests.queue_tui.driving import CONFIG, Office
from tests.queue_tui.test_pty import Screen, screen
from tests.replyby import replyby_inside

pytestmark = pytest.mark.slow

SIZE = (200, 80)
MARK = "§"
_SHORT = 400
_NAME_CHARS = 60
_LIST_COLUMNS = 60
_ROWS_LEAST = 60
_TOGETHER = 24
_FLAGS = {0x1F1E6 + number: ord("A") + number for number in range(26)}
_LOOKS = {
    "h": b"Log of", "L": b"Links", "f": b"Files of", "?": b"In the reply box",
    "v": b"unclaimed", ":": b"what is snoozed", "i": b"customer",
}  # fmt: skip
_LINK = "https://one.example"
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
            self.take_in([self._mail(number, text)])
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
        mail = self._mail(
            number, "they follow: https://one.example", keys=(f"<{number}@customer.test>",)
        )
        further = [self._further(mail, place, text) for place, text in enumerate(said)]
        self.take_in([mail, *further])
        there, who = self.of(number).id, said[0]
        self.desk.claim(there, who)
        self.desk.note(there, who, "\n".join(said))
        self.desk.tag(there, who, tuple(said))
        self.desk.release(there, who)
        self.desk.save_draft(there, "ann", "\n".join(said), 0)

    def _further(self, mail: IncomingMessage, place: int, text: str) -> IncomingMessage:
        own = f"<{place}.{mail.ext_id.strip('<')}"
        author = Party(mail.author.address, text)
        return replace(mail, ext_id=own, keys=(own, *mail.keys), subject="", text=f"{text} {_LINK}",
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
    for name in texts(_NAME_CHARS):
        opened.desk.here(keepable(name), opened.desk.page()[-1].id)
    yield opened
    opened.close()


@contextmanager
def watched(office: Office, *words: str) -> Iterator[Screen]:
    """A terminal whose every byte is looked at when it is left."""
    with screen(office, SIZE, CONFIG + _LISTS, words=words) as s:
        yield s
        assert obeyed(s.output) == set()
        assert strange(s.output) == set()


class Emulated(Emulator):
    """What a terminal would show by now."""

    def draw(self, data: str) -> None:
        """As terminals do: pyte loses what follows some marks, and makes a flag too wide."""
        kept = (c for c in data.translate(_FLAGS) if combining(c) or category(c)[0] != "M")
        super().draw("".join(kept))

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


def test_hostile_rows_have_their_columns_where_all_rows_have_them(office: Office) -> None:
    with watched(office, "queue") as s:
        s.wait(lambda: s.output.count(MARK.encode()) > _ROWS_LEAST)
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
        s.wait(lambda: _LINK.encode() in s.output)
        s.quiet()
        assert "[b][b][b][b]" in emulated(s).text  # markup is text
        for key, words in _LOOKS.items():
            s.type(key)
            s.wait(lambda words=words: words in s.output)  # type: ignore[misc]
            s.type("\x1b")
            s.quiet()
        s.type("q")
        assert s.end() == 0


# What is pasted. A terminal that does not filter an escape from a paste has it broken up: what
# follows it arrives as keys, so it is told apart here.
_ESCAPES = re.compile("\x1b|[\x80-\x9f]")


def pasted() -> str:
    """All of them in one paste."""
    return _PASTE.format(keepable(_ESCAPES.sub("", "|".join(texts(_SHORT)))))


def test_a_paste_into_an_answer_is_cleaned_and_kept(office: Office) -> None:
    with watched(office, "queue") as s:
        s.see("waiting")
        s.type("r")
        s.see("Answer to")
        s.type(pasted())
        s.wait(lambda: "formula" in office.draft(0) or "cmd|" in office.draft(0))
        s.type(" ;evil")
        s.see("evil")
        s.type("\r")
        s.quiet()
        s.type("\x1b")
        s.quiet()
        s.type("q")
        assert s.end() == 0
    kept = office.draft(0)
    assert clean_block(kept, 10**6, 10**6) == kept
    assert office.answers() == []


def test_pastes_that_a_terminal_did_not_filter_send_nothing(office: Office) -> None:
    with watched(office, "queue") as s:
        s.see("waiting")
        s.type("r")
        s.see("Answer to")
        for text in texts(_SHORT):
            s.type(_PASTE.format(keepable(text)))
        s.quiet()
    assert office.answers() == []


def test_the_board_obeys_no_hostile_text(office: Office) -> None:
    with watched(office, "board") as s:
        s.see("people")
        s.quiet()
        s.type("j\r")
        s.see("they follow")
        s.type("q")
        assert s.end() == 0


# The commands


@pytest.mark.parametrize(
    "words",
    [
        ("list", "--limit=500"), ("list", "--json"), ("show", "{}"), ("show", "{}", "--full"),
        ("show", "{}", "--json"), ("search", "urgent"), ("accounts",), ("status",),
        ("status", "--json"), ("status", "--prompt"), ("board", "--once"), ("explain", "{}"),
        ("poll",), ("rebuild",),
    ],
    ids=" ".join,
)  # fmt: skip
def test_no_command_prints_what_a_terminal_obeys(office: Office, words: tuple[str, ...]) -> None:
    printed = output(office, *words)
    assert obeyed(printed) == set()
    assert strange(printed) == set()


def test_nobody_can_forge_a_line_of_a_conversation_by_a_name_or_a_tag(office: Office) -> None:
    shown = output(office, "show", "{}").decode()
    assert "[ Agent ann ] refund" in shown
    assert not re.search(r"^ ?\[ Agent ann \]", shown, re.MULTILINE)


def output(office: Office, *words: str) -> bytes:
    """What a command prints; `{}` is the conversation in which everything was said."""
    (office.folder / "config.toml").write_text(CONFIG + _LISTS)
    last = office.desk.page(limit=500)[-1].id
    given = ["--as", "ann", *(word.format(last) for word in words)]
    env = {"HOME": str(office.folder), "REPLYBY_TEST_PASSWORD": "none"}
    done = replyby_inside(given, office.folder, env)
    assert "Traceback" not in done.stderr
    return (done.stdout + done.stderr).encode("utf-8", "surrogatepass")


def test_a_message_as_it_came_is_not_written_to_a_terminal(office: Office) -> None:
    with watched(office, "show", "1", "--raw", "1") as s:
        s.see("for a file or a pipe")
        assert s.end() == 2
