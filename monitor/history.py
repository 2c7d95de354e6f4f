"""The log replayed: what a conversation must look like after everything that happened to it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from monitor.message import Event

BLANK: dict[str, Any] = {
    "kind": "message", "customer_name": "", "customer_address": "", "subject": "", "preview": "",
    "state": 0, "awaiting_since": None, "window_us": None, "reply_by": None, "assignee": None,
    "claim_until": None, "snooze_until": None, "lead": 0, "tags": "[]", "url": "",
    "send_state": None, "linked_id": None,
}  # fmt: skip
"""A conversation's columns before its first event."""


def replay(events: Iterable[Event]) -> dict[str, Any]:
    """The columns as the events leave them; the events of one conversation, oldest first."""
    columns = dict(BLANK)
    for event in events:
        columns.update(event.changes)
    return columns
