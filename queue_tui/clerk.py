"""Takes the screen's questions to the desk, one after another, on a thread of its own."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from textual.message_pump import MessagePump

from monitor.clean import clean_line
from monitor.desk import Desk
from monitor.errors import DeskError, ReplybyError, UsageError
from monitor.wiring import House
from queue_tui.events import Done, Failed

T = TypeVar("T")

log = logging.getLogger("replyby.queue")


class Clerk:
    """The screen never waits for the store: it asks, and is told."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="clerk")
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

        def work() -> None:
            self._since = time.monotonic()
            try:
                result = call(self._house.desk)
            except ReplybyError as error:
                said = clean_line(str(error), 300)
                refusal = isinstance(error, DeskError | UsageError)
                pump.post_message(Failed(said, failed, refusal=refusal))
            except Exception as error:
                # The edge of the worker: a fault must reach the status line, not vanish.
                log.exception("a fault at the desk")
                reason = f"a fault in replyby: {type(error).__name__}"
                pump.post_message(Failed(reason, failed, refusal=False))
            else:
                pump.post_message(Done(then, result))
            finally:
                self._since = None

        self._thread.submit(work)

    def finish(self) -> None:
        """Let what was asked come to its end, so that no draft is lost."""
        self._thread.shutdown(wait=True)
