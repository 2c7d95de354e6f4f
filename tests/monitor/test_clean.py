"""Text from outside: nothing that a terminal obeys is left, and its columns can be counted."""

from __future__ import annotations

import re
import unicodedata
from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from monitor.clean import BLOCK_LINES, LINE_CHARS, clean_block, clean_line, visible
from monitor.width import cut, pad, width
from tests.hostile import by_name, strings, text_of

FORBIDDEN = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff"
    "\U000e0000-\U000e007f]"
)
CUT = "[cut here: the rest is kept, and shown by `replyby show`]"


def test_the_hostile_strings_are_there() -> None:
    assert len(strings()) > 60


@pytest.mark.parametrize("name", by_name())
def test_nothing_forbidden_is_left_of_a_hostile_string(name: str) -> None:
    case = by_name()[name]
    text = text_of(case)
    began = process_time()
    line, block = clean_line(text), clean_block(text)
    assert process_time() - began < 1
    for cleaned in (line, block):
        assert not FORBIDDEN.search(cleaned)
        for never in case["never_hex"]:
            assert bytes.fromhex(never) not in cleaned.encode()
    assert "\n" not in line


@pytest.mark.parametrize("name", [n for n in by_name() if n != "nonchar"])
def test_a_hostile_string_takes_the_columns_that_the_terminal_gives_it(name: str) -> None:
    line = clean_line(text_of(by_name()[name]))
    assert width(line) == cell_len(line)


@pytest.mark.parametrize("name", [n for n, c in by_name().items() if c["category"] == "markup"])
def test_markup_stays_as_it_was_written(name: str) -> None:
    text = text_of(by_name()[name])
    assert clean_line(text, len(text)) == text


TEXTS = st.text(st.characters(exclude_categories=()))  # lone surrogates too
MANY = settings(deadline=None, max_examples=200, database=None)


@MANY
@given(TEXTS)
def test_any_line_can_be_printed(text: str) -> None:
    line = clean_line(text)
    assert not FORBIDDEN.search(line)
    assert "\n" not in line
    assert line.encode("utf-8").decode() == line
    assert clean_line(line) == line


@MANY
@given(TEXTS, st.integers(1, 40))
def test_a_line_keeps_to_its_limit(text: str, limit: int) -> None:
    assert len(clean_line(text, limit)) <= limit


@MANY
@given(st.lists(TEXTS).map("\n".join), st.integers(1, 5), st.integers(1, 50))
def test_a_block_keeps_to_its_limits(text: str, lines: int, chars: int) -> None:
    kept = clean_block(text, lines, chars)
    assert not FORBIDDEN.search(kept)
    own = kept.removesuffix(CUT).removesuffix("\n")
    assert own.count("\n") < lines
    assert len(own) <= chars


@MANY
@given(TEXTS)
def test_no_letter_carries_more_than_four_marks(text: str) -> None:
    marks = "".join(
        "x" if unicodedata.category(c) in ("Mn", "Me") else "." for c in clean_line(text)
    )
    assert "xxxxx" not in marks


@MANY
@given(TEXTS, st.integers(1, 30))
def test_padding_fills_the_columns_exactly(text: str, columns: int) -> None:
    line = clean_line(text)
    assert width(pad(line, columns)) == columns
    short, used = cut(line, columns)
    assert line.startswith(short)
    assert used == width(short) <= columns


@pytest.mark.parametrize(
    ("text", "line", "block"),
    [
        ("plain", "plain", "plain"),
        ("", "", ""),
        ("a\r\nb\nc\rd", "a b c d", "a\nb\nc\nd"),
        ("a\u2028b\x85c", "a b c", "a\nb\nc"),
        ("a\tb", "a b", "a   b"),
        ("\x1b[31mred", "\ufffd[31mred", "\ufffd[31mred"),
        ("a\u202eb\u200bc", "abc", "abc"),
        ("\ud83dx", "\ufffdx", "\ufffdx"),
        ("Grüße, 世界", "Grüße, 世界", "Grüße, 世界"),
        ("שלום", "שלום", "שלום"),
    ],
)
def test_a_text_is_cleaned_as_a_reader_would_wish(text: str, line: str, block: str) -> None:
    assert clean_line(text) == line
    assert clean_block(text) == block


def test_what_is_too_long_ends_with_an_ellipsis() -> None:
    assert clean_line("abcdef", 4) == "abc…"
    assert len(clean_line("x" * (LINE_CHARS + 1))) == LINE_CHARS


def test_what_is_cut_from_a_block_is_said() -> None:
    kept = clean_block("line\n" * (BLOCK_LINES + 1)).split("\n")
    assert kept[-1] == CUT
    assert len(kept) == BLOCK_LINES + 1
    assert CUT not in clean_block("line\n" * (BLOCK_LINES - 1))
    assert clean_block("abcdef", chars=3) == "abc\n" + CUT
    assert CUT not in clean_block("abc", chars=4)


def test_a_block_that_just_fits_is_not_called_cut() -> None:
    assert clean_block("abc", chars=3) == "abc"


def test_no_columns_take_no_columns() -> None:
    assert pad("x", 0) == ""


def test_the_non_characters_of_every_plane_are_marked() -> None:
    assert clean_line("\ufffe\U0001fffe\U0010ffff") == "\ufffd" * 3


@pytest.mark.parametrize(
    ("text", "columns", "shown"),
    [("Kim", 4, "Kim "), ("Leilani", 4, "Lei~"), ("Françoise", 4, "Fra~"), ("佐藤花", 4, "佐~ "),
     ("é" * 4, 4, "é" * 4)],
)  # fmt: skip
def test_what_is_cut_says_so_in_any_script(text: str, columns: int, shown: str) -> None:
    assert pad(text, columns) == shown


@pytest.mark.parametrize(
    "unseen", ["", " \u3000\u2003\t", "\u200b\u2060\ufeff", "\u3164", "\u2800"]
)
def test_a_name_begins_with_what_is_seen_of_it(unseen: str) -> None:
    assert visible(unseen) == ""
    assert visible(f"{unseen}Ann {unseen}Lee") == f"Ann {unseen}Lee"


def test_a_name_of_a_million_blanks_takes_no_time() -> None:
    began = process_time()
    assert visible("\u200b " * 500_000) == ""
    assert process_time() - began < 1
