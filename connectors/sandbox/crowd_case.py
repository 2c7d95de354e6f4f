"""One conversation of a customer's in the sandbox, and what a place to write has to be."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum, auto
from typing import Any, ClassVar

from connectors.sandbox.crowd_cast import Customer, Story

_LEAD_AGE = timedelta(minutes=11)


class Occasion(Enum):
    """Why a customer, or a colleague of ours, is at the keyboard."""

    FIRST = auto()
    NUDGE = auto()
    BACK = auto()
    EDIT = auto()
    DELETE = auto()
    COLLEAGUE = auto()

    @property
    def is_written(self) -> bool:
        """Whether it is a new message of the customer's."""
        return self in (Occasion.FIRST, Occasion.NUDGE, Occasion.BACK)


@dataclass(eq=False)
class Case:
    """One conversation: who has it, where, and who said what so far.

    `open` counts the messages that no answer came to yet, `too_many` the answers that answer
    nothing. An answer written before a customer's second message was read answers the first alone,
    so one message of several may have one of its own.
    """

    key: str
    place: Place
    story: Story
    who: Customer
    number: int
    backs: int = 0
    written: list[str] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    outside: list[str] = field(default_factory=list)
    open: int = 0
    too_many: int = 0
    waits_since_answer: bool = False
    is_gone: bool = False

    @property
    def channel(self) -> str:
        """Where it is."""
        return self.place.channel

    @property
    def waits(self) -> bool:
        """Whether the customer is owed an answer; nobody is who took back what they wrote."""
        return self.waits_since_answer and not self.is_gone

    @property
    def oldest(self) -> timedelta:
        """How long ago it may have been written, and still be a case for an attentive desk."""
        return min(self.place.oldest, _LEAD_AGE) if self.story.lead else self.place.oldest

    def told(self, words: str) -> str:
        """The story's words with the order number in them, signed by whose they are now."""
        signed = words.replace(self.story.who.name, self.who.name)
        if self.who != self.story.who:
            signed = signed.replace(self.story.who.name.split()[0], self.who.name.split()[0])
        return signed.replace("{order}", str(self.number))

    def wrote(self, text: str) -> None:
        """The customer wrote."""
        self.written.append(text)
        self.open += 1
        self.waits_since_answer = True

    def was_answered(self, text: str, *, outside: bool = False) -> None:
        """An answer came, from the desk or from a colleague on the platform itself."""
        repeated = not self.waits_since_answer and text in self.answers[-1:]
        (self.outside if outside else self.answers).append(text)
        self.too_many += self.open == 0 or repeated
        self.open = max(0, self.open - 1)
        self.waits_since_answer = False

    def as_json(self) -> dict[str, Any]:
        """For whoever wants to know what became of everybody."""
        return {
            "channel": self.channel,
            "kind": self.story.kind,
            "customer": self.who.name,
            "number": self.number,
            "written": len(self.written),
            "messages": self.written,
            "answers": self.answers,
            "answered_outside": self.outside,
            "waiting": self.waits,
        }


@dataclass(eq=False)
class Letter:
    """What is to be written: `patience` messages of others go out first.

    `draft` is the place's own: what was composed once, and is tried again as it is.
    """

    case: Case
    occasion: Occasion
    text: str = ""
    patience: int = 0
    at: datetime | None = None
    draft: Any = None

    @property
    def is_moot(self) -> bool:
        """Whether an answer has made it pointless."""
        early = self.occasion in (Occasion.NUDGE, Occasion.COLLEAGUE)
        return early and not self.case.waits


@dataclass(frozen=True)
class Answer:
    """What arrived at a customer: `case` is the conversation it belongs to, if to any.

    `reached` says whether whoever got it is the customer of that.
    """

    id: str
    text: str
    case: Case | None
    reached: bool = True
    automatic: bool = False


class NotTaken(Exception):
    """The place did not take a message; `for_good` says that it never will."""

    def __init__(self, *, for_good: bool) -> None:
        super().__init__()
        self.for_good = for_good


class Place(ABC):
    """Where customers write, and see what they are answered.

    `oldest` is how long ago something may have been written there that still waits.
    """

    channel: ClassVar[str]
    oldest: ClassVar[timedelta]
    stories: Sequence[Story]

    @abstractmethod
    def write(self, letter: Letter) -> None:
        """Write, edit or delete, as its occasion has it; NotTaken where that fails."""

    @abstractmethod
    def answers(self) -> Iterator[Answer]:
        """What the desk has answered since this was asked last."""

    def answer_outside(self, case: Case, text: str, at: datetime | None = None) -> bool:
        """A colleague of ours answers with another program; False where there is none here."""
        return False

    def is_read_together(self, case: Case) -> bool:
        """Whether one poll takes in both a question and a colleague's answer, or neither."""
        return False

    def words_for(self, occasion: Occasion, case: Case) -> str:
        """What an edited message says, or a colleague."""
        if occasion is Occasion.EDIT:
            return f"{case.told(case.story.text)} (edited: it is order {case.number})"
        return f"Hi, Maria here, on my phone: I have seen to {case.number} myself. Sorry!"
