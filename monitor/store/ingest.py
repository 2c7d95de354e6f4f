"""Storing what came in: once, in batches, with the cursor in the same transaction."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from monitor.clock import micros
from monitor.decision import Decision, Known, Outcome
from monitor.errors import StoreBusy
from monitor.message import Direction, IncomingMessage
from monitor.store import log, verdicts
from monitor.store.accounts import PollLease, advance
from monitor.store.database import Database, Transaction
from monitor.store.fate import Fate
from monitor.store.known import known
from monitor.store.revisions import FILE, files_of, rewrite

Decide = Callable[[Known], list[Decision]]
Found = Callable[[Transaction, int, str, datetime], None]
"""Told (conversation, Message-ID, moment) of a copy of an answer of ours that lies in Sent."""
Recognise = Callable[[Transaction, int, IncomingMessage], bool]
"""Told (account, message) of what one of us may have written from here, before it is decided on;
whether it is one part of an answer that is on its way."""

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
    " author_address, recipients, at, found_at, subject, body, folds, remark, reference, rule,"
    " window_us, reply_by, answered, revision)"
    " VALUES (:conversation_id, :account_id, :ext_id, :direction, :author_name,"
    " :author_address, :recipients, :at, :found_at, :subject, :body, :folds, :remark, :reference,"
    " :rule, :window_us, :reply_by, :answered, :revision)"
)
_SEARCH = (
    "INSERT INTO message_search (rowid, subject, author_name, author_address, body)"
    " VALUES (:id, :subject, :name, :address, :body)"
)
_RAW = "INSERT INTO raw (message_id, headers, source) VALUES (:message_id, :headers, :source)"
_KEY = (
    "INSERT INTO thread_key (account_id, key, conversation_id)"
    " VALUES (:account_id, :key, :conversation_id) ON CONFLICT (account_id, key) DO NOTHING"
)
_DOOR = (
    "INSERT INTO door (account_id, ext_id, message_id, at)"
    " VALUES (:account_id, :ext_id, :message_id, :at)"
)
_LINK = "UPDATE conversation SET linked_id = :linked WHERE id = :id"


class Ingest:
    """The store's goods entrance."""

    def __init__(self, database: Database, fate: Fate, found: Found, recognise: Recognise) -> None:
        self._database = database
        self._fate = fate
        self._found = found
        self._recognise = recognise

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
            if not messages:
                return []
            parts = frozenset(
                m.ext_id
                for m in messages
                if m.outgoing and not m.ours and self._recognise(tx, lease.account_id, m)
            )
            there = known(tx, lease.account_id, messages, self._database, now)
            there = replace(there, parts=parts)
            decisions = decide(there)
            if any(map(_stores, decisions)):
                storing = _Storing(tx, self._database, lease.account_id, micros(now), self._fate)
                storing.store(decisions)
            for message in (d.message for d in decisions):
                if message.outgoing and message.ours and message.own_conversation is not None:
                    self._found(tx, message.own_conversation, message.keys[0], message.at)
        return decisions


class _Storing:
    """One batch's decisions on their way into the tables."""

    def __init__(
        self, tx: Transaction, database: Database, account_id: int, now: int, fate: Fate
    ) -> None:
        self._tx = tx
        self._database = database
        self._account_id = account_id
        self._now = now
        self._fate = fate

    def store(self, decisions: Sequence[Decision]) -> None:
        """Conversations, messages, raw sources, files, thread keys; what changes; the log."""
        fresh = self._open([d for d in decisions if d.outcome is not Outcome.KNOWN])
        doors = [d for d in decisions if d.door]
        messages = self._tx.insert(_MESSAGE, [self._message(d) for d in fresh])
        numbered = list(zip(messages, fresh, strict=True))
        if self._database.dialect == "sqlite":
            self._make_searchable(numbered)
        self._keep(numbered)
        self._keep_doors(doors)
        self._keep_keys([*fresh, *doors])
        # Before what came after it: the newest message is the one that the list shows.
        rewritten = (rewrite(self._tx, d, self._now) for d in decisions if d.rewrites)
        events: list[Mapping[str, Any]] = list(filter(None, rewritten))
        for number, decision in numbered:
            events += self._change(number, decision)
        for decision in doors:
            events.append(self._change_door(decision))
        events += (self._end(d) for d in decisions if d.outcome is Outcome.KNOWN and d.ended)
        log.append(self._tx, events)

    def _open(self, fresh: list[Decision]) -> list[Decision]:
        """Make the conversations that the batch opens; the decisions with their true ids."""
        opening = [d for d in fresh if d.opens is not None]
        ids = self._tx.insert(_OPEN, [self._opened(d) for d in opening])
        numbers = {d.conversation: number for d, number in zip(opening, ids, strict=True)}
        for number, before in zip(ids, opening, strict=True):
            if (link := numbers.get((before.opens or {})["linked_id"])) is not None:
                self._tx.run(_LINK, {"id": number, "linked": link})
        return [_numbered(d, numbers) for d in fresh]

    def _opened(self, decision: Decision) -> dict[str, Any]:
        columns = {"account_id": self._account_id, **(decision.opens or {})}
        # A conversation that this batch opens too has no id yet.
        return columns | {"linked_id": None} if (columns["linked_id"] or 0) < 0 else columns

    def _make_searchable(self, numbered: Sequence[tuple[int, Decision]]) -> None:
        """What came in; a trigger does it for what we write ourselves."""
        self._tx.many(
            _SEARCH,
            [
                {
                    "id": m, "subject": d.message.subject, "name": d.message.author.name,
                    "address": d.message.author.address, "body": d.message.text,
                }
                for m, d in numbered
                if not d.message.outgoing
            ],
        )  # fmt: skip

    def _keep(self, numbered: Sequence[tuple[int, Decision]]) -> None:
        self._tx.many(
            _RAW,
            [
                {"message_id": m, "headers": d.message.headers, "source": d.message.raw}
                for m, d in numbered
            ],
        )
        if files := [row for m, d in numbered for row in files_of(m, d.message)]:
            self._tx.many(FILE, files)

    def _keep_doors(self, doors: Sequence[Decision]) -> None:
        rows = [
            {
                "account_id": self._account_id, "ext_id": d.message.ext_id,
                "message_id": d.door.message, "at": self._now,
            }
            for d in doors
            if d.door
        ]  # fmt: skip
        if rows:
            self._tx.many(_DOOR, rows)

    def _keep_keys(self, decisions: Sequence[Decision]) -> None:
        self._tx.many(
            _KEY,
            [
                {"account_id": self._account_id, "key": key, "conversation_id": d.conversation}
                for d in decisions
                for key in d.keys
            ],
        )

    def _change(self, number: int, decision: Decision) -> list[Mapping[str, Any]]:
        """Set what a message changes, in the log's order; the log's lines for it."""
        if decision.opens is None:
            log.update(self._tx, decision.conversation, decision.changes)
        events: list[Mapping[str, Any]] = [self._event(number, decision)]
        if decision.undelivered:
            self._fate.undelivered(self._tx, decision, self._now)
        if decision.ended:
            events.append(self._end(decision))
        return events

    def _change_door(self, decision: Decision) -> Mapping[str, Any]:
        assert decision.door is not None
        log.update(self._tx, decision.conversation, decision.changes)
        if decision.reply_by is not None:
            times = {"window_us": decision.window_us, "reply_by": decision.reply_by}
            self._tx.run(verdicts.SET_TIMES, {"id": decision.door.message, **times})
        return self._event(decision.door.message, decision)

    def _end(self, decision: Decision) -> Mapping[str, Any]:
        assert decision.ended is not None
        return self._fate.ended(self._tx, decision.conversation, decision.ended, self._now)

    def _message(self, decision: Decision) -> dict[str, Any]:
        message = decision.message
        return {
            "conversation_id": decision.conversation,
            "account_id": self._account_id,
            "ext_id": message.ext_id,
            "direction": int(Direction.OUT if message.outgoing else Direction.IN),
            "author_name": message.author.name,
            "author_address": message.author.address,
            "recipients": ", ".join(message.to),
            "at": micros(message.at),
            "found_at": self._now,
            "subject": message.subject,
            "body": message.text,
            "folds": json.dumps(message.folds, separators=(",", ":")) if message.folds else "",
            "remark": decision.remark,
            "reference": message.keys[0] if message.keys else "",
            "rule": decision.rule,
            "window_us": decision.window_us,
            "reply_by": decision.reply_by,
            "answered": int(decision.answered),
            "revision": message.revision,
        }

    def _event(self, number: int, decision: Decision) -> dict[str, Any]:
        changes = decision.opens if decision.opens is not None else decision.changes
        detail = {"message": number, "at": micros(decision.message.at), "rule": decision.rule}
        return log.event(
            decision.conversation, self._now, "intake", decision.event, changes,
            detail | dict(decision.detail),
        )  # fmt: skip


def _stores(decision: Decision) -> bool:
    """Whether there is anything to write down of it."""
    known = decision.outcome is Outcome.KNOWN
    return bool(not known or decision.door or decision.ended or decision.rewrites)


def _numbered(decision: Decision, numbers: Mapping[int, int]) -> Decision:
    """The decision with the ids that its batch's own conversations have got."""
    number = numbers.get(decision.conversation, decision.conversation)
    opens = decision.opens
    if opens is not None and opens["linked_id"] in numbers:
        opens = {**opens, "linked_id": numbers[opens["linked_id"]]}
    return replace(decision, conversation=number, opens=opens)
