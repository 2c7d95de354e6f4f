"""Storing what came in: once, in batches, with the cursor in the same transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from monitor.clean import keepable
from monitor.clock import micros
from monitor.errors import StoreBusy
from monitor.intake import Decision, Known, Outcome, Thread
from monitor.message import Direction, IncomingMessage, State
from monitor.store import log
from monitor.store.accounts import PollLease, advance
from monitor.store.database import Database, Row, Transaction, for_update, in_list

Decide = Callable[[Known], list[Decision]]

_OPEN = (
    "INSERT INTO conversation (account_id, kind, customer_name, customer_address, subject,"
    " preview, state, awaiting_since, window_us, reply_by, lead, tags, url,"
    " linked_id)"
    " VALUES (:account_id, :kind, :customer_name, :customer_address, :subject,"
    " :preview, :state, :awaiting_since, :window_us, :reply_by, :lead, :tags, :url,"
    " :linked_id)"
)
_MESSAGE = (
    "INSERT INTO message (conversation_id, account_id, ext_id, direction, author_name,"
    " author_address, recipients, at, found_at, subject, body, remark, reference, rule, window_us,"
    " reply_by) VALUES (:conversation_id, :account_id, :ext_id, :direction, :author_name,"
    " :author_address, :recipients, :at, :found_at, :subject, :body, :remark, :reference, :rule,"
    " :window_us, :reply_by)"
)
_RAW = "INSERT INTO raw (message_id, headers, source) VALUES (:message_id, :headers, :source)"
_KEY = (
    "INSERT INTO thread_key (account_id, key, conversation_id)"
    " VALUES (:account_id, :key, :conversation_id) ON CONFLICT (account_id, key) DO NOTHING"
)
_THREAD = (
    "SELECT id, state, customer_address, awaiting_since, reply_by, window_us, lead, tags"
    " FROM conversation WHERE {where} ORDER BY id{lock}"
)
_LINK = "UPDATE conversation SET linked_id = :linked WHERE id = :id"
_WROTE = (
    "SELECT DISTINCT conversation_id, author_address FROM message"
    " WHERE direction = 0 AND reply_by IS NOT NULL AND {where}"
)


class Ingest:
    """The store's goods entrance."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def batch(
        self,
        lease: PollLease,
        messages: Sequence[IncomingMessage],
        cursor: str | None,
        decide: Decide,
        now: datetime,
        length: timedelta,
    ) -> list[Decision]:
        """Store one batch and move the cursor, or nothing; the lease is renewed by `length`.

        What is known is read inside the transaction, so no other writer comes between. StoreBusy
        where another process has taken the poll over.
        """
        with self._database.write() as tx:
            if not advance(tx, lease, cursor, now, length):
                raise StoreBusy("another process has taken this poll over; it goes on there")
            decisions = decide(known(tx, lease.account_id, messages, for_update(self._database)))
            store(tx, lease.account_id, decisions, micros(now))
        return decisions


def known(
    tx: Transaction, account_id: int, messages: Sequence[IncomingMessage], lock: str
) -> Known:
    """What is stored already of this batch, and the conversations that it may belong to.

    These are locked until the batch is stored: what is decided on them must still be true then.
    """
    account = {"account_id": account_id}
    where, params = in_list("ext_id", "e", dict.fromkeys(keepable(m.ext_id) for m in messages))
    ids = tx.run(
        f"SELECT ext_id FROM message WHERE account_id = :account_id AND {where}", params | account
    )
    there = frozenset(row[0] for row in ids)
    fresh = [m for m in messages if m.ext_id not in there]
    by_key = dict(_by_key(tx, account_id, fresh))
    proven = {m.own_conversation for m in fresh if m.own_conversation is not None}
    threads = _threads(tx, account_id, proven | set(by_key.values()), lock)
    return Known(there, by_key, threads)


def _by_key(
    tx: Transaction, account_id: int, messages: Sequence[IncomingMessage]
) -> Iterable[tuple[str, int]]:
    keys = list(dict.fromkeys(keepable(key) for m in messages for key in m.keys))
    for start in range(0, len(keys), 500):
        where, params = in_list("key", "k", keys[start : start + 500])
        yield from tx.run(
            "SELECT key, conversation_id FROM thread_key"
            f" WHERE account_id = :account_id AND {where}",
            params | {"account_id": account_id},
        )


def _threads(tx: Transaction, account_id: int, ids: set[int], lock: str) -> dict[int, Thread]:
    if not ids:
        return {}
    where, params = in_list("id", "i", sorted(ids))
    rows = tx.run(
        _THREAD.format(where=f"account_id = :account_id AND {where}", lock=lock),
        params | {"account_id": account_id},
    )
    where, params = in_list("conversation_id", "i", sorted(ids))
    people: dict[int, set[str]] = {}
    for conversation, address in tx.run(_WROTE.format(where=where), params):
        people.setdefault(conversation, set()).add(address.casefold())
    return {row[0]: _thread(row, people.get(row[0], set())) for row in rows}


def _thread(row: Row, people: set[str]) -> Thread:
    return Thread(
        id=row[0],
        state=State(row[1]),
        customer_address=row[2],
        awaiting_since=row[3],
        reply_by=row[4],
        window_us=row[5],
        lead=row[6],
        tags=row[7],
        participants=frozenset(people | {row[2].casefold()}),
    )


def store(tx: Transaction, account_id: int, decisions: Sequence[Decision], now: int) -> None:
    """Write a batch's decisions: conversations, messages, raw sources, thread keys, the log."""
    fresh = [d for d in decisions if d.outcome is not Outcome.KNOWN]
    opening = [d for d in fresh if d.opens is not None]
    ids = tx.insert(_OPEN, [_opened(d, account_id) for d in opening])
    numbers = {d.conversation: number for d, number in zip(opening, ids, strict=True)}
    fresh = [_numbered(d, numbers) for d in fresh]
    for number, before in zip(ids, opening, strict=True):
        if (link := numbers.get((before.opens or {})["linked_id"])) is not None:
            tx.run(_LINK, {"id": number, "linked": link})
    messages = tx.insert(_MESSAGE, [_message(d, account_id, d.conversation, now) for d in fresh])
    tx.many(
        _RAW,
        [
            {"message_id": m, "headers": d.message.headers, "source": d.message.raw}
            for m, d in zip(messages, fresh, strict=True)
        ],
    )
    tx.many(
        _KEY,
        [
            {"account_id": account_id, "key": key, "conversation_id": d.conversation}
            for d in fresh
            for key in d.keys
        ],
    )
    for decision in fresh:
        if decision.opens is None:
            log.update(tx, decision.conversation, decision.changes)
    log.append(
        tx, [_event(d, d.conversation, m, now) for d, m in zip(fresh, messages, strict=True)]
    )


def _opened(decision: Decision, account_id: int) -> dict[str, Any]:
    columns = {"account_id": account_id, **(decision.opens or {})}
    # A conversation that this batch opens too has no id yet.
    return columns | {"linked_id": None} if (columns["linked_id"] or 0) < 0 else columns


def _numbered(decision: Decision, numbers: Mapping[int, int]) -> Decision:
    """The decision with the ids that its batch's own conversations have got."""
    number = numbers.get(decision.conversation, decision.conversation)
    opens = decision.opens
    if opens is not None and opens["linked_id"] in numbers:
        opens = {**opens, "linked_id": numbers[opens["linked_id"]]}
    return replace(decision, conversation=number, opens=opens)


def _message(decision: Decision, account_id: int, conversation: int, now: int) -> dict[str, Any]:
    message = decision.message
    return {
        "conversation_id": conversation,
        "account_id": account_id,
        "ext_id": message.ext_id,
        "direction": int(Direction.IN),
        "author_name": message.author.name,
        "author_address": message.author.address,
        "recipients": ", ".join(message.to),
        "at": micros(message.at),
        "found_at": now,
        "subject": message.subject,
        "body": message.text,
        "remark": decision.remark,
        "reference": message.keys[0] if message.keys else "",
        "rule": decision.rule,
        "window_us": decision.window_us,
        "reply_by": decision.reply_by,
    }


def _event(decision: Decision, conversation: int, message: int, now: int) -> dict[str, Any]:
    changes = decision.opens if decision.opens is not None else decision.changes
    detail = {"message": message, "at": micros(decision.message.at), "rule": decision.rule}
    return log.event(
        conversation, now, "intake", decision.event, changes, detail | dict(decision.detail)
    )
