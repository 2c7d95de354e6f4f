"""Three people at real terminals work a desk on three channels until nobody waits any more."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from monitor.wiring import House, read_config
from tests.conftest import without
from tests.servers.need import Missing
from tests.soak.agent import Agent
from tests.soak.tmux import Tmux

pytestmark = pytest.mark.soak

CUSTOMERS = int(os.environ.get("REPLYBY_SOAK", "60"))
SEED = int(os.environ.get("REPLYBY_SOAK_SEED", "1"))
REPLYBY = str(Path(sys.executable).with_name("replyby"))
STAFF = {"ann": (80, 24), "bob": (120, 30), "carla": (160, 45)}
CHANNELS = {"email", "facebook", "twitter"}
_QUIET = 5.0
_SECONDS_EACH = 6.0
_START = 120.0
_NUMBER = re.compile(r"(?<!\d)\d{6}(?!\d)")
_QUOTED = re.compile("“(.+?)”")
_UNDER_WAY = "SELECT count(*) FROM outbox WHERE state NOT IN ('sent', 'failed', 'undone')"


class Desk:
    """The demo's desk: customers on three channels, and a queue that others join."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        command = [REPLYBY, "demo", "--serve", "--keep", str(folder), "--seed", str(SEED)]
        self._process = subprocess.Popen(
            [*command, "--customers", str(CUSTOMERS)], stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdout
        assert "join with" in self._process.stdout.readline()

    @property
    def config(self) -> Path:
        return self.folder / "config.toml"

    def end(self) -> None:
        """What SIGTERM does to a server."""
        self._process.send_signal(signal.SIGTERM)
        self._process.communicate(timeout=60)

    def outcome(self) -> dict[str, Any]:
        """What became of everybody, as the customers tell it."""
        self.end()
        assert self._process.returncode == 0
        told: dict[str, Any] = json.loads((self.folder / "outcome.json").read_text())
        return told


@contextmanager
def desk_in(folder: Path) -> Iterator[Desk]:
    desk = Desk(folder)
    try:
        yield desk
    finally:
        if desk._process.poll() is None:
            desk.end()


@contextmanager
def staff(desk: Desk) -> Iterator[list[Agent]]:
    """Everybody at a terminal of their own; they go home at the end."""
    house = House(read_config(desk.config))

    def kept(number: int, who: str) -> str:
        draft = house.store.drafts.load(number, who)
        return draft.text if draft else ""

    with closing(house), Tmux() as tmux:
        agents = [
            Agent(
                tmux.open(who, size, [REPLYBY, "--config", str(desk.config), "queue", "--as", who]),
                SEED,
                kept,
            )
            for who, size in STAFF.items()
        ]
        for agent in agents:
            agent.start()
        try:
            yield agents
        finally:
            for agent in agents:
                agent.quit.set()
            for agent in agents:
                agent.join(120)


def work_until_nobody_waits(desk: Desk, agents: list[Agent]) -> None:
    """Who writes back does so at once, and is polled in a second: then all is quiet."""
    house = House(read_config(desk.config))
    begin = quiet_since = time.monotonic()
    deadline = begin + _START + CUSTOMERS * _SECONDS_EACH
    try:
        while time.monotonic() < quiet_since + _QUIET:
            troubles = [agent.trouble for agent in agents if agent.trouble]
            assert not troubles, "\n".join(troubles)
            assert time.monotonic() < deadline, "\n\n".join(str(a.look()) for a in agents)
            if not is_quiet(house):
                quiet_since = time.monotonic()
            time.sleep(0.2)
    finally:
        house.close()


def is_quiet(house: House) -> bool:
    """Whether everybody has written, nobody waits, and no answer is on its way."""
    received = sum(came for came, _ in house.store.archive.traffic().values())
    under_way = house.store.database.read(_UNDER_WAY)[0][0]
    return received >= CUSTOMERS and not house.desk.overview().waiting and not under_way


@pytest.fixture
def tmux_is_there() -> None:
    try:
        Tmux()
    except Missing as missing:
        without(missing)


@pytest.mark.usefixtures("tmux_is_there")
def test_three_people_answer_everybody_once_and_nobody_for_another(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    begin = time.monotonic()
    with desk_in(tmp_path / "desk") as desk:
        with staff(desk) as agents:
            work_until_nobody_waits(desk, agents)
            for agent in agents:
                agent.quit.set()
                agent.join(120)
            codes = [agent.leave() for agent in agents]
        outcome = desk.outcome()
    with capsys.disabled():
        print(f"\n  {told(outcome, agents)}, {time.monotonic() - begin:.0f} s")
    assert codes == [0, 0, 0]
    everybody_got_one_answer_of_their_own(outcome)


def told(outcome: dict[str, Any], agents: list[Agent]) -> str:
    habits = sum((agent.done for agent in agents), Counter[str]())
    counted = ", ".join(f"{count} {habit}" for habit, count in sorted(habits.items()))
    answers = sum(len(customer["answers"]) for customer in outcome["customers"])
    return f"{len(outcome['customers'])} conversations, {answers} answers: {counted}"


def everybody_got_one_answer_of_their_own(outcome: dict[str, Any]) -> None:
    customers = outcome["customers"]
    assert (outcome["finished"], outcome["faults"], len(customers)) == (True, [], CUSTOMERS)
    assert {customer["channel"] for customer in customers} == CHANNELS
    for customer in customers:
        given = [*customer["answers"], *customer["answered_outside"]]
        assert len(given) == customer["written"], customer
        for answer in given:
            assert names_only(customer, answer), customer
    answers = [answer for customer in customers for answer in customer["answers"]]
    assert len(set(answers)) == len(answers)


def names_only(customer: dict[str, Any], answer: str) -> bool:
    """Whether it names this customer's order and none else, or quotes what they wrote."""
    quoted = _QUOTED.search(answer)
    if quoted:
        return any(quoted[1] in " ".join(text.split()) for text in customer["messages"])
    return {int(number) for number in _NUMBER.findall(answer)} == {customer["number"]}
