"""One person's work through the queue: which conversation lies before them, and what they say."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from monitor import wording
from monitor.clock import micros
from monitor.command import Shell
from monitor.errors import AlreadyClaimed, DeskError, NeedsConfirmation, ReplybyError
from monitor.message import Conversation, State
from monitor.store.lists import View
from monitor.when import EXAMPLES, parse_when
from queue_tui.lines import words
from queue_tui.lines.attendance import Attendance
from queue_tui.lines.talk import Gone, Talk
from queue_tui.lines.writing import Answer, Work

_LIST_ROWS, _LIST_MOST, _HELD_MOST = 10, 1000, 50
_NOTHING_OPEN = "no conversation is open; say: next, or open and its number"


@dataclass(frozen=True, slots=True)
class Verb:
    """What can be said, in one or several ways, and what is done then with the rest."""

    said: tuple[str, ...]
    help: str
    do: Callable[[Session, str], None]


class Session:
    """Ends when the person says so, or has gone; then what they held goes back."""

    def __init__(self, shell: Shell, talk: Talk, attendance: Attendance | None = None) -> None:
        house = shell.house
        self.house = house
        self.desk = house.desk
        self.who = shell.who
        self.talk = talk
        self._attendance = attendance or Attendance(self.desk, self.who)
        self.zone = ZoneInfo(house.config.desk.timezone)
        self.current: int | None = None
        self.seen = 0
        self.over = False
        self._taken: set[int] = set()
        self._skipped: set[int] = set()
        self._listed: list[Conversation] = []

    def run(self) -> None:
        """Until the person says quit, or there is nobody to say anything."""
        try:
            with self._attendance:
                self._work()
        except Gone:
            self.talk.say()
        finally:
            self._give_back()

    def _work(self) -> None:
        self.greet()
        while not self.over:
            self._once()

    def _once(self) -> None:
        try:
            self._attendance.at(self.current)
            self._say_failure(self._news)
            said = self.talk.ask(f"{self.current} >" if self.current else ">")
            self._say_failure(lambda: self.obey(said))
        except KeyboardInterrupt:
            self.talk.say("\nStopped; what was typed is kept. Say: quit, to leave.")

    def _say_failure(self, do: Callable[[], None]) -> None:
        """What can't be done now is said, and asked for again or not: the person decides."""
        try:
            do()
        except ReplybyError as error:
            self.talk.say(f"Not done: {error}.")

    def obey(self, line: str) -> None:
        """Do what was said; an empty line goes to the next one."""
        verb, rest = understood(line or "next")
        if verb is None:
            self.talk.say("That is not understood; say: help.")
        else:
            verb.do(self, rest)

    def greet(self) -> None:
        """Who is here, and what waits."""
        overview = self.desk.overview()
        counted = wording.headline(overview, self.house.caveats.values())
        self.talk.say(f"You are {self.who}. {counted}.")
        if not overview.waiting:
            self.talk.say(wording.empty(overview, self.now) + ".")
        mine = self.desk.page(View(assignee=self.who), _HELD_MOST)
        if mine:
            self.talk.say(f"You hold {', '.join(str(c.id) for c in mine)}.")
        self.talk.say("Enter goes to the next conversation; help says what else there is.")

    @property
    def now(self) -> datetime:
        return self.house.clock()

    # Which one

    def next(self, rest: str = "") -> None:
        """The most urgent of one's own, else of those that nobody has."""
        found = self._claim_next()
        if found is None and self._skipped:
            self._skipped.clear()
            self.talk.say("Those that you skipped come again.")
            found = self._claim_next()
        if found is None:
            self._leave()
            self.talk.say(words.sentence(wording.empty(self.desk.overview(), self.now)))
        else:
            self._show(found.id)

    def _claim_next(self) -> Conversation | None:
        passed = self._skipped | {self.current or 0}
        limit = len(passed) + _LIST_ROWS
        for view in (View(assignee=self.who), View(assignee="")):
            for c in self.desk.page(view, limit):
                if c.id not in passed and self._take(c.id):
                    return c
        return None

    def _take(self, number: int) -> bool:
        try:
            self.desk.claim(number, self.who)
        except AlreadyClaimed:
            return False
        self._taken.add(number)
        return True

    def skip(self, rest: str = "") -> None:
        """Give it back and go on; it comes again after all others."""
        number = self._opened()
        self._skipped.add(number)
        self._release(number)
        self.next()

    def open(self, rest: str) -> None:
        """Look at one without claiming it."""
        digits = rest.strip().lstrip("#")
        if not digits.isdecimal() or len(digits) > 15:
            raise DeskError("say: open, and the number of a conversation")
        self._show(int(digits))

    def show(self, rest: str = "") -> None:
        """Read it again."""
        self._show(self._opened(), full=rest.strip() in ("more", "all"))

    def _show(self, number: int, *, full: bool = False) -> None:
        opened = self.desk.open(number, self.who)
        self.current, self.seen = number, opened.seen
        self.talk.say(words.conversation(opened, self.now, self.zone, full=full))
        for there in self.desk.present():
            if there.conversation_id == number and there.person != self.who:
                self.talk.say(f"{there.person} {'writes' if there.typing else 'is'} here too.")

    def _news(self) -> None:
        """What was written in the open conversation since it was read."""
        if self.current is None:
            return
        opened = self.desk.open(self.current, self.who)
        if opened.seen > self.seen:
            self.talk.ring()
            self.talk.say(words.news(opened, self.seen, self.zone))
            self.seen = opened.seen

    def rows(self, rest: str) -> None:
        """Ten of those that wait, or the ten after them."""
        wanted = rest.strip()
        if wanted != "more":
            views = {
                "mine": View(assignee=self.who), "unclaimed": View(assignee=""),
                "snoozed": View(state=State.SNOOZED), "leads": View(leads=True),
                "overdue": View(overdue_at=micros(self.now)), "": View(),
            }  # fmt: skip
            if wanted not in views:
                raise DeskError("say: list, and mine, unclaimed, overdue, leads, snoozed or more")
            self._listed = self.desk.page(views[wanted], _LIST_MOST)
        page, self._listed = self._listed[:_LIST_ROWS], self._listed[_LIST_ROWS:]
        for c in page:
            self.talk.say(words.row(c, self.now, self.who))
        if self._listed:
            self.talk.say(f"{len(self._listed)} more; say: list more.")
        elif not page:
            self.talk.say("Nothing in this list.")

    # What is done with it

    def answer(self, rest: str = "", *, with_editor: bool = False) -> None:
        """Claim it, if need be, write, and send."""
        number = self._opened()
        if self.desk.find(number).state in (State.WAITING, State.SNOOZED):
            self.desk.claim(number, self.who)
            self._taken.add(number)
        opened = self.desk.open(number, self.who)
        work = Work(self.desk, self.who, self.talk, self.zone, self.house.foresee)
        self._attendance.at(number, typing=True)
        if Answer(work, opened).write(with_editor=with_editor):
            self._leave()
        else:
            self.seen = self.desk.open(number, self.who).seen

    def editor(self, rest: str = "") -> None:
        """The same in $EDITOR."""
        self.answer(with_editor=True)

    def note(self, rest: str) -> None:
        """For colleagues alone."""
        number, text = self._opened(), rest
        if not text:
            self.talk.say("Write the note. A line with a single dot ends it.")

            def keep(lines: Sequence[str]) -> None:
                kept = "\n".join(lines)
                self.desk.save_draft(number, self.who, kept, self.seen, note=True)

            text = "\n".join(self.talk.lines(keep))
        self.desk.note(number, self.who, text)
        self.talk.say("Noted.")

    def snooze(self, rest: str) -> None:
        """Put it aside; past its time only on a second word."""
        number = self._opened()
        until = self._moment(rest or self.talk.ask(f"Until when? {EXAMPLES}:"))
        try:
            self.desk.snooze(number, self.who, until)
        except NeedsConfirmation as error:
            if not self.talk.yes(f"{str(error).partition(';')[0]}. All the same?"):
                self.talk.say("Not snoozed.")
                return
            self.desk.snooze(number, self.who, until, past_deadline=True)
        self._leave()
        self.talk.say(f"Snoozed until {wording.stamp(until, self.zone)}.")

    def _moment(self, text: str) -> datetime:
        try:
            return parse_when(text, self.now, self.zone)
        except ValueError as error:
            raise DeskError(str(error)) from None

    def no_reply(self, rest: str) -> None:
        """Nothing has to be answered."""
        number = self._opened()
        self.desk.no_reply_needed(number, self.who, self._reason(rest))
        self._leave()
        self.talk.say("Done: no reply needed.")

    def close(self, rest: str) -> None:
        """Without an answer."""
        number = self._opened()
        self.desk.close(number, self.who, self._reason(rest))
        self._leave()
        self.talk.say("Closed.")

    def _reason(self, given: str) -> str:
        return given or self.talk.ask("The reason, or Enter:")

    def outside(self, rest: str = "") -> None:
        """Answered on the platform itself."""
        self.desk.answered_outside(self._opened(), self.who)
        self._leave()
        self.talk.say("Done: answered outside.")

    def pass_on(self, rest: str) -> None:
        """To a colleague, who is known where people are named; else a strange name is asked for."""
        number, to = self._opened(), rest.strip()
        strange = not self.house.is_colleague(to)
        if to and strange and not self.talk.yes(f"Nobody called {to} has worked here. Pass it on?"):
            self.talk.say("Not passed on.")
            return
        self.desk.assign(number, self.who, to)
        self._leave()
        self.talk.say(f"Passed on to {to}.")

    def tag(self, rest: str) -> None:
        """All tags that it is to have."""
        self.desk.tag(self._opened(), self.who, tuple(rest.split()))
        self.talk.say(f"Its tags: {', '.join(rest.split()) or 'none'}.")

    def undo(self, rest: str = "") -> None:
        """Take the last answer back while it is here."""
        number = self.desk.undo_last(self.who)
        if number is None:
            raise DeskError("nothing of yours can be taken back: it has left already")
        self.talk.say("The answer is taken back; its text is your draft again.")
        self._taken.add(number)
        self._show(number)

    def release(self, rest: str = "") -> None:
        """Back to the others."""
        self.desk.release(self._opened(), self.who)
        self._leave()
        self.talk.say("Given back.")

    def help(self, rest: str = "") -> None:
        """All that can be said."""
        for verb in VERBS:
            self.talk.say(f"{', or '.join(verb.said)}: {verb.help}.")

    def quit(self, rest: str = "") -> None:
        """Leave."""
        self.over = True

    def _opened(self) -> int:
        """The open conversation; DeskError where none is."""
        if self.current is None:
            raise DeskError(_NOTHING_OPEN)
        return self.current

    def _leave(self) -> None:
        self._taken.discard(self.current or 0)
        self.current = None

    def _release(self, number: int) -> None:
        self._taken.discard(number)
        if self.desk.find(number).assignee == self.who:
            self.desk.release(number, self.who)
        self.current = None

    def _give_back(self) -> None:
        """What was claimed here, and neither answered nor put aside, goes back at once."""
        back = []
        with suppress(ReplybyError):  # else it goes back by itself, when the claim lapses
            for number in sorted(self._taken):
                if self._still_mine(number):
                    self._release(number)
                    back.append(number)
        if back:
            self.talk.say(f"Given back: {', '.join(map(str, back))}. Drafts are kept.")

    def _still_mine(self, number: int) -> bool:
        there = self.desk.find(number)
        return there.assignee == self.who and there.state is State.WAITING


_NO_REPLY = ("no reply needed", "no reply", "no-reply")
VERBS = (
    Verb(("next", "n"), "claims the next conversation and reads it out", Session.next),
    Verb(("answer", "a", "reply", "r"), "writes an answer, line by line", Session.answer),
    Verb(("editor", "e"), "writes the answer in your editor", Session.editor),
    Verb(("note",), "writes a note for colleagues", Session.note),
    Verb(("snooze", "s"), f"puts it aside: snooze {EXAMPLES}", Session.snooze),
    Verb(_NO_REPLY, "ends the wait, nothing has to be answered", Session.no_reply),
    Verb(("close",), "closes it without an answer", Session.close),
    Verb(("pass", "pass to"), "pass and a name gives it to a colleague", Session.pass_on),
    Verb(("tag",), "tag and words sets its tags; none takes them off", Session.tag),
    Verb(("outside",), "says that it was answered outside", Session.outside),
    Verb(("skip",), "gives it back and goes to the next one", Session.skip),
    Verb(("release",), "gives it back", Session.release),
    Verb(("undo", "z"), "takes your last answer back, as long as it has not left", Session.undo),
    Verb(("show",), "reads it again; show more reads all of it, quotes too", Session.show),
    Verb(("list", "l"), "lists who waits; list mine, unclaimed, overdue, leads, snoozed, more",
         Session.rows),
    Verb(("open", "o"), "open and a number reads that one, without claiming it", Session.open),
    Verb(("help", "h", "?"), "says what can be said", Session.help),
    Verb(("quit", "q", "exit"), "leaves; what you hold is given back, drafts are kept",
         Session.quit),
)  # fmt: skip
_SAID = {said: verb for verb in VERBS for said in verb.said}


def understood(line: str) -> tuple[Verb | None, str]:
    """The verb with which the line begins, the longest that fits, and what follows it."""
    given = line.split()
    for count in range(min(3, len(given)), 0, -1):
        verb = _SAID.get(" ".join(given[:count]).lower())
        if verb:
            return verb, line.split(maxsplit=count)[count] if len(given) > count else ""
    return None, ""
