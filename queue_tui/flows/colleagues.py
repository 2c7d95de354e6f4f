"""Who else is at work: told to the others, and shown beside what they look at or type in."""

from __future__ import annotations

from collections.abc import Sequence

from monitor.desk import Desk
from monitor.store.presence import Presence
from queue_tui.flows.place import Place

_TOLD_SECONDS = 10
_ASKED_SECONDS = 3


class Colleagues:
    """Says where this person is, and learns where the others are, without hurry."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._told: tuple[int | None, bool] | None = None
        self._seconds = 0
        self._asking = False

    def tick(self) -> None:
        """A second has passed."""
        self._seconds += 1
        here = self._here()
        if here != self._told or self._seconds % _TOLD_SECONDS == 0:
            self._tell(here)
        if self._seconds % _ASKED_SECONDS == 0 and not self._asking:
            self._asking = True
            self._place.ask(lambda desk: desk.present(), self._show, self._failed)

    def _here(self) -> tuple[int | None, bool]:
        bound = self._place.composer.bound
        return (bound.conversation, True) if bound else (self._place.list.selected, False)

    def _tell(self, here: tuple[int | None, bool]) -> None:
        self._told = here
        (conversation, typing), who = here, self._place.who

        def call(desk: Desk) -> None:
            desk.here(who, conversation, typing=typing)

        self._place.ask(call, failed=self._failed)

    def _failed(self, reason: str) -> None:
        # Not worth a word: what matters fails too, and says it.
        self._asking = False

    def _show(self, present: Sequence[Presence]) -> None:
        self._asking = False
        there: dict[int, str] = {}
        for one in present:
            if one.person != self._place.who and one.conversation_id is not None:
                said = f"{one.person} {'types' if one.typing else 'looks'}"
                before = there.get(one.conversation_id)
                there[one.conversation_id] = f"{before}, {said}" if before else said
        marks = self._place.list.marks
        if there != marks.present:
            marks.present = there
            self._place.list.draw_changes()

    def leave(self) -> None:
        """Say that this person goes away."""
        who = self._place.who
        self._place.ask(lambda desk: desk.gone(who), failed=self._failed)
