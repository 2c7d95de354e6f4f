"""One act on one conversation or on many: what was done, what could not be, and how to undo it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from monitor.desk import Desk
from monitor.errors import DeskError, NeedsConfirmation, ReplybyError

Undo = Callable[[Desk], object]
Act = Callable[[Desk, int], Undo | None]
"""Does something to a conversation and returns what takes it back, None where nothing does."""

_NAMED = 2


@dataclass
class Outcome:
    """What became of an act, by conversation; `asked` are those that need a second word."""

    word: str
    done: list[int] = field(default_factory=list)
    undos: list[Undo] = field(default_factory=list)
    refused: dict[int, str] = field(default_factory=dict)
    asked: dict[int, str] = field(default_factory=dict)

    def told(self) -> str:
        """`claimed 12; 2 could not be: #7: bob has conversation 7`."""
        parts = [self._named(len(self.done))] if self.done else []
        if self.refused:
            reasons = "; ".join(list(self.refused.values())[:_NAMED])
            alone = len(self.refused) == 1 and not self.done
            parts.append(reasons if alone else f"{len(self.refused)} could not be: {reasons}")
        return "; ".join(parts)

    def taken_back(self) -> str:
        """What an undo of it takes back: `#7 claimed`, `12 claimed`."""
        return self._named(len(self.undos))

    def _named(self, count: int) -> str:
        what = f"#{self.done[0]}" if len(self.done) == 1 else str(count)
        return f"{what} {self.word}"


def run(desk: Desk, act: Act, conversations: Sequence[int], word: str) -> Outcome:
    """Do it to each, as far as it can be done; after a fault of the store the rest is left."""
    outcome = Outcome(word)
    for at, number in enumerate(conversations):
        try:
            undo = act(desk, number)
        except NeedsConfirmation as error:
            outcome.asked[number] = str(error).partition(";")[0]
        except DeskError as error:
            outcome.refused[number] = str(error)
        except ReplybyError as error:
            if len(conversations) == 1:
                raise
            outcome.refused |= dict.fromkeys(conversations[at:], str(error))
            break
        else:
            outcome.done.append(number)
            outcome.undos += [undo] if undo else []
    return outcome


def take_back(desk: Desk, undos: Sequence[Undo]) -> tuple[int, list[str]]:
    """Undo, the last first; how many could be, and why the others could not."""
    done, reasons = 0, []
    for undo in reversed(undos):
        try:
            undo(desk)
        except DeskError as error:
            reasons.append(str(error))
        else:
            done += 1
    return done, reasons


def undone_in_words(word: str, done: int, reasons: Sequence[str]) -> str:
    """`undone: #7 claimed`; `undone: 2 of 3 claimed; 1 could not be: bob has conversation 7`."""
    if not reasons:
        return f"undone: {word}"
    if not done:
        return f"not undone: {reasons[0]}"
    return f"undone: {done} of {word}; {len(reasons)} could not be: {reasons[0]}"
