"""What a comment, a post or a message has besides its words: named, linked, and told apart."""

from __future__ import annotations

import json
from collections.abc import Iterator
from hashlib import blake2b

from connectors.facebook.values import Node, child, data, number, text
from monitor.message import Attachment

_WORDS = {
    "sticker": "sticker",
    "photo": "photo",
    "animated_image_share": "moving picture",
    "animated_image_video": "moving picture",
    "video_inline": "video",
    "video_share_youtube": "video",
    "share": "link",
}
_SIZE_MOST = 2**40
_BESIDE_WORDS = frozenset(("sticker", "attachment", "attachments", "shares"))


def words(node: Node) -> str:
    """What its author wrote, or what Facebook says that they did."""
    return text(node, "message") or text(node, "story")


def in_words(node: Node) -> str:
    """One line each: `[photo: https://…]`, `[file: invoice.pdf, 54 kB]`; "" for nothing."""
    return "\n".join(f"[{said}]" for said in _each(node))


def files(node: Node) -> tuple[Attachment, ...]:
    """The files of a message on Messenger; what a comment shows has its link in the text."""
    return tuple(
        Attachment(n, text(file, "name") or _word_of(mime), mime, _size(file))
        for n, file in enumerate(data(node, "attachments"), 1)
        if (mime := text(file, "mime_type"))
    )


def _size(file: Node) -> int:
    size = number(file, "size")
    return size if 0 <= size < _SIZE_MOST else 0


def link_in(source: bytes, wanted: int) -> str:
    """Where the file of this number of a stored message lay; "" where no address came with it."""
    try:
        there = data(child(json.loads(source), "node"), "attachments")
    except (ValueError, AttributeError, RecursionError):
        return ""
    file: Node = there[wanted - 1] if 0 < wanted <= len(there) else {}
    shown = (child(file, name) for name in ("image_data", "video_data"))
    return text(file, "file_url") or next(filter(None, (text(s, "url") for s in shown)), "")


def revision(node: Node) -> str:
    """A short name of these words and attachments; "" for nothing at all.

    The addresses of pictures are no part of it: Facebook signs them anew each time.
    """
    parts = [words(node)]
    if not _BESIDE_WORDS.isdisjoint(node):
        parts.append("sticker" if text(node, "sticker") else "")
        shown = [child(node, "attachment"), *data(node, "attachments"), *data(node, "shares")]
        parts += [part for one in shown for part in _identity(one)]
    if not any(parts):
        return ""
    said = "\0".join(parts).encode("utf-8", "replace")
    return blake2b(said, digest_size=6).hexdigest()


def _identity(attachment: Node) -> Iterator[str]:
    yield from (text(attachment, name) for name in ("type", "id", "mime_type", "name"))
    yield text(child(attachment, "target"), "id")


def _each(node: Node) -> Iterator[str]:
    if node.get("is_hidden") is True:
        yield "hidden on the page"
    if text(node, "sticker"):
        yield "sticker"
    if shown := child(node, "attachment"):
        yield _shown(shown)
    for file in data(node, "attachments"):
        yield from _file(file, bool(words(node)))
    for share in data(node, "shares"):
        yield _named("link", text(share, "name"), text(share, "link"))


def _shown(attachment: Node) -> str:
    kind = text(attachment, "type")
    word = _WORDS.get(kind, kind.replace("_", " ") or "attachment")
    address = "" if word == "sticker" else text(attachment, "url")
    return _named(word, text(attachment, "title"), address)


def _file(file: Node, beside_words: bool) -> Iterator[str]:
    """An attachment of a message has a MIME type, and is listed; one of a post has a kind."""
    mime = text(file, "mime_type")
    if not mime:
        yield _shown(file)
    elif not beside_words:
        yield _named(_word_of(mime), text(file, "name"))


def _word_of(mime: str) -> str:
    kind = mime.partition("/")[0]
    return {"image": "photo", "video": "video", "audio": "voice message"}.get(kind, "file")


def _named(word: str, *details: str) -> str:
    said = " ".join(filter(None, details))
    return f"{word}: {said}" if said else word
