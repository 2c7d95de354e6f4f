"""What all flows share: the widgets, the way to the desk, questions, and the last word."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar
from zoneinfo import ZoneInfo

from textual.screen import ModalScreen, Screen

from monitor.clean import clean_line
from monitor.clock import micros
from monitor.desk import Desk
from monitor.wiring import House
from queue_tui.clerk import Clerk
from queue_tui.dialogs.ask import AskText, AskYesNo
from queue_tui.dialogs.choose import Choose, Chosen
from queue_tui.keys import Key
from queue_tui.widgets.composer import Composer
from queue_tui.widgets.conversation import ConversationView
from queue_tui.widgets.customer_panel import CustomerPanel
from queue_tui.widgets.plain import Plain
from queue_tui.widgets.queue_list import QueueList
from queue_tui.widgets.status_line import StatusLine, Tone
from queue_tui.widgets.undo_line import UndoLine

T = TypeVar("T")


class Place:
    """Where somebody works: `who` at this screen, over this house."""

    def __init__(
        self, screen: Screen[None], house: House, clerk: Clerk, who: str, keys: Sequence[Key]
    ) -> None:
        self.screen = screen
        self.house = house
        self.who = who
        self.zone = ZoneInfo(house.config.desk.timezone)
        self.keys = keys
        self.shown_keys = {key.name: key.shown for key in keys}
        self._clerk = clerk

    @property
    def list(self) -> QueueList:
        return self.screen.query_one(QueueList)

    @property
    def conversation(self) -> ConversationView:
        return self.screen.query_one(ConversationView)

    @property
    def composer(self) -> Composer:
        return self.screen.query_one(Composer)

    @property
    def status(self) -> StatusLine:
        return self.screen.query_one(StatusLine)

    @property
    def customer(self) -> CustomerPanel:
        return self.screen.query_one(CustomerPanel)

    @property
    def undo_line(self) -> UndoLine:
        return self.screen.query_one(UndoLine)

    def ask(
        self,
        call: Callable[[Desk], T],
        then: Callable[[T], None] = lambda result: None,
        failed: Callable[[str], None] | None = None,
    ) -> None:
        """Ask the desk on the clerk's thread; `then` or `failed` is called on the screen's."""
        self._clerk.ask(self.screen, call, then, failed)

    def watch(
        self,
        call: Callable[[Desk], object],
        then: Callable[[], None],
        failed: Callable[[str], None],
    ) -> None:
        """Call `then` now, and whenever the desk answers something else."""
        self._clerk.watch(self.screen, call, then, failed)

    def waited(self) -> float:
        """For how many seconds the desk has not answered what it was asked."""
        return self._clerk.waited()

    def now_us(self) -> int:
        """The time now in microseconds since 1970."""
        return micros(self.house.clock())

    def ask_text(
        self, question: str, then: Callable[[str], None], hint: str = "", value: str = ""
    ) -> None:
        """Ask the person for a line; nothing follows where they think better of it.

        What they type on before the question is there is the line, up to an Enter.
        """
        self.list.collect()

        def take(typed: str) -> None:
            line, entered, _ = typed.partition("\n")
            if entered:
                then(value + line)
            else:
                self._open(AskText(question, hint, value + line), then)

        self.list.hand_over(take)

    def ask_yes_no(self, question: str, then: Callable[[bool], None]) -> None:
        """Ask the person for a yes or no; nothing follows where they leave it."""
        self._open(AskYesNo(question), then)

    def choose(
        self, title: str, lines: Sequence[str], keys: Mapping[str, str],
        then: Callable[[Chosen], None],
    ) -> None:  # fmt: skip
        """Let the person choose one of these lines, by `keys` as `Choose` has them, or none."""
        self._open(Choose(title, lines, keys), then)

    def _open(self, box: ModalScreen[T | None], then: Callable[[T], None]) -> None:
        def closed(answer: T | None) -> None:
            if answer is not None:
                then(answer)

        self.screen.app.push_screen(box, closed)

    def say(self, text: str, tone: Tone = Tone.NEWS) -> None:
        """Put a line into the status line."""
        self.status.say(text, tone)

    def show_keys(self, line: str) -> None:
        """Put a line of keys at the bottom."""
        self.screen.query_one("#keys", Plain).update(clean_line(line, 300))
