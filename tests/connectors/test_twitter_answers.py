"""Answers to X: read back where nothing was said, refused where X would, never sent twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from connectors.sandbox.x import NONSENSE
from connectors.sandbox.x_routes import Answer, problem
from connectors.sandbox.x_world import DUPLICATE
from monitor.connector import Connector
from monitor.connector import HandOver as HandOverCall
from monitor.errors import AuthError, RateLimited, Refused, Unsure
from monitor.message import File, OutgoingReply, SendState, Sent
from monitor.outbox import Outbox
from tests.connectors.altered import Altered
from tests.connectors.desk import Desk, HandOver, send
from tests.connectors.platforms import Fault, Got
from tests.connectors.x_desk import OVERLOADED, XPlatform
from tests.connectors.x_fixtures import desk as desk
from tests.connectors.x_fixtures import x as x

HTML = Answer(200, NONSENSE)


@pytest.fixture
def asked(x: XPlatform, desk: Desk) -> Desk:
    """A desk with a question."""
    x.customer_writes("question")
    desk.polled()
    return desk


def refusal(x: XPlatform, asked: Desk, text: str = "answer") -> Refused:
    """How an answer is refused before anything was handed over."""
    hand_over = HandOver()
    with pytest.raises(Refused) as caught:
        send(x.connect(), asked.reply("question", text), hand_over)
    assert (hand_over.told, x.customers_got()) == ([], [])
    return caught.value


def test_an_answer_that_was_cut_off_is_found_again(x: XPlatform, asked: Desk) -> None:
    x.server.faults.cut_writes = 1
    assert asked.send("question", "see https://acme.example/help & more") is SendState.SENT
    assert len(x.customers_got()) == 1


def test_one_that_never_came_to_be_is_unsure(x: XPlatform, asked: Desk) -> None:
    x.server.faults.plan("POST", "/2/tweets", OVERLOADED)
    with pytest.raises(Unsure):
        send(x.connect(), asked.reply("question", "answer"), HandOver())


@pytest.mark.parametrize("answer", [OVERLOADED, HTML, Answer(201, {"data": {}}), Answer(201, "[]")])
def test_an_answer_that_says_nothing_is_read_back(
    x: XPlatform, asked: Desk, answer: Answer
) -> None:
    reply = asked.reply("question", "answer")
    customer = x.world.mentions(x.acme)[0]

    def arrive() -> None:
        x.world.post(x.acme, f"@{customer.author.handle} answer", answers=customer)
        x.server.faults.plan("POST", "/2/tweets", answer)

    sent = send(x.connect(), reply, HandOver(arrive))
    assert sent.ext_id == f"post:{x.world.written_by(x.acme)[0].id}"
    x.exchanges.clear()  # X's document would rightly complain


def test_a_second_try_that_x_takes_for_a_duplicate_is_the_first(x: XPlatform, asked: Desk) -> None:
    reply = asked.reply("question", "answer")
    first = send(x.connect(), reply, HandOver())
    assert send(x.connect(), reply, HandOver()).ext_id == first.ext_id
    assert x.customers_got() == [Got("answer", "question")]


def test_a_duplicate_of_something_else_is_refused(x: XPlatform, asked: Desk) -> None:
    x.server.faults.plan("POST", "/2/tweets", problem(403, "Forbidden", DUPLICATE))
    with pytest.raises(Refused, match="duplicate"):
        send(x.connect(), asked.reply("question", "answer"), HandOver())


def test_a_post_that_is_gone_is_not_answered(x: XPlatform, asked: Desk) -> None:
    x.world.delete(x.world.mentions(x.acme)[0])
    assert "not there any more" in str(refusal(x, asked))


def test_who_did_not_mention_us_is_not_answered(x: XPlatform, asked: Desk) -> None:
    post = x.world.mentions(x.acme)[0]
    x.world.edit(post, "question")
    error = refusal(x, asked)
    assert "only posts that mention us" in str(error)
    assert "https://x.com/" in str(error)


def found_by_search(x: XPlatform, desk: Desk) -> OutgoingReply:
    """An answer to a post that doesn't mention us."""
    x.world.post(x.customer(), "are acme's links broken?")
    desk.account = replace(desk.account, connect=lambda: x.connect(search="acme"))
    desk.polled()
    return desk.reply("are acme's links broken?", "answer")


def test_what_a_search_found_is_refused_before_x_is_asked(x: XPlatform, desk: Desk) -> None:
    reply = found_by_search(x, desk)
    before = len(x.exchanges)
    with pytest.raises(Refused, match="in X itself"):
        send(x.connect(), reply, HandOver())
    assert len(x.exchanges) == before


def test_who_changed_the_post_since_is_not_answered(x: XPlatform, asked: Desk) -> None:
    x.world.edit(x.world.mentions(x.acme)[0], "@acme another question")
    error = refusal(x, asked)
    assert "its author has changed the post since" in str(error)
    assert "answer again" in error.remedy


def test_a_contract_may_free_from_the_rule(x: XPlatform, desk: Desk) -> None:
    reply = found_by_search(x, desk)
    with pytest.raises(Refused, match="You can only reply"):
        send(x.connect(answer_anyone=True), reply, HandOver())


def test_who_quotes_us_is_answered(x: XPlatform, desk: Desk) -> None:
    ours = x.world.post(x.acme, "We are open on Sunday")
    x.world.post(x.customer(), "really?", quotes=ours)
    desk.polled()
    assert desk.send("really?", "yes") is SendState.SENT


def test_an_answer_that_is_too_long_is_refused_with_its_length(x: XPlatform, asked: Desk) -> None:
    assert "it is 1 character too long" in str(refusal(x, asked, "x" * 281))


def test_the_price_of_a_link_is_shown(x: XPlatform, asked: Desk) -> None:
    reply = asked.reply("question", "see https://acme.com/help")
    assert send(x.connect(), reply, HandOver()).remark == "cost $0.20 for its link"


def test_files_are_refused(x: XPlatform, asked: Desk) -> None:
    number = asked.of("question").id
    file = File("a.txt", "text/plain", b"a")
    asked.store.outgoing.queue(number, "ann", "see", asked.clock(), seen=None, files=[file])
    reply = asked.store.outgoing.lease("test", asked.clock(), timedelta(hours=1))
    assert reply
    with pytest.raises(Refused, match="files"):
        send(x.connect(), reply, HandOver())


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (problem(401, "Unauthorized", "Unauthorized"), AuthError),
        (problem(402, "Payment Required", "no credit"), RateLimited),
        (problem(429, "Too Many Requests", ""), RateLimited),
    ],
)
def test_what_x_says_to_an_answer_keeps_its_meaning(
    x: XPlatform, asked: Desk, answer: Answer, error: type[Exception]
) -> None:
    x.server.faults.plan("POST", "/2/tweets", answer)
    with pytest.raises(error):
        send(x.connect(), asked.reply("question", "answer"), HandOver())
    assert x.customers_got() == []


def test_an_answer_that_a_poll_finds_before_its_outcome_is_known_counts_once(
    x: XPlatform, asked: Desk
) -> None:
    number = asked.queue("question", "answer")

    def send_and_poll(inner: Connector, reply: OutgoingReply, hand_over: HandOverCall) -> Sent:
        sent = inner.reply(reply, hand_over)
        asked.polled()
        return sent

    polling = Altered(x.connect(), send_and_poll)
    Outbox(asked.store, {"support": lambda: polling}, asked.clock).deliver()
    asked.clock.forward(minutes=5)
    asked.polled()
    conversation = asked.of("question")
    texts = [m.text for m in asked.store.lists.messages(conversation.id)]
    assert asked.store.outgoing.entry(number).state is SendState.SENT
    assert (conversation.state.label, texts) == ("answered", ["question", "answer"])
    assert not any(m.outside for m in asked.store.lists.messages(conversation.id))


def test_an_unsure_answer_that_turns_up_later_needs_nobodys_word(x: XPlatform, asked: Desk) -> None:
    x.cause(Fault.CUT)
    assert asked.send("question", "answer\n\nto it") is SendState.UNSURE
    x.mend()
    asked.clock.forward(minutes=5)
    asked.polled()
    conversation = asked.of("question")
    messages = asked.store.lists.messages(conversation.id)
    assert [entry.state for entry in asked.store.outgoing.entries(conversation.id)] == ["sent"]
    assert [m.text for m in messages] == ["question", "answer\n\nto it"]
    [verdict] = asked.store.archive.verdicts(conversation.id)
    assert (verdict.outcome, verdict.seconds) == ("answered", 0)


def test_a_colleagues_other_words_settle_no_unsure_answer(x: XPlatform, asked: Desk) -> None:
    x.cause(Fault.CUT)
    assert asked.send("question", "answer") is SendState.UNSURE
    x.mend()
    x.world.delete(x.world.written_by(x.acme)[0])
    question = x.world.mentions(x.acme)[0]
    x.world.post(x.acme, f"@{question.author.handle} other words", answers=question)
    asked.clock.forward(minutes=5)
    asked.polled()
    conversation = asked.of("question")
    assert [e.state for e in asked.store.outgoing.entries(conversation.id)] == ["unsure"]
