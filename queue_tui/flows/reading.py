"""Keeping up with the store: the list, the counts, and the conversation under the cursor."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from textual.timer import Timer
from textual.widgets import Static

from monitor import wording
from monitor.clean import clean_line
from monitor.desk import Desk, Overview
from monitor.duration import format_duration
from monitor.errors import NotFound
from monitor.health import Health
from monitor.message import Conversation, State
from monitor.store.lists import View
from queue_tui.flows.place import Place
from queue_tui.study import Study, study
from queue_tui.widgets.status_line import Tone

_PAGE = 200
_MOST = 2000
_RELOAD_TICKS = 5
_FOLLOW = 0.12


@dataclass(frozen=True, slots=True)
class Loaded:
    """One reading of the store for the screen."""

    rows: list[Conversation]
    overview: Overview
    selected: Conversation | None


class Reading:
    """What is on the screen, read again whenever anything has changed."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self.view = "all"
        self.query = ""
        self._limit = _PAGE
        self._mark: object = None
        self._looking = False
        self._seconds = 0
        self._follow: Timer | None = None
        self._wanted: int | None = None

    def tick(self) -> None:
        """A second has passed."""
        self._seconds += 1
        place = self._place
        place.status.tick()
        place.list.tick()
        place.conversation.tick(place.house.clock())
        if self._seconds % _RELOAD_TICKS == 0:
            self.reload()

    def look(self) -> None:
        """Ask whether anybody has changed anything; one such question at a time."""
        if self._looking:
            return
        self._looking = True

        def then(mark: object) -> None:
            self._looking = False
            if mark != self._mark:
                self._mark = mark
                self.reload()

        self._place.ask(lambda desk: desk.change_mark(), then)

    def failed(self) -> None:
        """Something that was asked of the desk failed; it may have been the look."""
        self._looking = False

    def show(self, view: str, query: str = "") -> None:
        """Show another list, from its top."""
        self.view, self.query, self._limit = view, query, _PAGE
        self._place.list.selected = None
        self.reload()

    def reload(self, then: Callable[[], None] | None = None) -> None:
        """Read the list and the counts again, then call `then`."""
        place = self._place
        selected = place.list.selected
        view, query, limit = self.view, self.query, self._limit

        def call(desk: Desk) -> Loaded:
            rows = desk.search(query) if query else desk.page(self._as_view(view), limit)
            kept = _one(desk, selected) if selected else None
            return Loaded(rows, desk.overview(), kept)

        def shown(loaded: Loaded) -> None:
            if (view, query) != (self.view, self.query):
                return
            # Where the cursor has moved since, what was read for the old place doesn't count.
            kept = loaded.selected if place.list.selected == selected else place.list.current
            place.list.show(loaded.rows, selected_now=kept)
            place.status.well_again(somebody_waits=bool(loaded.rows))
            self._headline(loaded.overview, bool(loaded.rows))
            self.open_selected()
            if then:
                then()

        place.ask(call, shown)

    def reload_on(self, conversation: int) -> None:
        """Read again, then put the cursor on a conversation."""
        self._place.list.selected = conversation
        self.reload(lambda: self._put_cursor(conversation))

    def _put_cursor(self, conversation: int) -> None:
        self._place.list.select(conversation)

    def _as_view(self, name: str) -> View:
        views = {
            "mine": View(assignee=self._place.who),
            "unclaimed": View(assignee=""),
            "snoozed": View(state=State.SNOOZED),
        }
        return views.get(name, View())

    def _headline(self, overview: Overview, any_rows: bool) -> None:
        name = f"search: {self.query}" if self.query else self.view
        line = f" {self._place.who}  [{name}]  {wording.headline(overview)}"
        headline = self._place.screen.query_one("#headline", Static)
        headline.update(clean_line(line, 300))
        headline.set_class(overview.lower_bound, "-blind")
        if not any_rows:
            self._place.say(self._empty(overview), Tone.IDLE)

    def _empty(self, overview: Overview) -> str:
        blind = [s for s in overview.statuses if s.state is not Health.OK]
        if self.query:
            return "nothing found; Esc goes back to the queue"
        if blind:
            first = blind[0]
            return f"nobody is known to wait, but {first.name} is {first.state}: {first.remedy}"
        if not overview.statuses:
            return "config.toml names no account yet"
        if self.view == "mine" and overview.waiting:
            return "you hold none; space claims the next"
        if self.view == "snoozed":
            return "nothing is snoozed"
        return f"nobody waits in this list{self._next_poll(overview)}"

    def _next_poll(self, overview: Overview) -> str:
        nexts = [s.next_at for s in overview.statuses if s.next_at]
        if not nexts:
            return ""
        wait = min(nexts) - self._place.house.clock()
        when = f"in {format_duration(wait)}" if wait.total_seconds() >= 1 else "now"
        return f"; the next poll is {when}"

    # The conversation under the cursor

    def follow(self) -> None:
        """The cursor has moved: show what it is on, once it rests."""
        if self._follow:
            self._follow.stop()
        self._follow = self._place.screen.set_timer(_FOLLOW, self.open_selected)

    def more(self) -> None:
        """The cursor comes near the last row that is loaded."""
        if len(self._place.list.rows) >= self._limit and self._limit < _MOST:
            self._limit = min(_MOST, self._limit + _PAGE)
            self.reload()

    def open_selected(self) -> None:
        """Show the conversation that is being answered, else the one under the cursor."""
        place = self._place
        bound = place.composer.bound
        wanted = bound.conversation if bound else place.list.selected
        if wanted is None:
            self._show_now(None)
            return
        self._wanted = wanted
        place.ask(lambda desk: study(place.house, wanted, place.who), self._show)

    def put_up(self, fresh: Study) -> None:
        """Show this conversation now, whatever was asked for before."""
        self._wanted = fresh.opened.conversation.id
        self._show_now(fresh)

    def _show_now(self, fresh: Study | None) -> None:
        now = self._place.house.clock()
        self._place.conversation.show(fresh, now)
        self._place.customer.show(fresh, now)

    def _show(self, fresh: Study) -> None:
        opened, place = fresh.opened, self._place
        if opened.conversation.id != self._wanted:
            return
        self._show_now(fresh)
        bound = place.composer.bound
        if bound and not bound.note and bound.missed(opened):
            place.say(
                f"{wording.news(opened, bound.seen)} while you write: see above", Tone.REFUSAL
            )


def _one(desk: Desk, conversation: int) -> Conversation | None:
    try:
        return desk.find(conversation)
    except NotFound:
        return None
