"""What the played Graph API does for each call: objects, edges page by page, and writing."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any, TypeVar
from urllib.parse import urlencode

from connectors.sandbox.graph_data import ChatMessage, Comment, Conversation, Page, Person, Post
from connectors.sandbox.graph_fields import Field, GraphError, parse_fields, shown
from monitor.clock import EPOCH

Query = Mapping[str, str]
_MOST_A_PAGE = 100
_DETAILED_MESSAGES = 20
_RESPONSE = timedelta(hours=24)
_HUMAN_AGENT = _PRIVATE = timedelta(days=7)
_PRIVATELY: Mapping[str, type[Post | Comment]] = {"comment_id": Comment, "post_id": Post}


class Calls:
    """The API over one page, with what was `written` through it, for its customers to read.

    `empty_pages` puts so many empty ones, linked on, before each edge; pages of more than
    `most_a_page` are refused as too much data.
    """

    def __init__(self, page: Page) -> None:
        self.page = page
        self.empty_pages = 0
        self.most_a_page = _MOST_A_PAGE
        self.written: list[Comment | ChatMessage] = []

    def get(self, path: str, query: Query, link: str) -> dict[str, Any]:
        """GET: an object, or an edge of one; `link` is what the next page's address begins with."""
        name, _, edge = path.partition("/")
        node = self._node(name)
        if edge:
            return self._edge(node, edge, query, link)
        wanted = _wanted(query)
        return shown(self.page, node, wanted, lambda n, f: self._expanded(n, f, link))

    def post(self, path: str, form: Query) -> dict[str, Any]:
        """POST: a comment under something, or a message of the page's."""
        name, _, edge = path.partition("/")
        node = self._node(name)
        if edge == "comments" and isinstance(node, Post | Comment):
            made = self._comment(node, form.get("message", ""))
            self.written.append(made)
            return {"id": made.id}
        if edge == "messages" and isinstance(node, Page):
            sent = self._send(form)
            self.written.append(sent)
            return {"recipient_id": sent.conversation.person.id, "message_id": sent.id}
        raise GraphError(100, f"Unsupported post request to {edge}")

    def _node(self, name: str) -> Any:
        page = self.page
        if name in (page.me.id, "me"):
            return page
        for kept in (page.posts, page.comments, page.conversations, page.messages):
            node = kept.get(name)
            if node is not None and not getattr(node, "deleted", False):
                return node
        raise _gone(name)

    def _edge(self, node: Any, edge: str, query: Query, link: str) -> dict[str, Any]:
        items = self._items(node, edge, query)
        size = min(int(query.get("limit", "25")), _MOST_A_PAGE)
        if size > self.most_a_page:
            said = "Please reduce the amount of data you're asking for, then retry your request"
            raise GraphError(1, said, status=500)
        last, empty = _place(query.get("after", ""))
        at = next((n for n, i in enumerate(items, 1) if i.id == last), 0) if last else 0
        bare = empty < self.empty_pages
        part = [] if bare else items[at : at + size]
        more = bare or at + size < len(items)
        wanted, expand = _wanted(query), lambda n, f: self._expanded(n, f, link)
        answer: dict[str, Any] = {"data": [shown(self.page, i, wanted, expand) for i in part]}
        if part or more:
            after = _after(part[-1].id if part else last, empty + bare)
            answer["paging"] = {"cursors": {"before": _after(last, empty), "after": after}}
            if more:
                args = {k: v for k, v in query.items() if k != "summary"} | {"after": after}
                answer["paging"]["next"] = f"{link}/{_name(node)}/{edge}?{urlencode(args)}"
        if "summary" in query:
            answer["summary"] = {"order": "ranked", "total_count": len(items)}
        return answer

    def _expanded(self, node: Any, field: Field, link: str) -> dict[str, Any]:
        """An edge among the fields: `comments.filter(stream).limit(0).summary(total_count)`."""
        if field.name not in _EDGES.get(type(node), {}):
            raise GraphError(100, f"Tried accessing nonexisting field ({field.name})")
        query = dict(field.modifiers)
        if field.fields:
            query["fields"] = _written(field.fields)
        return self._edge(node, field.name, query, link)

    def _items(self, node: Any, edge: str, query: Query) -> Sequence[Any]:
        lister = _EDGES.get(type(node), {}).get(edge)
        if not lister:
            raise GraphError(100, f"Tried accessing nonexisting field ({edge})")
        return lister(self.page, node, query)

    def _comment(self, on: Post | Comment, message: str) -> Comment:
        if not message:
            raise GraphError(100, "A comment must have a message")
        if isinstance(on, Comment) and on.closed:
            raise GraphError(200, "Commenting is not allowed here", status=403)
        return self.page.comment(self.page.me, message, on)

    def _send(self, form: Query) -> ChatMessage:
        recipient, message = _object(form, "recipient"), _object(form, "message")
        for name, kind in _PRIVATELY.items():
            if name in recipient:
                return self._privately(str(recipient[name]), name, kind, str(message["text"]))
        thread = self.page.conversations.get(f"t_{recipient.get('id')}")
        if thread is None:
            raise GraphError(100, "No matching user found", subcode=2018001)
        if thread.left:
            raise GraphError(551, "This person isn't available right now.", subcode=1545041)
        self._check_window(thread, form)
        return self.page.answer(thread.person, str(message.get("text")))

    def _check_window(self, thread: Conversation, form: Query) -> None:
        late = self.page.clock() - (thread.last_word or EPOCH)
        if form.get("messaging_type") == "MESSAGE_TAG":
            if form.get("tag") != "HUMAN_AGENT":
                raise GraphError(100, "Invalid tag: only HUMAN_AGENT is supported")
            allowed = _HUMAN_AGENT
        else:
            allowed = _RESPONSE
        if late >= allowed:
            outside = "This message is sent outside of allowed window."
            raise GraphError(10, outside, subcode=2018278, status=403)

    def _privately(
        self, number: str, name: str, kind: type[Post | Comment], text: str
    ) -> ChatMessage:
        """One message for each comment or post of somebody else's, within seven days."""
        asked = self.page.comments.get(number) or self.page.posts.get(number)
        if not isinstance(asked, kind) or asked.deleted:
            raise GraphError(100, f"Invalid {name} parameter", subcode=2018292)
        if asked.privately:
            raise GraphError(10900, "Activity already replied to")
        late = self.page.clock() - asked.created >= _PRIVATE
        if late or asked.author.id in self.page.barring or asked.author is self.page.me:
            raise GraphError(10903, "This user can't reply to this activity")
        sent = self.page.answer(asked.author, text)
        asked.privately = sent.conversation
        return sent


def _posts(edge: str) -> Callable[[Page, Page, Query], Sequence[Any]]:
    def listed(page: Page, node: Page, query: Query) -> Sequence[Post]:
        there = [p for p in page.posts.values() if edge in ("feed", p.edge) and not p.deleted]
        return _newest_first(there)

    return listed


def _comments(page: Page, node: Post | Comment, query: Query) -> Sequence[Comment]:
    since = int(query.get("since", "0"))
    post = node if isinstance(node, Post) else node.post
    stream = query.get("filter") == "stream" and isinstance(node, Post)
    under = None if isinstance(node, Post) else node
    there = [c for c in post.comments if not c.deleted and (stream or c.parent is under)]
    there = [c for c in there if c.created.timestamp() >= since]
    if query.get("order") == "reverse_chronological":
        return _newest_first(there)
    return sorted(there, key=lambda c: c.created)


def _conversations(page: Page, node: Page, query: Query) -> Sequence[Conversation]:
    if query.get("platform", "messenger").lower() != "messenger":
        return []
    whose = query.get("user_id")
    there = [c for c in page.conversations.values() if whose in (None, c.person.id)]
    return sorted(there, key=lambda c: c.updated, reverse=True)


def _messages(page: Page, node: Conversation, query: Query) -> Sequence[ChatMessage]:
    newest_first = _newest_first([m for m in node.messages if not m.deleted])
    old = newest_first[_DETAILED_MESSAGES:]
    return newest_first[:_DETAILED_MESSAGES] + [_faded(m) for m in old]


def _faded(message: ChatMessage) -> ChatMessage:
    """Beyond the newest twenty Facebook shows no words any more."""
    nobody = Person("", "", withheld=True)
    said = "This message is no longer available"
    return ChatMessage(message.id, nobody, said, message.created, message.conversation)


_Dated = TypeVar("_Dated", Post, Comment, ChatMessage)


def _newest_first(there: Sequence[_Dated]) -> list[_Dated]:
    """Of those of one moment the last made comes first."""
    return sorted(there, key=lambda one: one.created)[::-1]


_POST_EDGES = ("published_posts", "visitor_posts", "tagged", "feed")
_EDGES: dict[type, dict[str, Callable[[Page, Any, Query], Sequence[Any]]]] = {
    Page: {name: _posts(name) for name in _POST_EDGES} | {"conversations": _conversations},
    Post: {"comments": _comments},
    Comment: {"comments": _comments},
    Conversation: {"messages": _messages},
}


def _wanted(query: Query) -> tuple[Field, ...]:
    return parse_fields(query["fields"]) if query.get("fields") else ()


def _written(fields: Sequence[Field]) -> str:
    return ",".join(
        f.name + "".join(f".{k}({v})" for k, v in f.modifiers.items())
        + (f"{{{_written(f.fields)}}}" if f.fields else "")
        for f in fields
    )  # fmt: skip


def _object(form: Query, name: str) -> dict[str, Any]:
    try:
        value = json.loads(form[name])
    except (KeyError, ValueError):
        value = None
    if not isinstance(value, dict):
        raise GraphError(100, f"param {name} must be a JSON object")
    return value


def _name(node: Any) -> str:
    return str(node.me.id if isinstance(node, Page) else node.id)


def _gone(name: str) -> GraphError:
    said = (
        f"Unsupported request. Object with ID '{name}' does not exist, cannot be loaded due to "
        "missing permissions, or does not support this operation."
    )
    return GraphError(100, said, subcode=33)


def _after(last: str, empty: int) -> str:
    """Where a page begins: after an item, and after so many empty pages."""
    return base64.urlsafe_b64encode(f"{last},{empty}".encode()).decode()


def _place(after: str) -> tuple[str, int]:
    if not after:
        return "", 0
    last, _, empty = base64.urlsafe_b64decode(after).decode().partition(",")
    return last, int(empty)
