"""The queue screen: the list, the conversation under its cursor, and the composer."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from textual.app import ComposeResult
from textual.containers import Container, Vertical
from textual.screen import Screen
from textual.timer import Timer
from textual.widgets import Static

from monitor import wording
from monitor.clean import clean_line
from monitor.desk import Desk, Opened, Overview
from monitor.duration import format_duration
from monitor.errors import NeedsConfirmation, NewerMessages, NotFound
from monitor.files import read
from monitor.health import Health
from monitor.message import Conversation, State
from monitor.store.lists import View
from monitor.when import EXAMPLES, parse_when
from monitor.wiring import House
from queue_tui import keys
from queue_tui.clerk import Clerk
from queue_tui.events import Done, Failed
from queue_tui.screens.ask import AskText, AskYesNo
from queue_tui.screens.help import HelpScreen
from queue_tui.widgets.composer import Bound, Composer
from queue_tui.widgets.conversation import ConversationView
from queue_tui.widgets.queue_list import QueueList
from queue_tui.widgets.status_line import StatusLine, Tone

T = TypeVar("T")

_PAGE = 200
_MOST = 2000
_LOOK = 0.25
_RELOAD_TICKS = 5
_FOLLOW = 0.12
_BESIDE_COMPOSER = ("scroll_text", "help")


class Loaded:
    """One reading of the store for the screen."""

    def __init__(self, rows: list[Conversation], overview: Overview, selected: Conversation | None):
        self.rows = rows
        self.overview = overview
        self.selected = selected


class QueueScreen(Screen[None]):
    """What staff look at all day."""

    BINDINGS = [*keys.bindings(keys.QUEUE)]
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (120, "-wide")]

    def __init__(self, house: House, clerk: Clerk, who: str) -> None:
        super().__init__()
        self._house = house
        self._clerk = clerk
        self._who = who
        self._view = "all"
        self._query = ""
        self._limit = _PAGE
        self._mark: object = None
        self._looking = False
        self._seconds = 0
        self._follow: Timer | None = None
        self._wanted: int | None = None
        self._claiming = False
        self._later: list[Callable[[], None]] = []

    def compose(self) -> ComposeResult:
        yield Static("opening the queue…", markup=False, id="headline")
        with Container(id="work"):
            yield QueueList(self._house.clock, self._who)
            with Vertical(id="side"):
                yield ConversationView(ZoneInfo(self._house.config.desk.timezone))
                yield Composer()
        yield StatusLine()
        yield Static(keys.footer(), markup=False, id="keys")

    def on_mount(self) -> None:
        self.query_one(Composer).display = False
        self.query_one(QueueList).focus()
        self.set_interval(1, self._tick)
        self.set_interval(_LOOK, self._look)
        self._reload()

    # What comes back from the desk

    def on_done(self, event: Done) -> None:
        event.then(event.result)

    def on_failed(self, event: Failed) -> None:
        self._looking = self._claiming = False
        self._list.typed_ahead = None
        self._later.clear()
        self._composer.hold(False)
        if event.then:
            event.then(event.reason)
        else:
            self._say(event.reason, Tone.REFUSAL if event.refusal else Tone.FAULT)

    def _ask(
        self,
        call: Callable[[Desk], T],
        then: Callable[[T], None] = lambda result: None,
        failed: Callable[[str], None] | None = None,
    ) -> None:
        self._clerk.ask(self, call, then, failed)

    # Keeping up with the store

    def _tick(self) -> None:
        self._seconds += 1
        self.query_one(StatusLine).tick()
        self._list.tick()
        self._conversation.tick(self._house.clock())
        if self._seconds % _RELOAD_TICKS == 0:
            self._reload()

    def _look(self) -> None:
        """Ask whether anybody has changed anything; one such question at a time."""
        if self._looking:
            return
        self._looking = True

        def then(mark: object) -> None:
            self._looking = False
            if mark != self._mark:
                self._mark = mark
                self._reload()

        self._ask(lambda desk: desk.change_mark(), then)

    def _reload(self, then: Callable[[], None] | None = None) -> None:
        selected = self._list.selected
        view, query, limit = self._view, self._query, self._limit

        def call(desk: Desk) -> Loaded:
            rows = desk.search(query) if query else desk.page(self._as_view(view), limit)
            kept = _one(desk, selected) if selected else None
            return Loaded(rows, desk.overview(), kept)

        def shown(loaded: Loaded) -> None:
            if (view, query) != (self._view, self._query):
                return
            # Where the cursor has moved since, what was read for the old place doesn't count.
            kept = loaded.selected if self._list.selected == selected else self._list.current
            self._list.show(loaded.rows, selected_now=kept)
            self.query_one(StatusLine).well_again(somebody_waits=bool(loaded.rows))
            self._headline(loaded.overview, bool(loaded.rows))
            self._open_selected()
            if then:
                then()

        self._ask(call, shown)

    def _as_view(self, name: str) -> View:
        views = {
            "mine": View(assignee=self._who),
            "unclaimed": View(assignee=""),
            "snoozed": View(state=State.SNOOZED),
        }
        return views.get(name, View())

    def _headline(self, overview: Overview, any_rows: bool) -> None:
        name = f"search: {self._query}" if self._query else self._view
        line = f" {self._who}  [{name}]  {wording.headline(overview)}"
        self.query_one("#headline", Static).update(clean_line(line, 300))
        self.query_one("#headline").set_class(overview.lower_bound, "-blind")
        if not any_rows:
            self._empty(overview)

    def _empty(self, overview: Overview) -> None:
        blind = [s for s in overview.statuses if s.state is not Health.OK]
        if self._query:
            text = "nothing found; Esc goes back to the queue"
        elif blind:
            first = blind[0]
            text = f"nobody is known to wait, but {first.name} is {first.state}: {first.remedy}"
        elif not overview.statuses:
            text = "config.toml names no account yet"
        elif self._view == "mine" and overview.waiting:
            text = "you hold none; space claims the next"
        elif self._view == "snoozed":
            text = "nothing is snoozed"
        else:
            text = f"nobody waits in this list{self._next_poll(overview)}"
        self._say(text, Tone.IDLE)

    def _next_poll(self, overview: Overview) -> str:
        nexts = [s.next_at for s in overview.statuses if s.next_at]
        if not nexts:
            return ""
        wait = min(nexts) - self._house.clock()
        when = f"in {format_duration(wait)}" if wait.total_seconds() >= 1 else "now"
        return f"; the next poll is {when}"

    # The conversation under the cursor

    def on_queue_list_moved(self, event: QueueList.Moved) -> None:
        if self._follow:
            self._follow.stop()
        self._follow = self.set_timer(_FOLLOW, self._open_selected)

    def on_queue_list_near_end(self) -> None:
        if len(self._list.rows) >= self._limit and self._limit < _MOST:
            self._limit = min(_MOST, self._limit + _PAGE)
            self._reload()

    def _open_selected(self) -> None:
        bound = self._composer.bound
        wanted = bound.conversation if bound else self._list.selected
        if wanted is None:
            self._conversation.show(None, self._house.clock())
            return
        self._wanted = wanted
        self._ask(lambda desk: desk.open(wanted, self._who), self._show)

    def _show(self, opened: Opened) -> None:
        if opened.conversation.id != self._wanted:
            return
        self._conversation.show(opened, self._house.clock())
        bound = self._composer.bound
        if bound and not bound.note and opened.seen > bound.seen:
            self._say(f"{wording.news(opened)} while you write: see above", Tone.REFUSAL)

    # Moving

    def action_move(self, by: int) -> None:
        self._list.move(by)

    def action_page(self, by: int) -> None:
        self._list.move(by * self._list.page_rows())

    def action_top(self) -> None:
        self._list.move_to(0)

    def action_bottom(self) -> None:
        self._list.move_to(-1)

    def action_scroll_text(self, by: int) -> None:
        self._conversation.scroll_text(by)

    def action_unfold(self) -> None:
        self._conversation.unfold(self._house.clock())

    def action_save_files(self) -> None:
        opened = self._conversation.opened
        if opened is None or not any(m.attachments for m in opened.messages):
            self._say("no files in this conversation")
            return
        number = opened.conversation.id

        def save(folder: str | None) -> None:
            if folder:
                where = Path(folder).expanduser()
                self._ask(
                    lambda desk: self._house.save_files(number, where),
                    lambda saved: self._say(f"saved {len(saved)} files in {where}"),
                )

        question = AskText(f"Save the files of #{number} in which folder?", value="~")
        self.app.push_screen(question, save)

    def action_view(self, name: str) -> None:
        self._view, self._query, self._limit = name, "", _PAGE
        self._list.selected = None
        self._say("")
        self._reload()

    def action_search(self) -> None:
        def then(query: str | None) -> None:
            if query is not None:
                self._query = query.strip()
                self._list.selected = None
                self._reload()

        self.app.push_screen(AskText("Search everything ever received", "words", self._query), then)

    def key_escape(self) -> None:
        if self._query:
            self.action_view(self._view)

    def action_help(self) -> None:
        self.app.push_screen(HelpScreen())

    def keep_draft(self) -> None:
        """What is being typed is kept, before the screen goes away."""
        composer = self._composer
        if composer.bound and not composer.busy:
            self._save(composer.bound, composer.text)

    # Working on one

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Beside an open composer no key acts on the queue: it would act on what isn't shown."""
        return self._composer.bound is None or action in _BESIDE_COMPOSER

    def _after_claim(self, action: Callable[[], None]) -> bool:
        """Put an action off that is meant for the conversation that is just being claimed."""
        if self._claiming:
            self._later.append(action)
        return self._claiming

    def action_claim_next(self) -> None:
        if self._claiming:
            return
        self._claiming = True

        def then(claimed: Conversation | None) -> None:
            self._claiming = False
            later, self._later = self._later, []
            if claimed is None:
                self._say("nobody waits whom you could claim")
                return
            if self._view == "unclaimed" or self._query:
                self._view, self._query = "all", ""
            self._list.selected = claimed.id
            self._say(f"claimed #{claimed.id}; r answers")
            self._reload(lambda: self._put_cursor(claimed.id))
            for action in later:
                action()

        self._ask(lambda desk: desk.claim_next(self._who), then)

    def _put_cursor(self, conversation: int) -> None:
        self._list.select(conversation)

    def action_claim(self) -> None:
        self._act(lambda desk, c: desk.claim(c, self._who), "claimed")

    def action_release(self) -> None:
        self._act(lambda desk, c: desk.release(c, self._who), "released")

    def action_reply(self) -> None:
        if not self._after_claim(self.action_reply):
            self._write(note=False)

    def action_note(self) -> None:
        if not self._after_claim(self.action_note):
            self._write(note=True)

    def _write(self, *, note: bool) -> None:
        chosen = self._list.selected
        if chosen is None or self._composer.bound or self._list.typed_ahead is not None:
            return
        self._list.typed_ahead = ""

        def call(desk: Desk) -> Opened:
            opened = desk.open(chosen, self._who)
            if not note and opened.conversation.state in (State.WAITING, State.SNOOZED):
                desk.claim(chosen, self._who)
                opened = desk.open(chosen, self._who)
            return opened

        self._ask(call, lambda opened: self._open_composer(opened, note=note))

    def _open_composer(self, opened: Opened, *, note: bool) -> None:
        c = opened.conversation
        to = f"#{c.id}" if note else f"{c.customer_name} <{c.customer_address}>"
        draft = opened.note_draft if note else opened.draft
        typed, self._list.typed_ahead = self._list.typed_ahead or "", None
        self._wanted = c.id
        self._conversation.show(opened, self._house.clock())
        self.set_class(True, "-composing")
        self.query_one("#keys", Static).update(keys.composer_footer(note=note))
        bound = Bound(c.id, opened.seen, to, note)
        self._composer.open(bound, draft.text if draft else "", typed)
        self._say("your draft is back" if draft else "")
        self._reload()

    def on_composer_typed(self, event: Composer.Typed) -> None:
        if self._composer.busy:
            return
        if event.leaving:
            self._save(event.bound, event.text, self._left, self._not_kept)
        else:
            self._save(event.bound, event.text, lambda _: None, self._not_kept, hold=True)

    def _save(
        self,
        bound: Bound,
        text: str,
        then: Callable[[None], None] = lambda _: None,
        failed: Callable[[str], None] | None = None,
        *,
        hold: bool = False,
    ) -> None:
        def call(desk: Desk) -> None:
            desk.save_draft(bound.conversation, self._who, text, bound.seen, note=bound.note)
            if hold and not bound.note:
                desk.hold(bound.conversation, self._who)

        self._ask(call, then, failed)

    def _not_kept(self, reason: str) -> None:
        self._composer.not_kept()
        self._say(f"what you type is NOT kept: {reason}", Tone.FAULT)

    def _left(self, nothing: None) -> None:
        kept, files = bool(self._composer.text), self._composer.files
        self._back_to_list()
        without = ", without the files" if files else ""
        self._say(f"the draft is kept{without}" if kept else "")

    def on_composer_attach(self) -> None:
        def then(name: str | None) -> None:
            if not name:
                return
            path = Path(name).expanduser()
            if path.is_file():
                self._composer.attach(path)
            else:
                self._say(f"there is no file {path}", Tone.REFUSAL)

        self.app.push_screen(AskText("Send which file along?", "its path", "~/"), then)

    def _back_to_list(self) -> None:
        self._composer.close()
        self.set_class(False, "-composing")
        self.query_one("#keys", Static).update(keys.footer())
        self._list.focus()

    def on_composer_sent(self, event: Composer.Sent) -> None:
        bound, text, files = event.bound, event.text, event.files
        shown = self._conversation.opened
        if shown is None or shown.conversation.id != bound.conversation:
            self._not_sent("this is not the conversation that the text belongs to")
            return
        if bound.note:
            self._ask(
                lambda desk: desk.note(bound.conversation, self._who, text),
                lambda _: self._put_away("noted"),
                self._not_sent,
            )
            return

        def call(desk: Desk) -> str:
            try:
                along = read(files)
                desk.reply(
                    bound.conversation, self._who, text, seen=bound.seen, undo=True, files=along
                )
            except NewerMessages as error:
                return str(error)
            return ""

        def then(newer: str) -> None:
            if newer:
                self._newer(bound)
            else:
                self._put_away("on its way; z takes it back for a moment")

        self._ask(call, then, self._not_sent)

    def _not_sent(self, reason: str) -> None:
        self._composer.hold(False)
        self._composer.keep()
        self._say(f"NOT sent: {reason}", Tone.REFUSAL)

    def _newer(self, bound: Bound) -> None:
        def then(opened: Opened) -> None:
            self._conversation.show(opened, self._house.clock())
            self._composer.rebind(opened.seen)
            self._not_sent(f"{wording.news(opened)}, see above; ctrl+s sends all the same")

        self._ask(lambda desk: desk.open(bound.conversation, self._who), then, self._not_sent)

    def _put_away(self, text: str) -> None:
        self._back_to_list()
        self._say(text)
        self._reload()

    def action_snooze(self) -> None:
        chosen = self._list.selected
        if chosen is None or self._after_claim(self.action_snooze):
            return
        zone = ZoneInfo(self._house.config.desk.timezone)

        def then(text: str | None) -> None:
            if not text:
                return
            try:
                until = parse_when(text, self._house.clock(), zone)
            except ValueError as error:
                self._say(str(error), Tone.REFUSAL)
                return

            def snooze(past: bool) -> None:
                def call(desk: Desk) -> str:
                    try:
                        desk.snooze(chosen, self._who, until, past_deadline=past)
                    except NeedsConfirmation as error:
                        return str(error).partition(";")[0]
                    return ""

                self._ask(call, lambda question: asked(question))

            def asked(question: str) -> None:
                if question:
                    self.app.push_screen(
                        AskYesNo(f"{question}. Snooze it all the same?"),
                        lambda yes: snooze(True) if yes else None,
                    )
                else:
                    self._after(f"snoozed until {wording.stamp(until, zone)}")

            snooze(False)

        self.app.push_screen(AskText(f"Snooze #{chosen} until", EXAMPLES), then)

    def action_no_reply(self) -> None:
        self._end("No reply needed for", "no reply needed",
                  lambda desk, c, why: desk.no_reply_needed(c, self._who, why))  # fmt: skip

    def action_close(self) -> None:
        self._end("Close without an answer", "closed",
                  lambda desk, c, why: desk.close(c, self._who, why))  # fmt: skip

    def _end(self, question: str, word: str, call: Callable[[Desk, int, str], None]) -> None:
        chosen = self._list.selected
        if chosen is None or self._claiming:
            return

        def then(reason: str | None) -> None:
            if reason is not None:
                self._ask(lambda desk: call(desk, chosen, reason), lambda _: self._after(word))

        self.app.push_screen(AskText(f"{question} #{chosen}?", "reason, or just Enter"), then)

    def action_undo(self) -> None:
        def call(desk: Desk) -> int | None:
            return desk.undo_last(self._who)

        def then(conversation: int | None) -> None:
            if conversation is None:
                self._say("nothing of yours can be taken back: it has left already")
                return
            self._list.selected = conversation
            self._say(f"the answer to #{conversation} is taken back; r goes on with it")
            self._reload(lambda: self._put_cursor(conversation))

        self._ask(call, then)

    def action_settle(self) -> None:
        current = self._list.current
        if current is None or current.send_state != "unsure":
            self._say("there is no unsure answer here")
            return
        number = current.id

        def then(arrived: bool | None) -> None:
            if arrived is not None:
                self._ask(lambda desk: desk.settle(number, self._who, arrived=arrived),
                          lambda _: self._after("settled"))  # fmt: skip

        question = f"Did the last answer to #{number} arrive? Look into the Sent folder if unsure."
        self.app.push_screen(AskYesNo(question), then)

    def _act(self, call: Callable[[Desk, int], Any], word: str) -> None:
        chosen = self._list.selected
        if chosen is not None:
            self._ask(lambda desk: call(desk, chosen), lambda _: self._after(f"#{chosen} {word}"))

    def _after(self, text: str) -> None:
        self._say(text)
        self._reload()

    def _say(self, text: str, tone: Tone = Tone.NEWS) -> None:
        self.query_one(StatusLine).say(text, tone)

    @property
    def _list(self) -> QueueList:
        return self.query_one(QueueList)

    @property
    def _conversation(self) -> ConversationView:
        return self.query_one(ConversationView)

    @property
    def _composer(self) -> Composer:
        return self.query_one(Composer)


def _one(desk: Desk, conversation: int) -> Conversation | None:
    try:
        return desk.find(conversation)
    except NotFound:
        return None
