"""Claim-next against the bare statement, and against queue libraries where they are installed.

The libraries are no dependencies of replyby: `uv pip install litequeue pgqueuer` adds them.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from importlib import import_module
from importlib.metadata import version
from typing import Any

import psycopg

from benchmarks.data import Worlds, connect, say
from benchmarks.race import Call, race
from benchmarks.table import Row, Target
from monitor.clock import micros, now
from monitor.desk import Desk
from monitor.store import open_store
from monitor.store.lists import CONVERSATION

_RAW, _AHEAD = Target(0.75, at_least=True), Target(1, at_least=True)
_BURST = 15  # small enough that four contenders don't run a queue of 10,000 dry
_LEASE = 1_800_000_000
_BACKLOG = 10_000

_CHOSEN = (
    "(SELECT id FROM conversation WHERE state = 0 AND assignee IS NULL"
    " ORDER BY reply_by, awaiting_since, id LIMIT 1{lock})"
)
_CLAIM = (
    "UPDATE conversation SET assignee = {mark}, claim_until = {mark}, version = version + 1"
    " WHERE id = {chosen} RETURNING {columns}"
)
_EVENT = (
    "INSERT INTO event (conversation_id, at, who, kind, changes, detail)"
    " VALUES (?, ?, ?, 'claimed', ?, '{}')"
)
_LOGGED = (
    "WITH c AS ({claim}), logged AS (INSERT INTO event (conversation_id, at, who, kind, changes)"
    " SELECT id, %s, %s, 'claimed', %s FROM c) SELECT * FROM c"
)

Claim = Callable[[], int]


def measure(worlds: Worlds) -> Iterator[Row]:
    """Rows for every size on every database, then the libraries."""
    for size, database, url in worlds.each():
        yield from _against_raw(size, database, url, worlds.quick)
    yield from _against_litequeue(worlds)
    if "postgresql" in worlds.databases:
        yield from _against_pgqueuer(worlds)


def _against_raw(size: int, database: str, url: str, quick: bool) -> Iterator[Row]:
    raw = _sqlite_claims if database == "sqlite" else _postgres_claims
    with closing(connect(url)) as connection, _product(url) as ours:
        bare, logged = raw(connection)
        rates = _rates({**ours, "bare": bare, "logged": logged}, quick)
    for name in ours:
        for against, what in (("bare", "the UPDATE alone"), ("logged", "UPDATE and log line")):
            yield Row(
                f"claim-next, {name}", f"{size:,}", database, "/s", rates[name],
                f"raw {what}", rates[against], _RAW,
            )  # fmt: skip


@contextmanager
def _product(url: str) -> Iterator[dict[str, Claim]]:
    store = open_store(url, now())
    desk = Desk(store, now, {})
    with closing(store):
        yield {
            "store": lambda: _id(store.claims.next("bench", now())),
            "desk": lambda: _id(desk.claim_next("bench")),
        }


def _id(claimed: Any) -> int:
    assert claimed is not None, "the queue ran dry"
    return int(claimed.id)


def _sqlite_claims(connection: Any) -> tuple[Claim, Claim]:
    execute = connection.execute
    chosen = _CHOSEN.format(lock="")
    bare_sql = _CLAIM.format(mark="?", chosen=chosen, columns="id, version")
    logged_sql = _CLAIM.format(mark="?", chosen=chosen, columns=CONVERSATION)

    def bare() -> int:
        until = micros(now()) + _LEASE
        return int(execute(bare_sql, ("raw", until)).fetchall()[0][0])

    def logged() -> int:
        at = micros(now())
        execute("BEGIN IMMEDIATE")
        row = execute(logged_sql, ("raw", at + _LEASE)).fetchall()[0]
        execute(_EVENT, (row[0], at, "raw", _changes(at)))
        execute("COMMIT")
        return int(row[0])

    return bare, logged


def _postgres_claims(connection: Any) -> tuple[Claim, Claim]:
    execute = connection.execute
    chosen = _CHOSEN.format(lock=" FOR UPDATE SKIP LOCKED")
    bare_sql = _CLAIM.format(mark="%s", chosen=chosen, columns="id, version")
    logged_sql = _LOGGED.format(claim=_CLAIM.format(mark="%s", chosen=chosen, columns=CONVERSATION))

    def bare() -> int:
        until = micros(now()) + _LEASE
        return int(execute(bare_sql, ("raw", until)).fetchall()[0][0])

    def logged() -> int:
        at = micros(now())
        given = ("raw", at + _LEASE, at, "raw", _changes(at))
        return int(execute(logged_sql, given).fetchall()[0][0])

    return bare, logged


def _changes(at: int) -> str:
    return f'{{"assignee":"raw","claim_until":{at + _LEASE}}}'


def _rates(contenders: dict[str, Claim], quick: bool) -> dict[str, float]:
    """Claims a second of each; AssertionError where one conversation was claimed twice."""
    claimed: list[int] = []
    seconds = race(
        {name: _noting(claim, claimed) for name, claim in contenders.items()},
        rounds=21 if quick else 61, calls=_BURST,
    )  # fmt: skip
    assert len(set(claimed)) == len(claimed), "a conversation was claimed twice"
    return {name: 1 / took for name, took in seconds.items()}


def _noting(claim: Claim, claimed: list[int]) -> Call:
    return lambda: claimed.append(claim())


def _against_litequeue(worlds: Worlds) -> Iterator[Row]:
    module = _optional("litequeue")
    if module is None:
        return
    queue = module.LiteQueue(str(worlds.folder / "litequeue.db"))
    with queue.transaction():
        for number in range(_BACKLOG):
            queue.put(str(number))
    yield from _against("litequeue", "sqlite", worlds, lambda: int(queue.pop().data))


def _against_pgqueuer(worlds: Worlds) -> Iterator[Row]:
    if _optional("pgqueuer") is None:
        return
    assert worlds.server is not None
    with asyncio.Runner() as runner:
        pop = runner.run(_pgqueuer(worlds.server.new_database()))
        yield from _against("pgqueuer", "postgresql", worlds, lambda: runner.run(pop()))


async def _pgqueuer(url: str) -> Callable[[], Any]:
    drivers, queries = import_module("pgqueuer.db"), import_module("pgqueuer.queries")
    connection = await psycopg.AsyncConnection.connect(url, autocommit=True)
    queue = queries.Queries(drivers.PsycopgDriver(connection))
    await queue.install()
    await queue.enqueue(["claim"] * _BACKLOG, [b"1"] * _BACKLOG, [0] * _BACKLOG)
    await connection.execute("VACUUM ANALYZE")
    limits = {"claim": queries.EntrypointExecutionParameter(0)}
    worker = uuid.uuid4()

    async def pop() -> int:
        jobs = await queue.dequeue(1, limits, worker, None, timedelta(minutes=5))
        return int(jobs[0].id)

    return pop


def _against(name: str, database: str, worlds: Worlds, pop: Claim) -> Iterator[Row]:
    """The library's own hand-out, one at a time and unacknowledged, beside ours."""
    url = worlds.filled(database, 100_000 if not worlds.quick else 10_000)
    # Ids of two queues may be equal, so those of the library are moved out of the way.
    with _product(url) as ours:
        theirs: Claim = lambda: -1 - pop()  # noqa: E731
        rates = _rates({"store": ours["store"], "theirs": theirs}, worlds.quick)
    yield Row(
        "claim-next, store", f"{_BACKLOG:,}", database, "/s", rates["store"],
        f"{name} {version(name)}, one at a time", rates["theirs"], _AHEAD,
    )  # fmt: skip


def _optional(name: str) -> Any:
    try:
        return import_module(name)
    except ImportError:
        say(f"SKIPPED: {name} is not installed; `uv pip install {name}` adds this comparison")
        return None
