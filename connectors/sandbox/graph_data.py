"""What is on a played Facebook page: posts, comments, conversations, and who wrote them."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any


@dataclass(frozen=True)
class Person:
    """Somebody on Facebook; one whose name is withheld has none in any answer."""

    id: str
    name: str
    withheld: bool = False


@dataclass(eq=False)
class Post:
    """A post on the page (`edge` says by whom: published_posts, visitor_posts, tagged)."""

    id: str
    author: Person
    message: str
    created: datetime
    edge: str
    updated: datetime
    deleted: bool = False
    privately: Conversation | None = None
    comments: list[Comment] = field(default_factory=list)
    attachments: list[dict[str, Any]] = field(default_factory=list)


@dataclass(eq=False)
class Comment:
    """A comment under a post; `parent` is the comment under which it stands.

    `below` is what its author wrote it below, which Facebook itself doesn't keep.
    """

    id: str
    author: Person
    message: str
    created: datetime
    post: Post
    parent: Comment | None = None
    tags: tuple[Person, ...] = ()
    attachment: dict[str, Any] | None = None
    below: Post | Comment | None = None
    hidden: bool = False
    closed: bool = False
    deleted: bool = False
    privately: Conversation | None = None


@dataclass(eq=False)
class ChatMessage:
    """A message on Messenger."""

    id: str
    author: Person
    message: str
    created: datetime
    conversation: Conversation
    attachments: list[dict[str, Any]] = field(default_factory=list)
    sticker: str = ""
    deleted: bool = False


@dataclass(eq=False)
class Conversation:
    """What a person and the page write to each other on Messenger."""

    id: str
    person: Person
    messages: list[ChatMessage] = field(default_factory=list)
    left: bool = False

    @property
    def updated(self) -> datetime:
        """When the last message was written."""
        return max(m.created for m in self.messages)

    @property
    def last_word(self) -> datetime | None:
        """When the customer last wrote."""
        return max((m.created for m in self.messages if m.author is self.person), default=None)


class Page:
    """The page and all that is on it; every method may be called from any thread.

    With `other_ids` people have other ids on Messenger than where they comment; `barring` are those
    of them who take no message of the page's.
    """

    def __init__(self, clock: Callable[[], datetime] | None = None) -> None:
        self.clock = clock or (lambda: datetime.now(UTC))
        self.me = Person("100200300400", "Acme")
        self.posts: dict[str, Post] = {}
        self.comments: dict[str, Comment] = {}
        self.conversations: dict[str, Conversation] = {}
        self.messages: dict[str, ChatMessage] = {}
        self.other_ids = False
        self.barring: set[str] = set()
        self.lock = threading.RLock()
        self._messengers: dict[str, Person] = {}
        self._numbers = itertools.count(700_000_001)

    def person(self, name: str, *, withheld: bool = False) -> Person:
        """Somebody new."""
        return Person(str(next(self._numbers)), name, withheld)

    def publish(self, message: str, at: datetime | None = None) -> Post:
        """A post of the page's own."""
        return self._post(self.me, message, at, "published_posts")

    def visitor_posts(self, author: Person, message: str, at: datetime | None = None) -> Post:
        """Somebody writes on the page."""
        return self._post(author, message, at, "visitor_posts")

    def tag(self, author: Person, message: str, at: datetime | None = None) -> Post:
        """Somebody names the page in a post of theirs; Facebook does not say who."""
        return self._post(author, message, at, "tagged")

    def _post(self, author: Person, message: str, at: datetime | None, edge: str) -> Post:
        with self.lock:
            now = at or self.clock()
            post = Post(f"{self.me.id}_{next(self._numbers)}", author, message, now, edge, now)
            self.posts[post.id] = post
            return post

    def comment(
        self, author: Person, message: str, on: Post | Comment, at: datetime | None = None,
        tags: tuple[Person, ...] = (), attachment: dict[str, Any] | None = None,
    ) -> Comment:  # fmt: skip
        """Somebody (the page too) comments; an answer to an answer stands beside it."""
        with self.lock:
            post = on if isinstance(on, Post) else on.post
            parent = None if isinstance(on, Post) else on.parent or on
            number = f"{post.id.partition('_')[2]}_{next(self._numbers)}"
            made = Comment(
                number,
                author,
                message,
                at or self.clock(),
                post,
                parent,
                tags,
                attachment,
                below=on,
            )
            post.comments.append(made)
            post.updated = max(post.updated, made.created)
            self.comments[number] = made
            return made

    def write(
        self, person: Person, message: str, at: datetime | None = None,
        attachments: tuple[dict[str, Any], ...] = (), sticker: str = "",
    ) -> ChatMessage:  # fmt: skip
        """Somebody writes to the page on Messenger."""
        return self._message(person, person, message, at, list(attachments), sticker)

    def answer(self, person: Person, message: str, at: datetime | None = None) -> ChatMessage:
        """The page writes to somebody on Messenger."""
        return self._message(self.me, person, message, at, [], "")

    def on_messenger(self, person: Person) -> Person:
        """Somebody as Messenger knows them."""
        if not self.other_ids or person in self._messengers.values():
            return person
        other = Person(f"9{person.id}", person.name)
        return self._messengers.setdefault(person.id, other)

    def _message(
        self, author: Person, person: Person, message: str, at: datetime | None,
        attachments: list[dict[str, Any]], sticker: str,
    ) -> ChatMessage:  # fmt: skip
        with self.lock:
            writes = author is person
            person = self.on_messenger(person)
            author = person if writes else author
            thread = f"t_{person.id}"
            conversation = self.conversations.setdefault(thread, Conversation(thread, person))
            made = ChatMessage(
                f"m_{next(self._numbers)}", author, message, at or self.clock(), conversation,
                attachments, sticker,
            )  # fmt: skip
            conversation.messages.append(made)
            self.messages[made.id] = made
            return made

    def edit(self, what: Post | Comment | ChatMessage, message: str) -> None:
        """Its author changes the words; nothing else tells of it."""
        with self.lock:
            what.message = message

    def delete(self, what: Post | Comment | ChatMessage) -> None:
        """It is gone for everybody."""
        with self.lock:
            what.deleted = True
