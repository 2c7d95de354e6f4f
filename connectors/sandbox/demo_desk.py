"""The desk of the demo: its crowd, the poller and the outbox, and what became of everybody."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from connectors.sandbox.crowd import Crowd
from connectors.sandbox.demo_stage import Platforms
from monitor import plugins
from monitor.config import Config, parse_config
from monitor.wiring import House

if TYPE_CHECKING:
    from monitor.poller import Pass
    from monitor.schedule import Daemon

_AT_ONCE = 24
_EVERY = "1s"


class PlayedDesk:
    """Everything of the demo but who answers; `start` takes a second or two, for its imports.

    `customers` is how many conversations there are at once, and then no more; None for some, and
    ever more. `orderly` is as `Crowd` has it; `asides` are posts that no program may answer.
    """

    crowd: Crowd
    house: House

    def __init__(
        self, stage: Platforms, folder: Path, say: Callable[[str], None], *, seed: int, pace: float,
        customers: int | None, orderly: bool, asides: bool,
    ) -> None:  # fmt: skip
        self._stage = stage
        self._path = folder / "config.toml"
        self._say = say
        self._seed = seed
        self._pace = pace
        self._customers = customers
        self._orderly = orderly
        self._asides = asides
        self._daemon: Daemon | None = None
        self._is_started = False
        self._troubles: dict[str, None] = {}

    def config(self) -> Config:
        """The accounts at the platforms as they are now."""
        models = {name: channel.settings for name, channel in plugins.channels().items()}
        return parse_config(self._stage.config(_EVERY), self._path, models)

    @property
    def joining(self) -> str:
        """How another terminal joins."""
        return f"join with: replyby --config {self._path} queue --as bob"

    def start(self) -> None:
        """Open the mailboxes, have customers write, and begin to poll and to send."""
        from monitor.schedule import Daemon

        self._stage.start_mail(self._path.parent / "secrets")
        self._path.write_text(self._stage.config(_EVERY), "utf-8")
        self.crowd = Crowd(
            self._stage.places(self._seed, asides=self._asides), self._seed, self._pace,
            most=self._customers, orderly=self._orderly,
        )  # fmt: skip
        self.crowd.gather(self._customers or _AT_ONCE)
        self.house = House(self.config(), say=self._say)
        self._is_started = True
        daemon = Daemon(self.house, self._heard)
        daemon.start()
        self._daemon = daemon
        self.crowd.start()

    def stop(self) -> None:
        """Let what is under way come to its end; harmless where it has, or never began."""
        if self._is_started:
            self.crowd.stop()
        if self._daemon:
            self._daemon.stop()
            self._daemon = None
            self.crowd.read_answers()
        if self._is_started:
            self.house.close()

    def is_settled(self) -> bool:
        """Whether everybody who wrote has been answered, as they see it and as the desk does."""
        self.crowd.read_answers()
        return not self.crowd.waiting() and self.house.desk.overview().waiting == 0

    def faults(self) -> list[str]:
        """What customers have to complain of, and what the accounts had."""
        waiting = [
            f"{case.channel}: {case.who.name} ({case.number}) still waits for an answer"
            for case in self.crowd.waiting()
        ]
        reached = {case.channel for case in self.crowd.cases if case.answers}
        idle = [
            f"{account.name}: nobody was answered there"
            for account in self.house.config.accounts
            if account.channel not in reached
        ]
        return [*self._troubles, *self.crowd.faults(), *waiting, *idle]

    def traffic(self) -> Iterator[str]:
        """A line for each channel: what went through it."""
        cases = self.crowd.cases
        people, written, answers, outside = (Counter[str]() for _ in range(4))
        for case in cases:
            people[case.channel] += 1
            written[case.channel] += len(case.written)
            answers[case.channel] += len(case.answers)
            outside[case.channel] += len(case.outside)
        for channel in people:
            yield (
                f"{channel}: {people[channel]} customers wrote {written[channel]} messages,"
                f" {answers[channel]} answers reached them, {outside[channel]} given by colleagues"
                " on the platform"
            )

    def write_outcome(self, path: Path) -> None:
        """Who wrote what and was answered what, as JSON, for whoever wants to judge the desk."""
        if not self._is_started:
            return
        partly = path.with_suffix(".partly")
        partly.touch(mode=0o600)
        partly.write_text(json.dumps(self._outcome(), indent=2, ensure_ascii=False), "utf-8")
        os.replace(partly, path)

    def _outcome(self) -> dict[str, Any]:
        crowd = self.crowd
        return {
            "finished": not crowd.waiting(),
            "faults": [*self._troubles, *crowd.faults()],
            "customers": [case.as_json() for case in crowd.cases],
        }

    def _heard(self, done: Pass) -> None:
        if done.problem:
            self._troubles[f"{done.account}: {done.problem}"] = None
