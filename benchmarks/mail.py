"""Made-up mail: as a connector yields it, and as the finished rows that become of it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from monitor.clock import micros, now
from monitor.message import IncomingMessage, Party, preview
from monitor.policy import Policy

ACCOUNT = "account 1"
BATCH = 100
WINDOW = timedelta(hours=6)
POLICY = Policy(ACCOUNT, WINDOW, timedelta(minutes=15), None, ())

_BEGIN = now() - timedelta(hours=8)
_WORDS = re.findall(
    r"\w+",
    "hello order invoice broken delivery thank please refund address number customer waiting "
    "since Tuesday nobody answers parcel damaged size colour exchange account password reset",
)
# Every fourth message goes on with what the one three before it began.
_ANSWERS, _BACK = 4, 3


def messages(count: int) -> Iterator[IncomingMessage]:
    """Mail of different customers, a quarter of it follow-ups."""
    for number in range(count):
        begun = number - _BACK if number % _ANSWERS == _BACK else number
        own = _message_id(number)
        yield IncomingMessage(
            ext_id=own,
            at=_BEGIN + timedelta(milliseconds=20 * number),
            author=Party(f"customer{begun}@customer.test", f"Customer {begun}"),
            keys=(own,) if begun == number else (own, _message_id(begun)),
            subject=f"Order {begun}",
            text=_text(number),
            kind="email",
            to=("support@acme.example",),
            raw=b"From: customer\r\nSubject: order\r\n\r\n" + _text(number).encode(),
        )


def batches(count: int) -> list[list[IncomingMessage]]:
    """The same in batches as a poll stores them."""
    given = list(messages(count))
    return [given[start : start + BATCH] for start in range(0, count, BATCH)]


@dataclass(frozen=True, slots=True)
class Finished:
    """A message's rows, all computed beforehand: nothing but the storing is left to do."""

    ext_id: str
    parent: str
    preview: str
    conversation: tuple[Any, ...]
    message: tuple[Any, ...]
    raw: bytes
    changes: str
    detail: str


CONVERSATION = (
    "account_id", "kind", "customer_name", "customer_address", "subject", "preview", "state",
    "awaiting_since", "window_us", "reply_by",
)  # fmt: skip
MESSAGE = (
    "account_id", "ext_id", "direction", "author_name", "author_address", "recipients", "at",
    "found_at", "subject", "body", "reference", "window_us", "reply_by",
)  # fmt: skip


def finished(message: IncomingMessage) -> Finished:
    """What the product stores for such a message."""
    at, window = micros(message.at), WINDOW // timedelta(microseconds=1)
    shown, author = preview(message.text), message.author
    conversation = (
        1, message.kind, author.name, author.address, message.subject, shown, 0, at, window,
        at + window,
    )  # fmt: skip
    parent = message.keys[1] if len(message.keys) > 1 else ""
    columns = dict(zip(CONVERSATION[1:], conversation[1:], strict=True))
    columns |= {"lead": 0, "tags": "[]", "url": "", "linked_id": None}
    return Finished(
        message.ext_id, parent, shown, conversation,
        (1, message.ext_id, 0, author.name, author.address, message.to[0], at, at,
         message.subject, message.text, message.keys[0], window, at + window),
        message.raw,
        json.dumps({"preview": shown} if parent else columns, separators=(",", ":")),
        json.dumps({"message": 1_000, "at": at, "rule": 0}, separators=(",", ":")),
    )  # fmt: skip


def _message_id(number: int) -> str:
    return f"<{number}.replyby-bench@customer.test>"


def _text(number: int) -> str:
    words = (_WORDS[(number * step + step) % len(_WORDS)] for step in range(3, 53))
    return " ".join(words) + f" ticket{number}"
