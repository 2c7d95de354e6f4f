"""A text written line by line: kept as a draft after each line, until it is sent or left."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from zoneinfo import ZoneInfo

from monitor.connector import Prospect
from monitor.desk import Desk, Opened
from monitor.errors import DeskError, NewerMessages, ReplybyError
from queue_tui.editor import edit, editor_of
from queue_tui.lines import words
from queue_tui.lines.talk import Talk, indented

Foresee = Callable[[Opened, str, str], Prospect]

_ENDS = "A line with a single dot ends the text."
_CHOICES = "Say: send, more, editor, rewrite, keep"


class Next(Enum):
    """What the person wants of a text that is written."""

    SEND = "send"
    MORE = "more"
    EDITOR = "editor"
    AGAIN = "rewrite"
    SHOW = "show"
    WAY = "way"
    KEEP = "keep"


_NEXT = {each.value: each for each in Next}


@dataclass(frozen=True, slots=True)
class Work:
    """Who writes, and what with."""

    desk: Desk
    who: str
    talk: Talk
    zone: ZoneInfo
    foresee: Foresee


class Answer:
    """An answer to one conversation, bound to what was read of it."""

    def __init__(self, work: Work, opened: Opened) -> None:
        self._work = work
        self._opened = opened
        self._way = opened.draft.way if opened.draft else ""
        self.text = opened.draft.text if opened.draft else ""

    def write(self, *, with_editor: bool = False) -> bool:
        """Write it and ask what becomes of it; whether it is on its way."""
        if with_editor:
            self._edit()
        else:
            self._begin()
        while True:
            chosen = self._choose()
            if chosen is Next.KEEP:
                self._keep()
                self._work.talk.say("The draft is kept." if self.text.strip() else "Nothing kept.")
                return False
            if chosen is Next.SEND and self._send():
                return True
            self._change(chosen)

    def _begin(self) -> None:
        talk = self._work.talk
        if self.text:
            talk.say("Your draft so far:")
            talk.say("\n".join(indented(self.text)))
        talk.say(f"Go on with it. {_ENDS}" if self.text else f"Write the answer. {_ENDS}")
        self._more()

    def _more(self) -> None:
        before = [self.text] if self.text else []

        def keep(lines: list[str]) -> None:
            self.text = "\n".join([*before, *lines])
            self._keep()

        self._work.talk.lines(keep)

    def _edit(self) -> None:
        try:
            self.text = edit(self.text, editor_of(os.environ))
            self._keep()
        except DeskError as error:
            self._work.talk.say(str(error))

    def _keep(self) -> None:
        """Written down after each line: a lost line loses none that was ended."""
        number, work = self._opened.conversation.id, self._work
        try:
            work.desk.save_draft(number, work.who, self.text, self._opened.seen, way=self._way)
            work.desk.hold(number, work.who)
        except ReplybyError as error:
            work.talk.say(f"What you write is NOT kept now: {error}.")

    def _choose(self) -> Next:
        work = self._work
        if not self.text.strip():
            return Next.KEEP
        expected = self._expected()
        work.talk.say(words.prospect(expected, work.zone) or "This will be the answer.")
        ways = ", way" if len(expected.ways) > 1 else ""
        while True:
            said = work.talk.ask(f"{_CHOICES}{ways}, or show.").lower()
            if said in _NEXT:
                return _NEXT[said]

    def _expected(self) -> Prospect:
        """What will become of it; nothing where that can't be told now, so that no text is lost."""
        try:
            return self._work.foresee(self._opened, self.text, self._way)
        except ReplybyError as error:
            self._work.talk.say(f"What will happen can't be told: {error}.")
            return Prospect()

    def _change(self, chosen: Next) -> None:
        if chosen is Next.AGAIN:
            self.text = ""
        if chosen is Next.SHOW:
            self._work.talk.say("\n".join(indented(self.text)))
        steps = {
            Next.MORE: self._begin, Next.AGAIN: self._begin,
            Next.EDITOR: self._edit, Next.WAY: self._choose_way,
        }  # fmt: skip
        steps.get(chosen, lambda: None)()

    def _choose_way(self) -> None:
        work = self._work
        ways = self._expected().ways
        for number, way in enumerate(ways, 1):
            work.talk.say(f"{number}: {way.label}")
        said = work.talk.ask("Which one?") if ways else ""
        if said.isdecimal() and 0 < int(said[:3]) <= len(ways):
            self._way = ways[int(said) - 1].name
            self._keep()

    def _send(self) -> bool:
        work, number = self._work, self._opened.conversation.id
        try:
            work.desk.reply(
                number, work.who, self.text, seen=self._opened.seen, undo=True, way=self._way
            )
        except NewerMessages:
            before = self._opened.seen
            self._opened = work.desk.open(number, work.who)
            work.talk.ring()
            work.talk.say(f"NOT sent.\n{words.news(self._opened, before, work.zone)}")
            return False
        except ReplybyError as error:
            work.talk.say(f"NOT sent: {error}.")
            return False
        work.talk.say("It is on its way. Undo takes it back for a moment.")
        return True
