"""The header fields of a mail, read once, as the signs that its classification rests on."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from connectors.mailbox.mime.charsets import decode_bytes
from connectors.mailbox.mime.headers import Headers
from monitor.clean import keepable

_FIELD_CHARS = 2000
_FIELD_BYTES = 10 * _FIELD_CHARS  # white space in it is folded away
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
    return keepable(decode_bytes(data, "utf-8"))


@dataclass(frozen=True, slots=True)
class Signs:
    """What the header says; `values` has the first field of each name, the name in lower case."""

    headers: Headers
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
        return value if plain else sound(self.headers.text(name)[:_FIELD_CHARS])

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


def read(headers: Headers) -> Signs:
    """One walk over the header fields."""
    values: dict[str, str] = {}
    bounce_hop = False
    for name, data in headers.fields:
        key = name.lower().decode("ascii")
        value = data[:_FIELD_BYTES].decode("ascii", "surrogateescape")
        if key not in values:
            values[key] = value
        elif key == "received" and _BOUNCE_HOP in value[:_FIELD_CHARS]:
            bounce_hop = True
    return Signs(headers, values, bounce_hop or _BOUNCE_HOP in values.get("received", ""))
