"""An answer on its way to X: what X would refuse is known before, what became of it after."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

from connectors._http import NoAnswer, NotReached
from connectors.twitter import messages
from connectors.twitter.api import Api, Json, Person
from connectors.twitter.ids import is_id
from connectors.twitter.length import has_link, weighted_length
from connectors.twitter.posts import Post, link_to, may_answer, name_of
from connectors.twitter.refusals import Broken, Denied
from connectors.twitter.settings import TwitterSettings
from monitor.connector import HandOver
from monitor.errors import ConnectorError, Refused, Unsure
from monitor.message import OutgoingReply, Sent

_PAGES_MOST = 3
_MESSAGE_CHARS = 10_000
_LINK = re.compile(r"https?://\S+")
_NO_WORD = (NoAnswer, NotReached, Broken)


@dataclass(frozen=True, slots=True)
class Asked:
    """What is answered: the row as X gave it, whose account had it, and by which listing."""

    row: Json
    us: Person
    source: str

    @classmethod
    def read(cls, source: bytes) -> Self:
        """From the source that was kept with the message; Refused where it is another's."""
        try:
            kept = json.loads(source)
            return cls(dict(kept["row"]), Person(**kept["us"]), str(kept["from"]))
        except (ValueError, TypeError, KeyError):
            raise Refused("it isn't known any more which post this answers") from None


def answer(reply: OutgoingReply, settings: TwitterSettings, api: Api, hand_over: HandOver) -> Sent:
    """Send it, publicly or privately, as the question came."""
    if reply.files:
        raise Refused("files can't be sent to X from here")
    asked = Asked.read(reply.source)
    if asked.source == messages.SOURCE:
        return _write(reply, asked, api, hand_over)
    return _publish(reply, asked, settings, api, hand_over)


def _publish(
    reply: OutgoingReply, asked: Asked, settings: TwitterSettings, api: Api, hand_over: HandOver
) -> Sent:
    _check_length(reply.text, settings.longest)
    _check_rule(Post(asked.row), asked, settings)
    now = api.post(Post(asked.row).id)
    if now is None:
        raise Refused("the post is not there any more: its author deleted it, or hides it from us")
    post = Post(now)
    _check_rule(post, asked, settings)
    hand_over("")
    number = _sure(
        lambda: api.publish(reply.text, post.id),
        lambda: _published(api, asked.us, post.id, reply.text),
    )
    return Sent(name_of(number), remark=_cost(reply.text, settings))


def _cost(text: str, settings: TwitterSettings) -> str:
    """What it cost, where that is out of the ordinary."""
    return f"cost ${settings.prices.link:.2f}, for its link" if has_link(text) else ""


def _check_length(text: str, longest: int) -> None:
    length = weighted_length(text)
    if length > longest:
        raise Refused(f"it has {length} characters as X counts them; {longest} are allowed")


def _check_rule(post: Post, asked: Asked, settings: TwitterSettings) -> None:
    if not settings.answer_anyone and not may_answer(post, asked.us, asked.source):
        raise Refused(
            "X lets programs answer only posts that mention us or quote us, and this one doesn't:"
            f" answer it in X itself, {link_to(post.id)}",
            remedy="answer it in X; it is found there and counts",
        )


def _write(reply: OutgoingReply, asked: Asked, api: Api, hand_over: HandOver) -> Sent:
    if len(reply.text) > _MESSAGE_CHARS:
        raise Refused(f"a direct message has {_MESSAGE_CHARS:,} characters at the most")
    if messages.in_group(asked.row):
        raise Refused(messages.ONLY_IN_X)
    before = _newest(api, reply.to.address)
    hand_over("")
    return Sent(
        messages.name_of(
            _sure(
                lambda: api.write(reply.text, reply.to.address),
                lambda: _written(api, asked.us, reply.to.address, reply.text, before),
            )
        )
    )


def _sure(send: Callable[[], str], read_back: Callable[[], str]) -> str:
    """The id of what was sent: as X says, or as it is found there where X said nothing.

    What X refuses outright is passed on; Unsure where it is not to be found.
    """
    try:
        return send()
    except Denied as error:
        # A second try of one that did arrive is refused as a duplicate.
        if error.duplicate and (number := _found(read_back)):
            return number
        raise
    except _NO_WORD as error:
        if number := _found(read_back):
            return number
        raise Unsure(f"nobody knows whether X has it: {error}") from None


def _found(read_back: Callable[[], str]) -> str:
    try:
        return read_back()
    except ConnectorError:
        return ""


def _published(api: Api, us: Person, asked: str, text: str) -> str:
    """The id of our own post with this text that answers that one, "" where X lists none."""
    token = ""
    for _ in range(_PAGES_MOST):
        page = api.posts_of(us.id, int(asked), 0, token)
        for row in page.rows:
            post = Post(row)
            if post.refers_to("replied_to") == asked and _same(post.text, text):
                return post.id
        if not (token := page.token):
            break
    return ""


def _newest(api: Api, customer: str) -> int:
    rows = api.messages(1, participant=customer).rows
    return max((int(str(row["id"])) for row in rows if is_id(row.get("id"))), default=0)


def _written(api: Api, us: Person, customer: str, text: str, before: int) -> str:
    """The id of our message with this text after those that were there, "" where there is none."""
    for row in api.messages(20, participant=customer).rows:
        ours = messages.readable(row) and row["sender_id"] == us.id
        if ours and int(str(row["id"])) > before and _same(messages.text_of(row), text):
            return str(row["id"])
    return ""


def _same(theirs: str, ours: str) -> bool:
    """Whether a text is the one that we sent: X puts handles in front and shortens links."""
    return _plain(theirs).endswith(_plain(ours))


def _plain(text: str) -> str:
    return "".join(unicodedata.normalize("NFC", _LINK.sub("", text)).split())
