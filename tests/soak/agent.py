"""Somebody who works the queue at a terminal: by what stands on the screen, and by keys."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter, deque
from collections.abc import Callable

from tests.soak.sight import Sight
from tests.soak.tmux import Pane, Size

_PATIENCE = 40.0
_LOOK = 0.04
_MOMENT = 1.0
_IDLE = 4.0
_STEADY = 10
_NOBODY = "nobody waits whom you could claim"
_SCROLLS = 8
_SIZES: tuple[Size, ...] = ((80, 24), (100, 30), (120, 30), (140, 40), (160, 45))
_HABITS = (
    *["plain"] * 9, "note", "note", "snooze", "undo", "undo", "release", "resize", "leave",
    "hasty", "kill",
)  # fmt: skip


class Lost(Exception):
    """A conversation is not one's own any more."""


class Agent(threading.Thread):
    """Answers whoever can be claimed until `quit` is set; `trouble` is what it could not cope with.

    `done` counts the answers by the habit with which they were given; `kept` says what the store
    has of somebody's draft.
    """

    def __init__(self, pane: Pane, seed: int, kept: Callable[[int, str], str]) -> None:
        super().__init__(name=pane.name, daemon=True)
        self.quit = threading.Event()
        self.trouble = ""
        self.done: Counter[str] = Counter()
        self._pane = pane
        self._kept = kept
        self._dice = random.Random(f"{seed}/{pane.name}")
        self._habits: list[str] = []
        self._written = 0
        self._given_up: int | None = None

    def run(self) -> None:
        """Work."""
        try:
            self._until(lambda sight: " waiting " in sight.headline, "the queue is there")
            while not self.quit.is_set():
                self._turn()
        except Exception as error:  # noqa: BLE001 # a thread's edge: the test tells it
            self.trouble = f"{self.name}: {error or type(error).__name__}\n{self._last}"

    # Looking

    def look(self) -> Sight:
        """What the screen shows now."""
        self._last = Sight(self._pane.lines(), self._pane.size[0])
        return self._last

    def _until(self, true: Callable[[Sight], object], what: str) -> Sight:
        seen = self._soon(true, _PATIENCE)
        assert seen, f"waited {_PATIENCE:.0f} s in vain until {what}"
        return seen

    def _soon(self, true: Callable[[Sight], object], seconds: float = _MOMENT) -> Sight | None:
        """Look until it is true; None where it isn't in time."""
        deadline = time.monotonic() + seconds
        while True:
            sight = self.look()
            if true(sight):
                return sight
            if time.monotonic() > deadline:
                return None
            time.sleep(_LOOK)

    def _does(self, key: str, true: Callable[[Sight], object], what: str) -> Sight:
        """Press a key, and wait for what it does."""
        self._pane.press(key)
        return self._until(true, what)

    # Going to a conversation

    def _turn(self) -> None:
        number = self._claimed() or self._left_over()
        if number is None:
            return
        self._given_up = None
        try:
            self._work(number)
        except Lost:
            self.done["lost"] += 1
            self._given_up = number

    def _claimed(self) -> int | None:
        """Claim the next one; None where there was nobody for a while."""
        if not self._just_claimed(self.look()):
            self._does("2", lambda s: "[unclaimed]" in s.headline, "the unclaimed are shown")
            if not self._soon(lambda s: s.waiting or self.quit.is_set(), _IDLE):
                return None
            if _NOBODY in self._last.status:
                # What it says now is of the last time; this changes nothing and says so.
                self._does("y", lambda s: _NOBODY not in s.status, "the status is another")
            self._does("Space", lambda s: self._just_claimed(s) or _NOBODY in s.status, "a claim")
        return self._last.claimed if self._just_claimed(self._last) else None

    def _just_claimed(self, sight: Sight) -> bool:
        return sight.claimed not in (None, self._given_up)

    def _left_over(self) -> int | None:
        """Whom one has claimed and not answered, after a crash for example."""
        self._does("1", lambda s: "[mine]" in s.headline, "one's own are shown")
        if not self._soon(lambda s: s.on_own):
            return None
        looks: deque[int | None] = deque(maxlen=_STEADY)

        def steady(sight: Sight) -> bool:
            looks.append(sight.shown if sight.on_own else None)
            return len(looks) == _STEADY and len(set(looks)) == 1

        self._until(steady, "the cursor rests on one's own")
        return looks[-1]

    def _find(self, number: int) -> None:
        """Go to one of one's own."""
        self._does("1", lambda s: "[mine]" in s.headline, "one's own are shown")
        self._pane.press("g")
        for _ in range(20):
            if self._soon(lambda s: s.shown == number):
                return
            self._pane.press("j")
        raise Lost

    # Working it

    def _work(self, number: int) -> None:
        if not self._soon(lambda s: s.shown == number, 5):
            self._find(number)
        if not self._habits:
            self._habits = self._dice.sample(_HABITS, len(_HABITS))
        habit = self._habits.pop()
        order = self._order()
        {
            "note": self._with_a_note, "snooze": self._after_a_snooze, "undo": self._twice,
            "release": self._not_at_all, "resize": self._in_another_size,
            "leave": self._after_a_pause, "hasty": self._at_once, "kill": self._after_a_crash,
        }.get(habit, self._plainly)(number, order)  # fmt: skip
        self.done[habit] += 1

    def _plainly(self, number: int, order: str) -> None:
        self._compose()
        self._write(number, order)
        self._send()

    def _with_a_note(self, number: int, order: str) -> None:
        self._does("n", lambda s: "Note on " in str(s), "a note can be written")
        self._type(f"I look into {order}, {self._next_mark()}")
        self._does("C-s", lambda s: s.status == "noted" and not s.composing, "it is noted")
        self._plainly(number, order)

    def _after_a_snooze(self, number: int, order: str) -> None:
        self._does("s", lambda s: f"Snooze #{number} until" in str(s), "it can be snoozed")
        self._type("2h")
        asleep = f"#{number} snoozed until"
        sight = self._does("Enter", lambda s: "y yes" in str(s) or asleep in s.status, "it sleeps")
        if "y yes" in str(sight):
            self._does("y", lambda s: asleep in s.status, "it sleeps")
        sight = self._does("z", lambda s: "undone: " in s.status, "it is awake again, or was")
        if sight.status.startswith("not undone"):
            raise Lost  # its customer woke it, and a colleague has it
        self._find(number)
        self._plainly(number, order)

    def _twice(self, number: int, order: str) -> None:
        self._compose()
        mark = self._write(number, order)
        self._send()
        sight = self._does("z", lambda s: "taken back" in s.status, "it is taken back, or gone")
        if "has left already" in sight.status:
            return
        self._until(lambda s: s.shown == number, "the cursor is on it")
        self._compose()
        self._until(lambda s: mark in str(s), "the text is there again")
        self._send()

    def _not_at_all(self, number: int, order: str) -> None:
        self._does("l", lambda s: s.status == f"#{number} released", "it is let go of")

    def _in_another_size(self, number: int, order: str) -> None:
        home = self._pane.size
        self._resize(self._dice.choice(_SIZES))
        self._compose()
        mark = self._write(number, order)
        self._resize(self._dice.choice(_SIZES))
        self._until(lambda s: mark in str(s), "the text is still there")
        self._send()
        self._resize(home)

    def _after_a_pause(self, number: int, order: str) -> None:
        self._compose()
        mark = self._write(number, order)
        self._does("Escape", lambda s: s.status == "the draft is kept", "the draft is kept")
        assert self.look().shown == number
        self._compose()
        self._until(lambda s: mark in str(s), "the draft is back")
        self._send()

    def _at_once(self, number: int, order: str) -> None:
        self._pane.press("r")
        self._write(number, order)
        self._send()

    def _after_a_crash(self, number: int, order: str) -> None:
        self._compose()
        mark = self._write(number, order)
        self._until(lambda s: s.draft_kept, "the list says that a draft is kept")
        self._until(lambda _: mark in self._kept(number, self.name), "all of it is kept")
        self._pane.kill()
        self._until(lambda s: " waiting " in s.headline, "the queue is there again")
        self._find(number)
        self._compose()
        self._until(lambda s: mark in str(s), "the draft is back after the crash")
        self._send()

    # Reading and writing

    def _order(self) -> str:
        """The order number in the conversation shown; scrolled to where it isn't seen at once.

        Whose name Facebook withholds has a conversation for each comment, not all with a number:
        then their own words.
        """
        words = self._at_rest().last_words
        through = [*["K"] * _SCROLLS, *["J"] * 3 * _SCROLLS]
        for key in ("", *through, "o", *through):  # it may stand in what is folded alone
            if key:
                self._scroll(key)
            if orders := self._last.orders:
                assert len(orders) == 1, f"several order numbers: {orders}"
                return str(orders.pop())
        assert "withheld" in str(self._last), "no order number is to be seen"
        return f"“{words}”"

    def _at_rest(self) -> Sight:
        """What is shown, once two looks are the same: one may fall in the midst of a frame."""
        before: list[list[str]] = [[]]

        def same(sight: Sight) -> bool:
            before.append(sight.conversation)
            return before[-1] == before[-2]

        return self._until(same, "the conversation stands still")

    def _scroll(self, key: str) -> None:
        before = self._last.conversation
        self._pane.press(key)
        self._soon(lambda s: s.conversation != before, 0.2)

    def _compose(self) -> None:
        sight = self._does("r", lambda s: s.composing or _refused(s), "an answer can be written")
        if not sight.composing:
            raise Lost

    def _write(self, number: int, order: str) -> str:
        """Write an answer to whom the screen shows; a mark that only this answer has."""
        mark = self._next_mark()
        self._type(f"Hello! We have seen to {order}. Yours, {mark}")
        sight = self._until(lambda s: mark in str(s), "what was typed is seen")
        assert sight.composing
        assert sight.shown == number, "another conversation is shown while this one is answered"
        return mark

    def _next_mark(self) -> str:
        self._written += 1
        return f"{self.name}{self._written}."

    def _type(self, text: str) -> None:
        self._pane.type(text)

    def _send(self) -> None:
        """Send it, and once more where something new was to be read first."""
        for _ in range(5):
            self._pane.press("C-s")
            sight = self._until(_sent_or_not, "it is sent, or not")
            if not sight.composing:
                return
            assert "ctrl+s sends all the same" in sight.status, sight.status
            self.done["read what was new"] += 1
            time.sleep(_LOOK)
        raise AssertionError("it is never sent")

    def _resize(self, size: Size) -> None:
        self._pane.resize(size)
        self._until(
            lambda s: len(s.lines) == size[1] and s.footer.strip() and " waiting" in s.headline,
            "it is drawn anew",
        )

    def leave(self) -> int:
        """Go home; how the terminal ended."""
        self._pane.press("q")
        return self._pane.exit_code


def _refused(sight: Sight) -> bool:
    return " has conversation " in sight.status or "no answer from here" in sight.status


def _sent_or_not(sight: Sight) -> bool:
    gone = not sight.composing and "is on its way" in sight.status
    return gone or sight.status.startswith("NOT sent")
