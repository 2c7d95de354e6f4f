"""Pages of the queue and counts by account against the bare query with fetchall."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from benchmarks.data import Worlds, connect
from benchmarks.race import Call, race
from benchmarks.table import Row, Target
from monitor.clock import micros, now
from monitor.store import Store, open_store
from monitor.store.lists import CONVERSATION, Position, View

_PAGE, _COUNT = Target(3), Target(2)
_ORDER = "ORDER BY reply_by, awaiting_since, id LIMIT 50"
_FREE = "state = 0 AND assignee IS NULL"
_OVERDUE = {
    "sqlite": "SELECT a.id, (SELECT count(*) FROM conversation c WHERE c.state = 0"
    " AND c.account_id = a.id AND c.reply_by < ?) FROM account a",
    "postgresql": "SELECT a.id, n.n FROM account a CROSS JOIN LATERAL (SELECT count(*) AS n"
    " FROM conversation c WHERE c.state = 0 AND c.account_id = a.id AND c.reply_by < %s) n",
}
_OWED_TOO = {
    "sqlite": "SELECT a.id, (SELECT count(*) FROM conversation c WHERE c.state = 0"
    " AND c.account_id = a.id), (SELECT count(*) FROM conversation c WHERE c.state = 0"
    " AND c.account_id = a.id AND c.reply_by < ?) FROM account a",
    "postgresql": "SELECT a.id, n.n, o.n FROM account a CROSS JOIN LATERAL"
    " (SELECT count(*) AS n FROM conversation c WHERE c.state = 0 AND c.account_id = a.id) n"
    " CROSS JOIN LATERAL (SELECT count(*) AS n FROM conversation c"
    " WHERE c.state = 0 AND c.account_id = a.id AND c.reply_by < %s) o",
}


@dataclass(frozen=True, slots=True)
class _List:
    name: str
    view: View
    forms: tuple[str, ...]
    params: tuple[Any, ...] = ()
    after: Position | None = None
    against: str = "raw query, fetchall"


def pages(worlds: Worlds) -> Iterator[Row]:
    """Four lists from their top, and one from two fifths down."""
    for size, database, url in worlds.each():
        with closing(open_store(url, now())) as store, closing(connect(url)) as raw:
            for each in _lists(raw):
                took = _race(_page(store, raw, database, each), worlds.quick)
                yield _row(each.name, size, database, took, each.against, _PAGE)


def _lists(raw: Any) -> Iterator[_List]:
    yield _List("top 50 unclaimed", View(assignee=""), (_select(_FREE),))
    yield _List(
        "top 50 unclaimed of an account", View(accounts=(3,), assignee=""),
        (_select(f"{_FREE} AND account_id = ?"),), (3,),
    )  # fmt: skip
    yield _List(
        "top 50 of three accounts", View(accounts=(3, 7, 11)),
        (_select("state = 0 AND account_id IN (?, ?, ?)"), _merged_rows(), _merged_ids()),
        (3, 7, 11), against="fastest of IN, UNION, id IN (UNION)",
    )  # fmt: skip
    yield _List(
        "top 50 mine", View(assignee="person 7"), (_select("state = 0 AND assignee = ?"),),
        ("person 7",),
    )  # fmt: skip
    deep = _depth(raw)
    yield _List(
        "50 unclaimed at 40 % depth", View(assignee=""),
        (_select(f"{_FREE} AND (reply_by, awaiting_since, id) > (?, ?, ?)"),), deep, deep,
    )  # fmt: skip


def _select(where: str) -> str:
    return f"SELECT {CONVERSATION} FROM conversation WHERE {where} {_ORDER}"


def _merged_rows() -> str:
    """Three short ranges of the account's index, merged."""
    return f"SELECT * FROM ({_thrice(CONVERSATION)}) AS merged {_ORDER}"


def _merged_ids() -> str:
    """The same with the rows fetched last."""
    return _select(f"id IN ({_thrice('id')})")


def _thrice(columns: str) -> str:
    one = f"SELECT {columns} FROM conversation WHERE state = 0 AND account_id = ? {_ORDER}"
    return " UNION ALL ".join(f"SELECT * FROM ({one}) AS part{n}" for n in range(3))


def _depth(raw: Any) -> Position:
    (total,) = raw.execute(f"SELECT count(*) FROM conversation WHERE {_FREE}").fetchone()
    order = _ORDER.replace("LIMIT 50", f"LIMIT 1 OFFSET {total * 2 // 5}")
    found: Position = raw.execute(
        f"SELECT reply_by, awaiting_since, id FROM conversation WHERE {_FREE} {order}"
    ).fetchone()
    return found


def _page(store: Store, raw: Any, database: str, each: _List) -> dict[str, Call]:
    mark = "?" if database == "sqlite" else "%s"

    def bare(sql: str) -> Call:
        statement = sql.replace("?", mark)
        return lambda: raw.execute(statement, each.params).fetchall()

    contenders = {f"raw {n}": bare(sql) for n, sql in enumerate(each.forms)}
    ours = store.lists.page(each.view, after=each.after)
    for name, call in contenders.items():
        same = [c.id for c in ours] == [row[0] for row in _rows(call)]
        assert same, f"{each.name}: another list than {name}"
    return {"ours": lambda: store.lists.page(each.view, after=each.after), **contenders}


def _rows(call: Call) -> Any:
    return call()


def counts(worlds: Worlds) -> Iterator[Row]:
    """Overdue by account, and owed beside it."""
    for size, database, url in worlds.each():
        with closing(open_store(url, now())) as store, closing(connect(url)) as raw:
            at = micros(now())
            yield from _counts(store, raw, size, database, at, worlds.quick)


def _counts(
    store: Store, raw: Any, size: int, database: str, at: int, quick: bool
) -> Iterator[Row]:
    def bare(sql: Mapping[str, str]) -> Call:
        return lambda: raw.execute(sql[database], (at,)).fetchall()

    form = "raw subquery" if database == "sqlite" else "raw LATERAL"
    overdue = {"ours": lambda: store.lists.overdue(at), "raw": bare(_OVERDUE)}
    took = _race(overdue, quick)
    yield _row("overdue by account", size, database, took, f"{form}, waiting only", _COUNT)
    both = {"ours": lambda: store.lists.counts(at), "raw": bare(_OWED_TOO)}
    took = _race(both, quick)
    yield _row("owed and overdue by account", size, database, took, f"{form}, waiting only", _COUNT)


def _race(contenders: dict[str, Call], quick: bool) -> dict[str, float]:
    return race(contenders, rounds=15 if quick else 61)


def _row(
    what: str, size: int, database: str, took: dict[str, float], against: str, target: Target
) -> Row:
    ours = took.pop("ours") * 1000
    raw = min(took.values()) * 1000
    return Row(what, f"{size:,}", database, "ms", ours, against, raw, target)
