"""Where an answer or a note is written; bound to one conversation and what was read of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.message import Message
from textual.timer import Timer

from monitor.canned import CannedReplies
from monitor.clean import clean_line
from monitor.connector import Prospect
from monitor.desk import Opened
from queue_tui.typed import clean_typed
from queue_tui.widgets.canned_popup import CannedPopup
from queue_tui.widgets.composer_text import Text
from queue_tui.widgets.fate import as_typed, fate_line, over
from queue_tui.widgets.plain import NOTHING, Plain

_PAUSE = 0.4
_AGAIN = 2.0
_FORESEE = 0.25


@dataclass(frozen=True, slots=True)
class Bound:
    """What the text belongs to: it can't go anywhere else, whatever the list does meanwhile."""

    conversation: int
    seen: int
    to: str
    note: bool
    changed: int = 0

    def missed(self, opened: Opened) -> bool:
        """Whether there is something new in the conversation."""
        return opened.seen > self.seen or opened.changed > self.changed


@dataclass(frozen=True, slots=True)
class Written:
    """A text as it stands, what it belongs to, and the way by which it is to go, "" the usual."""

    bound: Bound
    text: str
    way: str


class Composer(Vertical):
    """Ctrl+s sends, Esc keeps the draft; Enter is a new line and never sends."""

    BINDINGS = [
        Binding("ctrl+s", "send", "send", show=False),
        Binding("ctrl+o", "attach", "send a file along", show=False),
        Binding("ctrl+e", "editor", "write it in $EDITOR", show=False, priority=True),
        Binding("ctrl+t", "canned", "canned replies", show=False, priority=True),
        Binding("ctrl+r", "way", "another way of answering", show=False, priority=True),
        Binding("escape", "leave", "keep the draft", show=False),
    ]

    class Sent(Message):
        """The person sends the text."""

        def __init__(self, written: Written, files: tuple[Path, ...]) -> None:
            super().__init__()
            self.written = written
            self.files = files

    class Attach(Message):
        """The person wants to send a file along."""

    class Editor(Message):
        """The person wants to write in an editor of their own."""

    class Refused(Message):
        """What the person wants can't be done here; `reason` says why."""

        def __init__(self, reason: str) -> None:
            super().__init__()
            self.reason = reason

    class Typed(Message):
        """What was typed wants to be kept; `leaving` where the person goes away from it."""

        def __init__(self, written: Written, *, leaving: bool) -> None:
            super().__init__()
            self.written = written
            self.leaving = leaving

    class Foresee(Message):
        """What would become of this text wants to be known."""

        def __init__(self, written: Written) -> None:
            super().__init__()
            self.written = written

    def __init__(self) -> None:
        super().__init__()
        self.bound: Bound | None = None
        self.files: tuple[Path, ...] = ()
        self.busy = False
        self.prospect = Prospect()
        self.way = ""
        self._claim = ""
        self._timer: Timer | None = None
        self._foresee: Timer | None = None
        self._kept: str | None = ""

    def compose(self) -> ComposeResult:
        popup = CannedPopup()
        yield Plain(id="to")
        yield Text(popup)
        yield Plain(id="fate")
        yield popup

    @property
    def text(self) -> str:
        return self._area.text

    @property
    def written(self) -> Written | None:
        """What stands there, where it is open."""
        return Written(self.bound, self.text, self.way) if self.bound else None

    @property
    def _area(self) -> Text:
        return self.query_one(Text)

    @property
    def blanks(self) -> tuple[str, ...]:
        """What canned replies have left to be filled in."""
        return self._area.blanks

    def go_to_blank(self) -> None:
        """Select the first of them."""
        self._area.go_to_blank()

    def equip(self, replies: CannedReplies, values: Mapping[str, str]) -> None:
        """Give it the canned replies, and what their blanks stand for here."""
        self._area.equip(replies, values)

    def open(
        self, bound: Bound, text: str, typed: str = "", prospect: Prospect | None = None,
        way: str = "",
    ) -> None:  # fmt: skip
        """Begin, or go on with a draft; `typed` was typed while the composer was on its way.

        `prospect` is what becomes of it by that `way`, "" the usual one.
        """
        text = clean_typed(text) if text else ""
        self.bound, self._kept = bound, text
        self.files, self.way, self._claim = (), way, ""
        self.prospect = as_typed(prospect or Prospect(), text)
        area = self._area
        area.load_text(text + typed)
        area.move_cursor(area.document.end)
        self._head()
        self._show_fate()
        self.set_class(bound.note, "-note")
        self.hold(False)
        self.display = True
        self.screen.set_focus(area)  # at once: the next key is for it

    @property
    def has_keys(self) -> bool:
        """Whether what is typed is for the answer."""
        return self._area.has_focus

    def take_keys(self) -> None:
        """Let what is typed be for the answer again."""
        self._area.focus()

    def _head(self) -> None:
        assert self.bound is not None
        kind = "Note on" if self.bound.note else "Answer to"
        names = "".join(f"  + {path.name}" for path in self.files)
        claim = f"{self._claim}  " if self._claim else ""
        line = clean_line(f"{claim}{kind} {self.bound.to}{names}", 300)
        self.query_one("#to", Plain).update(line)

    def attach(self, path: Path) -> None:
        """Send this file along, if it still can be read then."""
        if self.bound and path not in self.files:
            self.files = (*self.files, path)
            self._head()

    def hold(self, busy: bool) -> None:
        """While a text is being sent nothing is typed, kept or sent a second time."""
        self.busy = busy
        self._area.read_only = busy

    def rebind(self, opened: Opened) -> None:
        """The person has seen what is new."""
        if self.bound:
            self.bound = replace(self.bound, seen=opened.seen, changed=opened.changed)

    def replace_text(self, text: str) -> None:
        """Put another text in its place, in one step of undo."""
        area = self._area
        if text != area.text:
            area.replace(text, (0, 0), area.document.end, maintain_selection_offset=False)
        area.focus()

    def close(self) -> None:
        """Put it away; what was typed has been kept or sent."""
        self.bound = None
        self._stop_timer()
        self.query_one(CannedPopup).close()
        self.hold(False)
        self.display = False

    def on_text_area_changed(self) -> None:
        if not self.bound:
            return
        self._area.look_for_code()
        # Not put off by more typing: who types without a pause has it kept all the same.
        if self._timer is None:
            self._timer = self.set_timer(_PAUSE, self.keep)
        self._foresee_soon()

    def on_text_area_selection_changed(self) -> None:
        self._area.look_for_code()

    def keep(self) -> None:
        """Ask for what has been typed to be kept, if it isn't kept already."""
        self._stop_timer()
        written = self.written
        if written and not self.busy and written.text != self._kept:
            self._kept = written.text
            self.post_message(self.Typed(written, leaving=False))

    def not_kept(self) -> None:
        """It could not be kept: try again in a while."""
        self._kept = None
        if self._timer is None:
            self._timer = self.set_timer(_AGAIN, self.keep)

    def _stop_timer(self) -> None:
        if self._timer:
            self._timer.stop()
        self._timer = None

    # What would become of it

    def _foresee_soon(self) -> None:
        if self.bound and not self.bound.note and self._foresee is None:
            self._foresee = self.set_timer(_FORESEE, self._ask_fate)

    def _ask_fate(self) -> None:
        self._foresee = None
        if written := self.written:
            self.post_message(self.Foresee(written))

    def foreseen(self, of: Written, prospect: Prospect) -> None:
        """What would become of a text: shown, and asked for again where it has changed since."""
        now = self.written
        if not now or of.bound.conversation != now.bound.conversation or of.way != now.way:
            return
        self.prospect = as_typed(prospect, of.text)
        self._show_fate()
        if of.text != now.text:
            self._foresee_soon()

    def claimed(self, words: str) -> None:
        """How long the conversation is still one's own."""
        if self.bound and words != self._claim:
            self._claim = words
            self._head()

    def _show_fate(self) -> None:
        prospect, note = self.prospect, self.bound is not None and self.bound.note
        shown = self.query_one("#fate", Plain)
        shown.update(NOTHING if note else fate_line(prospect, self.way))
        shown.set_class(not note and bool(prospect.refusal or over(prospect)), "-bad")

    # Keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return self.bound is not None

    def action_send(self) -> None:
        written = self.written
        if written and not self.busy:
            self.query_one(CannedPopup).close()
            self.hold(True)
            self.post_message(self.Sent(written, self.files))

    def action_attach(self) -> None:
        if not self.bound or self.busy or self.bound.note:
            return
        if self.prospect.files:
            self.post_message(self.Attach())
        else:
            self.post_message(self.Refused("no files can be sent along here"))

    def action_editor(self) -> None:
        if self.bound and not self.busy:
            self.post_message(self.Editor())

    def action_canned(self) -> None:
        if self.bound and not self.busy and not self._area.start_code():
            self.post_message(self.Refused("no canned replies yet: [canned] in config.toml"))

    def action_way(self) -> None:
        if not self.bound or self.busy or self.bound.note:
            return
        names = [way.name for way in self.prospect.ways] or [""]
        if names == [self.way]:
            self.post_message(self.Refused("there is one way of answering here"))
            return
        now = names.index(self.way) if self.way in names else -1
        self.way = names[(now + 1) % len(names)]
        self._kept = ""  # by another way it is another draft
        self.keep()
        self._ask_fate()

    def action_leave(self) -> None:
        written = self.written
        if written and not self.busy:
            self.post_message(self.Typed(written, leaving=True))
