"""What a terminal holds after each of its screens was opened a few hundred times."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass

from benchmarks.data import say
from benchmarks.table import Row, Target
from benchmarks.terminal_tty import ESCAPE, Gone, Tty
from benchmarks.terminal_world import TEXT, Place

_FLAT = Target(1.05)
_WARM = 20
_BENEATH = "Customer"  # is drawn again once what was opened is closed


@dataclass(frozen=True, slots=True)
class Screen:
    """What is opened by which key, a word that stands in it, and whether Esc closes it."""

    name: str
    key: str
    word: str
    closes: bool = True
    command: str = "queue"


_SCREENS = (
    Screen("help", "?", "Marks:"),
    Screen("a question", "s", "Snooze"),
    Screen("the log", "h", "Esc closes"),
    Screen("the views", "v", "Show which"),
    Screen("the links", "L", "Links"),
    Screen("the commands", ":", "earch"),
    Screen("the search line", "/", "everything"),
    Screen("the composer", "r", "Answer to"),
    Screen("the next conversation", "j", TEXT, closes=False),
    Screen("the queue from the board", "\r", TEXT, command="board"),
)


def measure(there: Place, count: int) -> Iterator[Row]:
    """All at a time: memory doesn't mind a busy machine. Each at a desk of its own."""
    warm: dict[Screen, float] = {}
    with ExitStack() as stack:
        ttys = {screen: stack.enter_context(_opened(there, screen)) for screen in _SCREENS}
        for number in range(count):
            if number == _WARM:
                warm = {screen: tty.memory for screen, tty in ttys.items()}
            _open_all(ttys)
        after = {screen: tty.memory for screen, tty in ttys.items()}
    for screen, held in after.items():
        yield Row(
            f"memory, {count} x {screen.name}", f"{there.size:,}", "sqlite", "MiB", held,
            f"ours after {_WARM}", warm[screen], _FLAT,
        )  # fmt: skip


def _opened(there: Place, screen: Screen) -> AbstractContextManager[Tty]:
    """On a copy, or what one does would make all others look."""
    copy = there.folder.with_name(f"{there.folder.name}, {screen.name}")
    shutil.copytree(there.folder, copy)
    return Place(copy, there.size).opened(screen.command)


def _open_all(ttys: dict[Screen, Tty]) -> None:
    """Open and close each once; where that fails, it is left out from now on."""
    marks = {screen: _send(tty, screen.key) for screen, tty in ttys.items()}
    _await(ttys, marks, lambda screen: screen.word)
    closing = {screen: _send(ttys[screen], ESCAPE) for screen in ttys if screen.closes}
    _await(ttys, closing, lambda screen: _BENEATH)


def _send(tty: Tty, key: str) -> int:
    """Press a key; how many bytes had been written by then."""
    tty.send(key)
    return len(tty.output)


def _await(
    ttys: dict[Screen, Tty], marks: dict[Screen, int], word: Callable[[Screen], str]
) -> None:
    for screen, mark in marks.items():
        try:
            ttys[screen].until(word(screen), after=mark)
            ttys[screen].settle()
        except Gone as gone:
            say(f"FAILED: memory over openings of {screen.name}: {gone}")
            del ttys[screen]
