"""A comment, a post or a message of the Graph API as the desk takes it in."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import datetime

from connectors.facebook.attachments import files, in_words, revision, words
from connectors.facebook.values import Node, child, data, moment, nodes, text, without_paging
from connectors.facebook.ways import COMMENT, MESSAGE
from monitor.message import IncomingMessage, Party, preview

WITHHELD = "name withheld by Facebook"
_SITE = "https://www.facebook.com"
_SUBJECT_CHARS = 60
_PAGING = '"paging"'
_encode = json.JSONEncoder(ensure_ascii=False).encode


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads what the page `page` is shown; `now` stands in for a time that is missing."""

    page: str
    now: datetime

    def comment(self, comment: Node, post: Node) -> IncomingMessage | None:
        """A customer's comment, or the page's own under a customer's; None for its others."""
        if _author(comment) == self.page:
            return self._own_comment(comment, post)
        number, author = text(comment, "id"), self._customer(comment)
        top = text(child(comment, "parent"), "id") or number
        keys = [number, _thread(top, author)]
        if _customers_own(post, author):
            keys.append(_thread(text(post, "id"), author))
        about = preview(text(post, "message"))[:_SUBJECT_CHARS]
        return self._item(
            comment, COMMENT, author, tuple(keys), {"post": text(post, "id")},
            f"comment on: {about}" if about else "",
        )  # fmt: skip

    def _own_comment(self, comment: Node, post: Node) -> IncomingMessage | None:
        """It answers whom it names, else the writer of what it stands under."""
        above = child(comment, "parent") or post
        top, author = text(above, "id"), self._customer(above)
        named = [t for t in _named(comment) if t not in (self.page, author.address)]
        if not named and _author(above) == self.page:
            return None
        keys = [text(comment, "id"), *(_thread(top, Party(n)) for n in named), _thread(top, author)]
        # In a thread of several customers it may be meant for any that it names.
        read = self._item(comment, COMMENT, self._ourselves(comment), tuple(keys), {})
        return replace(read, outgoing=True, to=(*named, author.address))

    def post(self, post: Node, kind: str) -> IncomingMessage | None:
        """What a visitor wrote on the page, or a post that names it; None for the page's own."""
        if _author(post) == self.page:
            return None
        number, author = text(post, "id"), self._customer(post)
        return self._item(post, kind, author, (number, _thread(number, author)), {"post": number})

    def message(self, message: Node, conversation: Node, answered: str = "") -> IncomingMessage:
        """A message on Messenger, the customer's or the page's.

        `answered` is the page's own message before it, which may be a private reply to a comment:
        that is how the customer's next word finds the conversation that it began in.
        """
        number, thread = text(message, "id"), text(conversation, "id")
        own = _author(message) == self.page
        author = self._ourselves(message) if own else self._customer(message)
        keys = tuple(filter(None, (number, thread, "" if own else answered)))
        read = self._item(message, MESSAGE, author, keys, {"conversation": thread})
        read = replace(read, url=_link(conversation))
        if not own:
            return read
        others = data(message, "to") or data(conversation, "participants")
        to = tuple(i for p in others if (i := text(p, "id")) and i != self.page)
        return replace(read, outgoing=True, to=to)

    def _item(
        self, node: Node, kind: str, author: Party, keys: tuple[str, ...], where: dict[str, str],
        subject: str = "",
    ) -> IncomingMessage:  # fmt: skip
        at = moment(node, "created_time")
        return IncomingMessage(
            ext_id=text(node, "id"),
            at=at or self.now,
            author=author,
            keys=keys,
            subject=subject,
            text="\n".join(filter(None, (words(node), in_words(node)))),
            kind=kind,
            url=text(node, "permalink_url"),
            raw=_source(where | {"kind": kind}, node).encode("utf-8", "replace"),
            problem="" if at else "Facebook names no time for it",
            attachments=files(node),
            revision=revision(node),
        )

    def is_customers(self, node: Node) -> bool:
        """Whether somebody else than the page wrote it."""
        return _author(node) != self.page

    def gone(self, number: str) -> IncomingMessage:
        """What is not there any more."""
        return IncomingMessage(number, self.now, Party(""), (number,), deleted=True)

    def _ourselves(self, node: Node) -> Party:
        return Party(self.page, text(child(node, "from"), "name") or "the page")

    @staticmethod
    def _customer(node: Node) -> Party:
        """Who wrote it; where that is withheld, somebody who is nobody else."""
        author = _author(node)
        if author:
            return Party(author, text(child(node, "from"), "name"))
        return Party(f"withheld:{text(node, 'id')}", WITHHELD)


def _source(about: dict[str, str], node: Node) -> str:
    """What an answer needs to know comes first; the rest is as Facebook gave it, but for links."""
    try:
        as_given = _encode({**about, "node": node})
    except RecursionError:
        as_given = _PAGING
    if _PAGING not in as_given:
        return as_given
    return _encode({**about, "node": without_paging(node)})


def _author(node: Node) -> str:
    return text(child(node, "from"), "id")


def _customers_own(post: Node, author: Party) -> bool:
    return bool(_author(post)) and _author(post) == author.address


def _thread(top: str, author: Party) -> str:
    """One customer's part of what is written below one comment or post."""
    return f"{top}:{author.address}"


def _named(comment: Node) -> list[str]:
    return [text(tag, "id") for tag in nodes(comment.get("message_tags")) if text(tag, "id")]


def _link(conversation: Node) -> str:
    link = text(conversation, "link")
    return f"{_SITE}{link}" if link.startswith("/") else link
