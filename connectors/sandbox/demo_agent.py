"""A colleague who never tires: answers all that waits, one after another, for `demo --headless`."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable

from connectors.sandbox.crowd import Crowd
from monitor.desk import Opened
from monitor.errors import DeskError
from monitor.message import Direction, SendState
from monitor.wiring import House

WHO = "demo"
_NUMBER = re.compile(r"\b\d{6}\b")


class Agent:
    """Works the queue from `start` to `stop`; `problems` are what the desk did not take."""

    def __init__(self, house: House, crowd: Crowd, say: Callable[[str], None]) -> None:
        self.problems: list[str] = []
        self._house = house
        self._crowd = crowd
        self._say = say
        self._quit = threading.Event()
        self._worker = threading.Thread(target=self._run, name="demo-agent", daemon=True)

    def start(self) -> None:
        """Begin to work."""
        self._worker.start()

    def stop(self) -> None:
        """Finish what is at hand, and go."""
        self._quit.set()
        self._worker.join()

    def _run(self) -> None:
        desk = self._house.desk
        while not self._quit.wait(0.1):
            while (claimed := desk.claim_next(WHO)) is not None:
                try:
                    self._answer(desk.open(claimed.id, WHO))
                except DeskError as error:
                    self.problems.append(f"#{claimed.id}: {error}")
                who = claimed.customer_name or claimed.customer_address
                at = time.strftime("%H:%M:%S")
                about = claimed.subject or claimed.preview
                self._say(f"{at}  {claimed.channel:<8} #{claimed.id}  {who}: {about}")

    def _answer(self, opened: Opened) -> None:
        number = number_in(opened)
        text = words_for(opened, number)
        if self._must_answer_there(opened, text) and self._crowd.answer_outside(number, text):
            self._house.desk.answered_outside(opened.conversation.id, WHO)
        else:
            self._house.desk.reply(opened.conversation.id, WHO, text, seen=opened.seen)

    def _must_answer_there(self, opened: Opened, text: str) -> bool:
        """Whether the platform takes no answer from programs, or refused this one already."""
        refused = any(a.state is SendState.FAILED for a in opened.answers[-1:])
        return refused or bool(self._house.foresee(opened, text).refusal)


def number_in(opened: Opened) -> int:
    """The order number that the customer named, 0 where there is none."""
    asked = (m.text for m in opened.messages if m.direction is Direction.IN)
    found = (_NUMBER.search(text) for text in (opened.conversation.subject, *asked))
    return next((int(number[0]) for number in found if number), 0)


def words_for(opened: Opened, number: int) -> str:
    """An answer short enough for X, that says whose order it is about."""
    name = (opened.conversation.customer_name or "there")[:60]
    times = sum(m.direction is Direction.OUT for m in opened.messages)
    return f"Hello {name}, we have looked into {number}{'!' * times}\n\nYour Acme support"
