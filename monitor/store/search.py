"""Looking for conversations: words in everything ever received, sent and noted, and conditions."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from monitor.clock import micros
from monitor.message import Conversation, State
from monitor.query import Query
from monitor.store.database import Database, in_list
from monitor.store.lists import TAGGED, Lists, View

Condition = tuple[str, dict[str, Any]]

FOUND_MOST = 500
_LOOKED_AT = 20_000
_IS = {
    "open": "c.state <= 2",
    "waiting": "c.state = 0",
    "snoozed": "c.state IN (1, 2) AND c.state = 1",
    "sending": "c.state IN (1, 2) AND c.state = 2",
    "answered": "c.state = 3",
    "closed": "c.state = 5",
    "ended": "c.state IN (4, 5)",
    "ignored": "c.state = 6",
    "overdue": "c.state <= 2 AND c.reply_by < :now",
    "lead": "c.lead = 1",
    "unclaimed": "c.state = 0 AND c.assignee IS NULL",
    "claimed": "c.assignee IS NOT NULL",
    "mine": "c.assignee = :who",
    "unsure": "c.send_state = 'unsure'",
    "failed": "c.send_state IN ('failed', 'bounced')",
}
_BY_TIME = frozenset({"open", "waiting", "snoozed", "overdue", "unclaimed"})
# The newest messages first, and no more of them than can be looked through while somebody types.
_SQLITE_WORDS = (
    "SELECT m.id, m.conversation_id, m.at FROM message_search s CROSS JOIN message m"
    " ON m.id = s.rowid WHERE message_search MATCH :match"
    f" ORDER BY s.rowid DESC LIMIT {_LOOKED_AT}"
)
_POSTGRES_WORDS = (
    "SELECT m.id, m.conversation_id, m.at FROM message m WHERE m.search @@ ({match}){senders}"
    f" LIMIT {_LOOKED_AT}"
)
_ALL = (
    "SELECT m.id, m.conversation_id, m.at FROM message m{where}"
    f" ORDER BY m.id DESC LIMIT {_LOOKED_AT}"
)
_EVERY = "plainto_tsquery('simple', replyby_words(:match))"
_BEGINS = "to_tsquery('simple', quote_literal(replyby_words(:{})) || ':*')"
_AUTHOR = (
    "replyby_words(m.author_name || ' ' || m.author_address) LIKE '%' || replyby_words(:{}) || '%'"
)


@dataclass(frozen=True, slots=True)
class Found:
    """The first of what was found; `total` is of all, a lower bound where `more` is true."""

    rows: list[Conversation]
    total: int
    more: bool = False


class Search:
    """The store's magnifying glass."""

    def __init__(self, database: Database, lists: Lists) -> None:
        self._database = database
        self._lists = lists

    def view(self, query: Query, who: str, now_us: int) -> View | None:
        """The list that shows a query, None where it has to be searched for."""
        if not query.listable:
            return None
        assignee = query.holder
        assignee = who if "mine" in query.flags else assignee
        assignee = "" if "unclaimed" in query.flags else assignee
        return View(
            state=State.SNOOZED if "snoozed" in query.flags else State.WAITING,
            accounts=self._accounts(query),
            assignee=assignee,
            overdue_at=now_us if "overdue" in query.flags else None,
            leads="lead" in query.flags,
            tag=query.tags[0] if query.tags else "",
        )

    def find(self, query: Query, who: str, now_us: int, limit: int = FOUND_MOST) -> Found:
        """Newest message first; of what waits, most urgent first where no words are asked for."""
        (source, params), order = self._source(query, who, now_us)
        sql = f"SELECT c.id FROM {source} ORDER BY {order} LIMIT :limit"
        rows = self._database.read(sql, params | {"limit": limit + 1})
        found = self._lists.conversations([row[0] for row in rows[:limit]])
        if len(rows) <= limit:
            return Found(found, len(found))
        total = self._database.read(
            f"SELECT count(*) FROM (SELECT 1 AS one FROM {source} LIMIT {_LOOKED_AT}) AS f", params
        )[0][0]
        return Found(found, int(total), more=total >= _LOOKED_AT)

    def _source(self, query: Query, who: str, now_us: int) -> tuple[Condition, str]:
        where, params = self._conditions(query, who, now_us)
        if not query.of_messages:
            urgent = query.flags & _BY_TIME
            order = "c.reply_by, c.awaiting_since, c.id" if urgent else "c.id DESC"
            return (f"conversation c WHERE {where}", params), order
        messages, more = self._messages(query)
        between = _between(query, more)
        hits = (
            f"SELECT m.conversation_id, max(m.id) AS newest FROM ({messages}) AS m{between}"
            " GROUP BY m.conversation_id"
        )
        source = f"({hits}) AS h JOIN conversation c ON c.id = h.conversation_id WHERE {where}"
        return (source, params | more), "h.newest DESC"

    def _conditions(self, query: Query, who: str, now_us: int) -> Condition:
        params: dict[str, Any] = {"who": who, "now": now_us, "holder": query.holder}
        clauses = ["1 = 1", *(_IS[flag] for flag in sorted(query.flags))]
        if query.holder:
            clauses.append("c.assignee = :holder")
        for number, tag in enumerate(query.tags):
            clauses.append(TAGGED.format(f"tag{number}").replace("tags", "c.tags"))
            params[f"tag{number}"] = json.dumps(tag, ensure_ascii=False)
        if query.accounts or query.channels:
            clause, more = in_list("c.account_id", "account", self._accounts(query))
            clauses.append(clause)
            params |= more
        return " AND ".join(clauses), params

    def _accounts(self, query: Query) -> tuple[int, ...]:
        """Ids of the accounts asked for, () where none is; one that can't be where none fits."""
        if not query.accounts and not query.channels:
            return ()
        rows = self._database.read("SELECT id, name, channel FROM account ORDER BY id")
        wanted, channels = query.accounts, query.channels
        fits = (
            row[0] for row in rows
            if (not wanted or row[1] in wanted) and (not channels or row[2] in channels)
        )  # fmt: skip
        return tuple(fits) or (-1,)

    def _messages(self, query: Query) -> Condition:
        if not query.words and not query.senders:
            params: dict[str, Any] = {}
            return _ALL.format(where=_between(query, params)), params
        if self._database.dialect == "sqlite":
            return f"SELECT * FROM ({_SQLITE_WORDS}) AS w", {"match": _sqlite_match(query)}
        return _postgres_words(query)


def _between(query: Query, params: dict[str, Any]) -> str:
    clauses = []
    if query.after:
        clauses.append("m.at >= :after")
        params["after"] = micros(query.after)
    if query.before:
        clauses.append("m.at < :before")
        params["before"] = micros(query.before)
    return f" WHERE {' AND '.join(clauses)}" if clauses else ""


def _sqlite_match(query: Query) -> str:
    parts = [f'"{word}"' for word in query.words]
    if query.unfinished:
        parts[-1] += "*"
    parts += [f'{{author_name author_address}} : "{word}" *' for word in query.senders]
    return " AND ".join(parts)


def _postgres_words(query: Query) -> Condition:
    # MATERIALIZED, or PostgreSQL walks the primary key backwards in search of a rare word.
    whole = query.words[:-1] if query.unfinished else query.words
    begun = {f"sender{n}": word for n, word in enumerate(query.senders)}
    by = "".join(f" AND {_AUTHOR.format(name)}" for name in begun)
    if query.unfinished:
        begun["last"] = query.words[-1]
    match = " && ".join([_EVERY, *(_BEGINS.format(name) for name in begun)])
    words = _POSTGRES_WORDS.format(match=match, senders=by)
    sql = f"WITH w AS MATERIALIZED ({words}) SELECT * FROM w"
    return sql, {"match": " ".join(whole), **begun}
