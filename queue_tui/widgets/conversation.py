"""The conversation as it is read: who wrote what and when, notes, answers on their way."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical, VerticalScroll
from textual.message import Message

from monitor.desk import Opened
from monitor.links import Link
from queue_tui.study import Study
from queue_tui.widgets.facts import facts
from queue_tui.widgets.plain import NOTHING, Plain
from queue_tui.widgets.transcript import Transcript

_GO = {
    "up": "scroll_up",
    "down": "scroll_down",
    "pageup": "scroll_page_up",
    "pagedown": "scroll_page_down",
    "home": "scroll_home",
    "end": "scroll_end",
}
_BACKWARDS = ("scroll_page_up", "scroll_home")


class Said(VerticalScroll, inherit_bindings=False):
    """What was said, to be paged through; at its top it asks for what was said before."""

    # Its own, since the usual ones give a key away to the list where there is nothing to scroll.
    BINDINGS = [Binding(key, f"go('{how}')", show=False) for key, how in _GO.items()]

    class Earlier(Message):
        """The person wants to read on backwards."""

    def action_go(self, how: str) -> None:
        if how in _BACKWARDS and self.scroll_offset.y <= 0:
            self.post_message(self.Earlier())
        else:
            getattr(self, how)(animate=False)


class ConversationView(Vertical):
    """Scrolls to what was said last."""

    def __init__(self, zone: ZoneInfo, keys: Mapping[str, str]) -> None:
        super().__init__()
        self._zone = zone
        self._keys = keys
        self._transcript: Transcript | None = None
        self.study: Study | None = None

    def compose(self) -> ComposeResult:
        yield Plain(id="facts")
        with Said(id="said"):
            yield Plain(id="earlier")
            yield Plain(id="latest")

    @property
    def opened(self) -> Opened | None:
        """The conversation shown."""
        return self.study.opened if self.study else None

    @property
    def links(self) -> list[Link]:
        """Its links, in the order of their numbers."""
        return self._transcript.links if self._transcript else []

    def show(self, study: Study | None, now: datetime) -> None:
        """Show a conversation, or an empty desk."""
        before, self.study = self.study, study
        if study is None:
            self._transcript = None
            self._write()
        elif before is None or before.opened.conversation.id != study.opened.conversation.id:
            self._transcript = Transcript(study, self._zone)
            self._write()
            self._to_latest()
        elif _said(study) != _said(before):
            assert self._transcript is not None
            self._transcript.read(study)
            self._write()
            if len(study.opened.messages) != len(before.opened.messages):
                self._to_latest()
        self.tick(now)

    def _write(self) -> None:
        earlier, latest = self._transcript.write() if self._transcript else (NOTHING, NOTHING)
        self.query_one("#earlier", Plain).update(earlier)
        self.query_one("#earlier").display = bool(earlier)
        self.query_one("#latest", Plain).update(latest)

    def _to_latest(self) -> None:
        self.call_after_refresh(self._scroll_to_latest)

    def _scroll_to_latest(self) -> None:
        latest = self.query_one("#latest", Plain)
        self._said.scroll_to(y=latest.virtual_region.y, animate=False)

    def on_said_earlier(self) -> None:
        """Write out a further page of what came before; what is read stays where it is."""
        if self._transcript is None or not self._transcript.hidden:
            return
        below = self._said.virtual_size.height - self._said.scroll_offset.y
        self._transcript.pages += 1
        self._write()
        self.call_after_refresh(self._keep_place, below)

    def _keep_place(self, below: int) -> None:
        page = self._said.size.height - 1
        self._said.scroll_to(y=self._said.virtual_size.height - below - page, animate=False)

    def unfold(self) -> None:
        """Show quotes and signatures too, or fold them away again."""
        if self._transcript:
            self._transcript.full = not self._transcript.full
            self._write()

    def scroll_text(self, lines: int) -> None:
        """Scroll what was said by so many lines."""
        self._said.scroll_relative(y=lines, animate=False)

    def read(self) -> None:
        """Take the keys: paging is through the conversation now."""
        self._said.focus()

    @property
    def reading(self) -> bool:
        """Whether the keys are for the conversation."""
        return self._said.has_focus

    @property
    def _said(self) -> Said:
        return self.query_one("#said", Said)

    def tick(self, now: datetime) -> None:
        """Draw the lines with the countdown anew."""
        lines = self.query_one("#facts", Plain)
        fresh = facts(self.study, now, self._zone, self._keys) if self.study else NOTHING
        if lines.shows(fresh):
            return
        grown = str(lines.content).count("\n") != str(fresh).count("\n")
        lines.update(fresh, layout=grown)


def _said(study: Study) -> object:
    return study.opened.messages, study.opened.answers, study.around.verdicts
