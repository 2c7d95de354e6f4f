"""What comes to light about answers: one was written elsewhere, one of ours did not arrive."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from monitor.clock import from_micros
from monitor.decision import Decision, Ended
from monitor.message import SendState, State
from monitor.store import log, verdicts
from monitor.store.accounts import AccountNames
from monitor.store.database import Transaction
from monitor.store.drafts import return_draft

_CANCEL = (
    "UPDATE outbox SET state = 'failed', error = :error, ended_at = :now, lease_owner = NULL,"
    " lease_until = NULL WHERE conversation_id = :id AND state IN ('queued', 'sending')"
    " RETURNING id, author, body, seen_message, way"
)
_BOUNCED = (
    "UPDATE outbox SET state = :state, error = :error WHERE conversation_id = :id"
    " AND state IN ('sent', 'delayed') AND ext_id ="
    " (SELECT ext_id FROM message WHERE id = :message)"
    " RETURNING id, author, body, seen_message, way"
)
_MARK = "UPDATE message SET remark = :remark WHERE id = :id"
_REVOKE = (
    "UPDATE verdict SET outcome = 'undelivered', in_time = 0 WHERE conversation_id = :id"
    " AND ended_at = :at AND outcome = 'answered'"
)


class Fate:
    """The store's dead-letter office."""

    def __init__(self, names: AccountNames, in_hours: verdicts.InHours) -> None:
        self._names = names
        self._in_hours = in_hours

    def ended(
        self, tx: Transaction, conversation_id: int, ended: Ended, now: int
    ) -> Mapping[str, Any]:
        """Somebody answered with another program: the wait ends then; the log's line for it.

        An answer of ours that has not left yet stays here, or the customer would get two.
        """
        cancelled = tx.run(
            _CANCEL,
            {"id": conversation_id, "now": now, "error": f"{ended.who} answered already, outside"},
        )
        for _, author, text, seen, way in cancelled:
            return_draft(tx, conversation_id, author, text, seen, now, way)
        changes = verdicts.end_wait(
            tx, conversation_id, from_micros(ended.at), State.ANSWERED, ended.who, "outside",
            self._in_hours, ("at", ended.at), self._names,
        )  # fmt: skip
        if cancelled:
            changes["send_state"] = None
        log.update(tx, conversation_id, changes)
        detail = {"who": ended.who, "cancelled": [row[0] for row in cancelled]}
        return log.event(conversation_id, now, "intake", "answered outside", changes, detail)

    @staticmethod
    def undelivered(tx: Transaction, decision: Decision, now: int) -> None:
        """An answer did not arrive: its verdict no longer counts, its text is a draft again."""
        answer, number = decision.undelivered, decision.conversation
        assert answer is not None
        assert decision.message.report is not None
        failed = decision.message.report.failed
        state = SendState.BOUNCED if failed else SendState.DELAYED
        rows = tx.run(
            _BOUNCED,
            {
                "id": number, "state": str(state), "error": decision.remark,
                "message": answer.message,
            },
        )  # fmt: skip
        tx.run(_MARK, {"id": answer.message, "remark": decision.remark})
        if not answer.made_good:
            tx.run(_REVOKE, {"id": number, "at": answer.at})
        for _, author, text, seen, way in rows if failed else ():
            return_draft(tx, number, author, text, seen, now, way)
