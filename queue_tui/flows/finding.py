"""Which list is shown: a view by its name, or what a search finds while it is typed."""

from __future__ import annotations

from textual.timer import Timer

from monitor.query import Query, QueryError, parse_query
from queue_tui.flows.place import Place
from queue_tui.flows.reading import ALL, Asked, Reading
from queue_tui.widgets.search_line import SearchLine
from queue_tui.widgets.status_line import Tone

_PAUSE = 0.2
_WAITING = frozenset({"waiting"})
BUILT_IN = {
    "mine": Query(flags=_WAITING | {"mine"}),
    "unclaimed": Query(flags=_WAITING | {"unclaimed"}),
    "all": ALL,
    "snoozed": Query(flags=frozenset({"snoozed"})),
    "leads": Query(flags=_WAITING | {"lead"}),
    "overdue": Query(flags=_WAITING | {"overdue"}),
}


class Finding:
    """Goes from list to list."""

    def __init__(self, place: Place, reading: Reading) -> None:
        self._place = place
        self._reading = reading
        self._view = reading.asked
        self._timer: Timer | None = None

    @property
    def _line(self) -> SearchLine:
        return self._place.screen.query_one(SearchLine)

    # Views

    def names(self) -> list[str]:
        """The names of all views."""
        return list(self._views())

    def view(self, name: str) -> None:
        """Show a view of this name."""
        self._show(Asked(name, self._views()[name]))

    def choose(self) -> None:
        """Let the person choose among all views."""
        names = self.names()
        self._place.choose(
            "Show which list?", names, {"enter": "show"},
            lambda chosen: self.view(names[chosen.number]),
        )  # fmt: skip

    def _show(self, asked: Asked) -> None:
        self._view = asked
        self._close()
        self._place.say("")
        self._reading.show(asked)

    def _views(self) -> dict[str, Query]:
        """All views by name: built in, saved, then one a channel, account and tag."""
        config, place = self._place.house.config, self._place
        now = place.house.clock()
        views = BUILT_IN | {name: v.query(now, place.zone) for name, v in config.views.items()}
        channels = dict.fromkeys(account.channel for account in config.accounts)
        tags = dict.fromkeys(tag for rule in config.rules for tag in rule.tags)
        views |= {f"channel {c}": Query(flags=_WAITING, channels=(c,)) for c in channels}
        views |= {
            f"account {a.name}": Query(flags=_WAITING, accounts=(a.name,)) for a in config.accounts
        }
        return views | {f"tag {tag}": Query(flags=_WAITING, tags=(tag,)) for tag in tags}

    # Search

    def search(self) -> None:
        """Open the line for words; what they find is shown while they are typed."""
        self._line.open(self._reading.asked.text)

    def typed(self, text: str) -> None:
        """Look for this once the person pauses."""
        self._stop()
        self._timer = self._place.screen.set_timer(_PAUSE, lambda: self._find(text))

    def submitted(self, text: str) -> None:
        """Look for this now, and go to what was found."""
        self._stop()
        self._find(text, finished=True)
        self._close()

    def _find(self, text: str, *, finished: bool = False) -> None:
        place, text = self._place, text.strip()
        if not text:
            if self._reading.asked != self._view:
                self._reading.show(self._view)
            return
        try:
            now = place.house.clock()
            query = parse_query(text, now, place.zone, unfinished=not finished)
        except QueryError as error:
            place.say(str(error), Tone.REFUSAL)
            return
        asked = Asked("search", query, text)
        if asked != self._reading.asked:
            place.say("")
            self._reading.show(asked)

    def leave(self) -> bool:
        """Put the line away, and go back from a search; False where there was neither."""
        typing, searching = self._line.display, bool(self._reading.asked.text)
        self._close()
        if searching:
            self._show(self._view)
        return typing or searching

    def _close(self) -> None:
        self._stop()
        if self._line.display:
            self._line.close()
            self._place.list.focus()

    def _stop(self) -> None:
        if self._timer:
            self._timer.stop()
        self._timer = None
