"""Takes the screen's questions to the desk, one after another, on a thread of its own."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any, TypeVar

from textual.message_pump import MessagePump

from monitor.clean import clean_line
from monitor.desk import Desk
from monitor.errors import DeskError, ReplybyError, UsageError
from monitor.wiring import House
from queue_tui.events import Done, Failed

T = TypeVar("T")

_LOOK = 0.25
"""How long after one look another is due, in seconds."""

log = logging.getLogger("replyby.queue")


@dataclass(frozen=True, slots=True)
class _Question:
    pump: MessagePump
    call: Callable[[Desk], Any]
    then: Callable[[Any], None]
    failed: Callable[[str], None] | None
    untold: object = object()  # an answer of which `pump` is not told


class Clerk:
    """The screen never waits for the store: it asks, and is told."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._thread: Thread | None = None
        self._asked: SimpleQueue[_Question | None] = SimpleQueue()
        self._watched: dict[MessagePump, _Question] = {}
        self._since: float | None = None

    def waited(self) -> float:
        """For how many seconds the question under way has had no answer."""
        since = self._since
        return 0.0 if since is None else time.monotonic() - since

    def ask(
        self,
        pump: MessagePump,
        call: Callable[[Desk], T],
        then: Callable[[T], None] = lambda result: None,
        failed: Callable[[str], None] | None = None,
    ) -> None:
        """Call the desk, then tell `pump`; calls are made in the order in which they are asked."""
        self._put(_Question(pump, call, then, failed))

    def watch(
        self,
        pump: MessagePump,
        call: Callable[[Desk], object],
        then: Callable[[], None],
        failed: Callable[[str], None],
    ) -> None:
        """Call the desk now and four times a second, as long as `pump` is there.

        `pump` is told when the answer is another than the last time, and of every failure.
        Answers that are the same stay on the clerk's thread: the screen sleeps on.
        """
        last: object = None

        def changed(desk: Desk) -> bool:
            nonlocal last
            before, last = last, call(desk)
            return before != last

        self._watched[pump] = _Question(pump, changed, lambda _: then(), failed, untold=False)
        self._put(self._watched[pump])

    def finish(self) -> None:
        """Let what was asked come to its end, so that no draft is lost."""
        if self._thread:
            self._asked.put(None)
            self._thread.join()

    def _put(self, question: _Question) -> None:
        self._asked.put(question)
        if self._thread is None:
            self._thread = Thread(target=self._work, name="clerk", daemon=True)
            self._thread.start()

    def _work(self) -> None:
        look = time.monotonic()
        while True:
            try:
                pause = max(0.0, look - time.monotonic()) if self._watched else None
                question = self._asked.get(timeout=pause)
            except Empty:
                self._look()
                look = time.monotonic() + _LOOK
                continue
            if question is None:
                return
            self._answer(question)

    def _look(self) -> None:
        for pump, watched in list(self._watched.items()):
            if pump.is_running:
                self._answer(watched)
            else:
                del self._watched[pump]

    def _answer(self, question: _Question) -> None:
        self._since = time.monotonic()
        try:
            result = question.call(self._house.desk)
        except ReplybyError as error:
            refusal = isinstance(error, DeskError | UsageError)
            self._fail(question, clean_line(str(error), 300), refusal=refusal)
        except Exception as error:
            # The edge of the worker: a fault must reach the status line, not vanish.
            log.exception("a fault at the desk")
            self._fail(question, f"a fault in replyby: {type(error).__name__}", refusal=False)
        else:
            if result is not question.untold:
                question.pump.post_message(Done(question.then, result))
        finally:
            self._since = None

    def _fail(self, question: _Question, reason: str, *, refusal: bool) -> None:
        question.pump.post_message(Failed(reason, question.failed, refusal=refusal))
