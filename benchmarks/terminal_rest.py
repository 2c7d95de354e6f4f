"""What a terminal costs that is left open all day: bytes and processor by the second, memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from time import perf_counter

from benchmarks.table import Row, Target
from benchmarks.terminal_peers import Peer, hello
from benchmarks.terminal_tty import Tty
from benchmarks.terminal_world import Place

_BYTES, _CPU = Target(2700, absolute=True), Target(1.5, absolute=True)
_MEMORY = Target(90, absolute=True)


@dataclass(frozen=True, slots=True)
class Idle:
    """A second of doing nothing, and what is held."""

    bytes: float
    percent: float
    memory: float


def measure(there: Place, peers: list[Peer], seconds: int) -> Iterator[Row]:
    """Idle seconds: the queue beside what a bare app costs that ticks, and both readers."""
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


def _idle(tty: Tty, seconds: int) -> Idle:
    tty.settle()
    tty.listen(3)
    begin, used = perf_counter(), tty.cpu
    written = tty.listen(seconds)
    whole = perf_counter() - begin
    return Idle(written / whole, (tty.cpu - used) / whole * 100, tty.memory)
