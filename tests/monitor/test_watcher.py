"""The watcher: what is announced leads to a poll, and no account's trouble is another's."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from monitor.errors import AuthError, ConfigError, ConnectorError
from tests.fakes import FakeClock
from tests.monitor.played_watch import Exchange, Polls, soon, watching

DOWN = ConnectorError("can't reach the server")


@dataclass
class Scene:
    """Two accounts that are watched: `support`, and a healthy one beside it."""

    clock: FakeClock
    exchange: Exchange
    healthy: Exchange
    polls: Polls
    log: pytest.LogCaptureFixture

    def forward(self, **span: float) -> None:
        """Let time pass, and the watcher notice."""
        self.clock.forward(**span)
        self.healthy.lines[-1].say("tick")

    def turns(self) -> None:
        """Let the watcher go round twice: whatever was due before is done."""
        for _ in range(2):
            count = self.polls.names.count("healthy")
            self.healthy.lines[-1].say("new")
            self.polls.wait("healthy", count + 1)

    def lose(self, said: str = "bye") -> None:
        """Let the platform end the watch."""
        before = self.losses()
        self.exchange.lines[-1].say(said)
        self.failed(before + 1)
        assert self.exchange.lines[-1].closed

    def failed(self, times: int) -> None:
        """Wait until a watch was lost, or not to be had, so often in all."""
        soon(lambda: self.losses() >= times, f"{times} failures")
        assert self.losses() == times

    def losses(self) -> int:
        return sum("only polled" in record.getMessage() for record in self.log.records)


@pytest.fixture
def exchange(clock: FakeClock) -> Exchange:
    return Exchange(clock)


@pytest.fixture
def healthy(clock: FakeClock) -> Exchange:
    return Exchange(clock)


@pytest.fixture
def scene(
    exchange: Exchange, healthy: Exchange, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> Iterator[Scene]:
    caplog.set_level(logging.DEBUG, "replyby.watch")
    with watching({"support": exchange, "healthy": healthy}, clock) as polls:
        polls.wait("support", 1)
        polls.wait("healthy", 1)
        yield Scene(clock, exchange, healthy, polls, caplog)


def test_an_announcement_leads_to_a_poll(scene: Scene) -> None:
    scene.exchange.lines[0].say("new")
    scene.polls.wait("support", 2)


def test_what_announces_nothing_new_leads_to_no_poll(scene: Scene) -> None:
    scene.exchange.lines[0].say("still here")
    scene.turns()
    scene.polls.wait("support", 1)


def test_a_watch_is_renewed_when_it_is_due_and_not_before(scene: Scene) -> None:
    scene.forward(minutes=9)
    scene.turns()
    assert scene.exchange.lines[0].renewed == 0
    scene.forward(minutes=1)
    soon(lambda: scene.exchange.lines[0].renewed == 1, "the watch is renewed")
    scene.turns()
    assert scene.exchange.lines[0].renewed == 1


@pytest.mark.parametrize("said", ["bye", "fault"])
def test_a_lost_watch_is_opened_again_and_what_came_between_is_polled(
    scene: Scene, said: str
) -> None:
    scene.lose(said)
    scene.forward(seconds=1)
    scene.polls.wait("support", 2)
    scene.exchange.lines[1].say("new")
    scene.polls.wait("support", 3)
    assert not scene.healthy.lines[0].closed


def test_a_renewal_that_is_not_answered_ends_the_watch(scene: Scene) -> None:
    scene.exchange.lines[0].refuses = True
    scene.forward(minutes=10)
    scene.failed(1)
    scene.forward(seconds=1)
    scene.polls.wait("support", 2)


def test_the_pauses_between_tries_grow(scene: Scene) -> None:
    scene.exchange.problem = DOWN
    scene.lose()
    for tries in range(6):
        scene.forward(seconds=0.49 * 2**tries)
        scene.turns()
        assert scene.exchange.asked == 1 + tries
        scene.forward(seconds=0.52 * 2**tries)
        scene.failed(2 + tries)
        scene.turns()


def test_the_pauses_end_at_a_quarter_of_an_hour(scene: Scene) -> None:
    scene.exchange.problem = DOWN
    scene.lose()
    for tries in range(15):
        scene.forward(minutes=15)
        scene.failed(2 + tries)


@pytest.mark.parametrize("problem", [AuthError("wrong password"), ConfigError("no secret")])
def test_who_is_not_let_in_does_not_knock_often(scene: Scene, problem: Exception) -> None:
    scene.exchange.problem = problem
    scene.lose()
    scene.forward(seconds=1)
    scene.failed(2)
    scene.turns()
    scene.forward(minutes=14)
    scene.turns()
    assert scene.exchange.asked == 2
    scene.forward(minutes=1)
    scene.failed(3)


def test_an_account_that_offers_nothing_is_left_to_its_polls(
    exchange: Exchange, healthy: Exchange, clock: FakeClock
) -> None:
    exchange.offers = False
    with watching({"support": exchange, "healthy": healthy}, clock) as polls:
        polls.wait("healthy", 1)
        soon(lambda: exchange.asked == 1, "it is asked")
        clock.forward(hours=1)
        for count in (2, 3):
            healthy.lines[0].say("new")
            polls.wait("healthy", count)
        assert (exchange.asked, polls.names.count("support")) == (1, 0)


def test_accounts_that_hang_hold_up_no_other(clock: FakeClock) -> None:
    exchanges = {f"account {n}": Exchange(clock) for n in range(30)}
    for hanging in ("account 0", "account 10", "account 20"):
        exchanges[hanging].open_door.clear()
    with watching(exchanges, clock) as polls:
        soon(lambda: len(polls.names) == 27, "all others are watched")
        exchanges["account 29"].lines[0].say("new")
        polls.wait("account 29", 2)
        exchanges["account 10"].open_door.set()
        polls.wait("account 10", 1)


def test_the_number_of_threads_does_not_grow_with_the_accounts(clock: FakeClock) -> None:
    def threads(count: int) -> int:
        exchanges = {str(n): Exchange(clock) for n in range(count)}
        soon(lambda: listening() == 0, "those of earlier watchers are gone")
        with watching(exchanges, clock) as polls:
            soon(lambda: len(polls.names) == count, "all are watched")
            return listening()

    assert threads(100) == threads(10) < 10


def listening() -> int:
    return sum(thread.name.startswith("watch") for thread in threading.enumerate())


def test_it_stops_at_once_even_where_a_platform_hangs(
    exchange: Exchange, healthy: Exchange, clock: FakeClock
) -> None:
    exchange.open_door.clear()
    with watching({"support": exchange, "healthy": healthy}, clock) as polls:
        polls.wait("healthy", 1)
        begun = time.monotonic()
    assert time.monotonic() - begun < 1
    assert healthy.lines[0].closed
    soon(lambda: [line.closed for line in exchange.lines] == [True], "what came late is closed")


def said(scene: Scene) -> list[str]:
    return [r.levelname for r in scene.log.records if r.levelno >= logging.INFO]


def test_a_loss_is_said_once_and_the_return_once(scene: Scene) -> None:
    scene.exchange.problem = DOWN
    scene.lose()
    for tries in range(5):
        scene.forward(minutes=15)
        scene.failed(2 + tries)
    scene.turns()
    assert said(scene) == ["WARNING"]
    scene.exchange.problem = None
    scene.forward(minutes=15)
    scene.polls.wait("support", 2)
    assert said(scene) == ["WARNING"]
    scene.forward(minutes=2)
    scene.turns()
    assert said(scene) == ["WARNING", "INFO"]


def test_a_connection_that_is_back_in_a_second_is_no_news(scene: Scene) -> None:
    scene.lose()
    scene.forward(seconds=1)
    scene.polls.wait("support", 2)
    scene.forward(minutes=2)
    scene.turns()
    assert said(scene) == []


def test_a_server_that_lets_in_and_throws_out_is_not_tried_ever_faster(scene: Scene) -> None:
    for times in range(6):
        scene.lose()
        scene.forward(seconds=2**times)
        scene.polls.wait("support", times + 2)
    scene.lose()
    scene.forward(seconds=30)
    scene.turns()
    scene.polls.wait("support", 7)
