"""A post of X, in either spelling of its fields, as a message of the desk."""

from __future__ import annotations

import hashlib
import html
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from connectors.twitter.ids import is_id, moment
from connectors.twitter.media import with_words
from connectors.twitter.rows import Json, Person
from connectors.twitter.thread import POSTS_MOST, joined
from monitor.message import IncomingMessage, Party

_ESCAPED = re.compile(r"&(?:amp|lt|gt);")
_HANDLES_FIRST = re.compile(r"(?:@\w{1,15}\s+)+")
_SHORTENED = "https://t.co/"
_ENTITIES_MOST = 50
_SNOWFLAKES_FROM = 1 << 40
FOUND = "found by search"


@dataclass(frozen=True, slots=True)
class Post:
    """The parts of a post that we use; ids are text as X writes them, "" where there is none."""

    row: Json

    @property
    def id(self) -> str:
        """Of the version that is shown now."""
        return _id(self.row.get("id"))

    @property
    def first_id(self) -> str:
        """Of the first version: an edit gives a post another id, and doesn't make another post."""
        return min(self._versions, key=int, default=self.id)

    @property
    def newest_id(self) -> str:
        """Of the last version, which may be another than the one that was asked for."""
        return max((self.id, *self._versions), key=lambda number: int(number or 0))

    @property
    def author(self) -> str:
        return _id(self.row.get("author_id"))

    @property
    def conversation(self) -> str:
        return _id(self.row.get("conversation_id")) or self.first_id

    @property
    def to_user(self) -> str:
        """Whom it is a reply to."""
        return _id(self.row.get("in_reply_to_user_id"))

    @property
    def at(self) -> datetime:
        """When it was first published."""
        number = int(self.first_id)
        if number >= _SNOWFLAKES_FROM:
            return moment(number)
        try:
            return datetime.fromisoformat(str(self.row.get("created_at"))).astimezone(UTC)
        except (ValueError, OverflowError):
            return moment(number)

    @property
    def text(self) -> str:
        """The whole text: long posts have theirs in a note; links as they lead, not as t.co."""
        note = self._note
        found = note.get("text") or self.row.get("text")
        text = found if isinstance(found, str) else ""
        for link in self._entities("urls"):
            short, whole = link.get("url"), link.get("expanded_url")
            if isinstance(short, str) and short.startswith(_SHORTENED) and isinstance(whole, str):
                text = text.replace(short, whole or short, 1)
        return unescaped(text)

    def refers_to(self, kind: str) -> str:
        """The id of the post that it is a reply to ("replied_to"), quotes ("quoted") or repeats."""
        listed = self._either("referenced_tweets", "referenced_posts")
        rows = listed[:_ENTITIES_MOST] if isinstance(listed, list) else []
        ids = (_id(r.get("id")) for r in rows if isinstance(r, dict) and r.get("type") == kind)
        return next(ids, "")

    def mentions(self, user: Person) -> bool:
        """Whether the post names the user, by the list that X makes of its mentions."""
        handle = user.handle.casefold()
        return any(
            m.get("id") == user.id or str(m.get("username")).casefold() == handle
            for m in self._entities("mentions")
        )

    def quotes(self, user: Person) -> bool:
        """Whether it links to a post of the user's, as quotes do."""
        ours = f"/{user.handle.casefold()}/status/"
        links = (str(link.get("expanded_url")).casefold() for link in self._entities("urls"))
        return bool(self.refers_to("quoted")) and any(ours in link for link in links)

    @property
    def _versions(self) -> list[str]:
        listed = self._either("edit_history_tweet_ids", "edit_history_post_ids")
        return [v for v in listed if is_id(v)] if isinstance(listed, list) else []

    @property
    def _note(self) -> Json:
        note = self._either("note_tweet", "note_post")
        return note if isinstance(note, dict) else {}

    def _entities(self, kind: str) -> Iterator[Json]:
        for holder in (self.row, self._note):
            entities = holder.get("entities")
            listed = entities.get(kind) if isinstance(entities, dict) else None
            rows = listed[:_ENTITIES_MOST] if isinstance(listed, list) else []
            yield from (row for row in rows if isinstance(row, dict))

    def _either(self, old: str, new: str) -> Any:
        return self.row[old] if old in self.row else self.row.get(new)


def _id(value: object) -> str:
    return str(value) if is_id(value) else ""


def unescaped(text: str) -> str:
    """As it was written: X escapes three characters."""
    return _ESCAPED.sub(lambda found: html.unescape(found[0]), text)


def name_of(number: str) -> str:
    """A post's id as the desk knows it."""
    return f"post:{number}"


def thread_of(post: Post, customer: str) -> str:
    """What all posts between us and one customer in one conversation have in common."""
    return f"thread:{post.conversation}/{customer}"


def link_to(number: str, handle: str = "") -> str:
    """Where a person opens a post."""
    return f"https://x.com/{handle or 'i'}/status/{number}"


def party(number: str, people: Mapping[str, Person]) -> Party:
    """A user as a customer: the address stays when the handle changes."""
    person = people.get(number)
    if person is None:
        return Party(number)
    handle = f"@{person.handle}" if person.handle else ""
    return Party(number, f"{person.name} {handle}".strip())


def handle_of(customer: Party) -> str:
    """How a customer is spoken to: `@kim`; whatever else is known where that isn't."""
    handle = customer.name.rpartition(" ")[2]
    return handle if handle.startswith("@") else customer.name or customer.address


def may_answer(post: Post, us: Person, source: str) -> bool:
    """Whether X lets programs answer it: its author mentioned us there, or quoted us.

    X's rule since 2026-02-23. Its listing of mentions has quotes of our posts too.
    """
    quoted = bool(post.refers_to("quoted")) and source == "mentions"
    return post.mentions(us) or post.quotes(us) or quoted


def received(
    post: Post, us: Person, people: Mapping[str, Person], source: str, remark: str = ""
) -> IncomingMessage:
    """What somebody wrote to us or about us."""
    answered = post.refers_to("replied_to")
    writer = people.get(post.author)
    return IncomingMessage(
        ext_id=name_of(post.first_id),
        at=post.at,
        author=party(post.author, people),
        keys=(
            name_of(post.first_id),
            thread_of(post, post.author),
            *([name_of(answered)] if answered else []),
        ),
        text=with_words(_without_us(post.text, us, is_reply=bool(answered)), post.row),
        kind=_kind(post, us, source),
        to=(f"@{us.handle}",),
        url=link_to(post.id, writer.handle if writer else ""),
        raw=as_source(post.row, us, source),
        remark=remark,
        revision=post.newest_id,
    )


def written(
    post: Post, us: Person, source: str, below: Mapping[str, Post]
) -> IncomingMessage | None:
    """What one of us answered in X itself; None where it answers nobody.

    `below` are posts of ours by what each answers: a numbered thread of them is one answer.
    """
    if not post.id or not post.to_user or post.to_user == us.id:
        return None
    return IncomingMessage(
        ext_id=name_of(post.first_id),
        at=post.at,
        author=Party(us.id, f"@{us.handle}"),
        keys=(
            name_of(post.first_id),
            name_of(post.refers_to("replied_to")),
            thread_of(post, post.to_user),
        ),
        text=joined([_without_handles(each.text) for each in _thread(post, below)]),
        kind="reply",
        to=(post.to_user,),
        url=link_to(post.id, us.handle),
        raw=as_source(post.row, us, source),
        outgoing=True,
        revision=post.newest_id,
    )


def deleted(number: str, now: datetime) -> IncomingMessage:
    """A post that is gone, by the id of its first version."""
    name = name_of(number)
    return IncomingMessage(name, now, Party(""), (name,), deleted=True)


def _thread(first: Post, below: Mapping[str, Post]) -> list[Post]:
    found = [first]
    while (after := below.get(found[-1].id)) and len(found) < POSTS_MOST:
        found.append(after)
    return found


def as_source(row: Json, us: Person, source: str) -> bytes:
    """The row as it came, with whose reading it was: an answer needs both."""
    kept = {"row": row, "us": {"id": us.id, "handle": us.handle, "name": us.name}, "from": source}
    return json.dumps(kept, ensure_ascii=False).encode("utf-8", "backslashreplace")


def _kind(post: Post, us: Person, source: str) -> str:
    if post.to_user == us.id:
        return "reply"
    if source == "search" and not post.mentions(us):
        return FOUND
    return "quote" if post.refers_to("quoted") else "mention"


def _without_us(text: str, us: Person, *, is_reply: bool) -> str:
    """Without the handles at the front, which X itself hides in replies; ours says nothing new."""
    if is_reply:
        return _without_handles(text)
    ours = f"@{us.handle} "
    return text[len(ours) :].lstrip() if text.casefold().startswith(ours.casefold()) else text


def _without_handles(text: str) -> str:
    front = _HANDLES_FIRST.match(text)
    return text[front.end() :] if front and front.end() < len(text) else text


def unreadable(row: Json, now: datetime) -> IncomingMessage:
    """X lists it, and does not say what it is: kept, and looked at by a person."""
    source = json.dumps(row, ensure_ascii=False, sort_keys=True).encode("utf-8", "replace")
    name = f"unreadable:{hashlib.sha256(source).hexdigest()[:32]}"
    problem = "X lists this without its id or its author"
    return IncomingMessage(name, now, Party(""), (name,), raw=source, problem=problem)
