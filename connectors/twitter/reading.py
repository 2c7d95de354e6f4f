"""What is read of an account, each listing from where the last poll left it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from connectors.twitter import messages, posts
from connectors.twitter.api import PAGE, Api, Page
from connectors.twitter.ids import is_id, just_before, moment
from connectors.twitter.posts import Post
from connectors.twitter.rows import Json, Person
from connectors.twitter.state import Place, State
from monitor.errors import Refused
from monitor.message import IncomingMessage

_PAGES_MOST = 50
_MESSAGE_PAGES_MOST = 12
_FIRST_LOOK = 5
_ONLY_IN_X = "can't be answered from here: it doesn't mention us; answer it in X itself"
# An answer from here may be listed before it is written down that it was sent: who looks at our
# own words only after a while doesn't take them for a colleague's.
_SETTLED = timedelta(minutes=2)
_NONE: Mapping[str, Post] = {}
_SEARCH_REACH = timedelta(days=7) - timedelta(minutes=10)

log = logging.getLogger("replyby.poll")

Ask = Callable[[int, int, str], Page]
"""Lists what has ids between the two, from a page's token on."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One poll's reading: whose, from where, and what is known already.

    `may_spend` is asked before each page, and raises RateLimited where no more may be spent.
    """

    api: Api
    state: State
    us: Person
    since: datetime
    now: datetime
    overlap: timedelta
    may_spend: Callable[[], object]
    answer_anyone: bool = False

    def mentions(self) -> Iterator[Sequence[IncomingMessage]]:
        """Posts that mention us."""
        return self._posts(
            "mentions", lambda *place: self.api.mentions(self.us.id, *place), timedelta.max
        )

    def search(self, query: str) -> Iterator[Sequence[IncomingMessage]]:
        """Posts that the query finds, of the last seven days."""
        return self._posts("search", lambda *place: self.api.search(query, *place), _SEARCH_REACH)

    def own(self) -> Iterator[Sequence[IncomingMessage]]:
        """Our own posts, of which those matter that answer somebody."""
        return self._posts(
            "own", lambda *place: self.api.posts_of(self.us.id, *place), timedelta.max
        )

    def _posts(
        self, source: str, ask: Ask, reach: timedelta
    ) -> Iterator[Sequence[IncomingMessage]]:
        """A message list for each page; before each is given, the state covers it."""
        place = self.state.places.setdefault(source, Place(just_before(self.since)))
        if place.below:
            yield from self._rest(source, place, ask, reach)
        if not place.below:
            place.began = 0.0
            yield from self._rest(source, place, ask, reach)

    def _rest(
        self, source: str, place: Place, ask: Ask, reach: timedelta
    ) -> Iterator[Sequence[IncomingMessage]]:
        resumed = bool(place.below)
        floor, until, token, seen = self._floor(place, reach), place.below, "", place.top
        listed: set[int] = set()
        for _ in range(_PAGES_MOST):
            self.may_spend()
            page = ask(floor, until, token)
            place.began = place.began or self.api.earlier(self.now).timestamp()
            token = page.token
            found = self._understood(page, source)
            self._count("post", [n for n in _ids(page) if resumed or n > seen])
            listed |= {int(Post(row).first_id) for row in page.rows if is_id(row.get("id"))}
            if not token and not resumed:
                yield from self._changed(source, place, place.missing(listed, floor))
            self._move(place, page)
            self._expect(place, found, page)
            yield found
            if not token:
                return

    def _floor(self, place: Place, reach: timedelta) -> int:
        if reach == timedelta.max:
            return place.floor
        return max(place.floor, just_before(self.now - reach))

    def _changed(
        self, source: str, place: Place, missing: Sequence[int]
    ) -> Iterator[Sequence[IncomingMessage]]:
        """What became of posts that were listed and are not any more; X has no list of those.

        One that is gone costs nothing to look up; one that is there costs a read, so that each is
        looked up once: then it was edited, or X's index lost it for a while.
        """
        for start in range(0, len(missing), PAGE):
            asked = [str(number) for number in missing[start : start + PAGE]]
            rows, gone = self._looked_up(asked)
            self._count("post", rows)
            there = [post for post in map(Post, rows) if post.first_id in asked]
            found = [posts.deleted(number, self.now) for number in gone]
            for post in there:
                known = place.listed.get(int(post.first_id))
                message = self._message(post, source) if known != int(post.newest_id) else None
                found += [message] if message else []
            place.listed |= dict.fromkeys(map(int, asked), 0)
            for number in gone:
                self.state.forget(int(number))
            yield found

    def _looked_up(self, ids: Sequence[str]) -> tuple[list[Json], list[str]]:
        try:
            return self.api.posts(ids)
        except Refused as error:
            log.warning("posts that X lists no more can't be looked up: %s", error)
            return [], []

    def _expect(self, place: Place, found: Sequence[IncomingMessage], page: Page) -> None:
        """The next reading should list again what the desk has of this one."""
        names = {message.ext_id for message in found}
        for post in map(Post, page.rows):
            if posts.name_of(post.first_id) in names:
                place.saw(post.first_id, post.newest_id)
        place.expects(self._horizon(place))

    def _horizon(self, place: Place) -> int:
        """What X lists late, with an older id, is found as long as it is within the overlap."""
        return just_before(datetime.fromtimestamp(place.began, UTC) - self.overlap)

    def _move(self, place: Place, page: Page) -> None:
        ids = _ids(page)
        if page.token:
            place.below = min(ids, default=place.below)
        else:
            place.below = 0
            place.floor = max(place.floor, self._horizon(place))
        place.top = max(place.top, *ids) if ids else place.top

    def _understood(self, page: Page, source: str) -> list[IncomingMessage]:
        """Oldest first; a page is the batch of one transaction."""
        listed = [Post(row) for row in reversed(page.rows)]
        self._meet(post.author for post in listed)
        below = {post.refers_to("replied_to"): post for post in listed if post.author == self.us.id}
        found = (self._message(post, source, below) for post in listed)
        return [message for message in found if message]

    def _message(
        self, post: Post, source: str, below: Mapping[str, Post] = _NONE
    ) -> IncomingMessage | None:
        if post.refers_to("retweeted"):
            return None
        if not post.id or not post.author:
            return posts.unreadable(post.row, self.now)
        if self.state.has_newer(post.first_id, post.newest_id):
            return None
        if post.author == self.us.id:
            settled = self._settled(post.at)
            return posts.written(post, self.us, source, below) if settled else None
        free = self.answer_anyone or posts.may_answer(post, self.us, source)
        return posts.received(post, self.us, self.state.people, source, "" if free else _ONLY_IN_X)

    def messages(self) -> Iterator[Sequence[IncomingMessage]]:
        """Direct messages, oldest first: an answer of ours has to find its question.

        X has no way to ask for those after one, so a few of the newest are looked at first; those
        within the overlap are looked at again, since X may list one late.
        """
        place = self.state.places.setdefault("messages", Place(just_before(self.since)))
        rows = self._new_messages(place)
        horizon = self._horizon(place)
        for start in range(0, len(rows), PAGE):
            batch = rows[start : start + PAGE]
            self._meet(str(row["sender_id"]) for row in batch)
            found = [message for row in batch if (message := self._private(row))]
            for row in filter(self._is_settled_message, batch):
                place.saw(row["id"], row["id"])
            place.floor = max(place.floor, min(int(str(batch[-1]["id"])), horizon))
            place.expects(place.floor)
            yield found
        place.floor = max(place.floor, horizon)
        place.expects(place.floor)

    def _new_messages(self, place: Place) -> list[Json]:
        rows: dict[int, Json] = {}
        most, token = (min(_FIRST_LOOK + len(place.listed), PAGE) if place.top else PAGE), ""
        place.began = 0.0
        for _ in range(_MESSAGE_PAGES_MOST):
            self.may_spend()
            page = self.api.messages(most, token)
            place.began = place.began or self.api.earlier(self.now).timestamp()
            ids = _ids(page)
            self._count("message", [n for n in ids if n > place.top])
            fresh = [r for r in page.rows if messages.readable(r) and place.is_new(int(r["id"]))]
            rows |= {int(row["id"]): row for row in fresh}
            token, most = page.token, PAGE
            if not token or any(number <= place.floor for number in ids):
                break
        else:
            log.warning("direct messages before %s were not read", moment(min(rows, default=0)))
        place.top = max([place.top, *rows])
        return [rows[number] for number in sorted(rows)]

    def _is_settled_message(self, row: Json) -> bool:
        return row["sender_id"] != self.us.id or self._settled(moment(int(row["id"])))

    def _settled(self, at: datetime) -> bool:
        return at <= self.now - _SETTLED

    def _private(self, row: Json) -> IncomingMessage | None:
        if row["sender_id"] == self.us.id:
            return messages.written(row, self.us) if self._is_settled_message(row) else None
        return messages.received(row, self.us, self.state.people)

    def _meet(self, authors: Iterator[str]) -> None:
        """Look up who is not known yet: once, where expanding them would cost at every poll."""
        known = {*self.state.people, self.us.id, ""}
        strange = [number for number in dict.fromkeys(authors) if number not in known]
        if strange:
            people = self.api.users(strange)
            self._count("user", strange)
            self.state.know(people)

    def _count(self, kind: str, read: Sequence[object]) -> None:
        self.state.spent.add(kind, len(read), self.now)


def _ids(page: Page) -> list[int]:
    return [int(str(row["id"])) for row in page.rows if is_id(row.get("id"))]
