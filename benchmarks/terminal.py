"""The queue in a terminal, beside bare Textual apps and two mail readers, all in one run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from statistics import median

from benchmarks import terminal_changes, terminal_keys, terminal_openings, terminal_rest
from benchmarks.data import Worlds, say
from benchmarks.table import Row, Target
from benchmarks.terminal_peers import MAILS, Peer, hello, readers
from benchmarks.terminal_tty import Gone, Tty
from benchmarks.terminal_world import FOOTER, ROWS, Place, place

_PAINT, _ROWS = Target(1.5), Target(3.5)
_MS = 1000


@dataclass(frozen=True, slots=True)
class Sizes:
    """How many open, and how often each thing is done."""

    open: tuple[int, ...] = (1_000, 10_000, 100_000)
    mails: int = MAILS
    starts: int = 7
    keys: int = 60
    changes: int = 20
    idle: int = 20
    openings: int = 300


_FULL, _QUICK = Sizes(), Sizes((1_000, 10_000), 1_000, 3, 20, 5, 5, 40)


def measure(worlds: Worlds) -> Iterator[Row]:
    """Starts, then keys, then what it costs to leave it open."""
    sizes = _QUICK if worlds.quick else _FULL
    places = [place(worlds, size) for size in sizes.open]
    folder = worlds.folder / "readers"
    folder.mkdir()
    peers = list(readers(folder, sizes.mails))
    parts: tuple[Callable[[], Iterator[Row]], ...] = (
        lambda: _starts(places, peers, sizes.starts),
        lambda: terminal_keys.measure((places[0], places[-1]), peers, sizes.keys),
        lambda: terminal_changes.measure(places[-1], sizes.changes),
        lambda: terminal_rest.measure(places[-1], peers, sizes.idle),
        lambda: terminal_openings.measure(places[0], sizes.openings),
    )
    for part in parts:
        try:
            yield from part()
        except Gone as gone:
            say(f"FAILED: {gone}")


def _starts(places: list[Place], peers: list[Peer], rounds: int) -> Iterator[Row]:
    """From the start of the process to its first frame, to an answered key and to first rows."""
    bare = (hello("shows"), hello("keys"), *peers)
    took: dict[str, list[float]] = {}
    for number in range(rounds + 1):
        for peer in bare:
            with peer.start() as tty:
                _keep(took, peer.name, tty.until(peer.word))
                if peer.name == bare[1].name:
                    _keep(took, "answer", _answered(tty, "j", "key 1"))
        for there in places:
            _start(there, took)
        if number == 0:
            took.clear()  # the kernel has read the files by now
    for there in places:
        yield from _start_rows(there, took, bare)


def _start(there: Place, took: dict[str, list[float]]) -> None:
    with Tty(there.command("queue"), there.folder) as tty:
        _keep(took, f"paint {there.size}", tty.until(FOOTER))
        _keep(took, f"key {there.size}", _answered(tty, "?", "Marks:"))
    with Tty(there.command("queue"), there.folder) as tty:
        _keep(took, f"rows {there.size}", tty.until(ROWS))


def _answered(tty: Tty, key: str, word: str) -> float:
    return tty.answer(tty.send(key), word) and tty.until(word)


def _start_rows(
    there: Place, took: dict[str, list[float]], bare: tuple[Peer, ...]
) -> Iterator[Row]:
    own = {name: median(took[f"{name} {there.size}"]) * _MS for name in ("paint", "key", "rows")}
    open_, first = f"{there.size:,}", bare[0].name
    for peer in bare:
        theirs = median(took[peer.name]) * _MS
        target = _PAINT if peer.name == first else None
        yield Row("first paint", open_, "sqlite", "ms", own["paint"], peer.name, theirs, target)
    for peer in (bare[0], *bare[2:]):
        theirs = median(took[peer.name]) * _MS
        target = _ROWS if peer.name == first else None
        yield Row("first rows", open_, "sqlite", "ms", own["rows"], peer.name, theirs, target)
    theirs = median(took["answer"]) * _MS
    yield Row(
        "start to first key answered", open_, "sqlite", "ms", own["key"], bare[1].name, theirs
    )


def _keep(took: dict[str, list[float]], name: str, seconds: float) -> None:
    took.setdefault(name, []).append(seconds)
