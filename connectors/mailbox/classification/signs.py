"""The header fields of a mail, read once, as the signs that its classification rests on."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email.message import Message

from connectors.mailbox import headers
from monitor.clean import keepable

_FIELD_CHARS = 2000
_ADDRESS = re.compile(r"[^\s<>\"(),:;@]{1,128}@[^\s<>\"(),:;@]{1,255}")
_NULL_PATH = re.compile(
    r"\s*(?:<\s*>|<#@\[\]>|$)|[\s<]*(?:mailer-daemon|post-?master)\b", re.IGNORECASE
)
_WORD_ENDS = re.compile(r"[\s;(]")
# Surrogates but those in which the standard parser keeps bytes that are no ASCII.
_NEVER_BYTES = re.compile("[\\ud800-\\udc7f\\udd00-\\udfff]")
_BOUNCE_HOP = "for bounce"


def sound(text: str) -> str:
    """Text that can be kept, whatever bytes it came from."""
    if text.isascii():
        return text if "\0" not in text else keepable(text)
    data = _NEVER_BYTES.sub("\ufffd", text).encode("utf-8", "surrogateescape")
    return keepable(headers.decode_bytes(data, "utf-8"))


@dataclass(frozen=True, slots=True)
class Signs:
    """What the header says; `values` has the first field of each name, the name in lower case."""

    message: Message
    values: Mapping[str, str]
    bounce_hop: bool

    def raw(self, name: str) -> str:
        """The field as it came, on one line and of bounded length, "" where there is none."""
        value = self.values.get(name, "")
        return sound(" ".join(value[:_FIELD_CHARS].split())) if value else ""

    def word(self, name: str) -> str:
        """The field's first word in lower case, without comments and parameters."""
        value = self.raw(name)
        return _WORD_ENDS.split(value.lower(), maxsplit=1)[0] if value else ""

    def decoded(self, name: str) -> str:
        """The field as a person reads it."""
        value = self.raw(name)
        plain = value.isascii() and "=?" not in value and "\x1b" not in value
        return value if plain else sound(headers.field(self.message, name)[:_FIELD_CHARS])

    def address(self, name: str) -> str:
        """The first address in the field, in lower case."""
        found = _ADDRESS.search(self.raw(name))
        return found[0].lower() if found else ""

    def any_of(self, names: Sequence[str]) -> str:
        """The first of these names that the header has, "" where it has none."""
        if self.values.keys().isdisjoint(names):
            return ""
        return next(name for name in names if name in self.values)

    @property
    def content_type(self) -> str:
        return self.raw("content-type").lower()

    @property
    def null_path(self) -> bool:
        """Nobody wants to hear of it if it fails (RFC 5321, 4.5.5), so nobody is to be answered."""
        path = self.values.get("return-path")
        return path is not None and _NULL_PATH.match(path[:_FIELD_CHARS]) is not None


def read(message: Message) -> Signs:
    """One walk over the header fields."""
    values: dict[str, str] = {}
    bounce_hop = False
    for name, value in message.raw_items():
        key = name.lower()
        if key not in values:
            values[key] = value
        elif key == "received" and _BOUNCE_HOP in value[:_FIELD_CHARS]:
            bounce_hop = True
    return Signs(message, values, bounce_hop or _BOUNCE_HOP in values.get("received", ""))
