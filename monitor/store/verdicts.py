"""The end of a wait: its verdict frozen, and the next wait begun where the customer wrote again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Literal

from monitor.clock import from_micros, micros
from monitor.errors import NotFound
from monitor.message import OWED, State
from monitor.store.accounts import AccountNames
from monitor.store.database import Transaction

InHours = Callable[[str, datetime, datetime], timedelta]
"""(account, from, to) → how much of that time lies in the account's business hours."""

UpTo = tuple[Literal["id", "at"], int]
"""What an end of a wait covers: messages up to an id, or up to a moment."""

SET_TIMES = "UPDATE message SET window_us = :window_us, reply_by = :reply_by WHERE id = :id"
"""When an answer to a message is due."""

_INSERT = (
    "INSERT INTO verdict (conversation_id, account_id, awaiting_since, reply_by, window_us,"
    " ended_at, waited_us, waited_in_hours_us, outcome, who, through, in_time)"
    " VALUES (:conversation_id, :account_id, :awaiting_since, :reply_by, :window_us,"
    " :ended_at, :waited_us, :waited_in_hours_us, :outcome, :who, :through, :in_time)"
)
_COVER = (
    "UPDATE message SET answered = 1 WHERE conversation_id = :id AND direction = 0"
    " AND answered = 0 AND {column} <= :limit"
)
_UNANSWERED = (
    "SELECT at, window_us, reply_by FROM message WHERE conversation_id = :id AND direction = 0"
    " AND reply_by IS NOT NULL AND answered = 0 ORDER BY at, id LIMIT 1"
)


_BEGAN_WITH = (
    "SELECT m.id FROM conversation c JOIN message m ON m.conversation_id = c.id"
    " AND m.direction = 0 AND m.reply_by IS NOT NULL AND m.at = c.awaiting_since"
    " WHERE c.id = :id"
)


def covers(tx: Transaction, conversation_id: int, seen: int) -> bool:
    """Whether what the customer waits for had been `seen`; False where nothing is owed.

    A wait that no message began, after an answer of ours had failed, is covered by any answer.
    """
    state = tx.run("SELECT state FROM conversation WHERE id = :id", {"id": conversation_id})
    if not state or state[0][0] not in OWED:
        return False
    began = [row[0] for row in tx.run(_BEGAN_WITH, {"id": conversation_id})]
    return not began or min(began) <= seen


def end_wait(
    tx: Transaction,
    conversation_id: int,
    now: datetime,
    outcome: State,
    who: str,
    through: str,
    in_hours: InHours,
    up_to: UpTo,
    names: AccountNames,
) -> dict[str, Any]:
    """Freeze the verdict; the columns that change: at rest, or waiting for what is left."""
    row = tx.run(
        "SELECT account_id, awaiting_since, reply_by, window_us, state FROM conversation"
        " WHERE id = :id",
        {"id": conversation_id},
    )
    if not row:
        raise NotFound(f"there is no conversation {conversation_id}")
    account_id, since, reply_by, window_us, state = row[0]
    if state in OWED:
        waited = in_hours(names.of(account_id).name, from_micros(since), now)
        tx.run(
            _INSERT,
            {
                "conversation_id": conversation_id,
                "account_id": account_id,
                "awaiting_since": since,
                "reply_by": reply_by,
                "window_us": window_us,
                "ended_at": micros(now),
                "waited_us": max(0, micros(now) - since),
                "waited_in_hours_us": waited // timedelta(microseconds=1),
                "outcome": outcome.label,
                "who": who,
                "through": through,
                "in_time": int(outcome is State.ANSWERED and micros(now) <= reply_by),
            },
        )
    nobody = {"assignee": None, "claim_until": None, "snooze_until": None}
    column, limit = up_to
    tx.run(_COVER.format(column=column), {"id": conversation_id, "limit": limit})
    rest = tx.run(_UNANSWERED, {"id": conversation_id})
    if rest:
        at, window_us, reply_by = rest[0]
        return nobody | {
            "state": int(State.WAITING), "awaiting_since": at, "window_us": window_us,
            "reply_by": reply_by,
        }  # fmt: skip
    return nobody | {
        "state": int(outcome), "awaiting_since": None, "window_us": None, "reply_by": None,
    }  # fmt: skip
