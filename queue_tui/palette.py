"""Every key of the table as a command of the palette, and every list by its name."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from operator import itemgetter
from typing import NamedTuple

from textual.command import DiscoveryHit, Hit, Hits, Provider

from monitor.clean import Safe, clean_line
from queue_tui.screens.queue_screen import QueueScreen
from queue_tui.widgets.plain import styled

_MOST = 50
_LINE_MOST = 100
_NOT_HERE = frozenset({"commands"})


class _Command(NamedTuple):
    """What it is called, its key, what it does, and its name in `[keys]`."""

    what: Safe
    key: str
    run: Callable[[], None]
    name: str = ""


class Commands(Provider):
    """At most fifty hits: more of them make each key in the palette slow."""

    def _all(self) -> Iterator[_Command]:
        screen = self.screen
        if not isinstance(screen, QueueScreen):
            return
        for key in screen.place.keys:
            if key.name not in _NOT_HERE:
                yield _Command(
                    clean_line(key.meaning), key.shown, _later(screen, key.action), key.name
                )
        for name in screen.finding.names():
            yield _Command(clean_line(f"list: {name}", _LINE_MOST), "", _view(screen, name))

    async def discover(self) -> Hits:
        for one in islice(self._all(), _MOST):
            yield DiscoveryHit(styled(one.what), one.run, one.what, _help(one.key))

    async def search(self, query: str) -> Hits:
        fits = ((fit(query, one.what, one.name), one) for one in self._all())
        found = sorted((f for f in fits if f[0]), key=itemgetter(0), reverse=True)
        for score, one in found[:_MOST]:
            yield Hit(score, styled(one.what), one.run, one.what, _help(one.key))


def fit(query: str, what: str, name: str = "") -> float:
    """How well a command fits what was typed, from 0 (not at all) to 1.

    The beginning of its words or its name in `[keys]`, then of a word, then a part of one, then
    all that was typed as beginnings of words in any order. Textual's own matcher takes letters from
    anywhere, which finds everything.
    """
    wanted, words = query.casefold().strip(), what.casefold()
    begun = f" {words} {name.replace('_', ' ')}"
    signs = (
        (1.0, words.startswith(wanted) or wanted == name),
        (0.75, f" {wanted}" in begun),
        (0.5, wanted in words),
        (0.25, all(f" {word}" in begun for word in wanted.split())),
    )
    return max((score for score, fits in signs if fits), default=0.0) if wanted else 0.0


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
