"""Tells colleagues where somebody is, for as long as they sit before the prompt."""

from __future__ import annotations

import threading
from contextlib import suppress

from monitor.desk import Desk
from monitor.errors import ReplybyError

_EVERY = 10.0


class Attendance:
    """Says it at each change and every ten seconds: what is not repeated is soon forgotten.

    While a line is typed the program waits for it, so the repeating is a thread's. What can't be
    said now is said the next time; nobody is troubled with it.
    """

    def __init__(self, desk: Desk, who: str, every: float = _EVERY) -> None:
        self._desk = desk
        self._who = who
        self._every = every
        self._here: tuple[int | None, bool] = (None, False)
        self._telling = threading.Lock()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._repeat, name="attendance", daemon=True)

    def __enter__(self) -> Attendance:
        self._thread.start()
        return self

    def __exit__(self, *reason: object) -> None:
        self._ended.set()
        self._thread.join(self._every)
        with suppress(ReplybyError):
            self._desk.gone(self._who)

    def at(self, conversation: int | None, *, typing: bool = False) -> None:
        """Say that this conversation lies before them, None where none does."""
        self._here = (conversation, typing)
        self._tell()

    def _repeat(self) -> None:
        while not self._ended.wait(self._every):
            self._tell()

    def _tell(self) -> None:
        with self._telling, suppress(ReplybyError):
            conversation, typing = self._here
            self._desk.here(self._who, conversation, typing=typing)
