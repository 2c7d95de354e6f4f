"""Customers with accounts at X, who mention the desk, answer it, quote it or write privately."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import ClassVar

from connectors.sandbox.crowd_case import Answer, Case, Letter, Occasion, Place
from connectors.sandbox.crowd_social import TWEETS
from connectors.sandbox.x_world import DirectMessage, Post, User, World

ASIDE, DIRECT = "aside", "direct message"
_NEWS = (
    "Our autumn colours are here: moss, slate and a red that we still argue about.",
    "Parcels to the islands take two days longer this week. The ferry is having a rest.",
)


class XPlace(Place):
    """Customers at X, writing to `us`; without `asides` nobody speaks of us without naming us."""

    channel: ClassVar[str] = "twitter"
    oldest: ClassVar[timedelta] = timedelta(minutes=70)

    def __init__(
        self,
        world: World,
        us: User,
        *,
        asides: bool = True,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.stories = [story for story in TWEETS if asides or story.kind != ASIDE]
        self._world = world
        self._us = us
        self._users: dict[Case, User] = {}
        self._cases: dict[str, Case] = {}  # by posts of either side, and by customers' user ids
        self._newest: dict[Case, Post] = {}  # the last post of either side
        day_before = clock() - timedelta(days=1)
        self._ours = [world.post(us, text, at=day_before) for text in _NEWS]
        self._seen = {post.id for post in self._ours}

    def write(self, letter: Letter) -> None:
        """Post it, or send it privately; what is edited gets another id."""
        if letter.occasion is Occasion.EDIT:
            self._edit(letter)
        elif letter.occasion is Occasion.DELETE:
            self._world.delete(self._newest_of_theirs(letter.case))
        elif letter.case.story.kind == DIRECT:
            user = self._user(letter.case)
            self._world.message(user, self._us, letter.text, letter.at)
        else:
            self._post(letter)

    def _post(self, letter: Letter) -> None:
        case, user = letter.case, self._user(letter.case)
        if letter.occasion is Occasion.FIRST:
            place = _BEGINNINGS.get(case.story.kind)
            where = {place: self._ours[case.number % len(self._ours)]} if place else {}
        else:
            where = {"answers": self._newest[case]}
        named = letter.text if case.story.kind == ASIDE else f"@{self._us.handle} {letter.text}"
        self._keep(
            case,
            self._world.post(
                user, named, at=letter.at, answers=where.get("answers"), quotes=where.get("quotes")
            ),
        )

    def _keep(self, case: Case, post: Post) -> None:
        self._cases[post.id] = case
        self._newest[case] = post

    def _edit(self, letter: Letter) -> None:
        post = self._newest_of_theirs(letter.case)
        self._keep(letter.case, self._world.edit(post, f"@{self._us.handle} {letter.text}"))

    def _newest_of_theirs(self, case: Case) -> Post:
        user = self._users[case]
        return [post for post in list(self._world.posts.values()) if post.author == user][-1]

    def _user(self, case: Case) -> User:
        if case not in self._users:
            handle = case.who.handle
            if self._world.by_handle(handle):
                handle = f"{handle[:11]}{case.number % 10_000:04}"
            user = self._users[case] = self._world.add_user(handle, case.who.name)
            self._cases[user.id] = case
        return self._users[case]

    def answers(self) -> Iterator[Answer]:
        """Our new posts that answer somebody, and our new messages; a thread of ours is one."""
        for post in self._unseen(self._world.posts):
            if post.answers and post.answers.author != self._us:
                yield self._understood(post, post.answers)
        for message in self._unseen_messages():
            case = self._cases.get(message.recipient.id)
            yield Answer(message.id, message.text, case)

    def _unseen(self, posts: dict[str, Post]) -> list[Post]:
        found = [p for p in list(posts.values()) if p.author == self._us and p.id not in self._seen]
        self._seen |= {post.id for post in found}
        return found

    def _unseen_messages(self) -> list[DirectMessage]:
        there = list(self._world.messages.values())
        found = [m for m in there if m.sender == self._us and m.id not in self._seen]
        self._seen |= {message.id for message in found}
        return found

    def _understood(self, post: Post, answered: Post) -> Answer:
        case = next((self._cases[i] for i in answered.versions if i in self._cases), None)
        if case is None:
            return Answer(post.id, post.text, None)
        self._keep(case, post)
        return Answer(post.id, post.text, case, reached=answered.author == self._users[case])

    def answer_outside(self, case: Case, text: str, at: datetime | None = None) -> bool:
        """A colleague answers in X's own app, where no rule for programs holds."""
        if case.story.kind == DIRECT:
            self._seen.add(self._world.message(self._us, self._users[case], text, at).id)
            return True
        to = self._newest_of_theirs(case)
        post = self._world.post(self._us, f"@{to.author.handle} {text}", at=at, answers=to)
        self._seen.add(post.id)
        self._keep(case, post)
        return True

    def is_read_together(self, case: Case) -> bool:
        """Posts that mention us and our own are two listings; messages are one."""
        return case.story.kind == DIRECT


_BEGINNINGS = {"reply": "answers", "quote": "quotes"}
