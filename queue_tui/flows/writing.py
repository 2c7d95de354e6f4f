"""An answer or a note while it is written: its draft, canned replies, files, an own editor."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass

from textual.app import SuspendNotSupported

from monitor import wording
from monitor.canned import CannedReplies, read_canned, values_of
from monitor.connector import Prospect
from monitor.desk import Desk
from monitor.errors import ConfigError, DeskError
from monitor.wiring import House
from queue_tui import keys
from queue_tui.editor import edit, editor_of
from queue_tui.flows.place import Place
from queue_tui.flows.reading import Reading
from queue_tui.flows.sending import Sending
from queue_tui.flows.showing import Showing
from queue_tui.study import ANY_TEXT, Study, claimed, study
from queue_tui.typed import typed_path
from queue_tui.widgets.composer import Bound, Composer, Written
from queue_tui.widgets.status_line import Tone


@dataclass(frozen=True, slots=True)
class _Ready:
    """What has to be there before anybody writes."""

    study: Study
    way: str
    prospect: Prospect
    replies: CannedReplies
    trouble: str


class Writing:
    """What is written belongs to one conversation, whatever the list does meanwhile."""

    def __init__(self, place: Place, showing: Showing, reading: Reading, sending: Sending) -> None:
        self._place = place
        self._showing = showing
        self._reading = reading
        self._sending = sending
        self._foreseeing = self._opening = False

    def tick(self) -> None:
        """A second has passed."""
        place, now = self._place, self._place.house.clock()
        place.undo_line.tick(now)
        shown = place.conversation.opened
        if place.composer.bound and shown:
            place.composer.claimed(wording.yours(shown.conversation, place.who, now))

    # From the list into the composer

    def reply(self) -> None:
        """Claim the conversation under the cursor and open the composer."""
        self._write(note=False)

    def note(self) -> None:
        """Open the composer for a note."""
        self._write(note=True)

    def _write(self, *, note: bool) -> None:
        place = self._place
        chosen, house, who = place.list.selected, place.house, place.who
        if chosen is None or place.composer.bound or self._opening:
            return
        self._opening = True
        place.list.collect()

        def call(desk: Desk) -> _Ready:
            read = study(house, chosen, who)
            if not note and not _barred(read):
                read = claimed(house, chosen, who)
            return _ready(house, read, note=note)

        place.ask(call, lambda ready: self._open_composer(ready, note=note), self._not_opened)

    def _not_opened(self, reason: str) -> None:
        self._opening = False
        self._place.list.typed_ahead = None
        self._place.say(reason, Tone.REFUSAL)

    def _open_composer(self, ready: _Ready, *, note: bool) -> None:
        place = self._place
        if note or not _barred(ready.study):
            place.list.hand_over(lambda typed: self._begin(ready, typed, note=note))
            return
        self._opening = False
        self._showing.put_up(ready.study)
        place.list.drop_typed()
        place.say(f"no answer from here: {ready.study.prospect.refusal}", Tone.REFUSAL)

    def _begin(self, ready: _Ready, typed: str, *, note: bool) -> None:
        place, opened = self._place, ready.study.opened
        self._opening = False
        self._showing.put_up(ready.study)
        c = opened.conversation
        to = f"#{c.id}" if note else f"{c.customer_name} <{c.customer_address}>"
        draft = opened.note_draft if note else opened.draft
        place.screen.set_class(True, "-composing")
        place.show_keys(keys.composer_footer(note=note, files=ready.prospect.files))
        place.composer.equip(ready.replies, values_of(c, place.who, place.house.config.desk.name))
        bound = Bound(c.id, opened.seen, to, note, opened.changed)
        text = draft.text if draft else ""
        place.composer.open(bound, text, typed, ready.prospect, ready.way)
        self.tick()
        self._greet(back=bool(draft), trouble=ready.trouble)
        self._reading.reload()

    def _greet(self, *, back: bool, trouble: str) -> None:
        if trouble:
            self._place.say(f"canned replies: {trouble}", Tone.REFUSAL)
        else:
            self._place.say("your draft is back" if back else "")

    # The draft

    def typed(self, event: Composer.Typed) -> None:
        """Keep what has been typed."""
        if self._place.composer.busy:
            return
        if event.leaving:
            self._save(event.written, self._left, self._not_kept)
        else:
            self._save(event.written, failed=self._not_kept, hold=True)

    def keep_draft(self) -> None:
        """What is being typed is kept, before the screen goes away."""
        written = self._place.composer.written
        if written and not self._place.composer.busy:
            self._save(written)

    def _save(
        self,
        written: Written,
        then: Callable[[None], None] = lambda _: None,
        failed: Callable[[str], None] | None = None,
        *,
        hold: bool = False,
    ) -> None:
        bound, who = written.bound, self._place.who

        def call(desk: Desk) -> None:
            number = bound.conversation
            desk.save_draft(number, who, written.text, bound.seen, note=bound.note, way=written.way)
            if hold and not bound.note:
                desk.hold(number, who)

        self._place.ask(call, then, failed)

    def _not_kept(self, reason: str) -> None:
        self._place.composer.not_kept()
        self._place.say(f"what you type is NOT kept: {reason}", Tone.FAULT)

    def _left(self, nothing: None) -> None:
        composer = self._place.composer
        kept, files = bool(composer.text), composer.files
        self._sending.back_to_list()
        without = ", without the files" if files else ""
        self._place.say(f"the draft is kept{without}" if kept else "")

    # Beside the text

    def foresee(self, event: Composer.Foresee) -> None:
        """Say what would become of the text, one question at a time."""
        opened, house = self._place.conversation.opened, self._place.house
        written = event.written
        here = opened and opened.conversation.id == written.bound.conversation
        if self._foreseeing or opened is None or not here:
            return
        self._foreseeing = True

        def then(prospect: Prospect) -> None:
            self._foreseeing = False
            self._place.composer.foreseen(written, prospect)

        text = written.text if written.text.strip() else ANY_TEXT
        self._place.ask(
            lambda desk: house.foresee(opened, text, written.way), then, self._not_foreseen
        )

    def _not_foreseen(self, reason: str) -> None:
        self._foreseeing = False
        self._place.say(reason, Tone.REFUSAL)

    def attach(self) -> None:
        """Ask for a file to send along."""

        def then(name: str) -> None:
            path = typed_path(name)
            if os.path.isfile(path):  # which raises nothing, whatever stands in the path
                self._place.composer.attach(path)
            elif name:
                self._place.say(f"there is no file {path}", Tone.REFUSAL)

        self._place.ask_text("Send which file along?", then, "its path", "~/")

    def editor(self) -> None:
        """Give the text to the person's own editor; the screen rests meanwhile."""
        place = self._place
        self.keep_draft()
        try:
            with place.screen.app.suspend():
                text = edit(place.composer.text, editor_of(os.environ))
        except SuspendNotSupported:
            place.say("no editor can be opened from this terminal", Tone.REFUSAL)
        except DeskError as error:
            place.say(str(error), Tone.REFUSAL)
        else:
            place.composer.replace_text(text)


def _ready(house: House, read: Study, *, note: bool) -> _Ready:
    """What is needed to go on with the draft, by the way that was chosen for it."""
    draft = None if note else read.opened.draft
    way = draft.way if draft else ""
    prospect = house.foresee(read.opened, ANY_TEXT, way) if way else read.prospect
    try:
        return _Ready(read, way, prospect, read_canned(house.config.canned), "")
    except ConfigError as error:
        return _Ready(read, way, prospect, CannedReplies(), str(error))


def _barred(read: Study) -> bool:
    """Whether somebody waits here who can't be answered from here."""
    return bool(read.prospect.refusal and read.opened.conversation.reply_by)
