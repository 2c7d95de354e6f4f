"""Reading the queue: lists in keyset pages, counts, one conversation with its messages."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from monitor.clock import from_micros, opt_from_micros
from monitor.errors import NotFound
from monitor.message import OWED, Attachment, Conversation, Direction, Message, Party, State
from monitor.store.accounts import AccountNames
from monitor.store.database import Database, Row, in_list

CONVERSATION = (
    "id, account_id, kind, customer_name, customer_address, subject, preview, state,"
    " awaiting_since, window_us, reply_by, assignee, claim_until, snooze_until, lead, tags, url,"
    " send_state, version, linked_id"
)
_MESSAGE = (
    "id, conversation_id, direction, author_address, author_name, at, found_at, subject, body,"
    " ext_id, remark, folds, recipients, reply_by, edited_at, deleted_at"
)
_FILES = (
    "SELECT a.message_id, a.number, a.name, a.type, a.size FROM message m JOIN attachment a"
    " ON a.message_id = m.id WHERE m.conversation_id = :id ORDER BY a.message_id, a.number"
)
_MERGED_MOST = 50
_KEYS = "reply_by, awaiting_since, id"
_PLACE = "(:at_by, :at_since, :at_id)"

Position = tuple[int, int, int]
"""Where a page ends: reply_by, awaiting_since and id of its last row, 0 for what is NULL."""


@dataclass(frozen=True, slots=True)
class View:
    """Which conversations a list shows; the default is all that wait.

    `assignee` is a name for theirs, "" for nobody's, None for either; `accounts` are ids, () for
    all; `overdue_at` is the moment, in microseconds, before which they were due.
    """

    state: State | None = State.WAITING
    accounts: tuple[int, ...] = ()
    assignee: str | None = None
    overdue_at: int | None = None
    leads: bool = False
    tag: str = ""

    @property
    def owed(self) -> bool:
        """Whether all of its conversations have a reply-by time, which is then its order."""
        return self.state in OWED


@dataclass(frozen=True, slots=True)
class Glance:
    """What one person has to know of conversations besides their rows.

    `last_words` are the ids of the last messages of customers; `drafts` what the person wrote on.
    """

    last_words: dict[int, int] = field(default_factory=dict)
    drafts: frozenset[int] = frozenset()


def position(conversation: Conversation) -> Position:
    """Where a conversation stands in a list."""
    return (conversation.reply_by_us or 0, conversation.awaiting_us or 0, conversation.id)


@dataclass(frozen=True, slots=True)
class Counts:
    """How many are owed an answer, and how many of those are past their time, by account."""

    owed: dict[str, int] = field(default_factory=dict)
    overdue: dict[str, int] = field(default_factory=dict)


class Lists:
    """The store's reading room."""

    def __init__(self, database: Database, names: AccountNames) -> None:
        self._database = database
        self._names = names

    def page(
        self,
        view: View,
        limit: int = 50,
        after: Position | None = None,
        *,
        backwards: bool = False,
    ) -> list[Conversation]:
        """The next `limit` of a list: most urgent first, or newest where no answer is owed.

        `backwards` it is the `limit` before `after`, or the last ones, in the same order.
        """
        where, params = _where(view)
        params["limit"] = limit
        if after:
            where += f" AND {_beyond(view, backwards=backwards)}"
            params |= _place(after)
        order = _order(view, backwards=backwards)
        source = f"conversation WHERE {where}"
        if view.owed and 1 < len(view.accounts) <= _MERGED_MOST:
            source = f"({_merged(where, params, view.accounts, order)}) AS merged"
        elif view.accounts:
            clause, more = in_list("account_id", "account", view.accounts)
            source, params = f"{source} AND {clause}", params | more
        sql = f"SELECT {CONVERSATION} FROM {source} {order} LIMIT :limit"
        found = self._conversations(self._database.read(sql, params))
        return found[::-1] if backwards else found

    def count(self, view: View, before: Position | None = None) -> int:
        """How many a list has, or how many of them stand before a position; walks an index."""
        where, params = self._all(view)
        if before:
            where += f" AND {_beyond(view, backwards=True)}"
            params |= _place(before)
        return int(
            self._database.read(f"SELECT count(*) FROM conversation WHERE {where}", params)[0][0]
        )

    def position(self, view: View, index: int) -> Position | None:
        """Where the row of this number stands, counted from 0; None behind the end."""
        where, params = self._all(view)
        rows = self._database.read(
            f"SELECT {_KEYS} FROM conversation WHERE {where} {_order(view)} LIMIT 1 OFFSET :index",
            params | {"index": index},
        )
        return (rows[0][0] or 0, rows[0][1] or 0, rows[0][2]) if rows else None

    def glance(self, ids: Sequence[int], who: str) -> Glance:
        """Marks for these rows, as one person sees them."""
        if not ids:
            return Glance()
        where, params = in_list("conversation_id", "id", ids)
        said = self._database.read(
            f"SELECT conversation_id, max(id) FROM message WHERE {where} AND direction = 0"
            " GROUP BY conversation_id",
            params,
        )
        drafts = self._database.read(
            f"SELECT conversation_id FROM draft WHERE {where} AND person = :who AND body <> ''",
            params | {"who": who},
        )
        return Glance({row[0]: row[1] for row in said}, frozenset(row[0] for row in drafts))

    @staticmethod
    def _all(view: View) -> tuple[str, dict[str, Any]]:
        where, params = _where(view)
        if not view.accounts:
            return where, params
        clause, more = in_list("account_id", "account", view.accounts)
        return f"{where} AND {clause}", params | more

    def conversation(self, conversation_id: int) -> Conversation:
        """NotFound where there is none of this id."""
        rows = self._database.read(
            f"SELECT {CONVERSATION} FROM conversation WHERE id = :id", {"id": conversation_id}
        )
        if not rows:
            raise NotFound(f"there is no conversation {conversation_id}; `replyby list` shows them")
        return self._conversations(rows)[0]

    def conversations(self, ids: Sequence[int]) -> list[Conversation]:
        """Those of the ids that exist, in the order asked for."""
        where, params = in_list("id", "id", ids)
        rows = self._database.read(f"SELECT {CONVERSATION} FROM conversation WHERE {where}", params)
        found = {c.id: c for c in self._conversations(rows)}
        return [found[i] for i in ids if i in found]

    def messages(self, conversation_id: int) -> list[Message]:
        """Everything in the conversation, notes included, in the order it came to us."""
        sql = f"SELECT {_MESSAGE} FROM message WHERE conversation_id = :id ORDER BY id"
        files: dict[int, tuple[Attachment, ...]] = {}
        for number, *file in self._database.read(_FILES, {"id": conversation_id}):
            files[number] = (*files.get(number, ()), Attachment(*file))
        rows = self._database.read(sql, {"id": conversation_id})
        return [_message(row, files.get(row[0], ())) for row in rows]

    def raw(self, message_id: int) -> bytes:
        """What the platform delivered, as it came; NotFound where nothing was kept."""
        rows = self._database.read(
            "SELECT source FROM raw WHERE message_id = :id", {"id": message_id}
        )
        if not rows:
            raise NotFound(f"message {message_id} has no raw source")
        return bytes(rows[0][0])

    def counts(self, now: int) -> Counts:
        """Owed and overdue by account; one range of an index for each."""
        counts = Counts()
        for row in self._database.read(_OVERDUE, {"now": now}):
            name = self._names.of(row[0]).name
            counts.owed[name], counts.overdue[name] = row[1], row[2]
        return counts

    def overdue(self, now: int) -> dict[str, int]:
        """Overdue by account, without those that are still in time."""
        rows = self._database.read(_OVERDUE_ALONE, {"now": now})
        return {self._names.of(row[0]).name: row[1] for row in rows}

    def _conversations(self, rows: Sequence[Row]) -> list[Conversation]:
        names = self._names.of
        return [Conversation(row[0], *names(row[1]), *row[2:]) for row in rows]


# One subquery an account reads one range of an index; GROUP BY would walk all of it. Written
# with LATERAL PostgreSQL would do the same, but a scalar subquery is understood by both.
def _count(condition: str) -> str:
    return (
        "(SELECT count(*) FROM conversation c"
        f" WHERE c.state = 0 AND c.account_id = a.id{condition})"
        f" + (SELECT count(*) FROM conversation c WHERE c.state IN (1, 2)"
        f" AND c.account_id = a.id{condition})"
    )


_OVERDUE_ALONE = f"SELECT a.id, {_count(' AND c.reply_by < :now')} FROM account a ORDER BY a.name"
_OVERDUE = (
    f"SELECT a.id, {_count('')}, {_count(' AND c.reply_by < :now')} FROM account a ORDER BY a.name"
)


# Whether a JSON list holds a JSON text, in the words of both databases; the first part is the
# condition of the index by which those that wait and have tags at all are found.
TAGGED = "tags <> '[]' AND replace(tags, :{}, '') <> tags"


def _order(view: View, *, backwards: bool = False) -> str:
    way = " DESC" if backwards == view.owed else ""
    keys = ("reply_by", "awaiting_since", "id") if view.owed else ("id",)
    return "ORDER BY " + ", ".join(f"{key}{way}" for key in keys)


def _beyond(view: View, *, backwards: bool) -> str:
    if not view.owed:
        return "id > :at_id" if backwards else "id < :at_id"
    return f"({_KEYS}) {'<' if backwards else '>'} {_PLACE}"


def _place(at: Position) -> dict[str, int]:
    return dict(zip(("at_by", "at_since", "at_id"), at, strict=True))


def _where(view: View) -> tuple[str, dict[str, Any]]:
    # The state stands in the text, not in a parameter: only so is a partial index considered.
    clauses = ["1 = 1" if view.state is None else f"state = {int(view.state)}"]
    if view.state in (State.SNOOZED, State.SENDING):
        clauses.insert(0, "state IN (1, 2)")  # ix_aside's own condition
    params: dict[str, Any] = {}
    if view.assignee == "":
        clauses.append("assignee IS NULL")
    elif view.assignee is not None:
        clauses.append("assignee = :assignee")
        params["assignee"] = view.assignee
    if view.overdue_at is not None:
        clauses.append("reply_by < :overdue_at")
        params["overdue_at"] = view.overdue_at
    if view.leads:
        clauses.append("lead = 1")
    if view.tag:
        clauses.append(TAGGED.format("tag"))
        params["tag"] = json.dumps(view.tag, ensure_ascii=False)
    return " AND ".join(clauses), params


def _merged(where: str, params: dict[str, Any], accounts: Sequence[int], order: str) -> str:
    """The first of each account: a range of an index apiece instead of a walk over the queue."""
    parts = []
    for number, account in enumerate(accounts):
        params[f"account{number}"] = account
        parts.append(
            f"SELECT * FROM (SELECT {CONVERSATION} FROM conversation WHERE {where}"
            f" AND account_id = :account{number} {order} LIMIT :limit) AS of{number}"
        )
    return " UNION ALL ".join(parts)


def _message(row: Row, files: tuple[Attachment, ...]) -> Message:
    return Message(
        id=row[0],
        conversation_id=row[1],
        direction=Direction(row[2]),
        author=Party(row[3], row[4]),
        at=from_micros(row[5]),
        found_at=from_micros(row[6]),
        subject=row[7],
        text=row[8],
        ext_id=row[9],
        remark=row[10],
        folds=tuple((start, end) for start, end in json.loads(row[11] or "[]")),
        attachments=files,
        recipients=row[12],
        awaits=row[13] is not None,
        edited_at=opt_from_micros(row[14]),
        deleted_at=opt_from_micros(row[15]),
    )
