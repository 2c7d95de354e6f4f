"""One poll of one account: fetch, decide, store, and write down how the account is doing."""

from __future__ import annotations

import logging
import random
import threading
from collections import Counter
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from monitor.clean import clean_line
from monitor.clock import Clock
from monitor.connector import Batch, Connector
from monitor.decision import Decision, Known, Outcome, tally
from monitor.errors import ConfigError, ConnectorError, StoreError
from monitor.health import Health, Trouble, trouble
from monitor.intake import decide
from monitor.message import IncomingMessage
from monitor.policy import Policy
from monitor.process import is_gone, owner
from monitor.store import Store
from monitor.store.accounts import PollLease

_LEASE = timedelta(seconds=120)
_LONGEST_PAUSE = timedelta(minutes=30)
_JITTER = 0.1
# A claim waits for one transaction of ours at the most, so these are short; and between two of
# them the database is left to whoever waits, for without a pause the next would take the writer's
# lock again before they have woken up.
_SLICE = 20
_BREATH = 0.005

log = logging.getLogger("replyby.poll")

Progress = Callable[["Pass"], None]


@dataclass(frozen=True, slots=True)
class Polled:
    """An account as the poller needs it."""

    id: int
    name: str
    every: timedelta
    since: timedelta
    policy: Policy
    connect: Callable[[], Connector]


@dataclass(slots=True)
class Pass:
    """One poll's ledger: listed = new + known + ignored + quarantined, or something is lost."""

    account: str
    listed: int = 0
    total: int | None = None
    outcomes: Counter[Outcome] = field(default_factory=Counter)
    problem: str = ""
    remedy: str = ""
    skipped: bool = False

    @property
    def accounted(self) -> int:
        """How many of the listed messages met an outcome."""
        return sum(self.outcomes.values())

    def as_json(self) -> dict[str, Any]:
        """The ledger as it is stored and shown."""
        return {"listed": self.listed} | {str(o): self.outcomes[o] for o in Outcome}


class Poller:
    """Polls accounts, each by one process at a time."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._breath = threading.Event()

    def poll(self, account: Polled, progress: Progress = lambda done: None) -> Pass:
        """One pass over an account; what fails is in the result and in the account's health."""
        done = Pass(account.name)
        lease = self._lease(account)
        if lease is None:
            done.skipped = True
            return done
        try:
            self._run(account, lease, done, progress)
        except (ConnectorError, ConfigError) as error:
            self._failed(account, lease, done, trouble(error))
        except StoreError as error:
            done.problem = str(error)
            log.error("%s: %s", account.name, error)
        except Exception as error:
            # The edge of a poll: a fault in one account's connector must not stop the others.
            log.exception("%s: a fault in the connector", account.name)
            reason = f"a fault in replyby: {type(error).__name__}"
            remedy = "report it, with what `replyby poll --verbose` shows"
            self._failed(account, lease, done, Trouble(Health.BLIND, reason, remedy))
        return done

    def _lease(self, account: Polled) -> PollLease | None:
        accounts = self._store.accounts
        holder = accounts.holder(account.id)
        dead = holder if is_gone(holder) else None
        return accounts.lease(account.id, owner(), self._clock(), _LEASE, dead)

    def _run(self, account: Polled, lease: PollLease, done: Pass, progress: Progress) -> None:
        connector = account.connect()
        try:
            cursor = lease.cursor
            with closing(_ahead(connector.poll(cursor, self._clock() - account.since))) as batches:
                for batch in batches:
                    self._store_batch(account, lease, batch, cursor, done)
                    cursor = batch.cursor
                    progress(done)
        finally:
            connector.close()
        now = self._clock()
        if done.accounted != done.listed:
            reason = (
                f"the server listed {done.listed} messages, {done.accounted} were accounted for"
            )
            self._failed(
                account, lease, done, Trouble(Health.BLIND, reason, "poll again; report it")
            )
            return
        pause = account.every * (1 + random.uniform(-_JITTER, _JITTER))  # noqa: S311 # no secret
        if not self._store.accounts.succeeded(lease, now, now + pause, done.as_json()):
            done.problem = "another process took this poll over"

    def _store_batch(
        self, account: Polled, lease: PollLease, batch: Batch, before: str | None, done: Pass
    ) -> None:
        """Store a batch in slices; the cursor moves with the last one, so a cut loses nothing."""
        slices = [batch.messages[n : n + _SLICE] for n in range(0, len(batch.messages), _SLICE)]
        for number, messages in enumerate(slices or [()], 1):
            decisions = self._store.ingest.batch(
                lease,
                messages,
                batch.cursor if number >= len(slices) else before,
                partial(_decided, messages, account.policy),
                self._clock(),
                _LEASE,
            )
            done.outcomes += tally(decisions)
            if messages and self._store.database.contended():
                self._breath.wait(_BREATH)
        done.listed += batch.listed
        done.total = batch.total

    def _failed(self, account: Polled, lease: PollLease, done: Pass, why: Trouble) -> None:
        done.problem = str(clean_line(why.reason, 500))
        done.remedy = str(clean_line(why.remedy, 300))
        fails = self._store.accounts.fails(account.id)
        if fails == 0:
            log.warning("%s: %s: %s", account.name, why.state, done.problem)
        now = self._clock()
        safe = Trouble(why.state, done.problem, why.remedy, why.retry_after)
        self._store.accounts.failed(lease, now, self._next_try(account, now, fails, why), safe)

    @staticmethod
    def _next_try(account: Polled, now: datetime, fails: int, why: Trouble) -> datetime:
        if why.retry_after is not None:
            return now + timedelta(seconds=why.retry_after)
        pause = account.every * (1 << min(fails, 10))
        return now + min(max(pause, account.every), max(_LONGEST_PAUSE, account.every))


def _ahead(batches: Iterator[Batch]) -> Generator[Batch]:
    """The same batches, each fetched and read while the one before it is being stored."""
    worker = ThreadPoolExecutor(1, "replyby-ahead")
    try:
        coming = worker.submit(next, batches, None)
        while batch := coming.result():
            coming = worker.submit(next, batches, None)
            yield batch
    finally:
        # Not waited for: who gives up closes the connector, and that ends the fetching too.
        worker.shutdown(wait=False, cancel_futures=True)


def _decided(messages: Sequence[IncomingMessage], policy: Policy, known: Known) -> list[Decision]:
    return decide(messages, known, policy)
