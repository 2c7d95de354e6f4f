"""The conversation that is shown: the one that is being answered, else the one under the cursor."""

from __future__ import annotations

from collections.abc import Mapping

from textual.timer import Timer

from monitor import wording
from monitor.desk import Opened
from monitor.message import Direction
from queue_tui.flows.place import Place
from queue_tui.study import Study, study
from queue_tui.widgets.status_line import Tone

_FOLLOW = 0.12
_REMEMBERED = 5000


class Showing:
    """Follows the cursor, and remembers how far each conversation was read."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._follow: Timer | None = None
        self._wanted: int | None = None
        self._read: dict[int, int] = {}

    def follow(self) -> None:
        """The cursor has moved: show what it is on, once it rests."""
        if self._follow:
            self._follow.stop()
        self._follow = self._place.screen.set_timer(_FOLLOW, self.open_selected)

    def open_selected(self) -> None:
        """Read and show the conversation that is being answered, else that under the cursor."""
        place = self._place
        bound = place.composer.bound
        wanted = bound.conversation if bound else place.list.selected
        if wanted is None:
            self._show(None)
            return
        self._wanted = wanted
        place.ask(lambda desk: study(place.house, wanted, place.who), self._opened, self._unread)

    def put_up(self, fresh: Study) -> None:
        """Show this conversation now, whatever was asked for before."""
        self._wanted = fresh.opened.conversation.id
        self._remember(fresh.opened)
        self._show(fresh)

    def unread(self, last_words: Mapping[int, int]) -> set[int]:
        """Where the customer has written since it was shown; `last_words` are messages' ids."""
        return {n for n, last in last_words.items() if last > self._read.get(n, last)}

    def _opened(self, fresh: Study) -> None:
        opened, place = fresh.opened, self._place
        if opened.conversation.id != self._wanted:
            return
        self._remember(opened)
        self._show(fresh)
        bound = place.composer.bound
        if bound and not bound.note and bound.missed(opened):
            place.say(
                f"{wording.news(opened, bound.seen)} while you write: see above", Tone.REFUSAL
            )

    def _unread(self, reason: str) -> None:
        self._place.say(reason, Tone.FAULT)

    def _show(self, fresh: Study | None) -> None:
        if fresh != self._place.conversation.study:
            now = self._place.house.clock()
            self._place.conversation.show(fresh, now)
            self._place.customer.show(fresh, now)

    def _remember(self, opened: Opened) -> None:
        """What was read of it: what the customer writes from now on is new."""
        number, marks = opened.conversation.id, self._place.list.marks
        words = [m.id for m in opened.messages if m.direction is Direction.IN]
        self._read.pop(number, None)
        self._read[number] = max(words, default=0)
        while len(self._read) > _REMEMBERED:
            del self._read[next(iter(self._read))]
        if number in marks.unread:
            marks.unread.discard(number)
            self._place.list.draw_changes()
