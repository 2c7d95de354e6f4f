"""What is announced to a running daemon: a poll at once, one at a time, none forgotten."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import ClassVar

import pytest

from monitor.config import AccountSettings, parse_config
from monitor.connector import (
    Batch,
    Connector,
    HandOver,
    Prospect,
    Question,
    Surroundings,
    Watch,
)
from monitor.errors import NotFound
from monitor.message import File, OutgoingReply, Sent
from monitor.poller import Pass
from monitor.schedule import Daemon
from monitor.wiring import House
from tests.fakes import LEASE, FakeClock
from tests.monitor.played_watch import Exchange, soon

CONFIG = """
[[accounts]]
name = "support"
channel = "played"
every = "10m"
"""
AT_THE_START = 2
"""One poll because it is due, one because the account is watched from now on."""


@dataclass
class Platform:
    """A channel, its connector and its platform in one; a poll ends when the door is open."""

    name: ClassVar[str] = "played"
    settings: ClassVar[type[AccountSettings]] = AccountSettings
    exchange: Exchange
    door: threading.Event = field(default_factory=threading.Event)
    begun: int = 0
    at_once: int = 0
    most_at_once: int = 0

    def connect(self, settings: AccountSettings, surroundings: Surroundings) -> Connector:
        return self

    def poll(self, cursor: str | None, since: datetime) -> Iterator[Batch]:
        self.begun += 1
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        self.door.wait()
        self.at_once -= 1
        yield Batch((), str(self.begun), 0, 0)

    def reply(self, reply: OutgoingReply, hand_over: HandOver) -> Sent:
        raise NotImplementedError

    def watch(self) -> Watch | None:
        return self.exchange.open()

    def close(self) -> None:
        return None

    def file(self, source: bytes, number: int) -> File:
        raise NotFound("nothing has files here")

    def foresee(
        self, settings: AccountSettings, question: Question, text: str, way: str, now: datetime
    ) -> Prospect:
        return Prospect()

    def caveat(self, settings: AccountSettings) -> str:
        return ""

    def announces(self, times: int = 1) -> None:
        for _ in range(times):
            self.exchange.lines[-1].say("new")


@dataclass
class Scene:
    house: House
    platform: Platform
    passes: list[Pass]

    def settled(self, polls: int) -> None:
        """Wait until so many polls have ended, none of them beside another."""
        soon(lambda: len(self.done()) == polls, f"{polls} polls")
        assert (self.platform.begun, self.platform.most_at_once) == (polls, 1)

    def done(self) -> list[Pass]:
        return [p for p in self.passes if not p.skipped]


@contextmanager
def running(folder: Path, clock: FakeClock) -> Iterator[Scene]:
    path = folder / "config.toml"
    config = parse_config(CONFIG, path, {"played": AccountSettings})
    platform = Platform(Exchange(clock))
    house, passes = House(config, clock, channels={"played": platform}), list[Pass]()
    daemon = Daemon(house, passes.append)
    scene = Scene(house, platform, passes)
    platform.exchange.open_door.clear()
    platform.door.set()
    daemon.start()
    try:
        scene.settled(1)
        platform.exchange.open_door.set()
        scene.settled(AT_THE_START)
        yield scene
    finally:
        platform.door.set()
        platform.exchange.open_door.set()
        daemon.stop()
        house.close()


@pytest.fixture
def scene(tmp_path: Path, clock: FakeClock) -> Iterator[Scene]:
    with running(tmp_path, clock) as scene:
        yield scene


def test_an_announcement_is_polled_long_before_the_next_poll_is_due(scene: Scene) -> None:
    polls = AT_THE_START
    scene.platform.announces()
    scene.settled(polls + 1)


def test_announcements_during_a_poll_lead_to_one_more_after_it(scene: Scene) -> None:
    polls = AT_THE_START
    scene.platform.door.clear()
    scene.platform.announces()
    soon(lambda: scene.platform.begun == polls + 1, "a poll is under way")
    scene.platform.announces(20)
    scene.platform.door.set()
    soon(lambda: len(scene.done()) >= polls + 2, "one more poll")
    scene.platform.announces()
    scene.settled(polls + 3)


def test_an_announcement_while_another_process_polls_is_not_forgotten(
    scene: Scene, clock: FakeClock
) -> None:
    polls, accounts = AT_THE_START, scene.house.store.accounts
    lease = accounts.lease(accounts.ids()["support"], "another", clock(), LEASE, None)
    assert lease is not None
    scene.platform.announces()
    soon(lambda: any(p.skipped for p in scene.passes), "our poll gives way")
    assert len(scene.done()) == polls
    assert accounts.succeeded(lease, clock(), clock.now.replace(year=2030), {})
    scene.settled(polls + 1)


def test_a_watch_that_can_not_be_kept_leaves_the_account_well(scene: Scene) -> None:
    scene.platform.exchange.problem = ZeroDivisionError()
    scene.platform.exchange.lines[-1].say("bye")
    soon(lambda: scene.platform.exchange.lines[-1].closed, "the watch is lost")
    [status] = scene.house.desk.statuses()
    assert status.state == "ok"
