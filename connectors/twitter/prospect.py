"""What would become of an answer at X, from what is stored: asked at each pause while typing."""

from __future__ import annotations

from connectors.twitter.posts import handle_of
from connectors.twitter.rules import GONE, THREAD, Answer, Asked
from connectors.twitter.settings import TwitterSettings
from monitor.connector import Prospect, Question, Way
from monitor.errors import Refused


def foresee(settings: TwitterSettings, question: Question, text: str, way: str) -> Prospect:
    """Whether X takes it, as what, how long X thinks it is, and what it costs."""
    try:
        asked = Asked.read(question.source)
    except Refused as error:
        return Prospect("an answer on X", refusal=str(error))
    answer = Answer(asked, text, way, settings)
    number = len(answer.parts)
    return Prospect(
        what=_what(asked, handle_of(question.message.author), number),
        length=answer.length,
        most=number * answer.most,
        refusal=GONE if question.message.deleted_at else _refusal(answer),
        cost=answer.cost(),
        ways=_ways(answer),
    )


def _refusal(answer: Answer) -> str:
    """Why X would not take it; that nothing is written yet is asked before anybody writes."""
    return answer.objection() if answer.text.strip() else answer.forbidden(answer.asked.post)


def _what(asked: Asked, customer: str, number: int) -> str:
    if asked.private:
        return f"a direct message to {customer}, which only they can read"
    return f"a public reply to {customer}{f', in {number} posts' if number > 1 else ''}"


def _ways(answer: Answer) -> tuple[Way, ...]:
    """A thread is offered for what one post can't hold, and stays chosen when it gets shorter."""
    number = len(answer.as_thread)
    if answer.asked.private or (number == 1 and answer.way != THREAD):
        return ()
    return (
        Way("", "in one post"),
        Way(THREAD, f"as a thread of {number} post{'s' * (number != 1)}"),
    )
