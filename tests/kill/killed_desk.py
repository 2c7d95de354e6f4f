"""What every desk to be killed has: a store, a config.toml, and real `replyby` processes."""

from __future__ import annotations

import os
import subprocess
import sys
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from monitor.cli import main
from monitor.clock import now
from monitor.message import SendState
from monitor.store import Store, open_store

_REPLYBY = Path(sys.executable).with_name("replyby")
_WHO = "kim"
_PATIENCE = 90


class Process:
    """One run of the real command; what it says is kept in a file."""

    def __init__(self, words: list[str], environment: dict[str, str], says: Path) -> None:
        self._says = says
        with says.open("wb") as file:
            self._process = subprocess.Popen(
                words, env=environment, stdin=subprocess.DEVNULL, stdout=file, stderr=file
            )

    @property
    def pid(self) -> int:
        return self._process.pid

    def ended(self) -> bool:
        return self._process.poll() is not None

    def lives_for(self, seconds: float) -> bool:
        """Let it run for so long; False where it came to its own end before."""
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return True
        return False

    def kill(self) -> bool:
        """SIGKILL; False where it had come to its own end before."""
        self._process.kill()
        return self._process.wait(_PATIENCE) < 0

    def end(self) -> str:
        """Wait for its own end, which must be a good one; what it said."""
        code = self._process.wait(_PATIENCE)
        assert code == 0, f"exit {code}: {self.said}"
        return self.said

    @property
    def said(self) -> str:
        return self._says.read_text()


@dataclass
class KilledDesk(ABC):
    """A folder with config.toml, and one store; each customer has a token of their own.

    `token` is what of a conversation's row tells it, `environment` what processes need besides.
    """

    token: ClassVar[str]
    environment: ClassVar[Mapping[str, str]] = {}

    folder: Path
    database: str

    @abstractmethod
    def arrived(self, token: str) -> int:
        """How many times the answer to that customer is there."""

    @abstractmethod
    def answer(self, token: str, number: str) -> None:
        """Somebody answers that conversation."""

    def answer_again(self, token: str, number: str) -> None:
        """The same once an answer is known not to have arrived."""
        self.answer(token, number)

    @property
    def config(self) -> Path:
        return self.folder / "config.toml"

    def start(self, *words: str) -> Process:
        """A real process."""
        environment = {**os.environ, **self.environment, "HOME": str(self.folder)}
        command = [str(_REPLYBY), "--config", str(self.config), "--as", _WHO, *words]
        return Process(command, environment, self.folder / "said.txt")

    def tell(self, *words: str) -> None:
        """A command within this process: what people do between the kills."""
        code = main(["--config", str(self.config), "--as", _WHO, *words])
        assert code == 0, f"replyby {' '.join(words)}: exit {code}"

    @contextmanager
    def store(self) -> Iterator[Store]:
        opened = open_store(self.database, now())
        try:
            yield opened
        finally:
            opened.close()

    def rows(self, sql: str) -> list[tuple[object, ...]]:
        with self.store() as store:
            return store.database.read(sql)

    def conversations(self, where: str) -> dict[str, str]:
        """Tokens to conversation ids."""
        rows = self.rows(f"SELECT {self.token}, id FROM conversation WHERE {where} ORDER BY id")
        return {str(token): str(number) for token, number in rows}

    def send_states(self) -> Counter[SendState]:
        """How far the answers have come."""
        rows = self.rows("SELECT state FROM outbox")
        return Counter(SendState(str(state)) for (state,) in rows)

    def settled_truthfully(self) -> Counter[bool]:
        """A person looks at what arrived, says so, and writes again what did not."""
        said: Counter[bool] = Counter()
        for token, number in self.conversations("send_state = 'unsure'").items():
            arrived = bool(self.arrived(token))
            said[arrived] += 1
            self.tell("settle", number, "--arrived" if arrived else "--not-arrived")
            if not arrived:
                self.answer_again(token, number)
        return said

    def log_tells_the_same(self) -> None:
        """What is stored is what the log says."""
        with self.store() as store:
            assert list(store.archive.differences()) == []
