"""What a comment, a post or a message has besides its words, in words that stand in the text."""

from __future__ import annotations

from collections.abc import Iterator

from connectors.facebook.values import Node, child, data, number, text

_WORDS = {
    "sticker": "sticker",
    "photo": "photo",
    "animated_image_share": "moving picture",
    "animated_image_video": "moving picture",
    "video_inline": "video",
    "video_share_youtube": "video",
    "share": "link",
}


def in_words(node: Node) -> str:
    """One line each: `[photo: https://…]`, `[file: invoice.pdf, 54 kB]`; "" for nothing."""
    return "\n".join(f"[{said}]" for said in _each(node))


def _each(node: Node) -> Iterator[str]:
    if node.get("is_hidden") is True:
        yield "hidden on the page"
    if text(node, "sticker"):
        yield "sticker"
    if shown := child(node, "attachment"):
        yield _shown(shown)
    for file in data(node, "attachments"):
        yield _file(file)
    for share in data(node, "shares"):
        yield _named("link", text(share, "name"), text(share, "link"))


def _shown(attachment: Node) -> str:
    kind = text(attachment, "type")
    word = _WORDS.get(kind, kind.replace("_", " ") or "attachment")
    address = "" if word == "sticker" else text(attachment, "url")
    return _named(word, text(attachment, "title"), address)


def _file(file: Node) -> str:
    """An attachment of a message: it has a MIME type, one of a post has a kind."""
    mime = text(file, "mime_type")
    if not mime:
        return _shown(file)
    size = number(file, "size")
    named = _named(_word_of(mime), text(file, "name"), "")
    return f"{named}, {size / 1000:,.0f} kB" if size else named


def _word_of(mime: str) -> str:
    kind = mime.partition("/")[0]
    return {"image": "photo", "video": "video", "audio": "voice message"}.get(kind, "file")


def _named(word: str, *details: str) -> str:
    said = " ".join(filter(None, details))
    return f"{word}: {said}" if said else word
