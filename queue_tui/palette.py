"""Every key of the table as a command of the palette, and every list by its name."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from textual.command import DiscoveryHit, Hit, Hits, Provider

from monitor.clean import Safe, clean_line
from queue_tui.screens.queue_screen import QueueScreen
from queue_tui.widgets.plain import styled

_MOST = 50
_LINE_MOST = 100
_NOT_HERE = frozenset({"commands"})


class Commands(Provider):
    """At most fifty hits: more of them make each key in the palette slow."""

    def _all(self) -> Iterator[tuple[Safe, str, Callable[[], None]]]:
        """What it is called, its key, and what it does."""
        screen = self.screen
        if not isinstance(screen, QueueScreen):
            return
        for key in screen.place.keys:
            if key.name not in _NOT_HERE:
                yield clean_line(key.meaning), key.shown, _later(screen, key.action)
        for name in screen.finding.names():
            yield clean_line(f"list: {name}", _LINE_MOST), "", _view(screen, name)

    async def discover(self) -> Hits:
        for _, (what, key, run) in zip(range(_MOST), self._all(), strict=False):
            yield DiscoveryHit(styled(what), run, what, _help(key))

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        found = 0
        for what, key, run in self._all():
            score = matcher.match(what)
            if score > 0 and found < _MOST:
                found += 1
                yield Hit(score, styled(what), run, what, _help(key))


def _help(key: str) -> str | None:
    # Textual reads this one as markup.
    return f"key {key}".replace("[", "\\[") if key else None


def _later(screen: QueueScreen, action: str) -> Callable[[], None]:
    return lambda: screen.do(action)


def _view(screen: QueueScreen, name: str) -> Callable[[], None]:
    def view() -> None:
        if screen.check_action("view", (name,)):
            screen.finding.view(name)

    return view
