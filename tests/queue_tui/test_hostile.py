"""Hostile text in every part of the real terminal: nothing acts on it, and its columns hold."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from unicodedata import category, combining

import pytest
from pyte import ByteStream
from pyte import Screen as Emulator

from tests.hostile import obeyed, strange
from tests.queue_tui.driving import CONFIG, Office
from tests.queue_tui.hostile_office import LINK, LISTS, MARK, SIZE, opened, watched
from tests.queue_tui.test_pty import Screen
from tests.replyby import replyby_inside

pytestmark = pytest.mark.slow

_LIST_COLUMNS = 60
_ROWS_LEAST = 60
_FLAGS = {0x1F1E6 + number: ord("A") + number for number in range(26)}
_LOOKS = {
    "h": b"Log of", "L": b"Links", "f": b"Files of", "?": b"In the reply box",
    "v": b"unclaimed", ":": b"what is snoozed", "i": b"customer",
}  # fmt: skip


@pytest.fixture
def office(tmp_path: Path, hostile_folder: Path) -> Iterator[Office]:
    office = opened(tmp_path, hostile_folder)
    yield office
    office.close()


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
        s.wait(lambda: LINK.encode() in s.output)
        s.quiet()
        assert "[b][b][b][b]" in emulated(s).text  # markup is text
        for key, words in _LOOKS.items():
            s.type(key)
            s.wait(lambda words=words: words in s.output)  # type: ignore[misc]
            s.type("\x1b")
            s.quiet()
        s.type("q")
        assert s.end() == 0


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
    (office.folder / "config.toml").write_text(CONFIG + LISTS)
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
