"""Customers on Facebook, who comment below the page's posts, write on it, or use Messenger."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import ClassVar

from connectors.sandbox.crowd_case import Answer, Case, Letter, Occasion, Place
from connectors.sandbox.crowd_social import COMMENTS
from connectors.sandbox.graph_data import ChatMessage, Comment, Page, Person, Post

Made = Post | Comment | ChatMessage
MESSAGE, NESTED, UNNAMED = "message", "nested", "unnamed"
_POSTS = (
    "Our winter hours: from Monday on the shop in Harbour Road closes at five.",
    "The blue kettle is back! Who has been waiting for it?",
    "We asked our packers which parcel they are proudest of. Pictures below.",
)


class PagePlace(Place):
    """Customers on `page`."""

    channel: ClassVar[str] = "facebook"
    oldest: ClassVar[timedelta] = timedelta(hours=4)

    def __init__(
        self, page: Page, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self.stories = COMMENTS
        self._page = page
        self._people: dict[Case, Person] = {}
        self._cases: dict[str, Case] = {}  # by posts, comments and people
        self._newest: dict[Case, Made] = {}  # of either side
        self._written: dict[Case, Made] = {}  # by the customer
        self._seen: set[str] = set()
        week_before = clock() - timedelta(days=7)
        self._posts = [page.publish(text, week_before) for text in _POSTS]

    def write(self, letter: Letter) -> None:
        """Comment, post or write privately."""
        if letter.occasion is Occasion.DELETE:
            there = self._written[letter.case]
            if not isinstance(there, ChatMessage):
                self._page.delete(there)
        elif letter.occasion.is_written:
            with self._page.lock:
                made = self._written[letter.case] = self._made(letter)
                self._keep(letter.case, made)

    def _made(self, letter: Letter) -> Made:
        person, last = self._person(letter.case), self._newest.get(letter.case)
        if last is None:
            return self._begun(letter, person)
        if isinstance(last, ChatMessage):
            return self._page.write(person, letter.text, letter.at)
        return self._page.comment(person, letter.text, last, letter.at)

    def _begun(self, letter: Letter, person: Person) -> Made:
        page, kind, number = self._page, letter.case.story.kind, letter.case.number
        if kind == MESSAGE:
            return page.write(person, letter.text, letter.at)
        if kind in ("visitor", "tag"):
            publish = page.visitor_posts if kind == "visitor" else page.tag
            return publish(person, letter.text, letter.at)
        post = self._posts[number % len(self._posts)]
        others = [c for c in post.comments if c.author is not page.me and kind == NESTED]
        return page.comment(person, letter.text, others[0] if others else post, letter.at)

    def _keep(self, case: Case, made: Made) -> None:
        self._cases[made.id] = case
        self._newest[case] = made

    def _person(self, case: Case) -> Person:
        if case not in self._people:
            person = self._page.person(case.who.name, withheld=case.story.kind == UNNAMED)
            self._people[case] = person
            self._cases[person.id] = case
        return self._people[case]

    def answers(self) -> Iterator[Answer]:
        """What the page commented and wrote."""
        with self._page.lock:
            there: list[Comment | ChatMessage] = list(self._page.comments.values())
            there += self._page.messages.values()
        for made in there:
            if made.author is self._page.me and made.id not in self._seen:
                self._seen.add(made.id)
                yield self._understood(made)

    def _understood(self, made: Comment | ChatMessage) -> Answer:
        if isinstance(made, ChatMessage):
            case = self._cases.get(made.conversation.person.id)
        else:
            below = made.below or made.post
            case = self._cases.get(below.id)
        if case:
            self._keep(case, made)
        return Answer(made.id, made.message, case)

    def answer_outside(self, case: Case, text: str, at: datetime | None = None) -> bool:
        """A colleague answers on Facebook itself."""
        with self._page.lock:
            last = self._newest[case]
            if isinstance(last, ChatMessage):
                made: Comment | ChatMessage = self._page.answer(self._people[case], text, at)
            else:
                made = self._page.comment(self._page.me, text, last, at)
            self._seen.add(made.id)
            self._keep(case, made)
        return True

    def is_read_together(self, case: Case) -> bool:
        """All that is below a post, and all of a Messenger conversation, is one batch."""
        return True
