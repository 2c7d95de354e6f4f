"""An answer or a note from its first key to its way out: composer, draft, files, sending."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from monitor import wording
from monitor.desk import Desk, Opened
from monitor.errors import NewerMessages
from monitor.files import read
from monitor.message import State
from queue_tui import keys
from queue_tui.flows.place import Place
from queue_tui.flows.reading import Reading
from queue_tui.widgets.composer import Bound, Composer
from queue_tui.widgets.status_line import Tone


class Writing:
    """What is written belongs to one conversation, whatever the list does meanwhile."""

    def __init__(self, place: Place, reading: Reading) -> None:
        self._place = place
        self._reading = reading

    def failed(self) -> None:
        """Something that was asked of the desk failed; it may have been ours."""
        self._place.list.typed_ahead = None
        self._place.composer.hold(False)

    def reply(self) -> None:
        """Claim the conversation under the cursor and open the composer."""
        self._write(note=False)

    def note(self) -> None:
        """Open the composer for a note."""
        self._write(note=True)

    def _write(self, *, note: bool) -> None:
        place = self._place
        chosen, who = place.list.selected, place.who
        if chosen is None or place.composer.bound or place.list.typed_ahead is not None:
            return
        place.list.typed_ahead = ""

        def call(desk: Desk) -> Opened:
            opened = desk.open(chosen, who)
            if not note and opened.conversation.state in (State.WAITING, State.SNOOZED):
                desk.claim(chosen, who)
                opened = desk.open(chosen, who)
            return opened

        place.ask(call, lambda opened: self._open_composer(opened, note=note))

    def _open_composer(self, opened: Opened, *, note: bool) -> None:
        c, place = opened.conversation, self._place
        to = f"#{c.id}" if note else f"{c.customer_name} <{c.customer_address}>"
        draft = opened.note_draft if note else opened.draft
        typed, place.list.typed_ahead = place.list.typed_ahead or "", None
        self._reading.put_up(opened)
        place.screen.set_class(True, "-composing")
        place.show_keys(keys.composer_footer(note=note))
        bound = Bound(c.id, opened.seen, to, note)
        place.composer.open(bound, draft.text if draft else "", typed)
        place.say("your draft is back" if draft else "")
        self._reading.reload()

    def typed(self, event: Composer.Typed) -> None:
        """Keep what has been typed."""
        if self._place.composer.busy:
            return
        if event.leaving:
            self._save(event.bound, event.text, self._left, self._not_kept)
        else:
            self._save(event.bound, event.text, lambda _: None, self._not_kept, hold=True)

    def keep_draft(self) -> None:
        """What is being typed is kept, before the screen goes away."""
        composer = self._place.composer
        if composer.bound and not composer.busy:
            self._save(composer.bound, composer.text)

    def _save(
        self,
        bound: Bound,
        text: str,
        then: Callable[[None], None] = lambda _: None,
        failed: Callable[[str], None] | None = None,
        *,
        hold: bool = False,
    ) -> None:
        who = self._place.who

        def call(desk: Desk) -> None:
            desk.save_draft(bound.conversation, who, text, bound.seen, note=bound.note)
            if hold and not bound.note:
                desk.hold(bound.conversation, who)

        self._place.ask(call, then, failed)

    def _not_kept(self, reason: str) -> None:
        self._place.composer.not_kept()
        self._place.say(f"what you type is NOT kept: {reason}", Tone.FAULT)

    def _left(self, nothing: None) -> None:
        composer = self._place.composer
        kept, files = bool(composer.text), composer.files
        self._back_to_list()
        without = ", without the files" if files else ""
        self._place.say(f"the draft is kept{without}" if kept else "")

    def attach(self) -> None:
        """Ask for a file to send along."""

        def then(name: str | None) -> None:
            if not name:
                return
            path = Path(name).expanduser()
            if path.is_file():
                self._place.composer.attach(path)
            else:
                self._place.say(f"there is no file {path}", Tone.REFUSAL)

        self._place.ask_text("Send which file along?", then, "its path", "~/")

    def _back_to_list(self) -> None:
        place = self._place
        place.composer.close()
        place.screen.set_class(False, "-composing")
        place.show_keys(keys.footer())
        place.list.focus()

    def sent(self, event: Composer.Sent) -> None:
        """Send it, if it is for the conversation that is shown."""
        shown = self._place.conversation.opened
        if shown is None or shown.conversation.id != event.bound.conversation:
            self._not_sent("this is not the conversation that the text belongs to")
        elif event.bound.note:
            self._note(event.bound, event.text)
        else:
            self._reply(event.bound, event.text, event.files)

    def _note(self, bound: Bound, text: str) -> None:
        self._place.ask(
            lambda desk: desk.note(bound.conversation, self._place.who, text),
            lambda _: self._put_away("noted"),
            self._not_sent,
        )

    def _reply(self, bound: Bound, text: str, files: tuple[Path, ...]) -> None:
        number, who = bound.conversation, self._place.who

        def call(desk: Desk) -> bool:
            try:
                desk.reply(number, who, text, seen=bound.seen, undo=True, files=read(files))
            except NewerMessages:
                return False
            return True

        def then(went: bool) -> None:
            if went:
                self._put_away("on its way; z takes it back for a moment")
            else:
                self._newer(bound)

        self._place.ask(call, then, self._not_sent)

    def _not_sent(self, reason: str) -> None:
        self._place.composer.hold(False)
        self._place.composer.keep()
        self._place.say(f"NOT sent: {reason}", Tone.REFUSAL)

    def _newer(self, bound: Bound) -> None:
        def then(opened: Opened) -> None:
            self._reading.put_up(opened)
            self._place.composer.rebind(opened.seen)
            self._not_sent(f"{wording.news(opened)}, see above; ctrl+s sends all the same")

        who = self._place.who
        self._place.ask(lambda desk: desk.open(bound.conversation, who), then, self._not_sent)

    def _put_away(self, text: str) -> None:
        self._back_to_list()
        self._place.say(text)
        self._reading.reload()

    def save_files(self) -> None:
        """Save the files of the conversation shown, in a folder that the person names."""
        opened, house = self._place.conversation.opened, self._place.house
        if opened is None or not any(m.attachments for m in opened.messages):
            self._place.say("no files in this conversation")
            return
        number = opened.conversation.id

        def save(folder: str | None) -> None:
            if folder:
                where = Path(folder).expanduser()
                self._place.ask(
                    lambda desk: house.save_files(number, where),
                    lambda saved: self._place.say(f"saved {len(saved)} files in {where}"),
                )

        self._place.ask_text(f"Save the files of #{number} in which folder?", save, value="~")
