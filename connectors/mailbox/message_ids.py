"""Our own Message-IDs: signed, so that one that comes back proves which conversation it was."""

from __future__ import annotations

import hashlib
import hmac
import re

_OURS = re.compile(r"<replyby\.(\d{1,18})\.([0-9a-f]{16})\.([0-9a-f]{20})@[^<>\s]+>")


def make(key: bytes, conversation: int, answer: str, domain: str) -> str:
    """The Message-ID of an answer (16 hex digits name it), the same on every try."""
    return f"<replyby.{conversation}.{answer}.{_sign(key, conversation, answer)}@{domain}>"


def conversation_of(key: bytes, message_id: str) -> int | None:
    """The conversation that a Message-ID of ours names; None where it isn't ours."""
    match = _OURS.fullmatch(message_id)
    if not match:
        return None
    number = int(match[1])
    genuine = hmac.compare_digest(_sign(key, number, match[2]), match[3])
    return number if genuine else None


def _sign(key: bytes, conversation: int, answer: str) -> str:
    text = f"{conversation}.{answer}".encode()
    return hmac.new(key, text, hashlib.sha256).hexdigest()[:20]
