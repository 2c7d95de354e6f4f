# ruff: noqa: E501
from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from connectors.mailbox.quotes import folds, html_with_folds

SIZE = 1_000_000
SECONDS = 3.0
"""Where it isn't linear these take minutes; a busy machine may need a second."""

LINES = [
    "\n", ":\n", "wrote:\n", "On 3 Mar 2020 10:10, X wrote:\n> a\nb\n", "From: x\n", "To: a@b\n", "> a\n",
    "a\n---\n", "- ", "-", "Sent from my iPhone\na", "<<<\n>>>>\n", ">>>>\n", "```\n", "写道：\n", "* " * 400 + "x\n",
    "From " * 150 + ":\n", "this message is " + "a" * 200 + "\n", " " * 900 + "x\n", "On a@b.c 20:20 <\n", "a> b\n",
]  # fmt: skip
MARKUP = [
    "<div>", "<blockquote>", "<blockquote>a</div>", "<", "<a", "<!", "<!--", "<![CDATA[", "&", "&#1", "</", "<?",
    "<style>", "<script>a", '<a "', "<a '\"", "<a b=c ", "<div class=gmail_quote>", "<div id=Signature>", "<p></div>",
    "<pre>\n", "&nbsp;", '<div style="' + "border-left:" * 200 + '">', "<div      ", "&#" + "9" * 5000 + ";",
    "<blockquote type=cite><div class=gmail_attr></blockquote>", "<td>x", "<hr tabindex=-1>", "<!-->", "<a =",
]  # fmt: skip


def seconds(read: Callable[[str], object], text: str) -> float:
    start = time.process_time()
    read(text)
    return time.process_time() - start


@pytest.mark.slow
@pytest.mark.parametrize("unit", LINES)
def test_a_megabyte_of_hostile_lines_is_read_at_once(unit: str) -> None:
    assert seconds(folds, (unit * (SIZE // len(unit) + 1))[:SIZE]) < SECONDS


@pytest.mark.slow
@pytest.mark.parametrize("unit", MARKUP)
def test_a_megabyte_of_hostile_markup_is_read_at_once(unit: str) -> None:
    assert seconds(html_with_folds, (unit * (SIZE // len(unit) + 1))[:SIZE]) < SECONDS


def test_unclosed_tags_deeper_than_any_stack_are_read() -> None:
    assert html_with_folds("<div class=gmail_quote>" * 40_000 + "deep").text == "deep"
