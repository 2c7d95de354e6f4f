"""Content transfer encodings (RFC 2045, 6) undone, as far as what came allows."""

from __future__ import annotations

import binascii
import re
from collections.abc import Callable

from connectors.mailbox.mime.uuencode import decode_block

_ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_NOT_BASE64 = bytes(set(range(256)) - set(_ALPHABET) - {ord("=")})
_CHUNK = re.compile(rb"[^=]+=*")
_CHUNKS_MOST = 10_000
_SOFT_BREAK = re.compile(rb"=[ \t]+(?=\r?\n)")
_SAMPLE = 2000


def from_base64(data: bytes) -> bytes:
    """RFC 4648 without its strictness: stray characters are passed over, padding is added."""
    inner = data.find(b"=")
    if inner < 0 or inner >= len(data.rstrip()) - 2:
        return _one_run(data)
    # Some programs encode in pieces and pad each one; the standard's own reader stops there.
    chunks = (match[0] for match in _CHUNK.finditer(data))
    return b"".join(_one_run(chunk) for _, chunk in zip(range(_CHUNKS_MOST), chunks, strict=False))


def _one_run(data: bytes) -> bytes:
    try:
        return binascii.a2b_base64(data)
    except binascii.Error:
        letters = data.translate(None, _NOT_BASE64 + b"=")
        if len(letters) % 4 == 1:
            letters = letters[:-1]
        return binascii.a2b_base64(letters + b"=" * (-len(letters) % 4))


def from_quoted_printable(data: bytes) -> bytes:
    """RFC 2045, 6.7, with white space after a soft line break passed over."""
    if b"= " in data or b"=\t" in data:
        data = _SOFT_BREAK.sub(b"=", data)
    return binascii.a2b_qp(data)


def looks_like_base64(data: bytes) -> bool:
    """Whether a text that says so may be it: words with spaces between them are not."""
    lines = [line.strip() for line in data[:_SAMPLE].splitlines()]
    size = sum(map(len, lines))
    letters = sum(len(line.translate(None, _NOT_BASE64)) for line in lines)
    return letters >= size * 0.9 and sum(line.count(b" ") for line in lines) * 20 <= size


def decoded_size(data: bytes, encoding: str) -> int | None:
    """How long the content is, where even lines tell it without decoding them; else None."""
    if encoding != "base64":
        return len(data) if not encoding else None
    body = data.rstrip()
    line = body.find(b"\n") + 1
    width = line - (2 if body[line - 2 : line - 1] == b"\r" else 1)
    if line < 2 or width % 4:
        return None
    lines, last = divmod(len(body), line)
    if not 0 < last <= width or last % 4 or body[line - 1 :: line] != b"\n" * lines:
        return None
    padding = 4 - len(body[-4:].rstrip(b"="))
    return (lines * width + last) // 4 * 3 - padding


_DECODERS: dict[str, Callable[[bytes], bytes]] = {
    "base64": from_base64,
    "quoted-printable": from_quoted_printable,
    "x-uuencode": decode_block,
    "uuencode": decode_block,
    "x-uue": decode_block,
    "uue": decode_block,
}
_MISSPELT = {
    "base-64": "base64", "base 64": "base64", "b64": "base64", "b": "base64",
    "quoted-printable-": "quoted-printable", "quotedprintable": "quoted-printable",
    "quoted printable": "quoted-printable", "quoted_printable": "quoted-printable",
    "qp": "quoted-printable", "q": "quoted-printable",
}  # fmt: skip


def encoding_of(field: str) -> str:
    """The encoding that the field names; "" for one that changes nothing."""
    name = field.partition(";")[0].partition("(")[0].strip(" \t\"'.").lower()
    name = _MISSPELT.get(name, name)
    return name if name in _DECODERS else ""


def decode(data: bytes, encoding: str) -> bytes:
    """The content; an unknown encoding leaves it as it came."""
    decoder = _DECODERS.get(encoding)
    return decoder(data) if decoder else data
