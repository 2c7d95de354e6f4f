"""What of ours comes back in mails, signed: it proves which conversation a mail belongs to."""

from __future__ import annotations

import hashlib
import hmac
import re

MARK = "X-Replyby-Id"
"""The header field that repeats the Message-ID of an answer."""

_OURS = re.compile(r"<replyby\.(\d{1,18})\.([0-9a-f]{16})\.([0-9a-f]{20})@[^<>\s]+>")
_TAG = re.compile(r"[^@]+\+r(\d{1,18})\.([0-9a-f]{20})@[^@]+", re.IGNORECASE)


def make(key: bytes, conversation: int, answer: str, domain: str) -> str:
    """The Message-ID of an answer (16 hex digits name it), the same on every try."""
    return f"<replyby.{conversation}.{answer}.{_sign(key, conversation, answer)}@{domain}>"


def conversation_of(key: bytes, message_id: str) -> int | None:
    """The conversation that a Message-ID of ours names; None where it isn't ours."""
    match = _OURS.fullmatch(message_id)
    return _proven(key, match[1], match[2], match[3]) if match else None


def tagged(key: bytes, conversation: int, address: str) -> str:
    """Our address with a tag behind a plus (RFC 5233) that names the conversation."""
    user, _, domain = address.rpartition("@")
    return f"{user}+r{conversation}.{_sign(key, conversation, 'address')}@{domain}"


def conversation_of_address(key: bytes, address: str) -> int | None:
    """The conversation that a tagged address of ours names; None where it isn't ours."""
    match = _TAG.fullmatch(address)
    return _proven(key, match[1], "address", match[2].lower()) if match else None


def _proven(key: bytes, conversation: str, what: str, signature: str) -> int | None:
    genuine = hmac.compare_digest(_sign(key, int(conversation), what), signature)
    return int(conversation) if genuine else None


def _sign(key: bytes, conversation: int, what: str) -> str:
    text = f"{conversation}.{what}".encode()
    return hmac.new(key, text, hashlib.sha256).hexdigest()[:20]
