"""Sixteen people who claim while a first poll is being stored, each in a process of their own."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from multiprocessing.process import BaseProcess
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Barrier, Event
from statistics import quantiles
from time import perf_counter, sleep

from benchmarks.data import Worlds, say
from benchmarks.mail import ACCOUNT, POLICY, batches
from benchmarks.table import Row, Target
from monitor.clock import now
from monitor.connector import Batch
from monitor.desk import Desk
from monitor.message import OutgoingReply, Sent
from monitor.poller import Polled, Poller
from monitor.store import open_store

_PEOPLE = 16
_PAUSE = 0.2
_QUIET_SECONDS = 4.0
_TARGET = Target(25, absolute=True)

Found = tuple[int, float]
"""A claimed id, and the seconds from the moment a claim was due until it was there."""


@dataclass(frozen=True, slots=True)
class _Mailbox:
    """A connector whose server answers at once: a first poll at its fastest."""

    count: int

    def poll(self, cursor: str | None, since: datetime) -> Iterator[Batch]:
        for batch in batches(self.count):
            yield Batch(tuple(batch), batch[-1].ext_id, len(batch), self.count)

    def reply(self, reply: OutgoingReply, hand_over: object) -> Sent:
        raise NotImplementedError

    def close(self) -> None:
        """Nothing is open."""


def measure(worlds: Worlds) -> Iterator[Row]:
    """Median, 99th percentile and longest claim; the baseline is the same with nothing stored."""
    count = 5_000 if worlds.quick else 50_000
    url = worlds.filled("sqlite", 10_000 if worlds.quick else 100_000)
    quiet, _ = _claims(url, 0)
    busy, took = _claims(url, count)
    ids = [found[0] for found in quiet + busy]
    assert len(set(ids)) == len(ids), "a conversation was claimed twice"
    say(f"{count:,} messages stored in {took:.1f} s beside {len(busy)} claims")
    alone, beside = _figures(quiet), _figures(busy)
    for name, ours in beside.items():
        yield Row(
            f"claim, {_PEOPLE} people, {count:,} coming in: {name}", "-", "sqlite", "ms", ours,
            f"ours, nothing coming in: {name}", alone[name], _TARGET if name == "p99" else None,
        )  # fmt: skip


def _figures(found: list[Found]) -> dict[str, float]:
    took = sorted(seconds * 1000 for _, seconds in found)
    cuts = quantiles(took, n=100, method="inclusive")
    return {"p50": cuts[49], "p99": cuts[98], "max": took[-1]}


def _claims(url: str, count: int) -> tuple[list[Found], float]:
    """What everybody claimed while so many messages were stored, and how long that took."""
    # Not forked: a forked connection to SQLite is none.
    context = multiprocessing.get_context("spawn")
    ready, stop, results = context.Barrier(_PEOPLE + 1), context.Event(), context.Queue()
    people = [
        context.Process(target=_person, args=(url, number, ready, stop, results), daemon=True)
        for number in range(_PEOPLE)
    ]
    for person in people:
        person.start()
    ready.wait(120)
    begin = perf_counter()
    _store(context.Process(target=_ingest, args=(url, count), daemon=True) if count else None)
    took = perf_counter() - begin
    stop.set()
    found = [each for _ in people for each in results.get(timeout=60)]
    for person in people:
        person.join()
    return found, took


def _store(ingest: BaseProcess | None) -> None:
    if ingest is None:
        sleep(_QUIET_SECONDS)
        return
    ingest.start()
    ingest.join()
    assert ingest.exitcode == 0, "the poll failed"


def _ingest(url: str, count: int) -> None:
    with closing(open_store(url, now())) as store:
        number = store.accounts.ids()[ACCOUNT]
        minute = timedelta(minutes=1)
        account = Polled(number, ACCOUNT, minute, minute, POLICY, lambda: _Mailbox(count))
        done = Poller(store, now).poll(account)
    assert done.accounted == count, done.problem


def _person(
    url: str, number: int, ready: Barrier, stop: Event, results: Queue[list[Found]]
) -> None:
    """Claim five times a second, whether or not the last one took long: an open loop."""
    found: list[Found] = []
    with closing(open_store(url, now())) as store:
        desk = Desk(store, now, {})
        desk.page()
        ready.wait(120)
        due = perf_counter() + _PAUSE * number / _PEOPLE
        while not stop.wait(max(0.0, due - perf_counter())):
            claimed = desk.claim_next(f"person {number}")
            assert claimed is not None, "the queue ran dry"
            found.append((claimed.id, perf_counter() - due))
            due += _PAUSE
    results.put(found)
