"""Hostile text pasted wherever something can be typed: cleaned, and never obeyed as keys."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from monitor.clean import clean_block, keepable
from tests.hostile import texts
from tests.queue_tui.driving import Office
from tests.queue_tui.hostile_office import opened, watched
from tests.queue_tui.test_pty import Screen

pytestmark = pytest.mark.slow

_PASTE = "\x1b[200~{}\x1b[201~"
_SHORT = 400
_BRIEF = 100
_BEGIN = "all of it:"
# A key, what it asks, and what is said of the answer.
_QUESTIONS = (
    ("s", "Snooze", "is no time"),
    ("界", "Tags of", "tagged"),
    ("e", "No reply needed", "no reply needed"),
    ("x", "Close without", "closed"),
    ("c", "to whom?", "given to"),
)
# A terminal that does not filter an escape from a paste has it broken up: what follows it arrives
# as keys, so it is told apart here.
_ESCAPES = re.compile("\x1b|[\x80-\x9f]")
_BREAKS = re.compile("[\r\n\x0b\x0c\x1c-\x1e\u2028\u2029]")


@pytest.fixture
def office(tmp_path: Path, hostile_folder: Path) -> Iterator[Office]:
    office = opened(tmp_path, hostile_folder)
    yield office
    office.close()


def pasted(most: int = _SHORT) -> str:
    """All of them in one paste."""
    return _PASTE.format(keepable(_ESCAPES.sub("", "|".join(texts(most)))))


def pasted_line() -> str:
    """The same, with no line break in it, and an end that can be waited for."""
    line = _BREAKS.sub(" ", _ESCAPES.sub("", "|".join(texts(_BRIEF))))
    return _PASTE.format(f"{_BEGIN} {keepable(line)}")


def see(s: Screen, keys: str, words: str) -> None:
    """Type, and wait until these words are painted."""
    begin = len(s.output)
    s.type(keys)
    s.wait(lambda: words.encode() in s.output[begin:])


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


def test_a_paste_into_a_question_is_cleaned(office: Office) -> None:
    with watched(office, "queue") as s:
        s.see("waiting")
        for key, question, answer in _QUESTIONS:
            see(s, f"j{key}", question)  # of the next one: an end is an end
            see(s, pasted_line(), _BEGIN)
            see(s, "\r", answer)
        s.type("q")
        assert s.end() == 0


def test_a_paste_into_the_search_or_the_palette_is_cleaned(office: Office) -> None:
    with watched(office, "queue") as s:
        s.see("waiting")
        see(s, "/", "Search everything")
        see(s, pasted_line(), "at most 500 characters")
        see(s, "\x1b", "q quit")
        see(s, ":", "what is snoozed")
        see(s, pasted_line(), "No matches")
        see(s, "\x1b", "q quit")
        s.type("q")
        assert s.end() == 0
