"""An answer on its way out: checked, bound to what was read, written down, taken back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from monitor import wording
from monitor.desk import Desk
from monitor.errors import DeskError, NewerMessages
from monitor.files import read
from queue_tui import keys
from queue_tui.flows.place import Place
from queue_tui.flows.reading import Reading
from queue_tui.flows.showing import Showing
from queue_tui.study import Study, study
from queue_tui.widgets.composer import Bound, Composer
from queue_tui.widgets.fate import over
from queue_tui.widgets.status_line import Tone


@dataclass(frozen=True, slots=True)
class _Went:
    """When an answer that was written down leaves; None where something new came before it."""

    leaves: datetime | None


class Sending:
    """What is sent goes to the conversation that is shown, and to none other."""

    def __init__(self, place: Place, showing: Showing, reading: Reading) -> None:
        self._place = place
        self._showing = showing
        self._reading = reading

    def sent(self, event: Composer.Sent) -> None:
        """Send it, if it is for the conversation that is shown."""
        shown = self._place.conversation.opened
        bound, blanks = event.written.bound, self._place.composer.blanks
        if shown is None or shown.conversation.id != bound.conversation:
            self._not_sent("this is not the conversation that the text belongs to")
        elif bound.note:
            self._note(bound, event.written.text)
        elif blanks:
            self._not_sent(f"{', '.join(blanks)} is still to be filled in")
            self._place.composer.go_to_blank()
        else:
            self._reply(event)

    def _note(self, bound: Bound, text: str) -> None:
        self._place.ask(
            lambda desk: desk.note(bound.conversation, self._place.who, text),
            lambda _: self._put_away("noted"),
            self._not_sent,
        )

    def _reply(self, event: Composer.Sent) -> None:
        bound = event.written.bound

        def then(went: _Went) -> None:
            if went.leaves is None:
                self._newer(bound)
                return
            place, now = self._place, self._place.house.clock()
            place.undo_line.begin(bound.conversation, went.leaves, now)
            at_once = "" if went.leaves > now else "; it was late, so it leaves at once"
            self._put_away(f"your answer to #{bound.conversation} is on its way{at_once}")

        self._place.ask(lambda desk: self._write_down(desk, event), then, self._not_sent)

    def _write_down(self, desk: Desk, event: Composer.Sent) -> _Went:
        """On the clerk's thread: what its platform would refuse is never written down."""
        written, bound = event.written, event.written.bound
        self._check(desk, event)
        try:
            answer = desk.reply(
                bound.conversation, self._place.who, written.text, seen=bound.seen,
                changed=bound.changed, undo=True, files=read(event.files), way=written.way,
            )  # fmt: skip
        except NewerMessages:
            return _Went(None)
        return _Went(desk.answer(answer).next_try)

    def _check(self, desk: Desk, event: Composer.Sent) -> None:
        written = event.written
        opened = desk.open(written.bound.conversation, self._place.who)
        if opened.question is None or not written.text.strip():
            return  # the desk says better than we could why nothing can be sent
        prospect = self._place.house.foresee(opened, written.text, written.way)
        if over(prospect):
            other = "; ctrl+r chooses another way" if len(prospect.ways) > 1 else ""
            raise DeskError(
                f"{over(prospect)} too long: {prospect.length} of {prospect.most}{other}"
            )
        if prospect.refusal:
            raise DeskError(prospect.refusal)
        if event.files and not prospect.files:
            raise DeskError("no files can be sent along here")

    def _not_sent(self, reason: str) -> None:
        self._place.composer.hold(False)
        self._place.composer.keep()
        self._place.say(f"NOT sent: {reason}", Tone.REFUSAL)

    def _newer(self, bound: Bound) -> None:
        def then(fresh: Study) -> None:
            self._showing.put_up(fresh)
            self._place.composer.rebind(fresh.opened)
            news = wording.news(fresh.opened, bound.seen)
            self._not_sent(f"{news}, see above; ctrl+s sends all the same")

        house, who = self._place.house, self._place.who
        self._place.ask(lambda desk: study(house, bound.conversation, who), then, self._not_sent)

    def _put_away(self, text: str) -> None:
        self.back_to_list()
        self._place.say(text)
        self._reading.reload()

    def back_to_list(self) -> None:
        """Close the composer."""
        place = self._place
        place.composer.close()
        place.screen.set_class(False, "-composing")
        place.show_keys(keys.footer(place.keys))
        place.list.focus()
