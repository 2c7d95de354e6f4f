from __future__ import annotations

import json
import re
from collections import Counter
from typing import Any

import pytest

from connectors.mailbox.mime import read_mail
from connectors.mailbox.quotes import folds, html_with_folds
from monitor.message import new_text
from tests.conftest import SHARED

SAMPLES = SHARED / "data" / "mail-sample"
EXCEPTIONS = {
    "crisp/email_2/test_reads_bottom_post": "it expects the greeting alone, and the answer gone",
    "talon/std/sparrow": "it keeps the signature, which all other sets want to be cut",
}

Case = dict[str, Any]


def cases() -> list[Case]:
    path = SAMPLES / "cases.json"
    if not path.exists():
        return []
    sets: dict[str, list[Case]] = json.loads(path.read_text())
    return [case for name, found in sets.items() if name.startswith("reply_") for case in found]


def new_of(case: Case) -> str:
    raw = (SAMPLES / case["raw_path"]).read_bytes()
    if case["kind"] == "html":
        page = html_with_folds(raw.decode("utf-8", "replace"))
        return new_text(page.text, page.folds)
    text = raw.decode("utf-8", "replace")
    if case["kind"] == "eml":
        text = read_mail(raw).written
    return new_text(text, folds(text))


def bare(text: str) -> str:
    return re.sub(r"[\s*_>#]+", "", text)


def alike(one: str, other: str) -> bool:
    """Equal without white space and marks, or nine tenths of the character pairs shared."""
    one, other = bare(one), bare(other)
    pairs, others = (Counter(zip(t, t[1:], strict=False)) for t in (one, other))
    both = pairs.total() + others.total()
    return one == other or (both > 0 and 2 * (pairs & others).total() / both >= 0.9)


@pytest.mark.parametrize("case", cases(), ids=lambda case: case["id"])
def test_new_text_is_what_the_samples_expect(case: Case) -> None:
    as_expected = alike(new_of(case), case["expect"]["reply_text"])
    assert as_expected != (case["id"] in EXCEPTIONS), EXCEPTIONS.get(case["id"], "")


def test_the_samples_are_there() -> None:
    if not cases():
        pytest.skip("no ../shared/data/mail-sample")
