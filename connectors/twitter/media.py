"""What a post or a message shows besides its words, in words that stand in the text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from connectors.twitter.rows import Json

_MOST = 10
_WORDS = {"photo": "photo", "video": "video", "animated_gif": "moving picture"}


def with_media(found: Json) -> list[dict[str, Any]]:
    """The rows of an answer of X's, each with the pictures and films that it names."""
    rows, included = found.get("data"), found.get("includes")
    listed = included.get("media") if isinstance(included, dict) else None
    known = {
        media["media_key"]: media
        for media in (listed if isinstance(listed, list) else ())
        if isinstance(media, dict) and isinstance(media.get("media_key"), str)
    }
    each = [rows] if isinstance(rows, dict) else rows if isinstance(rows, list) else []
    return [_joined(row, known) for row in each if isinstance(row, dict)]


def _joined(row: dict[str, Any], known: dict[str, Any]) -> dict[str, Any]:
    shown = [known.get(key, {}) for key in _keys(row)]
    return row | {"media": shown} if shown else row


def _keys(row: Json) -> list[str]:
    attachments = row.get("attachments")
    keys = attachments.get("media_keys") if isinstance(attachments, dict) else None
    found = keys if isinstance(keys, list) else []
    return [key for key in found if isinstance(key, str)][:_MOST]


def with_words(text: str, row: Json) -> str:
    """The text, and a line for each: `[photo: a broken link https://…]`."""
    return "\n".join(filter(None, (text, *(f"[{said}]" for said in _in_words(row)))))


def _in_words(row: Json) -> Iterator[str]:
    listed = row.get("media")
    for media in listed[:_MOST] if isinstance(listed, list) else ():
        if isinstance(media, dict):
            word = _WORDS.get(_said(media, "type"), "attachment")
            address = _said(media, "url") or _said(media, "preview_image_url")
            details = " ".join(filter(None, (_said(media, "alt_text"), address)))
            yield f"{word}: {details}" if details else word


def _said(media: Json, name: str) -> str:
    value = media.get(name)
    return " ".join(value.split()) if isinstance(value, str) else ""
