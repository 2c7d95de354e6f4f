"""The outbox's rows: written down before anything is sent, and what became of each."""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from monitor.clean import keepable
from monitor.clock import from_micros, micros
from monitor.errors import DeskError, NotFound
from monitor.message import (
    OWED,
    File,
    IncomingMessage,
    OutgoingReply,
    Party,
    SendState,
    Sent,
    State,
)
from monitor.store import log, verdicts
from monitor.store.accounts import AccountNames
from monitor.store.admission import Read, Target, admit, target
from monitor.store.database import Database, Row, Transaction, for_update
from monitor.store.drafts import delete_draft, return_draft

_REPLY = (
    "id, key, conversation_id, account_id, author, body, to_address, to_name, subject,"
    " in_reply_to, queued_at, tries, state, seen_message, source_message, way"
)
_INSERT = (
    "INSERT INTO outbox (key, conversation_id, account_id, author, body, to_name, to_address,"
    " subject, in_reply_to, source_message, seen_message, queued_at, next_try, way)"
    " VALUES (:key, :conversation_id, :account_id, :author, :body, :to_name, :to_address,"
    " :subject, :in_reply_to, :source_message, :seen_message, :queued_at, :next_try, :way)"
)
_FILES = "SELECT name, type, content FROM outbox_file WHERE outbox_id = :id ORDER BY number"
_FILE_NAMES = (
    "SELECT f.outbox_id, f.name FROM outbox o JOIN outbox_file f ON f.outbox_id = o.id"
    " WHERE o.conversation_id = :id ORDER BY f.outbox_id, f.number"
)
_ADD_FILE = (
    "INSERT INTO outbox_file (outbox_id, number, name, type, content)"
    " VALUES (:id, :number, :name, :type, :content)"
)
# What an answer's end may be decided on; who decided on something else by now changes nothing.
_UNDER_WAY = "state NOT IN ('sent', 'failed', 'undone', 'bounced', 'delayed')"
_HELD = "state IN ('sending', 'handed over') AND lease_owner = :owner"
_WITHOUT_WORD = (
    "SELECT id, body FROM outbox WHERE lower(to_address) = :to AND queued_at <= :at"
    " AND account_id = :account AND state IN ('handed over', 'unsure') AND ext_id = ''"
)
_IN_PARTS = (
    "SELECT body FROM outbox WHERE lower(to_address) = :to AND account_id = :account"
    " AND way <> '' AND state IN ('queued', 'sending', 'handed over', 'unsure')"
)
_NUMBERED = re.compile(r"\s*\(\d+/\d+\)\s*$")
_CLOCKS_DIFFER = timedelta(minutes=1)
_UNSURE = "state = 'unsure'"
_FOUND = "found in the Sent folder"
_RECIPIENTS_MOST = 100
_SENT_MESSAGE = (
    "INSERT INTO message (conversation_id, account_id, ext_id, direction, author_name, recipients,"
    " at, found_at, subject, body, remark, reference)"
    " VALUES (:conversation_id, :account_id, :ext_id, 1, :author, :to, :now, :now, :subject,"
    " :body, :remark, :ext_id) ON CONFLICT (account_id, ext_id) DO UPDATE SET direction = 1,"
    " author_name = excluded.author_name, body = excluded.body, remark = excluded.remark"
    " RETURNING id"
)
_SENT_FILES = (
    "INSERT INTO attachment (message_id, number, name, type, size)"
    " SELECT :message, number + 1, name, type, length(content) FROM outbox_file"
    " WHERE outbox_id = :id ON CONFLICT (message_id, number) DO NOTHING"
)


@dataclass(frozen=True, slots=True)
class OutboxEntry:
    """An answer on its way, or what became of it."""

    id: int
    conversation_id: int
    author: str
    text: str
    to: str
    state: SendState
    tries: int
    next_try: datetime
    error: str
    queued_at: datetime
    files: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Leased:
    """An answer in somebody's hands, and until when they may keep it."""

    id: int
    owner: str
    state: SendState
    until: datetime


class Outgoing:
    """The store's dispatch desk."""

    def __init__(self, database: Database, names: AccountNames, in_hours: verdicts.InHours) -> None:
        self._database = database
        self._names = names
        self._in_hours = in_hours

    def queue(
        self,
        conversation_id: int,
        author: str,
        text: str,
        now: datetime,
        *,
        seen: int | None,
        changed: int | None = None,
        delay: timedelta = timedelta(),
        files: Sequence[File] = (),
        way: str = "",
    ) -> int:
        """Write an answer down and take its conversation out of the queue; the outbox row's id.

        `seen` is the last message of the customer's that the author has read: NewerMessages where
        there is a later one, or one was edited after `changed`; None answers whatever is there.
        It may go out after `delay`.
        """
        with self._database.write(durable=True) as tx:
            there = self._target(tx, conversation_id)
            asked = admit(tx, there, conversation_id, author, Read(seen, changed), now)
            number = tx.insert(
                _INSERT,
                [
                    {
                        "key": secrets.token_hex(8),
                        "conversation_id": conversation_id,
                        "account_id": there.account_id,
                        "author": author,
                        "body": text,
                        "to_name": asked.name,
                        "to_address": asked.address,
                        "subject": asked.subject or there.subject,
                        "in_reply_to": asked.reference,
                        "source_message": asked.message,
                        "seen_message": asked.message,
                        "queued_at": micros(now),
                        "next_try": micros(now + delay),
                        "way": way,
                    }
                ],
            )[0]
            self._add_files(tx, number, files)
            changes: dict[str, Any] = {"send_state": str(SendState.QUEUED)}
            if there.state in OWED:
                changes |= {
                    "state": int(State.SENDING), "assignee": author, "claim_until": None,
                    "snooze_until": None,
                }  # fmt: skip
            log.change(
                tx, conversation_id, micros(now), author, "reply queued", changes,
                {"outbox": number, "seen": asked.message},
            )  # fmt: skip
            delete_draft(tx, conversation_id, author)
        return number

    def undo(self, conversation_id: int, who: str, now: datetime) -> str:
        """Take back an answer that hasn't left; its text, which is a draft again."""
        with self._database.write(durable=True) as tx:
            self._target(tx, conversation_id)
            rows = tx.run(
                "UPDATE outbox SET state = 'undone', ended_at = :now WHERE conversation_id = :id"
                f" AND state = 'queued' AND author = :who RETURNING {_REPLY}",
                {"id": conversation_id, "now": micros(now), "who": who},
            )
            if not rows:
                raise DeskError("nothing of yours can be taken back here: it has left already")
            self._return(tx, rows[0], now, who, "reply undone", None)
        return str(rows[0][5])

    def last_queued(self, who: str) -> int | None:
        """The conversation of this person's newest answer that has not left yet."""
        rows = self._database.read(
            "SELECT conversation_id FROM outbox WHERE state = 'queued' AND author = :who"
            " AND tries = 0 ORDER BY id DESC LIMIT 1",
            {"who": who},
        )
        return rows[0][0] if rows else None

    def lease(
        self, owner: str, now: datetime, length: timedelta, only: int | None = None
    ) -> OutgoingReply | None:
        """The next answer that is due, for this owner alone; `only` names one by its id."""
        which = " AND id = :only" if only is not None else ""
        lock = "" if self._database.dialect == "sqlite" else " FOR UPDATE SKIP LOCKED"
        with self._database.write(durable=True) as tx:
            rows = tx.run(
                "UPDATE outbox SET state = 'sending', lease_owner = :owner, lease_until = :until,"
                " tries = tries + 1 WHERE id = (SELECT id FROM outbox WHERE state = 'queued'"
                f" AND (next_try <= :now OR queued_at > :jumped){which}"
                f" ORDER BY next_try, id LIMIT 1{lock}) RETURNING {_REPLY}",
                {
                    "owner": owner,
                    "now": micros(now),
                    "until": micros(now + length),
                    "only": only,
                    "jumped": micros(now + _JUMP),
                },
            )
            return self._reply(tx, rows[0]) if rows else None

    def handing_over(
        self, number: int, owner: str, ext_id: str, until: datetime | None = None
    ) -> bool:
        """Written down just before the platform gets it: from here on a crash means unsure.

        `ext_id` is what the platform will know it by, "" where it isn't known yet. False where
        the lease was lost meanwhile: then nothing may be sent. The lease lasts on to `until`.
        """
        with self._database.write(durable=True) as tx:
            return bool(
                tx.run(
                    "UPDATE outbox SET state = 'handed over', ext_id = :ext_id,"
                    " lease_until = CASE WHEN :until > lease_until THEN :until ELSE lease_until END"
                    " WHERE id = :id AND state = 'sending' AND lease_owner = :owner RETURNING id",
                    {
                        "id": number,
                        "owner": owner,
                        "ext_id": ext_id,
                        "until": micros(until) if until else 0,
                    },
                )
            )

    def sent(self, number: int, sent: Sent, now: datetime, who: str = "outbox") -> bool:
        """The platform took it: the clock stops, the verdict is frozen.

        True news whoever brings it; False where the answer had come to another end before.
        """
        with self._database.write(durable=True) as tx:
            return self._sent(tx, number, sent, now, who)

    def found(self, tx: Transaction, conversation_id: int, ext_id: str, at: datetime) -> None:
        """A copy of an answer of ours turned up where only sent mail is: so it was taken."""
        rows = tx.run(
            f"SELECT id FROM outbox WHERE conversation_id = :id AND ext_id = :ext_id"
            f" AND {_UNDER_WAY}",
            {"id": conversation_id, "ext_id": ext_id},
        )
        for row in rows:
            self._sent(tx, row[0], Sent(ext_id, remark=_FOUND), at, "intake")

    def recognise(self, tx: Transaction, account_id: int, message: IncomingMessage) -> bool:
        """An answer of which no word came back is met on its platform: so it was taken.

        Where a platform names an answer only when it has it, it is told by its words. Whether it
        is but one part of an answer that goes out in parts, and so nobody else's.
        """
        words = message.text.split()
        at = micros(message.at + _CLOCKS_DIFFER)
        for address in message.to[:_RECIPIENTS_MOST]:
            there = {"to": keepable(address).lower(), "account": account_id, "at": at}
            for number, body in tx.run(_WITHOUT_WORD, there):
                if body.split() == words:
                    sent = Sent(message.ext_id, remark="met on the platform")
                    self._sent(tx, number, sent, message.at, "intake")
                    return False
            if any(
                _is_part(message.text, body)
                for (body,) in tx.run(_IN_PARTS, {"to": there["to"], "account": account_id})
            ):
                return True
        return False

    def _sent(self, tx: Transaction, number: int, sent: Sent, now: datetime, who: str) -> bool:
        self._lock(tx, number)
        row = self._end(tx, number, SendState.SENT, now, _UNDER_WAY, ext_id=sent.ext_id)
        if row is None:
            return False
        conversation, account = row[2], row[3]
        [(message,)] = tx.run(
            _SENT_MESSAGE,
            {
                "conversation_id": conversation, "account_id": account, "ext_id": sent.ext_id,
                "author": row[4], "to": row[6], "now": micros(now), "subject": row[8],
                "body": row[5], "remark": sent.remark,
            },
        )  # fmt: skip
        tx.run(_SENT_FILES, {"message": message, "id": number})
        for key in (sent.ext_id, *sent.keys):
            tx.run(
                "INSERT INTO thread_key (account_id, key, conversation_id) VALUES"
                " (:account, :key, :id) ON CONFLICT (account_id, key) DO NOTHING",
                {"account": account, "key": key, "id": conversation},
            )
        self._answered(tx, row, now, who)
        return True

    def postpone(
        self,
        number: int,
        owner: str,
        next_try: datetime,
        error: str,
        *,
        unsent_only: bool = False,
    ) -> None:
        """It failed for now: back in the outbox until `next_try`, if `owner` still has it."""
        states = "state = 'sending'" if unsent_only else "state IN ('sending', 'handed over')"
        with self._database.write(durable=True) as tx:
            tx.run(
                "UPDATE outbox SET state = 'queued', lease_owner = NULL, lease_until = NULL,"
                " next_try = :next, error = :error"
                f" WHERE id = :id AND lease_owner = :owner AND {states}",
                {"id": number, "next": micros(next_try), "error": error, "owner": owner},
            )

    def failed(self, number: int, owner: str, now: datetime, error: str) -> None:
        """It can't be sent: the conversation is back in the queue, with its text and deadline."""
        with self._database.write(durable=True) as tx:
            self._lock(tx, number)
            row = self._end(tx, number, SendState.FAILED, now, _HELD, error=error, owner=owner)
            if row:
                self._return(tx, row, now, "outbox", "reply failed", SendState.FAILED, error)

    def unsure(self, number: int, owner: str, now: datetime, error: str) -> None:
        """It may have arrived: the conversation is back in the queue and a person is asked."""
        with self._database.write(durable=True) as tx:
            self._lock(tx, number)
            row = self._end(tx, number, SendState.UNSURE, now, _HELD, error=error, owner=owner)
            if row:
                self._return(tx, row, now, "outbox", "reply unsure", SendState.UNSURE, error)

    def settle(self, conversation_id: int, who: str, now: datetime, *, arrived: bool) -> None:
        """A person says what became of an unsure answer: it arrived, or it didn't."""
        rows = self._database.read(
            "SELECT id, key, ext_id FROM outbox WHERE conversation_id = :id AND state = 'unsure'"
            " ORDER BY id DESC LIMIT 1",
            {"id": conversation_id},
        )
        if not rows:
            raise DeskError(f"conversation {conversation_id} has no answer whose fate is unsure")
        number, key, ext_id = rows[0]
        if arrived:
            remark = f"{who} says that it arrived"
            self.sent(number, Sent(ext_id or f"unsure:{key}", remark=remark), now, who)
            return
        error = f"{who} says that it did not arrive"
        with self._database.write(durable=True) as tx:
            self._lock(tx, number)
            row = self._end(tx, number, SendState.FAILED, now, _UNSURE, error=error)
            if row:
                self._return(tx, row, now, who, "reply failed", SendState.FAILED, error)

    def leased(self) -> list[Leased]:
        """Answers that somebody is sending, or was when they died."""
        rows = self._database.read(
            "SELECT id, lease_owner, state, lease_until FROM outbox WHERE lease_until IS NOT NULL"
        )
        return [Leased(r[0], r[1], SendState(r[2]), from_micros(r[3])) for r in rows]

    def entry(self, number: int) -> OutboxEntry:
        """One row of the outbox as people see it."""
        rows = self._database.read(f"SELECT {_ENTRY} FROM outbox WHERE id = :id", {"id": number})
        if not rows:
            raise NotFound(f"there is no answer {number} in the outbox")
        return _entry(rows[0])

    def entries(self, conversation_id: int) -> list[OutboxEntry]:
        """A conversation's answers, oldest first, however they ended."""
        sql = f"SELECT {_ENTRY} FROM outbox WHERE conversation_id = :id ORDER BY id"
        files: dict[int, tuple[str, ...]] = {}
        for number, name in self._database.read(_FILE_NAMES, {"id": conversation_id}):
            files[number] = (*files.get(number, ()), name)
        rows = self._database.read(sql, {"id": conversation_id})
        return [replace(_entry(row), files=files.get(row[0], ())) for row in rows]

    def pending(self) -> int:
        """How many answers are on their way."""
        sql = "SELECT count(*) FROM outbox WHERE state IN ('queued', 'sending', 'handed over')"
        return int(self._database.read(sql)[0][0])

    def _lock(self, tx: Transaction, number: int) -> None:
        """The conversation first and then its answer, as all do it: so none waits in a ring."""
        for row in tx.run("SELECT conversation_id FROM outbox WHERE id = :id", {"id": number}):
            self._target(tx, row[0])

    def _target(self, tx: Transaction, conversation_id: int) -> Target:
        return target(tx, conversation_id, for_update(self._database))

    @staticmethod
    def _add_files(tx: Transaction, number: int, files: Sequence[File]) -> None:
        tx.many(
            _ADD_FILE,
            [
                {"id": number, "number": n, "name": f.name, "type": f.type, "content": f.content}
                for n, f in enumerate(files)
            ],
        )

    def _reply(self, tx: Transaction, row: Row) -> OutgoingReply:
        raw = tx.run("SELECT source FROM raw WHERE message_id = :id", {"id": row[14]})
        return OutgoingReply(
            id=row[0],
            key=row[1],
            conversation_id=row[2],
            account=self._names.of(row[3]).name,
            author=row[4],
            text=row[5],
            to=Party(row[6], row[7]),
            subject=row[8],
            in_reply_to=row[9],
            queued_at=from_micros(row[10]),
            tries=row[11],
            source=bytes(raw[0][0]) if raw else b"",
            files=tuple(
                File(name, kind, bytes(content))
                for name, kind, content in tx.run(_FILES, {"id": row[0]})
            ),
            way=row[15],
        )

    @staticmethod
    def _end(
        tx: Transaction, number: int, state: SendState, now: datetime, condition: str, *,
        error: str = "", ext_id: str = "", owner: str = "",
    ) -> Row | None:  # fmt: skip
        """End an answer, if it still is in the condition that its end was decided on."""
        rows = tx.run(
            "UPDATE outbox SET state = :state, ended_at = :now, error = :error,"
            " ext_id = CASE WHEN :ext_id = '' THEN ext_id ELSE :ext_id END,"
            f" lease_owner = NULL, lease_until = NULL WHERE id = :id AND {condition}"
            f" RETURNING {_REPLY}",
            {
                "id": number, "state": str(state), "now": micros(now), "error": error,
                "ext_id": ext_id, "owner": owner,
            },
        )  # fmt: skip
        return rows[0] if rows else None

    def _answered(self, tx: Transaction, row: Row, now: datetime, who: str) -> None:
        conversation, author, seen = row[2], row[4], row[13]
        detail = {"outbox": row[0], "author": author}
        state = self._target(tx, conversation).state
        if verdicts.covers(tx, conversation, seen):
            changes = verdicts.end_wait(
                tx, conversation, now, State.ANSWERED, author, self._through(row[3]),
                self._in_hours, ("id", seen), self._names,
            ) | {"send_state": None}  # fmt: skip
            log.change(tx, conversation, micros(now), who, "answered", changes, detail)
            return
        changes = {"send_state": None}
        if state is State.SENDING:
            # An older message was found while the answer left: its customer still waits.
            changes |= {"state": int(State.WAITING), "assignee": None, "claim_until": None}
        log.change(tx, conversation, micros(now), who, "follow-up sent", changes, detail)

    def _through(self, account_id: int) -> str:
        return self._names.of(account_id).channel

    def _return(
        self, tx: Transaction, row: Row, now: datetime, who: str, kind: str,
        state: SendState | None, error: str = "",
    ) -> None:  # fmt: skip
        """Put a conversation back into the queue, what was written for it kept as a draft."""
        conversation, author = row[2], row[4]
        there = self._target(tx, conversation)
        changes: dict[str, Any] = {"send_state": str(state) if state else None}
        if there.state is State.SENDING:
            changes |= {"state": int(State.WAITING), "assignee": None, "claim_until": None}
        elif there.state not in OWED and state:
            # Nothing was owed, but somebody meant to write: without a place in the queue nobody
            # would ever see that it did not arrive.
            changes |= {
                "state": int(State.WAITING), "awaiting_since": row[10], "window_us": 0,
                "reply_by": row[10],
            }  # fmt: skip
        if state is not SendState.UNSURE:
            return_draft(tx, conversation, author, row[5], row[13], micros(now), row[15])
        detail = {"outbox": row[0], "error": error}
        log.change(tx, conversation, micros(now), who, kind, changes, detail)


def _is_part(text: str, body: str) -> bool:
    """Whether a text is a numbered part, "… (1/3)", of a longer one."""
    number = _NUMBERED.search(text)
    part = " ".join(text[: number.start()].split()) if number else ""
    return bool(part) and part in " ".join(body.split())


# Written down by a clock that was ahead: not kept waiting for that moment to come again.
_JUMP = timedelta(minutes=1)
_ENTRY = "id, conversation_id, author, body, to_address, state, tries, next_try, error, queued_at"


def _entry(row: Row) -> OutboxEntry:
    return OutboxEntry(
        row[0], row[1], row[2], row[3], row[4], SendState(row[5]), row[6], from_micros(row[7]),
        row[8], from_micros(row[9]),
    )  # fmt: skip
