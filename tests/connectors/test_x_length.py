"""Texts counted as X counts them."""

from __future__ import annotations

import time

import pytest

from connectors.twitter.length import LONGEST, has_link, weighted_length

COUNTED = {
    "": 0,
    "hello": 5,
    "Grüße aus Köln": 14,
    "e\u0301": 1,
    "Привет": 6,
    "γεια": 4,
    "日本語": 6,
    "한국": 4,
    "“quoted” – really…": 19,
    "see https://example.com/a/very/long/path?with=query#and-more": 27,
    "see example.com": 27,
    "two http://a.com http://b.com/x?y=1 links": 57,
    "(https://example.com/).": 26,
    "mail me@example.com": 19,
    "e.g. 3.14 or v1.2.3": 19,
    "Ende.Dann weiter": 16,
    "👍": 2,
    "👍🏽": 2,
    "👨‍👩‍👧‍👦": 2,
    "🇩🇪🇫🇷": 4,
    "❤️": 2,
    "1️⃣": 2,
    "🏴󠁧󠁢󠁥󠁮󠁧󠁿": 2,
    "👩‍⚕️ ok": 5,
}


@pytest.mark.parametrize(("text", "length"), COUNTED.items())
def test_a_text_is_as_long_as_x_says(text: str, length: int) -> None:
    assert weighted_length(text) == length


def test_280_letters_fit_and_141_ideographs_do_not() -> None:
    assert weighted_length("x" * 280) == LONGEST
    assert weighted_length("語" * 141) > LONGEST


def test_links_are_known() -> None:
    assert has_link("see acme.com/help")
    assert not has_link("see page 3.4")


@pytest.mark.parametrize(
    "text", ["a." * 20_000, "http://" * 10_000, "👍\u200d" * 10_000, "a-" * 20_000]
)
def test_hostile_texts_are_counted_fast(text: str) -> None:
    begun = time.process_time()
    weighted_length(text)
    assert time.process_time() - begun < 1
