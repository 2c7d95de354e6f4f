"""What intake is told before it decides: read within the batch's own transaction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from monitor.clean import keepable
from monitor.clock import micros
from monitor.decision import ANSWERED_OUTSIDE, SENT_OUTSIDE, Answer, Door, Known, Thread
from monitor.message import Direction, IncomingMessage, State
from monitor.store.database import Database, Row, Transaction, for_update, in_list
from monitor.store.revisions import versions

_PEERS = (
    "SELECT id FROM account WHERE channel = (SELECT channel FROM account WHERE id = :account)"
    " ORDER BY id"
)
# Two accounts that store the same message at the same time would both find it unknown.
_ALONE = "SELECT pg_advisory_xact_lock(7236, hashtext(channel)) FROM account WHERE id = :account"
_THERE = (
    "SELECT account_id, ext_id, id, conversation_id, reply_by, direction, answered FROM message"
    " WHERE {accounts} AND {ids}"
)
_KNOWN = "SELECT ext_id, direction FROM message WHERE account_id = :account AND {ids}"
_DOORS = "SELECT ext_id FROM door WHERE account_id = :account AND {ids}"
# The account's own conversation comes last, and so is the one that counts.
_KEYS = (
    "SELECT key, conversation_id FROM thread_key WHERE {accounts} AND {keys}"
    " ORDER BY CASE WHEN account_id = :own THEN 1 ELSE 0 END"
)
_THREAD = (
    "SELECT id, state, customer_address, awaiting_since, reply_by, window_us, lead, tags, subject,"
    " send_state FROM conversation WHERE {ids} ORDER BY id{lock}"
)
# Our own answers have no address: what has one was written with another program.
_WROTE = (
    "SELECT DISTINCT conversation_id, author_address, 0 AS at FROM message"
    " WHERE direction = 0 AND reply_by IS NOT NULL AND {ids}"
    " UNION ALL SELECT conversation_id, COALESCE(NULLIF(author_name, ''), author_address), at"
    " FROM message WHERE direction = 1 AND author_address <> '' AND {ids}"
    f" AND remark IN ('{ANSWERED_OUTSIDE}', '{SENT_OUTSIDE}') ORDER BY at"
)
_ANSWER = (
    "SELECT {name}, m.id, m.conversation_id, m.at, v.awaiting_since, v.window_us, v.reply_by,"
    " (SELECT count(*) FROM message n LEFT JOIN outbox o"
    " ON o.conversation_id = n.conversation_id AND o.ext_id = n.ext_id AND o.state = 'sent'"
    " WHERE n.conversation_id = m.conversation_id AND n.direction = 1 AND n.id > m.id"
    f" AND (o.id IS NOT NULL OR n.remark = '{ANSWERED_OUTSIDE}'))"
    " FROM message m LEFT JOIN verdict v ON v.conversation_id = m.conversation_id"
    " AND v.ended_at = m.at AND v.outcome IN ('answered', 'undelivered')"
    " WHERE m.direction = 1 AND {where} ORDER BY m.id"
)
_SENT_TO = "substr(lower(m.recipients), 1, 300)"
_REMEMBERED = timedelta(days=7)
_IDS_AT_ONCE = 500


def known(
    tx: Transaction,
    account_id: int,
    messages: Sequence[IncomingMessage],
    database: Database,
    now: datetime,
) -> Known:
    """What is stored already of this batch, and the conversations that it may belong to.

    These are locked until the batch is stored: what is decided on them must still be true then.
    """
    peers = _peers(tx, account_id, database)
    there, received, doors = _stored(tx, account_id, peers, messages)
    changed = versions(tx, peers, messages)
    fresh = [m for m in messages if m.ext_id not in there or m.outgoing]
    by_key = dict(_by_key(tx, account_id, peers, fresh))
    answers = _answers(tx, fresh, by_key, micros(now - _REMEMBERED))
    proven = {m.own_conversation for m in fresh if m.own_conversation is not None}
    wanted = proven | set(by_key.values()) | {d.conversation for d in doors.values()}
    wanted |= {answer.conversation for answer in answers.values()}
    wanted |= {version.conversation for version in changed.values()}
    threads = _threads(tx, wanted, for_update(database))
    return Known(there, by_key, threads, doors, answers, received, changed)


def _peers(tx: Transaction, account_id: int, database: Database) -> list[int]:
    """The accounts of the same channel, this one among them."""
    peers = [row[0] for row in tx.run(_PEERS, {"account": account_id})]
    if len(peers) > 1 and database.dialect != "sqlite":
        tx.run(_ALONE, {"account": account_id})
    return peers


def _stored(
    tx: Transaction, account_id: int, peers: Sequence[int], messages: Sequence[IncomingMessage]
) -> tuple[frozenset[str], frozenset[str], dict[str, Door]]:
    """The ids that this account has, those of them that came in, and those of other accounts."""
    ids, params = in_list("ext_id", "e", dict.fromkeys(keepable(m.ext_id) for m in messages))
    if len(peers) == 1:
        rows = tx.run(_KNOWN.format(ids=ids), params | {"account": account_id})
        received = frozenset(row[0] for row in rows if row[1] == Direction.IN)
        return frozenset(row[0] for row in rows), received, {}
    accounts, more = in_list("account_id", "a", peers)
    there: dict[str, Door] = {}
    doors: dict[str, Door] = {}
    for owner, ext_id, *door in tx.run(_THERE.format(accounts=accounts, ids=ids), params | more):
        (there if owner == account_id else doors).setdefault(ext_id, Door(*door))
    rows = tx.run(_DOORS.format(ids=ids), params | {"account": account_id})
    known_here = frozenset(there) | {row[0] for row in rows}
    received = frozenset(i for i, d in (doors | there).items() if d.direction == Direction.IN)
    return known_here, received, {i: door for i, door in doors.items() if i not in known_here}


def _by_key(
    tx: Transaction, account_id: int, peers: Sequence[int], messages: Sequence[IncomingMessage]
) -> Iterable[tuple[str, int]]:
    named = (key for m in messages for key in (*m.keys, *(m.report.ids if m.report else ())))
    keys = list(dict.fromkeys(map(keepable, named)))
    accounts, more = in_list("account_id", "a", peers)
    for start in range(0, len(keys), _IDS_AT_ONCE):
        where, params = in_list("key", "k", keys[start : start + _IDS_AT_ONCE])
        params |= more | {"own": account_id}
        yield from tx.run(_KEYS.format(accounts=accounts, keys=where), params)


def _threads(tx: Transaction, ids: set[int], lock: str) -> dict[int, Thread]:
    if not ids:
        return {}
    where, params = in_list("id", "i", sorted(ids))
    rows = tx.run(_THREAD.format(ids=where, lock=lock), params)
    where, params = in_list("conversation_id", "i", sorted(ids))
    people: dict[int, set[str]] = {}
    outside: dict[int, tuple[int, str]] = {}
    for conversation, who, at in tx.run(_WROTE.format(ids=where), params):
        if at:
            outside[conversation] = (at, who)
        else:
            people.setdefault(conversation, set()).add(who.casefold())
    return {r[0]: _thread(r, people.get(r[0], set()), outside.get(r[0])) for r in rows}


def _thread(row: Row, people: set[str], outside: tuple[int, str] | None) -> Thread:
    return Thread(
        id=row[0],
        state=State(row[1]),
        customer_address=row[2],
        awaiting_since=row[3],
        reply_by=row[4],
        window_us=row[5],
        lead=row[6],
        tags=row[7],
        subject=row[8],
        send_state=row[9],
        outside_at=outside[0] if outside else None,
        outside_who=outside[1] if outside else "",
        participants=frozenset(people | {row[2].casefold()}),
    )


def _answers(
    tx: Transaction, messages: Sequence[IncomingMessage], by_key: dict[str, int], since: int
) -> dict[str, Answer]:
    """Our sent messages that the batch's delivery reports are about."""
    reports = [m.report for m in messages if m.report]
    found: dict[str, Answer] = {}
    if ids := {i for r in reports for i in map(keepable, r.ids) if i in by_key}:
        named, params = in_list("m.reference", "r", sorted(ids))
        where, more = in_list("m.conversation_id", "c", sorted({by_key[i] for i in ids}))
        rows = tx.run(
            _ANSWER.format(name="m.reference", where=f"{where} AND {named}"), params | more
        )
        found |= {row[0]: _answer(row) for row in rows}
    if addresses := {keepable(a).lower()[:300] for r in reports if not r.ids for a in r.recipients}:
        where, params = in_list(_SENT_TO, "r", sorted(addresses))
        # Whoever forges a report knows an address, and no more: not of old answers.
        where += " AND m.at > :since"
        rows = tx.run(_ANSWER.format(name=_SENT_TO, where=where), params | {"since": since})
        found |= {row[0]: _answer(row) for row in rows}
    return found


def _answer(row: Row) -> Answer:
    names = ("awaiting_since", "window_us", "reply_by")
    wait = dict(zip(names, row[4:7], strict=True)) if row[4] is not None else {}
    return Answer(row[1], row[2], row[3], wait, made_good=row[7] > 0)
