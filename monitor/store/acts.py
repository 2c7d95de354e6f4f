"""What staff do to a conversation besides answering it."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from monitor.clock import from_micros, micros
from monitor.errors import AlreadyClaimed, DeskError, NotFound
from monitor.message import OWED, WAY_OUT, Direction, State
from monitor.policy import Policy
from monitor.rules import Facts
from monitor.store import log, verdicts
from monitor.store.accounts import AccountNames
from monitor.store.database import Database, Row, Transaction, for_update
from monitor.store.drafts import Kind, delete_draft

_NOTE = (
    "INSERT INTO message (conversation_id, account_id, ext_id, direction, author_name, at,"
    " found_at, body) VALUES (:conversation_id, :account_id, :ext_id, :direction, :author, :now,"
    " :now, :body)"
)
_LAST_SAID = (
    "SELECT m.id, m.at, m.author_name, m.author_address, m.recipients, m.subject, m.body,"
    " coalesce(r.headers, '') FROM message m LEFT JOIN raw r ON r.message_id = m.id"
    " WHERE m.conversation_id = :id AND m.direction = 0 ORDER BY m.id DESC LIMIT 1"
)


class Acts:
    """The store's pencil."""

    def __init__(self, database: Database, names: AccountNames, in_hours: verdicts.InHours) -> None:
        self._database = database
        self._names = names
        self._in_hours = in_hours

    def note(self, conversation_id: int, who: str, text: str, now: datetime) -> None:
        """Add a note that only colleagues see."""
        with self._database.write() as tx:
            row = self._row(tx, conversation_id)
            number = tx.insert(
                _NOTE,
                [
                    {
                        "conversation_id": conversation_id, "account_id": row[0],
                        "ext_id": f"note:{secrets.token_hex(8)}", "author": who, "body": text,
                        "direction": int(Direction.NOTE), "now": micros(now),
                    }
                ],
            )[0]  # fmt: skip
            log.change(tx, conversation_id, micros(now), who, "noted", {}, {"message": number})
            delete_draft(tx, conversation_id, who, Kind.NOTE)

    def snooze(self, conversation_id: int, who: str, until: datetime, now: datetime) -> None:
        """Out of the queue until then; its clock runs on."""
        changes = {"state": int(State.SNOOZED), "snooze_until": micros(until)}
        nobody = {"assignee": None, "claim_until": None}

        def act(tx: Transaction, row: Row) -> dict[str, Any]:
            if State(row[1]) not in (State.WAITING, State.SNOOZED):
                raise DeskError(f"conversation {conversation_id} doesn't wait for an answer")
            return changes | nobody

        self._change(conversation_id, who, now, "snoozed", act)

    def wake(self, conversation_id: int, who: str, now: datetime) -> None:
        """Back into the queue before its time."""

        def act(tx: Transaction, row: Row) -> dict[str, Any]:
            if State(row[1]) is not State.SNOOZED:
                raise DeskError(f"conversation {conversation_id} is not snoozed")
            return {"state": int(State.WAITING), "snooze_until": None}

        self._change(conversation_id, who, now, "woken", act)

    def end(
        self, conversation_id: int, who: str, outcome: State, reason: str, now: datetime
    ) -> None:
        """End the wait without an answer: no reply needed, or closed."""

        def act(tx: Transaction, row: Row) -> dict[str, Any]:
            if State(row[1]) is outcome:
                raise DeskError(f"conversation {conversation_id} is {outcome.label} already")
            if State(row[1]) not in OWED:
                return {"state": int(outcome)}
            return verdicts.end_wait(
                tx, conversation_id, now, outcome, who, "", self._in_hours,
                ("id", self._last(tx, conversation_id)), self._names,
            )  # fmt: skip

        self._change(conversation_id, who, now, outcome.label, act, {"reason": reason})

    def answered_outside(self, conversation_id: int, who: str, now: datetime) -> None:
        """End the wait as answered: a person says that they did it with another program."""

        def act(tx: Transaction, row: Row) -> dict[str, Any]:
            if State(row[1]) not in OWED:
                raise DeskError(f"conversation {conversation_id} doesn't wait for an answer")
            return verdicts.end_wait(
                tx, conversation_id, now, State.ANSWERED, who, "outside", self._in_hours,
                ("id", self._last(tx, conversation_id)), self._names,
            )  # fmt: skip

        self._change(conversation_id, who, now, "answered outside", act)

    def reopen(self, conversation_id: int, who: str, policy: Policy, now: datetime) -> None:
        """Somebody waits after all, since they wrote last: the clock starts then."""

        def act(tx: Transaction, row: Row) -> dict[str, Any]:
            if State(row[1]) in OWED:
                raise DeskError(f"conversation {conversation_id} waits for an answer already")
            said = tx.run(_LAST_SAID, {"id": conversation_id})
            if not said:
                raise DeskError(f"nobody but us wrote in conversation {conversation_id}")
            number, at, name, address, *rest = said[0]
            facts = Facts(policy.account, f"{name} <{address}>", *rest)
            window = policy.window_of(policy.rule(facts))
            waits = {
                "window_us": window // timedelta(microseconds=1),
                "reply_by": micros(policy.reply_by(from_micros(at), window)),
            }
            tx.run(verdicts.SET_TIMES, {"id": number, **waits})
            nobody = {"assignee": None, "claim_until": None, "snooze_until": None}
            return waits | nobody | {"state": int(State.WAITING), "awaiting_since": at}

        self._change(conversation_id, who, now, "reopened", act)

    def tag(self, conversation_id: int, who: str, tags: Sequence[str], now: datetime) -> None:
        """Replace the conversation's tags."""
        text = json.dumps(list(dict.fromkeys(tags)), ensure_ascii=False)
        self._change(conversation_id, who, now, "tagged", lambda tx, row: {"tags": text})

    def _change(
        self,
        conversation_id: int,
        who: str,
        now: datetime,
        kind: str,
        act: Callable[[Transaction, Row], dict[str, Any]],
        detail: dict[str, Any] | None = None,
    ) -> None:
        with self._database.write() as tx:
            row = self._row(tx, conversation_id)
            if row[2] in WAY_OUT:
                raise DeskError(f"an answer to conversation {conversation_id} is on its way")
            if row[3] not in (None, who) and row[4] is not None and row[4] >= micros(now):
                raise AlreadyClaimed(f"{row[3]} has conversation {conversation_id}")
            changes = act(tx, row)
            log.change(tx, conversation_id, micros(now), who, kind, changes, detail)

    def _row(self, tx: Transaction, conversation_id: int) -> Row:
        rows = tx.run(
            "SELECT account_id, state, send_state, assignee, claim_until FROM conversation"
            f" WHERE id = :id{for_update(self._database)}",
            {"id": conversation_id},
        )
        if not rows:
            raise NotFound(f"there is no conversation {conversation_id}; `replyby list` shows them")
        return rows[0]

    @staticmethod
    def _last(tx: Transaction, conversation_id: int) -> int:
        sql = "SELECT coalesce(max(id), 0) FROM message WHERE conversation_id = :id"
        return int(tx.run(sql, {"id": conversation_id})[0][0])
