"""The `fields` of the played Graph API: read as it reads them, refused where it has none."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from connectors.sandbox.graph_data import ChatMessage, Comment, Conversation, Page, Person, Post

_NAME = re.compile(r"[a-z_]+")
_MODIFIER = re.compile(r"\.([a-z_]+)\(([^()]*)\)")


class GraphError(Exception):
    """An error as the Graph API answers it."""

    def __init__(
        self, code: int, message: str, *, subcode: int = 0, status: int = 400,
        transient: bool = False,
    ) -> None:  # fmt: skip
        super().__init__(message)
        self.status = status
        self.body = {
            "message": f"(#{code}) {message}",
            "type": "OAuthException",
            "code": code,
            "fbtrace_id": "Aplayed",
        }
        if subcode:
            self.body["error_subcode"] = subcode
        if transient:
            self.body["is_transient"] = True


@dataclass(frozen=True)
class Field:
    """A field that is asked for: `comments.limit(3){id}` has both modifiers and fields."""

    name: str
    modifiers: Mapping[str, str] = field(default_factory=dict)
    fields: tuple[Field, ...] = ()


def parse_fields(text: str) -> tuple[Field, ...]:
    """GraphError 2500 where it is no list of fields."""
    fields, at = _list(text, 0)
    if at != len(text):
        raise _syntax(text, at)
    return fields


def _list(text: str, at: int) -> tuple[tuple[Field, ...], int]:
    found = []
    while True:
        one, at = _one(text, at)
        found.append(one)
        if text[at : at + 1] != ",":
            return tuple(found), at
        at += 1


def _one(text: str, at: int) -> tuple[Field, int]:
    name = _NAME.match(text, at)
    if not name:
        raise _syntax(text, at)
    at, modifiers = name.end(), {}
    while said := _MODIFIER.match(text, at):
        modifiers[said[1]] = said[2]
        at = said.end()
    if text[at : at + 1] != "{":
        return Field(name[0], modifiers), at
    inner, at = _list(text, at + 1)
    if text[at : at + 1] != "}":
        raise _syntax(text, at)
    return Field(name[0], modifiers, inner), at + 1


def _syntax(text: str, at: int) -> GraphError:
    return GraphError(2500, f"Syntax error at character {at}: {text[at : at + 10]}")


Made = Any
Maker = Callable[[Page, Any], Made]


def _time(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S+0000")


def _person(person: Person) -> dict[str, str]:
    return {"name": person.name, "id": person.id}


def _author(page: Page, node: Post | Comment | ChatMessage) -> dict[str, str] | None:
    tagged = isinstance(node, Post) and node.edge == "tagged"
    return None if node.author.withheld or tagged else _person(node.author)


def _tags(page: Page, node: Comment) -> list[dict[str, str]] | None:
    return [_person(p) | {"type": "user"} for p in node.tags] or None


def _takes_private(page: Page, node: Post | Comment) -> bool:
    return not node.privately and node.author is not page.me


def _parent(page: Page, node: Comment) -> Comment | None:
    return node.parent


_COMMON: dict[str, Maker] = {
    "id": lambda page, node: node.id,
    "from": _author,
    "message": lambda page, node: node.message or None,
    "created_time": lambda page, node: _time(node.created),
}
_POST: dict[str, Maker] = {
    **_COMMON,
    "updated_time": lambda page, node: _time(node.updated),
    "permalink_url": lambda page, node: f"https://www.facebook.com/{node.id}",
    "story": lambda page, node: None,
    "attachments": lambda page, node: {"data": node.attachments} if node.attachments else None,
    "is_hidden": lambda page, node: False,
    "can_reply_privately": _takes_private,
}
_COMMENT: dict[str, Maker] = {
    **_COMMON,
    "parent": _parent,
    "message_tags": _tags,
    "attachment": lambda page, node: node.attachment,
    "is_hidden": lambda page, node: node.hidden,
    "can_comment": lambda page, node: not node.closed,
    "can_reply_privately": _takes_private,
    "private_reply_conversation": lambda page, node: node.privately,
    "comment_count": lambda page, node: sum(c.parent is node for c in node.post.comments),
    "permalink_url": lambda page, node: f"https://www.facebook.com/{node.post.id}?c={node.id}",
}
_CONVERSATION: dict[str, Maker] = {
    "id": lambda page, node: node.id,
    "updated_time": lambda page, node: _time(node.updated),
    "link": lambda page, node: f"/{page.me.id}/inbox/{node.person.id}/",
    "participants": lambda page, node: {"data": [_person(node.person), _person(page.me)]},
    "can_reply": lambda page, node: not node.left,
    "message_count": lambda page, node: len(node.messages),
    "snippet": lambda page, node: node.messages[-1].message,
    "unread_count": lambda page, node: 0,
}
_MESSAGE: dict[str, Maker] = {
    **_COMMON,
    "to": lambda page, node: {"data": [_person(node.conversation.person)]},
    "attachments": lambda page, node: {"data": node.attachments} if node.attachments else None,
    "shares": lambda page, node: None,
    "sticker": lambda page, node: node.sticker or None,
}
_PAGE: dict[str, Maker] = {
    "id": lambda page, node: page.me.id,
    "name": lambda page, node: page.me.name,
}
_MAKERS: dict[type, dict[str, Maker]] = {
    Post: _POST,
    Comment: _COMMENT,
    Conversation: _CONVERSATION,
    ChatMessage: _MESSAGE,
    Page: _PAGE,
}
_DEFAULTS: dict[type, str] = {
    Post: "id,message,created_time",
    Comment: "id,from,message,created_time",
    Conversation: "id,link,updated_time",
    ChatMessage: "id,created_time",
    Page: "id,name",
}
Edge = Callable[[Any, Field], dict[str, Any]]


def shown(page: Page, node: Any, wanted: tuple[Field, ...], edge: Edge) -> dict[str, Any]:
    """The node with the wanted fields; `edge` makes those that are lists of other nodes."""
    answer: dict[str, Any] = {}
    for one in wanted or parse_fields(_DEFAULTS[type(node)]):
        maker = _MAKERS[type(node)].get(one.name)
        value = maker(page, node) if maker else edge(node, one)
        if isinstance(value, Comment | Conversation):
            value = shown(page, value, one.fields, edge)
        if value is not None:
            answer[one.name] = value
    return answer | {"id": page.me.id if isinstance(node, Page) else node.id}
