"""A platform's account taken into the queue, side by side with the bare client paging the same."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import count
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import ClassVar

from benchmarks.data import Worlds, say
from benchmarks.far_side import FarSide, far_side
from benchmarks.race import race
from benchmarks.table import Row, Target
from monitor.poller import Pass
from monitor.wiring import House, read_config

PAGE = 100
"""The largest page of either platform."""
_ROUNDS, _IDLE_POLLS = 5, 20
_QUICK = 200
_DAY = timedelta(days=1)
# As for mail: a bare client keeps nothing, and makes no decision.
_FIRST_TARGET, _IDLE_TARGET = Target(0.12, at_least=True), Target(3)


class ApiBench(ABC):
    """First polls and idle ones of one platform; what differs between platforms is below.

    `most` is how much is there to be read, `price` what one thing that is read costs, in dollars.
    """

    platform: ClassVar[str]
    title: ClassVar[str]
    most: ClassVar[int]
    price: ClassVar[float]
    first_is_against: ClassVar[str]
    idle_is_against: ClassVar[str]

    def __init__(self, folder: Path, there: FarSide, number: int) -> None:
        self.there = there
        self._folder = folder
        self._number = number
        self._houses = count()
        self.idle_requests = 0

    @abstractmethod
    def section(self) -> str:
        """The account's own lines in config.toml; secrets lie in files named as the facts are."""

    @abstractmethod
    def page_through(self) -> int:
        """Read everything with the bare client, and keep nothing; how much that was."""

    @abstractmethod
    def look(self) -> None:
        """Make the requests of an idle poll with the bare client."""

    @classmethod
    def measure(cls, worlds: Worlds) -> Iterator[Row]:
        """The platform's rows."""
        number = _QUICK if worlds.quick else cls.most
        folder = worlds.folder / cls.platform
        folder.mkdir()
        with far_side(cls.platform, number) as there:
            yield from cls(folder, there, number).rows()

    def rows(self) -> Iterator[Row]:
        """A first poll, then one that finds nothing new."""
        rounds = [(self._first_poll(), self._bare()) for _ in range(_ROUNDS)]
        ours, bare = (median(taken) for taken in zip(*rounds, strict=True))
        size = f"{self._number:,}"
        yield Row(
            f"first poll of {self.title}", size, "sqlite", "/s", self._number / ours,
            self.first_is_against, self._number / bare, _FIRST_TARGET,
        )  # fmt: skip
        yield self._idle(size)

    def _first_poll(self) -> float:
        house = self._house()
        begin = perf_counter()
        done = house.poller.poll(house.accounts["bench"])
        house.close()
        took = perf_counter() - begin
        assert done.accounted == self._number, done.problem
        return took

    def _bare(self) -> float:
        begin = perf_counter()
        found = self.page_through()
        assert found == self._number
        return perf_counter() - begin

    def _idle(self, size: str) -> Row:
        house = self._house()

        def again() -> None:
            _fine(house.poller.poll(house.accounts["bench"]))

        again()
        say(f"{self.title}, polled again at once: {_cpu(again):.1f} ms of CPU")
        before = self.there.tally()
        cpu = _cpu(again)
        after = self.there.tally()
        requests = (after.requests - before.requests) / _IDLE_POLLS
        items = (after.items - before.items) / _IDLE_POLLS
        every = house.config.account("bench").every
        dollars = items * self.price * (_DAY / every)
        say(
            f"an idle poll of {self.title}: {requests:g} requests, {cpu:.1f} ms of CPU, {items:g}"
            f" things read: ${dollars:.2f} a day, polled every {every.total_seconds():g} s"
        )
        self.idle_requests = round(requests)
        found = race({"ours": again, "bare": self.look}, rounds=21, calls=1)
        house.close()
        return Row(
            f"idle poll of {self.title}", size, "sqlite", "ms", found["ours"] * 1000,
            self.idle_is_against, found["bare"] * 1000, _IDLE_TARGET,
        )  # fmt: skip

    def _house(self) -> House:
        folder = self._folder / str(next(self._houses))
        folder.mkdir()
        for name, fact in self.there.facts.items():
            (folder / name).write_text(fact)
        (folder / "config.toml").write_text(
            f'[[accounts]]\nname = "bench"\nchannel = "{self.platform}"\n'
            f'api_url = "{self.there.facts["url"]}"\n{self.section()}'
        )
        house = House(read_config(folder / "config.toml"))
        house.accounts  # noqa: B018 # opens the store
        return house


def _cpu(poll_once: Callable[[], None]) -> float:
    """Milliseconds of this process's time that one takes; the platform has a process of its own."""
    begin = process_time()
    for _ in range(_IDLE_POLLS):
        poll_once()
    return (process_time() - begin) / _IDLE_POLLS * 1000


def _fine(done: Pass) -> None:
    assert not done.problem, done.problem
