"""Long texts cut into posts: nothing lost, nothing cut that belongs together."""

from __future__ import annotations

import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.twitter.length import LONGEST, weighted_length
from connectors.twitter.thread import thread

LINK = "https://acme.example/help/" + "a" * 120
FAMILY = "👨\u200d👩\u200d👧\u200d👦"
PIECES = st.sampled_from(
    [
        "word ",
        "\n\n",
        ". ",
        "acme.com",
        "x",
        "語",
        "。",
        FAMILY,
        "🇩🇪",
        "e\u0301",
        LINK,
        "@kim ",
        "1️⃣",
    ]
)
TEXTS = st.one_of(st.text(max_size=1500), st.lists(PIECES, min_size=100, max_size=600).map("".join))


def bare(text: str) -> str:
    return "".join(text.split())


def without_numbers(parts: list[str]) -> list[str]:
    return parts if len(parts) == 1 else [part.rpartition(" (")[0] for part in parts]


def test_a_text_that_fits_stays_one_post() -> None:
    assert thread("short") == ["short"]


def test_a_long_text_is_cut_between_words_and_numbered() -> None:
    parts = thread("word " * 150)
    assert len(parts) == 3
    assert parts[0].endswith("word (1/3)")
    assert parts[-1].endswith("word (3/3)")


def test_ten_posts_and_more_fit_with_their_numbers() -> None:
    parts = thread("word " * 1000)
    assert len(parts) > 9
    assert all(weighted_length(part) <= LONGEST for part in parts)


def test_a_post_ends_with_a_paragraph_rather_than_a_sentence() -> None:
    text = "\n\n".join("One sentence here. " * 9 + "The end." for _ in range(3))
    assert [part.count("The end.") for part in thread(text)] == [1, 1, 1]


def test_a_post_ends_with_a_sentence_rather_than_a_word() -> None:
    parts = thread("This is a sentence of eight words, indeed. " * 12)
    assert all(part.endswith(".") for part in without_numbers(parts))


def test_a_paragraph_that_would_leave_a_post_nearly_empty_ends_none() -> None:
    parts = thread("Hello Kim,\n\n" + "word " * 80)
    assert weighted_length(parts[0]) > LONGEST / 2


def test_scripts_without_spaces_are_cut_between_sentences() -> None:
    parts = thread("これはとても長い文章です。" * 30)
    assert all(part.endswith("。") for part in without_numbers(parts))


@pytest.mark.parametrize("atom", [LINK, FAMILY, "🇩🇪", "e\u0327\u0301"])
@pytest.mark.parametrize("shift", range(0, 14, 3))
def test_what_belongs_together_is_never_cut(atom: str, shift: int) -> None:
    between = " " if atom is LINK else ""
    text = "x" * shift + " " + between.join([atom] * 250)
    parts = without_numbers(thread(text))
    normal = unicodedata.normalize("NFC", atom)
    assert sum(part.count(normal) for part in parts) == 250


@given(TEXTS)
def test_no_part_of_a_thread_is_too_long_and_nothing_is_lost(text: str) -> None:
    parts = thread(text)
    assert all(weighted_length(part) <= LONGEST for part in parts)
    normal = unicodedata.normalize("NFC", text)
    assert bare("".join(without_numbers(parts))) in (bare(text), bare(normal))


@given(TEXTS)
def test_no_two_posts_of_a_thread_are_the_same(text: str) -> None:
    parts = thread(text)
    assert len(set(parts)) == len(parts)


@pytest.mark.parametrize("text", ["a." * 9000, "x" * 25_000, "👍\u200d" * 5000, "a.co" * 5000])
def test_hostile_texts_are_cut_fast(text: str) -> None:
    begun = time.process_time()
    assert all(weighted_length(part) <= LONGEST for part in thread(text))
    assert time.process_time() - begun < 2
