"""The one door through which a conversation changes: the row and its line in the log together."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from monitor.store.database import Transaction

COLUMNS = (
    "kind", "customer_name", "customer_address", "subject", "preview", "state", "awaiting_since",
    "window_us", "reply_by", "assignee", "claim_until", "snooze_until", "lead", "tags", "url",
    "send_state", "linked_id",
)  # fmt: skip
"""What may change, and what the log can rebuild."""

INSERT_EVENT = (
    "INSERT INTO event (conversation_id, at, who, kind, changes, detail)"
    " VALUES (:conversation_id, :at, :who, :kind, :changes, :detail)"
)

_dump = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def event(
    conversation_id: int,
    at: int,
    who: str,
    kind: str,
    changes: Mapping[str, Any],
    detail: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The parameters of `INSERT_EVENT`."""
    return {
        "conversation_id": conversation_id,
        "at": at,
        "who": who,
        "kind": kind,
        "changes": _dump(dict(changes)),
        "detail": _dump(dict(detail)) if detail else "{}",
    }


def change(
    tx: Transaction,
    conversation_id: int,
    at: int,
    who: str,
    kind: str,
    changes: Mapping[str, Any],
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Set the conversation's columns and write why; `changes` may be empty."""
    update(tx, conversation_id, changes)
    append(tx, [event(conversation_id, at, who, kind, changes, detail)])


def update(tx: Transaction, conversation_id: int, changes: Mapping[str, Any]) -> None:
    """The row's half of `change`, for those who append their events in one go."""
    unknown = set(changes) - set(COLUMNS)
    if unknown:
        raise ValueError(f"not a column that changes: {sorted(unknown)}")
    sets = "".join(f"{column} = :{column}, " for column in changes)
    tx.run(
        f"UPDATE conversation SET {sets}version = version + 1 WHERE id = :id",
        {**changes, "id": conversation_id},
    )


def append(tx: Transaction, events: Sequence[Mapping[str, Any]]) -> None:
    """Write lines of the log."""
    tx.many(INSERT_EVENT, events)
