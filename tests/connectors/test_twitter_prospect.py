"""What becomes of an answer at X, said before it is written: from what is stored, and at once."""

from __future__ import annotations

import subprocess
import sys
import time
from dataclasses import replace

import pytest

from connectors.twitter.channel import TwitterChannel
from monitor.connector import Prospect, Question, Way
from monitor.errors import Refused
from tests.connectors.desk import Desk, HandOver, send
from tests.connectors.x_desk import XPlatform
from tests.connectors.x_fixtures import desk as desk
from tests.connectors.x_fixtures import x as x
from tests.fakes import START

LONG = "A sentence of words. " * 20


def question(x: XPlatform, desk: Desk) -> Question:
    """What waits, as the desk keeps it."""
    desk.polled()
    [conversation] = desk.conversations()
    message = desk.store.lists.messages(conversation.id)[-1]
    return Question(message, desk.store.lists.raw(message.id))


def foreseen(x: XPlatform, desk: Desk, text: str, way: str = "", **given: object) -> Prospect:
    """Of an answer to the only question."""
    asked = question(x, desk)
    return TwitterChannel().foresee(x.settings(secret=None, **given), asked, text, way, START)


@pytest.fixture
def asked(x: XPlatform, desk: Desk) -> Desk:
    """A desk with a question of @kim's."""
    x.mention("question", author=x.world.add_user("kim", "Kim Smith"))
    return desk


def test_a_short_answer_has_one_way_and_no_cost(x: XPlatform, asked: Desk) -> None:
    assert foreseen(x, asked, "hello 👍") == Prospect("a public reply to @kim", 8, 280)


def test_a_link_counts_23_and_costs(x: XPlatform, asked: Desk) -> None:
    prospect = foreseen(x, asked, "see https://acme.example/help/for/everything")
    assert (prospect.length, prospect.cost) == (27, "$0.20 for its link")


def test_what_is_too_long_says_by_how_much_and_offers_a_thread(x: XPlatform, asked: Desk) -> None:
    prospect = foreseen(x, asked, LONG)
    assert prospect.refusal.startswith("it is 140 characters too long for one post")
    assert prospect.ways == (Way("", "in one post"), Way("thread", "as a thread of 2 posts"))


def test_a_thread_is_no_refusal_and_has_its_cost(x: XPlatform, asked: Desk) -> None:
    prospect = foreseen(x, asked, LONG + "see https://acme.example", "thread")
    assert prospect.what == "a public reply to @kim, in 2 posts"
    assert (prospect.refusal, prospect.most) == ("", 560)
    assert prospect.cost == "$0.215 for 2 posts, 1 with a link"


def test_a_thread_stays_chosen_when_its_text_gets_short(x: XPlatform, asked: Desk) -> None:
    prospect = foreseen(x, asked, "short", "thread")
    assert (prospect.refusal, [way.name for way in prospect.ways]) == ("", ["", "thread"])


def test_no_thread_is_endless(x: XPlatform, asked: Desk) -> None:
    assert "25 posts at the most" in foreseen(x, asked, LONG * 30, "thread").refusal


def test_accounts_that_may_write_more_need_no_thread(x: XPlatform, asked: Desk) -> None:
    prospect = foreseen(x, asked, LONG, longest=25_000)
    assert (prospect.refusal, prospect.most, prospect.ways) == ("", 25_000, ())


def test_before_anything_is_written_nothing_stands_in_the_way(x: XPlatform, asked: Desk) -> None:
    assert foreseen(x, asked, "").refusal == foreseen(x, asked, " \n").refusal == ""
    with pytest.raises(Refused, match="nothing is written yet"):
        send(x.connect(), asked.reply("question", " \n"), HandOver())


def test_what_x_forbids_is_known_before_anybody_writes(x: XPlatform, desk: Desk) -> None:
    post = x.world.post(x.customer(), "are acme's links broken?")
    desk.account = replace(desk.account, connect=lambda: x.connect(search="acme"))
    prospect = foreseen(x, desk, "")
    assert "only posts that mention us" in prospect.refusal
    assert f"https://x.com/i/status/{post.id}" in prospect.refusal
    assert foreseen(x, desk, "no", answer_anyone=True).refusal == ""


def test_what_was_found_to_be_deleted_is_not_answered(x: XPlatform, asked: Desk) -> None:
    asked.polled()
    asked.clock.forward(minutes=5)
    x.delete("question")
    assert "not there any more" in foreseen(x, asked, "answer").refusal


def test_a_direct_message_is_private_and_long(x: XPlatform, desk: Desk) -> None:
    x.world.message(x.world.add_user("kim", "Kim"), x.acme, "my order?")
    desk.account = replace(desk.account, connect=lambda: x.connect(direct_messages=True))
    prospect = foreseen(x, desk, "see https://acme.example")
    assert prospect.what == "a direct message to @kim, which only they can read"
    assert (prospect.length, prospect.most, prospect.cost, prospect.ways) == (24, 10_000, "", ())
    assert "1 character too long" in foreseen(x, desk, "x" * 10_001).refusal
    assert foreseen(x, desk, "x", "thread").refusal


def test_an_unknown_source_is_no_crash(x: XPlatform, asked: Desk) -> None:
    settings, message = x.settings(), question(x, asked).message
    for source in (b"", b"[]", b"{}", b'{"row": 1, "us": {}, "from": ""}'):
        prospect = TwitterChannel().foresee(settings, Question(message, source), "a", "", START)
        assert prospect.refusal


@pytest.mark.parametrize(
    ("text", "way"), [("ok", ""), (LONG, ""), (LONG, "thread"), ("ok", "letter")]
)
def test_what_is_foreseen_is_what_happens(x: XPlatform, asked: Desk, text: str, way: str) -> None:
    refusal = foreseen(x, asked, text, way).refusal
    reply = replace(asked.reply("question", text), way=way)
    said = ""
    try:
        send(x.connect(), reply, HandOver())
    except Refused as error:
        said = str(error)
    assert said == refusal


def test_it_is_quick(x: XPlatform, asked: Desk) -> None:
    settings, waiting = x.settings(), question(x, asked)
    channel, times = TwitterChannel(), []
    for text in [LONG * n for n in (1, 2, 4)]:
        begun = time.process_time()
        for _ in range(20):
            channel.foresee(settings, waiting, text, "thread", START)
        times.append((time.process_time() - begun) / 20)
    assert max(times) < 0.02


def test_it_loads_no_client() -> None:
    code = (
        "import sys, connectors.twitter.channel, connectors.twitter.prospect;"
        "sys.exit(any(m in sys.modules for m in ('tweepy', 'requests')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
