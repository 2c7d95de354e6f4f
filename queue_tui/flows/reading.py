"""Keeping up with the store: the list, and how many wait in it and in all."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from monitor import wording
from monitor.clean import clean_line
from monitor.desk import Desk, Overview
from monitor.errors import NotFound
from monitor.health import Health, Status
from monitor.message import Conversation
from monitor.query import Query
from monitor.store.lists import Counts, Glance, View, position
from queue_tui.flows.pages import Page, around, beside
from queue_tui.flows.place import Place
from queue_tui.flows.showing import Showing
from queue_tui.widgets.plain import Plain
from queue_tui.widgets.status_line import Tone
from queue_tui.widgets.window import Stretch

_RELOAD_TICKS = 5
_COUNT_PAUSE = 20
_SLOW = 2.0
ALL = Query(flags=frozenset({"waiting"}))


@dataclass(frozen=True, slots=True)
class Asked:
    """Which list is wanted; `text` is the search that was typed, "" for a view."""

    name: str
    query: Query
    text: str = ""

    def listed(self, desk: Desk, who: str) -> View | None:
        """The list that shows it page by page, None where it has to be searched for."""
        return desk.view(self.query, who)


@dataclass(frozen=True, slots=True)
class Loaded:
    """One reading of the store for the list; `total` and `more` as in `Found`, if it was one."""

    asked: Asked
    held: Stretch
    statuses: tuple[Status, ...]
    glance: Glance
    selected: Conversation | None
    total: int | None = None
    more: bool = False


class _Counted(NamedTuple):
    """All that waits, how many the list has and how many before what is held, and how long it took.

    `total` is None where the list can't be counted.
    """

    overview: Overview
    total: int | None
    above: int
    seconds: float


EVERYTHING = Asked("all", ALL)


class Reading:
    """The list on the screen, read again whenever anything has changed."""

    def __init__(self, place: Place, showing: Showing, asked: Asked = EVERYTHING) -> None:
        self._place = place
        self._showing = showing
        self.asked = asked
        self._overview = Overview(Counts(), ())
        self._loaded: Loaded | None = None
        self._here: int | None = None
        self._slow = self._under_way = False
        self._readings = 0
        self.stale = False
        self._count_again = 0.0
        self._seconds = 0
        self._headline = ""

    def tick(self) -> None:
        """A second has passed."""
        self._seconds += 1
        place = self._place
        place.status.tick()
        place.list.draw_changes()
        place.conversation.tick(place.house.clock())
        self._watch_the_clerk()
        if self._seconds % _RELOAD_TICKS == 0 and not self._readings:
            self.reload()
        elif self.stale:
            self._count()

    def _watch_the_clerk(self) -> None:
        """Say it where the store takes long, and when it has come back."""
        waited = 0.0 if self._under_way else self._place.waited()
        if waited > _SLOW:
            self._slow = True
            text = f"the database has not answered for {waited:.0f} s; what you type stays here"
            self._place.say(text, Tone.FAULT)
        elif self._slow:
            self._slow = False
            self._place.status.well_again(somebody_waits=bool(self._place.list.rows))

    def under_way(self, text: str) -> None:
        """How far something long has come, for which everything waits; "" at its end."""
        self._under_way = bool(text)
        self._place.say(text)

    def watch(self) -> None:
        """Read now, and again whenever anybody has changed anything."""
        place = self._place
        place.watch(lambda desk: desk.change_mark(), self._changed, self._unseen)

    def _changed(self) -> None:
        self.stale = True
        self.reload()

    def _unseen(self, reason: str) -> None:
        self._place.say(reason, Tone.FAULT)

    def show(self, asked: Asked) -> None:
        """Show another list, from its top."""
        self.asked = asked
        self.stale = True
        self._place.list.forget()
        self.reload()

    def reload(self, then: Callable[[], None] | None = None) -> None:
        """Read the list again around the cursor, then call `then`."""
        anchor = self._place.list.window.anchor(self._place.list.top)
        self._read(lambda desk, view: around(desk, view, anchor), then)

    def reload_on(self, conversation: int) -> None:
        """Read again where a conversation stands, and put the cursor on it."""
        place = self._place
        place.list.forget()
        place.list.selected = conversation

        def then() -> None:
            place.list.select(conversation)

        self._read(lambda desk, view: beside(desk, view, desk.find(conversation)), then)

    def _read(self, page: Page, then: Callable[[], None] | None) -> None:
        place, asked = self._place, self.asked
        selected, generation = place.list.selected, place.list.window.generation
        self._readings += 1

        def shown(loaded: Loaded) -> None:
            self._readings -= 1
            if asked != self.asked:
                return
            if generation == place.list.window.generation:
                self._show_rows(loaded, selected)
            elif not self._readings:  # else what was asked for since is read at the right place
                self.reload(then)  # what was read is less than what is held by now
                return
            if then:
                then()

        place.ask(lambda desk: self._load(desk, asked, page, selected), shown, self._failed)

    def _failed(self, reason: str) -> None:
        self._readings -= 1
        self._place.say(reason, Tone.FAULT)

    def _load(self, desk: Desk, asked: Asked, page: Page, selected: int | None) -> Loaded:
        who = self._place.who
        view = asked.listed(desk, who)
        total, more = None, False
        if view is None:
            found = desk.search(asked.query, who)
            held, total, more = Stretch(found.rows), found.total, found.more
        else:
            held = page(desk, view)
        glance = desk.glance([row.id for row in held.rows], who)
        kept = _one(desk, selected) if selected else None
        return Loaded(asked, held, tuple(desk.statuses()), glance, kept, total, more)

    def _show_rows(self, loaded: Loaded, selected: int | None) -> None:
        place = self._place
        # Where the cursor has moved since, what was read for the old place doesn't count.
        kept = loaded.selected if place.list.selected == selected else place.list.current
        if self._loaded is None or loaded.asked != self._loaded.asked:
            self._here = None
        self._loaded = loaded
        self._overview = Overview(self._overview.counts, loaded.statuses)
        self._mark_rows(loaded.glance)
        place.list.show(loaded.held, selected_now=kept)
        place.status.well_again(somebody_waits=bool(loaded.held.rows))
        self._count()
        self.headline()
        self._showing.open_selected()

    def _mark_rows(self, glance: Glance) -> None:
        marks = self._place.list.marks
        marks.unread, marks.drafts = self._showing.unread(glance.last_words), glance.drafts
        marks.blind = frozenset(s.name for s in self._overview.statuses if s.state is not Health.OK)

    # How many there are

    def _count(self) -> None:
        """Count, but never for more than a twentieth of the time: a long list takes long."""
        if time.monotonic() < self._count_again:
            self.stale = True
            return
        self.stale = False
        self._count_again = float("inf")
        place, asked, window = self._place, self.asked, self._place.list.window
        first = window.edge(backwards=True)
        edge = None if window.at_top else first

        def then(counted: _Counted) -> None:
            self._count_again = time.monotonic() + _COUNT_PAUSE * counted.seconds
            self._overview = counted.overview
            if self._loaded and asked == self._loaded.asked:
                self._here = counted.total
                if first == window.edge(backwards=True):
                    place.list.counted(counted.total or 0, counted.above)
                self.headline()

        def failed(reason: str) -> None:
            self._count_again = time.monotonic() + 1
            place.say(reason, Tone.FAULT)

        place.ask(lambda desk: _counted(desk, asked, place.who, edge), then, failed)

    def headline(self) -> None:
        """Say who looks at which list, the one whose rows are shown, and how many wait."""
        overview, loaded = self._overview, self._loaded
        counted = wording.headline(overview, self._place.house.caveats.values())
        headline = self._place.screen.query_one("#headline", Plain)
        if loaded is None:
            return
        line = f" {self._place.who}  {self._name(loaded)}  {counted}"
        if line != self._headline:
            self._headline = line
            headline.update(clean_line(line, 300), layout=False)
        headline.set_class(overview.lower_bound, "-blind")
        if not loaded.held.rows:
            self._place.say(self._empty(loaded.asked, overview), Tone.IDLE)

    def _name(self, loaded: Loaded) -> str:
        asked = loaded.asked
        name = f"[search: {asked.text}]" if asked.text else f"[{asked.name}]"
        marked = len(self._place.list.marks.marked)
        parts = [name, f"+{marked} marked" if marked else ""]
        if loaded.total is not None:
            shown = len(loaded.held.rows)
            cut = wording.cut_short(shown, loaded.total, more=loaded.more)
            parts.append(cut if shown < loaded.total else f"{shown} found")
        elif self._here is not None and asked.name != "all":
            parts.append(f"{self._here:,} here")
        return " ".join(part for part in parts if part)

    def _empty(self, asked: Asked, overview: Overview) -> str:
        if asked.text:
            return "nothing found; Esc goes back to the queue"
        if not overview.lower_bound and asked.name == "mine" and overview.waiting:
            return "you hold none; space claims the next"
        if not overview.lower_bound and asked.name == "snoozed":
            return "nothing is snoozed"
        return wording.empty(overview, self._place.house.clock())


def _counted(desk: Desk, asked: Asked, who: str, edge: Conversation | None) -> _Counted:
    begin = time.monotonic()
    overview, view = desk.overview(), asked.listed(desk, who)
    total = desk.count(view) if view else None
    above = desk.count(view, position(edge)) if view and edge else 0
    return _Counted(overview, total, above, time.monotonic() - begin)


def _one(desk: Desk, conversation: int) -> Conversation | None:
    try:
        return desk.find(conversation)
    except NotFound:
        return None
