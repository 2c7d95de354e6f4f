"""Whether an answer may be written down now, and what it answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from monitor.clock import micros
from monitor.errors import DeskError, NewerMessages, NotFound
from monitor.message import WAY_OUT, SendState, State
from monitor.store.database import Transaction

_LOOP_CAPS = ((10, 10), (30, 15), (60, 25), (180, 50), (600, 100))
"""(minutes, answers): no more than so many to one address in that time."""
_TARGET = (
    "SELECT account_id, state, send_state, assignee, claim_until, subject"
    " FROM conversation WHERE id = :id{lock}"
)
_ASKED = (
    "SELECT id, author_address, author_name, subject, reference FROM message"
    " WHERE conversation_id = :id AND direction = 0 AND reply_by IS NOT NULL"
    " ORDER BY id DESC LIMIT 1"
)
_OUTSIDE = (
    "SELECT author_name, author_address FROM message WHERE conversation_id = :id"
    " AND direction = 1 AND author_address <> '' AND id > :seen ORDER BY id DESC LIMIT 1"
)
_CHANGED = (
    "SELECT author_name, author_address, deleted_at FROM message WHERE conversation_id = :id"
    " AND direction = 0 AND (edited_at > :changed OR deleted_at > :changed) LIMIT 1"
)
_LATELY = (
    "SELECT queued_at FROM outbox WHERE lower(to_address) = :to AND queued_at > :since"
    " AND state NOT IN ('undone', 'failed') ORDER BY queued_at DESC LIMIT :most"
)


@dataclass(frozen=True, slots=True)
class Target:
    """The conversation that an answer belongs to, as it is while it is locked."""

    account_id: int
    state: State
    send_state: str | None
    assignee: str | None
    claim_until: int | None
    subject: str


class Asked(NamedTuple):
    """The customer's message that an answer is for; `reference` is its own name in its thread."""

    message: int
    address: str
    name: str
    subject: str
    reference: str


class Read(NamedTuple):
    """What an author has read: up to which message, and up to which moment's edits.

    None stands for whatever is there.
    """

    seen: int | None
    changed: int | None


def target(tx: Transaction, conversation_id: int, lock: str) -> Target:
    """Lock the conversation; NotFound where there is none."""
    rows = tx.run(_TARGET.format(lock=lock), {"id": conversation_id})
    if not rows:
        raise NotFound(f"there is no conversation {conversation_id}")
    return Target(rows[0][0], State(rows[0][1]), *rows[0][2:])


def admit(
    tx: Transaction, there: Target, conversation_id: int, author: str, read: Read, now: datetime,
) -> Asked:  # fmt: skip
    """What the answer is for; a DeskError says why none may be written down.

    NewerMessages where the customer or a colleague wrote, or changed, more than was `read`.
    """
    _check_hands(there, conversation_id, author, now)
    asked = _asked(tx, conversation_id)
    if read.seen is not None:
        _check_seen(tx, asked, conversation_id, read.seen)
    if read.changed is not None:
        _check_changed(tx, conversation_id, read.changed)
    if not asked.address:
        raise DeskError(
            f"conversation {conversation_id} names nobody who could be answered; close it"
        )
    _check_loop(tx, asked.address, now)
    return asked


def _check_hands(there: Target, conversation_id: int, author: str, now: datetime) -> None:
    if there.send_state in WAY_OUT:
        raise DeskError(f"an answer to conversation {conversation_id} is on its way already")
    if there.send_state == SendState.UNSURE:
        raise DeskError(
            f"the last answer to conversation {conversation_id} may have arrived: settle that "
            f"first (y in the terminal, or `replyby settle {conversation_id}` with --arrived "
            "or --not-arrived)"
        )
    holds = there.claim_until is not None and there.claim_until >= micros(now)
    if holds and there.assignee not in (None, author):
        raise DeskError(f"{there.assignee} has conversation {conversation_id}")


def _asked(tx: Transaction, conversation_id: int) -> Asked:
    rows = tx.run(_ASKED, {"id": conversation_id})
    if not rows:
        raise DeskError(
            f"nobody waits for an answer in conversation {conversation_id}; if a person wrote "
            f"it, `replyby reopen {conversation_id}` starts the clock"
        )
    return Asked(*rows[0])


def _check_seen(tx: Transaction, asked: Asked, conversation_id: int, seen: int) -> None:
    if asked.message > seen:
        raise NewerMessages(
            f"{asked.name or asked.address} wrote again in conversation {conversation_id}: "
            "read it, then send"
        )
    if rows := tx.run(_OUTSIDE, {"id": conversation_id, "seen": seen}):
        raise NewerMessages(
            f"{rows[0][0] or rows[0][1]} answered conversation {conversation_id} with another "
            "program: read that first"
        )


def _check_changed(tx: Transaction, conversation_id: int, changed: int) -> None:
    if rows := tx.run(_CHANGED, {"id": conversation_id, "changed": changed}):
        did = "edited" if rows[0][2] is None else "deleted"
        raise NewerMessages(
            f"{rows[0][0] or rows[0][1]} {did} a message in conversation {conversation_id}: "
            "read it, then send"
        )


def _check_loop(tx: Transaction, address: str, now: datetime) -> None:
    """Two machines that answer each other are stopped here, whatever their mails look like."""
    longest, most = _LOOP_CAPS[-1]
    since = micros(now - timedelta(minutes=longest))
    rows = tx.run(_LATELY, {"to": address.lower(), "since": since, "most": most})
    for minutes, cap in _LOOP_CAPS:
        since = micros(now - timedelta(minutes=minutes))
        if sum(row[0] > since for row in rows) >= cap:
            raise DeskError(
                f"{cap} answers to {address} within {minutes} minutes look like a loop: "
                "nothing more is sent to it for now"
            )
