"""A direct message of X as a message of the desk."""

from __future__ import annotations

from collections.abc import Mapping

from connectors.twitter.ids import is_id, moment
from connectors.twitter.media import with_words
from connectors.twitter.posts import as_source, party, unescaped
from connectors.twitter.rows import Json, Person
from monitor.message import IncomingMessage, Party

KIND = "direct message"
SOURCE = "messages"
ONLY_IN_X = "can't be answered from here: others are in this conversation; answer it in X itself"


def name_of(number: str) -> str:
    """A message's id as the desk knows it."""
    return f"dm:{number}"


def readable(row: Json) -> bool:
    """Whether it says which message it is, and whose."""
    return is_id(row.get("id")) and is_id(row.get("sender_id"))


def number_of(row: Json) -> int:
    """Its id, 0 where it has none."""
    return int(row["id"]) if is_id(row.get("id")) else 0


def in_group(row: Json) -> bool:
    """Whether more than two are in its conversation."""
    return "-" not in _conversation(row)


def received(row: Json, us: Person, people: Mapping[str, Person]) -> IncomingMessage:
    """What a customer wrote privately."""
    sender = str(row["sender_id"])
    number = str(row["id"])
    return IncomingMessage(
        ext_id=name_of(number),
        at=moment(int(number)),
        author=party(sender, people),
        keys=(name_of(number), _thread(row, sender)),
        text=with_words(text_of(row), row),
        kind=KIND,
        to=(f"@{us.handle}",),
        url=f"https://x.com/messages/{_conversation(row)}",
        raw=as_source(row, us, SOURCE),
        remark=ONLY_IN_X if in_group(row) else "",
    )


def written(row: Json, us: Person) -> IncomingMessage | None:
    """What one of us wrote privately in X itself; None where it isn't known to whom."""
    conversation, number = _conversation(row), str(row["id"])
    others = [user for user in conversation.split("-") if user != us.id]
    if in_group(row) or len(others) != 1:
        return None
    return IncomingMessage(
        ext_id=name_of(number),
        at=moment(int(number)),
        author=Party(us.id, f"@{us.handle}"),
        keys=(name_of(number), _thread(row, others[0])),
        text=text_of(row),
        kind=KIND,
        to=(others[0],),
        raw=as_source(row, us, SOURCE),
        outgoing=True,
    )


def text_of(row: Json) -> str:
    """What was written, "" where there is no text."""
    text = row.get("text")
    return unescaped(text) if isinstance(text, str) else ""


def _conversation(row: Json) -> str:
    return str(row.get("dm_conversation_id") or "")


def _thread(row: Json, customer: str) -> str:
    return f"dms:{_conversation(row)}/{customer}"
