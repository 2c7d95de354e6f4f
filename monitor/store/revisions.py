"""Messages that their authors change or delete at the platform after they came in."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from monitor.clean import keepable
from monitor.decision import Decision, Version
from monitor.message import Direction, IncomingMessage
from monitor.store import log
from monitor.store.database import Transaction, in_list

_VERSIONS = (
    "SELECT m.ext_id, m.id, m.conversation_id, m.direction, m.revision, m.body, m.deleted_at,"
    " m.id = (SELECT max(n.id) FROM message n WHERE n.conversation_id = m.conversation_id"
    " AND n.direction = 0) FROM message m WHERE {accounts} AND {ids}"
)
_EDITED = (
    "UPDATE message SET body = :body, folds = :folds, revision = :revision, edited_at = :now,"
    " deleted_at = NULL WHERE id = :id"
)
_NAMED = "UPDATE message SET revision = :revision, deleted_at = NULL WHERE id = :id"
_DELETED = "UPDATE message SET deleted_at = :now WHERE id = :id"
_RAW = "UPDATE raw SET headers = :headers, source = :source WHERE message_id = :id"
_FILES_AWAY = "DELETE FROM attachment WHERE message_id = :id"
FILE = (
    "INSERT INTO attachment (message_id, number, name, type, size)"
    " VALUES (:message_id, :number, :name, :type, :size)"
)


def versions(
    tx: Transaction, peers: Sequence[int], messages: Sequence[IncomingMessage]
) -> dict[str, Version]:
    """As which version those of the messages are stored that say which they are, or are gone."""
    ids = dict.fromkeys(keepable(m.ext_id) for m in messages if m.revision or m.deleted)
    if not ids:
        return {}
    accounts, params = in_list("m.account_id", "a", peers)
    where, more = in_list("m.ext_id", "e", ids)
    rows = tx.run(_VERSIONS.format(accounts=accounts, ids=where), params | more)
    return {
        row[0]: Version(
            row[1], row[2], Direction(row[3]), row[4], row[5], row[6] is not None, bool(row[7])
        )
        for row in rows
    }  # fmt: skip


def rewrite(tx: Transaction, decision: Decision, now: int) -> Mapping[str, Any] | None:
    """Store what became of a message; the log's line for it, None where nobody has to know."""
    version, message = decision.rewrites, decision.message
    assert version is not None
    number = {"id": version.message}
    if message.deleted:
        tx.run(_DELETED, number | {"now": now})
    elif decision.event == "edited":
        _edit(tx, message, version, now)
    else:
        tx.run(_NAMED, number | {"revision": message.revision})
    if not decision.event:
        return None
    log.update(tx, decision.conversation, decision.changes)
    return log.event(
        decision.conversation, now, "intake", decision.event, decision.changes, decision.detail
    )


def files_of(number: int, message: IncomingMessage) -> list[dict[str, Any]]:
    """The parameters of `FILE` for each file of a message."""
    return [
        {"message_id": number, "number": f.number, "name": f.name, "type": f.type, "size": f.size}
        for f in message.attachments
    ]


def _edit(tx: Transaction, message: IncomingMessage, version: Version, now: int) -> None:
    number = {"id": version.message}
    tx.run(
        _EDITED,
        number | {
            "body": message.text, "revision": message.revision, "now": now,
            "folds": json.dumps(message.folds, separators=(",", ":")) if message.folds else "",
        },
    )  # fmt: skip
    tx.run(_RAW, number | {"headers": message.headers, "source": message.raw})
    tx.run(_FILES_AWAY, number)
    if files := files_of(version.message, message):
        tx.many(FILE, files)
