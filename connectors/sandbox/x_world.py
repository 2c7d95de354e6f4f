"""What X knows in the sandbox: its users, posts and direct messages, and the rules between them."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

EPOCH_MS = 1288834974657
"""The moment from which X counts in its ids, in milliseconds since 1970."""

SHORT_CHARS = 280
NOT_MENTIONED = "You can only reply to or quote posts where you are mentioned or are the author."
DELETED = "You attempted to reply to a Tweet that is deleted or not visible to you."
DUPLICATE = "You are not allowed to create a Tweet with duplicate content."
_SEQUENCE_BITS = 22
_HANDLE = re.compile(r"@(\w{1,15})")
_FRONT = re.compile(r"(?:@\w{1,15} )+")
_LINK = re.compile(r"https?://\S+")
_WORD = re.compile(r'"([^"]*)"|(\S+)')


class Forbidden(Exception):
    """What X's rules don't let anybody do; the text is X's own."""


@dataclass(frozen=True, slots=True)
class User:
    """An account at X."""

    id: str
    handle: str
    name: str


@dataclass(frozen=True, slots=True)
class Media:
    """A picture or film in a post or message; `type` is X's word for it."""

    key: str
    type: str
    url: str
    alt_text: str = ""


@dataclass(frozen=True, slots=True)
class Post:
    """A post as it stands now; `versions` are the ids of its edits, the first one first."""

    id: str
    author: User
    text: str
    at: datetime
    conversation: str
    answers: Post | None = None
    quotes: Post | None = None
    versions: tuple[str, ...] = ()
    media: tuple[Media, ...] = ()

    @property
    def handles(self) -> list[str]:
        """Whom it names, in lower case."""
        return [handle.lower() for handle in _HANDLE.findall(self.text)]

    @property
    def links(self) -> list[str]:
        """The links in it."""
        return _LINK.findall(self.text)

    def names(self, user: User) -> bool:
        """Whether it mentions the user, or quotes a post of theirs."""
        quoted = self.quotes is not None and self.quotes.author.id == user.id
        return user.handle.lower() in self.handles or quoted


@dataclass(frozen=True, slots=True)
class DirectMessage:
    """A message between two users, or to one of those in a group, which has an id of its own."""

    id: str
    sender: User
    recipient: User
    text: str
    at: datetime
    media: tuple[Media, ...] = ()
    group: str = ""

    @property
    def conversation(self) -> str:
        """The two ids, the smaller one first, as X names the conversation of two."""
        return self.group or "-".join(sorted((self.sender.id, self.recipient.id), key=int))


@dataclass
class World:
    """Everything that is at X. Its methods may be called from any thread.

    `posts` is in the order of ids; what is in `hidden` is there, and not listed yet, as where X's
    index lags behind. Of the mentions of somebody the newest `mentions_most` are listed.
    """

    clock: Callable[[], datetime]
    users: dict[str, User] = field(default_factory=dict)
    posts: dict[str, Post] = field(default_factory=dict)
    messages: dict[str, DirectMessage] = field(default_factory=dict)
    hidden: set[str] = field(default_factory=set)
    mentions_most: int = 800
    _sequence: int = 0
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def add_user(self, handle: str, name: str = "") -> User:
        """Open an account; ValueError where the handle is taken."""
        with self._lock:
            if self.by_handle(handle):
                raise ValueError(f"@{handle} is taken")
            user = User(str(7_000_000_000 + len(self.users)), handle, name or handle)
            self.users[user.id] = user
            return user

    def by_handle(self, handle: str) -> User | None:
        """Who has that handle."""
        found = (u for u in self.users.values() if u.handle.lower() == handle.lower())
        return next(found, None)

    def post(
        self,
        author: User,
        text: str,
        *,
        at: datetime | None = None,
        answers: Post | None = None,
        quotes: Post | None = None,
        media: tuple[Media, ...] = (),
    ) -> Post:
        """Publish, whatever the rules for programs say; handles and links stand in the text."""
        with self._lock:
            when = at or self.clock()
            number = self._id(when)
            conversation = answers.conversation if answers else number
            post = Post(number, author, text, when, conversation, answers, quotes, (number,), media)
            self.posts[number] = post
            return post

    def reply_by_program(self, author: User, text: str, to: str) -> Post:
        """Answer as POST /2/tweets lets programs: only who mentioned or quoted the author.

        Forbidden says why not. The handle of who is answered is put in front, as X does.
        """
        with self._lock:
            target = self.posts.get(to)
            if target is None:
                raise Forbidden(DELETED)
            if target.author.id != author.id and not target.names(author):
                raise Forbidden(NOT_MENTIONED)
            # In a thread of one's own they are those of the post above.
            if target.author.id == author.id:
                front = _FRONT.match(target.text)
                full = f"{front[0] if front else ''}{text}"
            else:
                full = f"@{target.author.handle} {text}"
            if any(p.text == full for p in self.posts.values() if p.author == author):
                raise Forbidden(DUPLICATE)
            return self.post(author, full, answers=target)

    def edit(self, post: Post, text: str) -> Post:
        """A new version under a new id, in place of the old one."""
        with self._lock:
            number = self._id(self.clock())
            edited = replace(post, id=number, text=text, versions=(*post.versions, number))
            del self.posts[post.id]
            self.posts[number] = edited
            return edited

    def delete(self, post: Post) -> None:
        """It was never there."""
        with self._lock:
            del self.posts[post.id]

    def message(
        self,
        sender: User,
        recipient: User,
        text: str,
        at: datetime | None = None,
        *,
        media: tuple[Media, ...] = (),
        group: str = "",
    ) -> DirectMessage:
        """Write privately."""
        with self._lock:
            when = at or self.clock()
            number = self._id(when)
            message = DirectMessage(number, sender, recipient, text, when, media, group)
            self.messages[message.id] = message
            return message

    def mentions(self, user: User) -> list[Post]:
        """Posts of others that name or quote the user, newest first."""
        return [p for p in self._listed() if p.author.id != user.id and p.names(user)]

    def written_by(self, user: User) -> list[Post]:
        """A user's own posts, newest first."""
        return [p for p in self._listed() if p.author.id == user.id]

    def search(self, query: str) -> list[Post]:
        """Posts in which every word of the query occurs, newest first.

        Of X's operators it knows from:, to:, conversation_id:, is:retweet (never), quoted phrases
        and a minus before any of them.
        """
        return [p for p in self._listed() if all(_matches(p, *term) for term in _terms(query))]

    def messages_of(self, user: User, other: str = "") -> list[DirectMessage]:
        """What a user wrote and got privately, newest first."""
        with self._lock:
            there = [m for m in self.messages.values() if m.id not in self.hidden]
        newest_first = sorted(there, key=lambda m: int(m.id), reverse=True)
        mine = [m for m in newest_first if user in (m.sender, m.recipient)]
        return [m for m in mine if not other or other in (m.sender.id, m.recipient.id)]

    def _listed(self) -> list[Post]:
        with self._lock:
            there = [p for p in self.posts.values() if p.id not in self.hidden]
        return sorted(there, key=lambda p: int(p.id), reverse=True)

    def _id(self, at: datetime) -> str:
        """A snowflake: the moment in milliseconds, then a number that makes it the only one."""
        self._sequence += 1
        milliseconds = int(at.timestamp() * 1000) - EPOCH_MS
        return str((milliseconds << _SEQUENCE_BITS) + self._sequence % (1 << _SEQUENCE_BITS))


def _terms(query: str) -> Iterator[tuple[str, bool]]:
    for quoted, word in _WORD.findall(query.strip("() ")):
        if quoted:
            yield quoted.lower(), True
        else:
            yield word.removeprefix("-").lower(), not word.startswith("-")


def _matches(post: Post, term: str, wanted: bool) -> bool:
    operator, colon, value = term.partition(":")
    test = _OPERATORS.get(operator) if colon else None
    return (test(post, value) if test else term in post.text.lower()) is wanted


_OPERATORS: Mapping[str, Callable[[Post, str], bool]] = {
    "from": lambda post, value: post.author.handle.lower() == value,
    "to": lambda post, value: (
        post.answers is not None and post.answers.author.handle.lower() == value
    ),
    "conversation_id": lambda post, value: post.conversation == value,
    "is": lambda post, value: False,
}
