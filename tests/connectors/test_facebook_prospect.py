"""What is said of an answer on Facebook while it is written."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from connectors.facebook.channel import FacebookChannel
from connectors.facebook.settings import FacebookSettings
from monitor.connector import Prospect, Question
from monitor.message import Direction, Message, Party
from tests.fakes import START

HOURS, DAYS = timedelta(hours=1), timedelta(days=1)
SETTINGS = FacebookSettings.model_validate(
    {"name": "page", "channel": "facebook", "page": "1", "token": "env:NONE"}
)
KIM = {"id": "77", "name": "Kim"}


def question(kind: str = "comment", **node: Any) -> Question:
    written = {"id": "1_2", "created_time": "2026-11-20T09:00:00+0000", "from": KIM, **node}
    source = {"kind": kind, "post": "1_1", "conversation": "t_1", "node": written}
    author = Party("77", "Kim") if written["from"] else Party("withheld:1_2", "name withheld")
    message = Message(
        1, 1, Direction.IN, author, START, START, "", "where is it?", "1_2"
    )  # fmt: skip
    return Question(message, json.dumps(source).encode())


def nameless() -> Question:
    """A comment of which Facebook doesn't say who wrote it."""
    hidden: Any = {"from": None}
    return question(**hidden)


def foreseen(
    asked: Question, way: str = "", now: datetime = START, text: str = "hm", **given: bool
) -> Prospect:
    settings = SETTINGS.model_copy(update=given)
    return FacebookChannel().foresee(settings, asked, text, way, now)


def test_a_comment_is_answered_in_public_or_in_private() -> None:
    said = foreseen(question(), text="Grüße")
    assert (said.what, said.length, said.most) == ("a public comment under Kim's comment", 5, 8000)
    assert (said.until, said.refusal) == (None, "")
    assert [(w.name, w.label) for w in said.ways] == [
        ("", "as a public comment"), ("private", "in private, once, 7d left"),
    ]  # fmt: skip


def test_a_private_reply_names_its_one_chance_and_its_end() -> None:
    said = foreseen(question("visitor post"), "private", START + 2 * DAYS)
    assert said.what == "a private message to Kim, the only one for this"
    assert (said.most, said.until) == (2000, START + 7 * DAYS)
    assert said.refusal == ""


@pytest.mark.parametrize(
    ("asked", "now", "word"),
    [
        (question(), START + 7 * DAYS, "7 days"),
        (nameless(), START, "withholds"),
        (question(can_reply_privately=False), START, "private reply"),
        (question("message"), START, "no such way"),
    ],
)
def test_a_private_reply_that_facebook_would_not_take_is_refused_and_not_offered(
    asked: Question, now: datetime, word: str
) -> None:
    said = foreseen(asked, "private", now)
    assert word in said.refusal
    assert "private" not in [way.name for way in said.ways]


@pytest.mark.parametrize(
    ("late", "words", "until"),
    [
        (0 * HOURS, "a Messenger message to Kim", 24 * HOURS),
        (23 * HOURS, "a Messenger message to Kim", 24 * HOURS),
        (24 * HOURS, "a Messenger message to Kim, as a human agent's (after 24 hours)", 7 * DAYS),
    ],
)
def test_messenger_says_how_the_message_is_sent_and_until_when(
    late: timedelta, words: str, until: timedelta
) -> None:
    said = foreseen(question("message"), now=START + late)
    assert (said.what, said.until, said.refusal) == (words, START + until, "")
    assert said.ways == ()


@pytest.mark.parametrize(("late", "human_agent"), [(7 * DAYS, True), (24 * HOURS, False)])
def test_messenger_says_that_its_time_is_over(late: timedelta, human_agent: bool) -> None:
    said = foreseen(question("message"), now=START + late, human_agent=human_agent)
    assert "only the customer can write now" in said.refusal


def test_a_comment_that_is_closed_can_still_be_answered_in_private() -> None:
    asked = question(can_comment=False)
    assert "closed" in foreseen(asked).refusal
    assert foreseen(asked, "private").refusal == ""


@pytest.mark.parametrize("kind", ["comment", "message"])
def test_what_was_taken_back_is_not_answered(kind: str) -> None:
    asked = question(kind)
    gone = replace(asked, message=replace(asked.message, deleted_at=START))
    assert foreseen(gone).refusal


def test_nobody_is_named_where_the_name_is_withheld() -> None:
    assert foreseen(nameless()).what == "a public comment under this comment"


@pytest.mark.parametrize("source", [b"", b"[]", b"{", b'"x"', b"[" * 100_000])
def test_a_source_that_is_none_of_facebooks_is_a_refusal(source: bytes) -> None:
    assert foreseen(replace(question(), source=source)).refusal


def test_it_is_said_fast_enough_for_every_key() -> None:
    asked = question(message="x" * 8000)
    begun = time.process_time()
    for _ in range(100):
        foreseen(asked)
    assert time.process_time() - begun < 0.2


def test_neither_the_client_nor_http_is_imported_for_it() -> None:
    program = (
        "import sys; import connectors.facebook.channel, connectors.facebook.prospect;"
        "sys.exit(bool({'facebook', 'requests', 'urllib3'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
