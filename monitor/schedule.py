"""`replyby run`: a few fixed jobs on APScheduler, a pool of threads for each channel."""

from __future__ import annotations

import logging
import signal
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, timedelta
from types import FrameType

from apscheduler.executors.pool import ThreadPoolExecutor as JobPool
from apscheduler.schedulers.background import BackgroundScheduler

from monitor.errors import StoreError
from monitor.poller import Pass
from monitor.watcher import Watcher
from monitor.wiring import House

_DISPATCH = timedelta(milliseconds=250)
_TICK = timedelta(seconds=1)
_OUTBOX = timedelta(milliseconds=500)
_THREADS = 8
_SENDERS = 4

log = logging.getLogger("replyby.run")

Heard = Callable[[Pass], None]


class Daemon:
    """Polls what is due, sends what is due, wakes what is due; until it is told to stop."""

    def __init__(self, house: House, heard: Heard = lambda done: None) -> None:
        self._house = house
        self._heard = heard
        self._under_way: set[str] = set()
        self._asked: set[str] = set()
        self._guard = threading.Lock()
        self._down = False
        # A pool for each channel: accounts that hang can fill their own, and no other.
        self._pools = {
            channel: ThreadPoolExecutor(_THREADS, thread_name_prefix=f"poll-{channel}")
            for channel in {a.channel for a in house.config.accounts}
        }
        self._watcher = Watcher(house.watches, self.poll_soon, house.clock)
        self._channel = {a.name: a.channel for a in house.config.accounts}
        self._scheduler = BackgroundScheduler(
            timezone=UTC,
            executors={"default": JobPool(_SENDERS + 2)},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )

    def start(self) -> None:
        """Begin; returns at once."""
        house = self._house
        _ = house.store, house.accounts, house.outbox, house.desk
        self._watcher.start()
        # Several senders, so that a mail server that hangs does not hold up all the others.
        for job, pause, at_once in (
            (self._dispatch, _DISPATCH, 1),
            (house.desk.tick, _TICK, 1),
            (house.outbox.deliver, _OUTBOX, _SENDERS),
        ):
            self._scheduler.add_job(
                self._steady(job), "interval", seconds=pause.total_seconds(), max_instances=at_once
            )
        # That a tick finds the one before it still at work is no news.
        logging.getLogger("apscheduler").setLevel(logging.ERROR)
        self._scheduler.start()

    def stop(self) -> None:
        """Take on nothing new, let what is under way come to its end, close."""
        self._watcher.stop()
        self._scheduler.shutdown(wait=True)
        for pool in self._pools.values():
            pool.shutdown(wait=True, cancel_futures=True)

    def _steady(self, job: Callable[[], object]) -> Callable[[], None]:
        """A job that outlives a database that is gone for a while; said once, and once again."""

        def run() -> None:
            try:
                job()
            except StoreError as error:
                if not self._down:
                    log.error("%s", error)
                self._down = True
                return
            if self._down:
                log.info("the database is back")
            self._down = False

        return run

    def poll_soon(self, name: str) -> None:
        """Poll an account although it is not due: at once, or once more after the poll under way.

        However often it is asked for meanwhile, that is one poll.
        """
        with self._guard:
            self._asked.add(name)
        self._begin(name)

    def _dispatch(self) -> None:
        due = self._house.store.accounts.due(self._house.clock())
        with self._guard:
            asked = tuple(self._asked)
        for name in dict.fromkeys((*asked, *due)):
            self._begin(name)

    def _begin(self, name: str) -> None:
        with self._guard:
            if name not in self._channel or name in self._under_way:
                return
            self._under_way.add(name)
            asked = name in self._asked
            self._asked.discard(name)
        self._pools[self._channel[name]].submit(self._poll, name, asked)

    def _poll(self, name: str, asked: bool) -> None:
        skipped = True
        try:
            done = self._house.poller.poll(self._house.accounts[name])
            skipped = done.skipped
            self._heard(done)
        except StoreError as error:
            log.error("%s: %s", name, error)
        finally:
            with self._guard:
                self._under_way.discard(name)
                # Whoever polls it instead may have begun before what was announced came in.
                if asked and skipped:
                    self._asked.add(name)


def run_until_stopped(daemon: Daemon) -> None:
    """Run in the foreground until SIGTERM or SIGINT, then stop cleanly."""
    stop = threading.Event()

    def stopped(number: int, frame: FrameType | None) -> None:
        log.info("stopping (%s): what is under way comes to its end", signal.Signals(number).name)
        signal.signal(number, signal.SIG_DFL)  # asked twice, it ends at once, and loses nothing
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stopped)
    daemon.start()
    stop.wait()
    daemon.stop()
