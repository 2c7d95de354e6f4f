"""The far side of a channel as its tests play it: customers write and read, things go wrong."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto

import pytest

from monitor.connector import Connector
from tests.fakes import START

PATIENCE = 10.0  # seconds that a connector waits for a platform that may be slow
SHORT = 0.4  # the same where the platform is not going to say anything
WRONG = "not the right one"


class Fault(Enum):
    """What goes wrong at a platform, until it is mended."""

    DOWN = auto()
    SILENT = auto()
    GARBAGE = auto()
    REFUSES = auto()
    BUSY = auto()
    REFUSES_LATE = auto()
    BUSY_LATE = auto()
    CUT = auto()


TROUBLE = (Fault.DOWN, Fault.SILENT, Fault.GARBAGE)


@dataclass(frozen=True)
class Got:
    """An answer as a customer finds it: its text, and the text of what it is the answer to."""

    text: str
    answers: str


class Platform(ABC):
    """The far side of a channel as its tests play it: customers write and read, things go wrong.

    Faults: DOWN nobody listens; SILENT it listens and says nothing; GARBAGE it talks nonsense.
    For the next answer only: REFUSES for good, or BUSY for now, before anything was handed over;
    REFUSES_LATE and BUSY_LATE after it; CUT takes the answer and hangs up without a word.
    """

    secrets: tuple[str, ...]
    patience: float = PATIENCE

    @abstractmethod
    def connect(self, *, secret: str | None = None) -> Connector:
        """A connector of the account, with another secret than the right one if it is given.

        It waits `patience` seconds for the platform.
        """

    @abstractmethod
    def customer_writes(self, text: str, at: datetime = START) -> None:
        """A new customer of their own begins a thread."""

    @abstractmethod
    def customer_answers(self, text: str, at: datetime) -> None:
        """The customer who got the last answer writes back to it."""

    def edit(self, text: str, new: str) -> None:
        """The author of a text that stands there changes its words."""
        pytest.skip("nobody can change here what was sent")

    def delete(self, text: str) -> None:
        """The author of a text takes it back."""
        pytest.skip("nobody can take back here what was sent")

    @abstractmethod
    def customers_got(self) -> list[Got]:
        """Everything that reached a customer, in that order."""

    @abstractmethod
    def cause(self, fault: Fault) -> None:
        """Let it happen."""

    @abstractmethod
    def mend(self) -> None:
        """All is well again."""
