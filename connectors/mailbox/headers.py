"""Fields of a message that the standard library has parsed, in Unicode."""

from __future__ import annotations

from collections.abc import Iterator
from email.message import Message

from connectors.mailbox.mime import Mailbox, addresses
from connectors.mailbox.mime import headers as mime_headers
from connectors.mailbox.mime.charsets import decode_bytes
from connectors.mailbox.mime.words import decode_words, on_one_line

HEADER_CHARS = mime_headers.FIELD_CHARS

__all__ = [
    "HEADER_CHARS", "decode_bytes", "decode_words", "field", "fields", "mailboxes", "message_ids",
]  # fmt: skip


def field(message: Message, name: str) -> str:
    """A field's text on one line, "" where there is none."""
    return on_one_line(decode_words(next(fields(message, name), "")))


def fields(message: Message, name: str) -> Iterator[str]:
    """Each field of that name, unfolded and still encoded."""
    wanted = name.lower()
    for key, value in message.raw_items():
        if key.lower() == wanted:
            data = str(value)[:HEADER_CHARS].encode("utf-8", "surrogateescape")
            yield on_one_line(decode_bytes(data))


def mailboxes(message: Message, name: str, most: int = 1000) -> list[Mailbox]:
    """The mailboxes of a field that name an address, at most so many."""
    found = addresses.mailboxes(fields(message, name), most)
    return [mailbox for mailbox in found if mailbox.address]


def message_ids(message: Message, name: str, most: int = 100) -> list[str]:
    """The ids of a field, at most so many: the first, and the last of the others."""
    return mime_headers.message_ids(fields(message, name), most)
