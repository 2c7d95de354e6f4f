"""What a terminal costs that is left open all day: bytes and processor by the second, memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from time import perf_counter

from benchmarks.data import say
from benchmarks.table import Row, Target
from benchmarks.terminal_peers import Peer, hello
from benchmarks.terminal_tty import ESCAPE, Gone, Tty
from benchmarks.terminal_world import Place

_BYTES, _CPU = Target(2700, absolute=True), Target(1.5, absolute=True)
_MEMORY, _FLAT = Target(90, absolute=True), Target(1.05)
_WARM = 20
# What is opened, by which key, and a word that stands in it; each is closed by Esc.
_SCREENS = (
    ("help", "?", "Marks:"),
    ("a question", "s", "Snooze"),
    ("the log", "h", "Esc closes"),
    ("the views", "v", "Show which"),
    ("the links", "L", "Links"),
    ("the commands", ":", "earch"),
    ("the search line", "/", "everything"),
    ("the composer", "r", "Answer to"),
)


@dataclass(frozen=True, slots=True)
class Idle:
    """A second of doing nothing, and what is held."""

    bytes: float
    percent: float
    memory: float


def measure(there: Place, peers: list[Peer], seconds: int, openings: int) -> Iterator[Row]:
    """Idle seconds, then every screen over and over."""
    theirs = {}
    for peer in (hello("ticks"), *peers):
        with peer.start() as tty:
            tty.until(peer.word)
            theirs[peer.name] = _idle(tty, seconds)
    with there.opened() as tty:
        ours = _idle(tty, seconds)
    size = f"{there.size:,}"
    for number, (name, other) in enumerate(theirs.items()):
        for what, unit, mine, his, target in (
            ("idle second, 40 countdowns", "B", ours.bytes, other.bytes, _BYTES),
            ("idle second, 40 countdowns: CPU", "%", ours.percent, other.percent, _CPU),
            ("memory", "MiB", ours.memory, other.memory, _MEMORY),
        ):
            if his:
                yield Row(what, size, "sqlite", unit, mine, name, his, None if number else target)
    yield from _openings(there, openings)


def _idle(tty: Tty, seconds: int) -> Idle:
    tty.settle()
    tty.listen(3)
    begin, used = perf_counter(), tty.cpu
    written = tty.listen(seconds)
    whole = perf_counter() - begin
    return Idle(written / whole, (tty.cpu - used) / whole * 100, tty.memory)


def _openings(there: Place, count: int) -> Iterator[Row]:
    for name, key, word in _SCREENS:
        with there.opened() as tty:
            try:
                warm = _open(tty, key, word, _WARM)
                after = _open(tty, key, word, count - _WARM)
            except Gone as gone:
                say(f"FAILED: memory over openings of {name}: {gone}")
                continue
        yield Row(
            f"memory after {count} x {name}", f"{there.size:,}", "sqlite", "MiB", after,
            f"ours after {_WARM}", warm, _FLAT,
        )  # fmt: skip


def _open(tty: Tty, key: str, word: str, times: int) -> float:
    for _ in range(times):
        tty.press(key, word)
        tty.press(ESCAPE)
    return tty.memory
