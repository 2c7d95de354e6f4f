"""An answer on its way to X: held to its rules, sent once, and looked for where X said nothing."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from connectors._http import NoAnswer, NotReached
from connectors.twitter import messages
from connectors.twitter.api import Api
from connectors.twitter.length import without_links
from connectors.twitter.posts import Post, link_to, name_of
from connectors.twitter.refusals import Broken, Denied
from connectors.twitter.rules import GONE, Answer, Asked
from connectors.twitter.settings import TwitterSettings
from monitor.clock import Clock
from monitor.connector import HandOver
from monitor.errors import ConnectorError, RateLimited, Refused, Unsure
from monitor.message import OutgoingReply, Sent

# What was just written stands on the first of these pages; what an earlier try left may stand
# below all that we have answered since.
_PAGES_BACK = 3
_PAGES_OF_OLD = 8
# Who sends for longer than the outbox waits for it is taken for dead.
_AT_ONE_GO = timedelta(minutes=2)
_BREATH = 10.0
_NO_WORD = (NoAnswer, NotReached, Broken)


def answer(
    reply: OutgoingReply, settings: TwitterSettings, api: Api, hand_over: HandOver, clock: Clock
) -> Sent:
    """Send it, publicly or privately, as the question came."""
    if reply.files:
        raise Refused("files can't be sent to X from here")
    given = Answer(Asked.read(reply.source), reply.text, reply.way, settings)
    if why := given.objection():
        raise Refused(why, remedy="answer it in X, or write it anew")
    if given.asked.private:
        return _write(reply, given.asked, api, hand_over)
    thread = _Thread(api, given.asked, given.parts, clock)
    return _publish(given, thread, api, hand_over, again=reply.tries > 1)


def _publish(given: Answer, thread: _Thread, api: Api, hand_over: HandOver, *, again: bool) -> Sent:
    if again:
        thread.look_up()
    if not thread.sent:
        thread.top = _still_asked(given, api)
    hand_over("")
    first, *_ = thread.finish()
    cost = given.cost()
    return Sent(name_of(first), remark=f"cost {cost}" if cost else "")


def _still_asked(given: Answer, api: Api) -> str:
    """The newest version of the post that is answered; Refused where it says something else."""
    post = _newest_version(api, given.asked.post.id)
    if post is None:
        raise Refused(GONE)
    if why := given.forbidden(post):
        raise Refused(why, remedy="answer it in X; it is found there and counts")
    if _plain(post.text) != _plain(given.asked.post.text):
        raise Refused(
            "its author has changed the post since, so that this may not answer it any more",
            remedy="read what it says now, and answer again",
        )
    return post.id


def _newest_version(api: Api, number: str) -> Post | None:
    """X gives the version that it is asked for, or the last one: its documents say both."""
    row = api.post(number)
    if row is None:
        return None
    post = Post(row)
    row = row if post.newest_id == post.id else api.post(post.newest_id)
    return None if row is None else Post(row)


@dataclass(slots=True)
class _Thread:
    """The posts that an answer is made of, of which those in `sent` are at X already.

    Each replies to the one before, the first one to `top`.
    """

    api: Api
    asked: Asked
    parts: Sequence[str]
    clock: Clock
    top: str = ""
    sent: list[str] = field(default_factory=list)

    def look_up(self) -> None:
        """Find what an earlier try has sent."""
        us, since = self.asked.us.id, self.asked.post.first_id
        ours = list(_own_posts(self.api, us, since, pages=_PAGES_OF_OLD))
        for part in self.parts:
            found = next((p.id for p in ours if self._follows(p) and _same(p.text, part)), "")
            if not found:
                return
            self.sent.append(found)

    def _follows(self, post: Post) -> bool:
        if self.sent:
            return post.refers_to("replied_to") == self.sent[-1]
        asked = self.asked.post
        return (post.conversation, post.to_user) == (asked.conversation, asked.author)

    def finish(self) -> list[str]:
        """Send what is missing; the ids of all. See `_broken_off` for where that fails."""
        begun = self.clock()
        for part in self.parts[len(self.sent) :]:
            if self.clock() - begun > _AT_ONE_GO:
                raise self._broken_off(RateLimited("X is slow", retry_after=_BREATH))
            try:
                self.sent.append(self._send(part, self.sent[-1] if self.sent else self.top))
            except ConnectorError as error:
                raise self._broken_off(error) from None
        return self.sent

    def _send(self, part: str, above: str) -> str:
        return _sure(
            lambda: self.api.publish(part, above),
            lambda pages: _published(self.api, self.asked.us.id, above, part, pages),
        )

    def _broken_off(self, error: ConnectorError) -> ConnectorError:
        """With a part of it at X, it is tried again after a pause only; else a person looks."""
        if not self.sent:
            return error
        number = len(self.sent)
        there = (
            f"{number} of its {len(self.parts)} posts {'is' if number == 1 else 'are'} there, up to"
            f" {link_to(self.sent[-1])}; then: {error}"
        )
        if isinstance(error, RateLimited):
            return RateLimited(there, retry_after=error.retry_after, remedy=error.remedy)
        return Unsure(
            there, remedy="write what is missing in X, or answer again with the same text"
        )


def _write(reply: OutgoingReply, asked: Asked, api: Api, hand_over: HandOver) -> Sent:
    before = _newest(api, reply.to.address)
    hand_over("")
    return Sent(
        messages.name_of(
            _sure(
                lambda: api.write(reply.text, reply.to.address),
                lambda _: _written(api, asked.us.id, reply.to.address, reply.text, before),
            )
        )
    )


def _sure(send: Callable[[], str], read_back: Callable[[int], str]) -> str:
    """The id of what was sent: as X says, or as it is found there where X said nothing.

    `read_back` gets the pages to look through. What X refuses outright is passed on; Unsure where
    it is not to be found.
    """
    try:
        return send()
    except Denied as error:
        # A second try of one that did arrive is refused as a duplicate.
        if error.duplicate and (number := _found(read_back, _PAGES_OF_OLD)):
            return number
        raise
    except _NO_WORD as error:
        if number := _found(read_back, _PAGES_BACK):
            return number
        raise Unsure(f"nobody knows whether X has it: {error}") from None


def _found(read_back: Callable[[int], str], pages: int) -> str:
    try:
        return read_back(pages)
    except ConnectorError:
        return ""


def _published(api: Api, us: str, above: str, text: str, pages: int) -> str:
    """The id of our own post with this text that answers that one, "" where X lists none."""
    ours = (p for p in _own_posts(api, us, above, pages) if p.refers_to("replied_to") == above)
    return next((p.id for p in ours if _same(p.text, text)), "")


def _own_posts(api: Api, us: str, since: str, pages: int) -> Iterator[Post]:
    """Our own posts after that one, newest first, as far as so many pages reach."""
    token = ""
    for _ in range(pages):
        page = api.posts_of(us, int(since), 0, token)
        yield from map(Post, page.rows)
        if not (token := page.token):
            return


def _newest(api: Api, customer: str) -> int:
    ids = (messages.number_of(row) for row in api.messages(1, participant=customer).rows)
    return max(ids, default=0)


def _written(api: Api, us: str, customer: str, text: str, before: int) -> str:
    """The id of our message with this text after those that were there, "" where there is none."""
    for row in api.messages(20, participant=customer).rows:
        ours = messages.readable(row) and row["sender_id"] == us
        if ours and messages.number_of(row) > before and _same(messages.text_of(row), text):
            return str(row["id"])
    return ""


def _same(theirs: str, ours: str) -> bool:
    """Whether a text is the one that we sent: X puts handles in front and shortens links."""
    return _plain(theirs).endswith(_plain(ours))


def _plain(text: str) -> str:
    return "".join(unicodedata.normalize("NFC", without_links(text)).split())
