"""Canned replies on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from monitor.clock import now
from monitor.store import open_store
from tests.fakes import message, take_in
from tests.monitor.test_cli import CONFIG, Place

_CANNED = """
[canned.texts]
thanks = "Thank you, {customer}!"
refund = "We sent {amount} back."
"""


@pytest.fixture
def place(tmp_path: Path) -> Place:
    there = Place(tmp_path)
    text = CONFIG.format(imap="imap://127.0.0.1:1", smtp="smtp://127.0.0.1:1")
    (tmp_path / "config.toml").write_text(text + _CANNED)
    store = open_store(f"sqlite:///{tmp_path / 'replyby.db'}", now())
    take_in(store, [message(1, now())], now())
    store.close()
    return there


def test_they_are_listed_and_printed(place: Place) -> None:
    assert place("canned").stdout.splitlines() == [
        "refund  We sent {amount} back.", "thanks  Thank you, {customer}!",
    ]  # fmt: skip
    assert place("canned", "thanks").stdout == "Thank you, {customer}!\n"
    assert json.loads(place("canned", "--json").stdout)[0]["code"] == "refund"


def test_one_is_sent_filled_in(place: Place) -> None:
    place("reply", "1", "--canned", "thanks")
    [answer] = json.loads(place("show", "1", "--json").stdout)["answers"]
    assert answer["text"] == "Thank you, Customer 1!"


def test_one_with_a_blank_left_is_not_sent(place: Place) -> None:
    said = place("reply", "1", "--canned", "refund", code=2).stderr
    assert "{amount} is not known here" in said
    assert json.loads(place("show", "1", "--json").stdout)["answers"] == []


def test_an_unknown_code_names_those_there_are(place: Place) -> None:
    assert "refund, thanks" in place("reply", "1", "--canned", "nope", code=1).stderr
