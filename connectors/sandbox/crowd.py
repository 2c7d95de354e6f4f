"""Customers who write to the help desk over time, read its answers and write back."""

from __future__ import annotations

import itertools
import re
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

from connectors.sandbox.crowd_case import Answer, Case, Letter, NotTaken, Occasion, Place
from connectors.sandbox.crowd_cast import Story, Whim
from connectors.sandbox.crowd_names import stranger

_WRITES_BACK = 0.4  # share of answers a customer reacts to
_MOST_BACK = 2  # times a customer writes back in one conversation
_NUDGE_AFTER = 3  # messages of others between a first one and its impatient second
_WHIM_AFTER = 6  # messages of others between one and what its author does to it
_SETTLED = timedelta(minutes=4)  # after that every connector believes in a colleague's answer
_NUMBER = re.compile(r"\b\d{6}\b")
_WHIMS = {
    Whim.EDITED: Occasion.EDIT,
    Whim.DELETED: Occasion.DELETE,
    Whim.COLLEAGUE: Occasion.COLLEAGUE,
}


class Crowd:
    """Customers at `places`, who write to the desk there; each has an order number of their own.

    What they write, and whom they write back to, depends on `seed` and the answers alone; the
    stories come around again, with new order numbers, when all are told, up to `most`
    conversations if that is given. `pace` is in messages per second, above 0, and may be changed
    while running. `orderly` customers do nothing that makes it a matter of luck how many answers
    they are owed: nobody asks again, and what is edited, deleted or answered by a colleague
    is so at once, or after it was answered.

    `sent` counts the messages that a place took, `failed` the attempts it did not take (what may
    help is tried again later as the same message, what was refused for good is given up).
    `received` has how often each answer arrived at customers, by its id; `strays` are answers that
    belong to nobody.
    """

    def __init__(
        self,
        places: Sequence[Place],
        seed: int = 1,
        pace: float = 1.0,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        most: int | None = None,
        orderly: bool = False,
    ) -> None:
        self.pace = pace
        self.sent = 0
        self.failed = 0
        self.received: dict[str, int] = {}
        self.strays: list[str] = []
        self.cases: list[Case] = []
        self._places = places
        self._seed = seed
        self._clock = clock
        self._orderly = orderly
        self._misdirected: set[str] = set()
        self._numbers: dict[int, Case] = {}
        self._out: deque[Letter] = deque()
        self._deck = itertools.islice(self._tell(), most)
        self._quit = threading.Event()
        self._worker: threading.Thread | None = None
        self._turn = threading.Lock()

    def start(self) -> None:
        """Let the customers write until `stop`; RuntimeError when they already do."""
        if self._worker is not None:
            raise RuntimeError("the crowd is already writing")
        self._quit.clear()
        self._worker = threading.Thread(target=self._run, name="sandbox-crowd", daemon=True)
        self._worker.start()

    def stop(self) -> None:
        """Let the customers fall silent; a submission under way is waited for, 10 s at most."""
        if self._worker is not None:
            self._quit.set()
            self._worker.join()
            self._worker = None

    def step(self) -> bool:
        """One round: read all answers, then write one message. True if a place took it."""
        with self._turn:
            self._read_answers()
            letter = self._next()
            return letter is not None and self._submit(letter)

    def gather(self, number: int) -> None:
        """So many conversations are begun, as written over the last hours, before any poll."""
        with self._turn:
            now = self._clock()
            for at, case in enumerate(itertools.islice(self._deck, number)):
                age = case.oldest * ((number - at) / number) ** 1.5
                self._submit(replace(self._first(case), at=now - age))
                if self._orderly and case.story.whim is Whim.COLLEAGUE and age > _SETTLED:
                    self._answer_at_once(case, now - _SETTLED)

    def read_answers(self) -> None:
        """Take note of the answers that came by now, without writing anything."""
        with self._turn:
            self._read_answers()

    def answer_outside(self, number: int, text: str) -> bool:
        """A colleague answers on the platform itself, whoever has that order number."""
        with self._turn:
            case = self._numbers.get(number)
            return case is not None and self._answer_outside(case, text)

    def waiting(self) -> list[Case]:
        """Those who are owed an answer."""
        return [case for case in self.cases if case.waits]

    def doubled(self) -> dict[str, int]:
        """The answers that came more than once, by their id, with how often they came."""
        return {key: count for key, count in dict(self.received).items() if count > 1}

    def misdirected(self) -> list[str]:
        """Ids of answers that reached somebody else than the customer whom they are for."""
        return sorted(self._misdirected.copy())

    def faults(self) -> list[str]:
        """What went wrong between the desk and its customers, in words; those who wait are not."""
        faults = [f"an answer came {n} times: {i}" for i, n in self.doubled().items()]
        faults += [f"an answer reached somebody else: {i}" for i in self.misdirected()]
        faults += [f"an answer belongs to nobody: {i}" for i in self.strays]
        return faults + [
            f"{case.channel}: {case.who.name} ({case.number}) got {case.too_many} too many answers"
            for case in self.cases
            if case.too_many
        ]

    def _run(self) -> None:
        due = time.monotonic()
        while not self._quit.wait(max(0.0, due - time.monotonic())):
            self.step()
            due = max(due + 1 / self.pace, time.monotonic())

    # Telling

    def _tell(self) -> Iterator[Case]:
        for part in itertools.count():
            dice = Random(f"{self._seed}/{part}")
            told = [(place, story) for place in self._places for story in place.stories]
            for place, story in dice.sample(told, len(told)):
                yield self._case(part, dice, place, story)

    def _case(self, part: int, dice: Random, place: Place, story: Story) -> Case:
        number = dice.randrange(100_000, 1_000_000)
        while number in self._numbers:
            number = dice.randrange(100_000, 1_000_000)
        who = stranger(dice) if part else story.who
        case = Case(
            f"{part}/{place.channel}/{place.stories.index(story)}", place, story, who, number
        )
        self._numbers[number] = case
        return case

    def _next(self) -> Letter | None:
        for letter in list(self._out):
            if letter.is_moot:
                self._out.remove(letter)
            elif letter.patience <= 0:
                self._out.remove(letter)
                return letter
            letter.patience -= 1
        case = next(self._deck, None)
        if case is not None:
            return self._first(case)
        return self._out.popleft() if self._out else None

    def _first(self, case: Case) -> Letter:
        return Letter(case, Occasion.FIRST, case.told(case.story.text))

    # Writing

    def _submit(self, letter: Letter) -> bool:
        case = letter.case
        if letter.occasion is Occasion.COLLEAGUE:
            return self._answer_outside(case, letter.text)
        try:
            case.place.write(letter)
        except NotTaken as error:
            self.failed += 1
            if not error.for_good:
                letter.patience = 0
                self._out.appendleft(letter)
            return False
        self.sent += letter.occasion.is_written
        self._note(letter)
        return True

    def _note(self, letter: Letter) -> None:
        case, story = letter.case, letter.case.story
        if letter.occasion is Occasion.FIRST:
            self.cases.append(case)
        if letter.occasion is Occasion.DELETE:
            case.is_gone = True
        if not letter.occasion.is_written:
            return
        case.wrote(letter.text)
        if letter.occasion is not Occasion.FIRST:
            return
        if story.nudge and not self._orderly:
            self._out.append(Letter(case, Occasion.NUDGE, case.told(story.nudge), _NUDGE_AFTER))
        self._have_whims(case)

    def _have_whims(self, case: Case) -> None:
        """What its author, or a colleague of ours, does to what was just written."""
        occasion = _WHIMS.get(case.story.whim)
        if occasion is None:
            return
        letter = Letter(case, occasion, case.place.words_for(occasion, case), _WHIM_AFTER)
        if not self._orderly:
            self._out.append(letter)
        elif occasion is Occasion.EDIT:
            self._submit(letter)

    def _answer_at_once(self, case: Case, at: datetime) -> None:
        if case.place.is_read_together(case):
            self._answer_outside(case, case.place.words_for(Occasion.COLLEAGUE, case), at)

    def _answer_outside(self, case: Case, text: str, at: datetime | None = None) -> bool:
        if not case.place.answer_outside(case, text, at):
            return False
        case.was_answered(text, outside=True)
        return True

    # Reading

    def _read_answers(self) -> None:
        for place in self._places:
            for answer in place.answers():
                self._read(answer)

    def _read(self, answer: Answer) -> None:
        self.received[answer.id] = self.received.get(answer.id, 0) + 1
        case = answer.case
        if case is None:
            self.strays.append(answer.id)
        elif not answer.reached or self._is_for_another(answer.text, case):
            self._misdirected.add(answer.id)
        elif self.received[answer.id] == 1 and not answer.automatic:
            case.was_answered(answer.text)
            self._ponder(case)

    def _is_for_another(self, text: str, case: Case) -> bool:
        """Whether it names order numbers, and none of this customer's."""
        named = {int(n) for n in _NUMBER.findall(text)} & self._numbers.keys()
        return bool(named) and case.number not in named

    def _ponder(self, case: Case) -> None:
        dice = Random(f"{self._seed}/{case.key}/{len(case.answers)}")
        if self._orderly and case.story.whim is Whim.DELETED:
            self._out.append(Letter(case, Occasion.DELETE))
        elif case.backs < _MOST_BACK and dice.random() < _WRITES_BACK:
            text = case.told(case.story.back[case.backs])
            case.backs += 1
            self._out.append(Letter(case, Occasion.BACK, text))
