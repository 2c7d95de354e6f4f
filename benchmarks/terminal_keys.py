"""From a key to the last byte of its answer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from statistics import median
from time import perf_counter

from benchmarks.data import say
from benchmarks.table import Row, Target, percentile
from benchmarks.terminal_peers import Peer, hello
from benchmarks.terminal_tty import ESCAPE, Frame, Gone, Tty
from benchmarks.terminal_world import TEXT, Place

_MEDIAN, _P95, _BYTES = (Target(bound, absolute=True) for bound in (8, 15, 1500))
_FAR = Target(60, absolute=True)
_MS = 1000
# Within the second after a tick a burst of keys is not mixed up with the next one.
_CALM = 0.7
_VISIBLE = 40
_PAGE = "\x1b[6~"
_OPENED = "opened, after 120 ms of rest"


@dataclass
class Taken:
    """The frames of one thing done often."""

    frames: list[Frame] = field(default_factory=list)

    def median(self) -> float:
        """Milliseconds from the key to the last byte."""
        return median(frame.last for frame in self.frames) * _MS

    def p95(self) -> float:
        """The same for the 95th of a hundred."""
        return percentile([frame.last for frame in self.frames], 95) * _MS

    def bytes(self) -> float:
        """Of a median frame."""
        return median(len(frame.output) for frame in self.frames)


def measure(places: Iterable[Place], peers: list[Peer], count: int) -> Iterator[Row]:
    """Rows for each size, each thing beside whoever does it too."""
    theirs = {peer.name: _peer(peer, count) for peer in (hello("keys"), *peers)}
    for there in places:
        with there.opened() as tty:
            keys = _ours(tty, count)
        yield from _key_rows(there, keys, theirs)


def _ours(tty: Tty, count: int) -> dict[str, Taken]:
    few = max(5, count // 4)
    tty.press("jjjjj")
    taken = {"j, k": Taken(_pressed(tty, _there_and_back(count)))}
    tty.press("j" * _VISIBLE)
    taken["j at the edge"] = Taken(_pressed(tty, [("j", "")] * few))
    taken["PgDn"] = Taken(_pressed(tty, [(_PAGE, "")] * few))
    taken["End"] = Taken(_pressed(tty, [("G", ""), ("g", "")] * few)[::2])
    taken["a view"] = Taken(_pressed(tty, [("2", "[unclaimed]"), ("3", "[all]")] * few)[::2])
    taken["a search"] = Taken(list(_searches(tty, few)))
    tty.press("2", "[unclaimed]")
    tty.settle()
    taken[_OPENED] = Taken(_pressed(tty, [("j", TEXT)] * few))
    taken["r to the composer"] = Taken(list(_answers(tty, few)))
    return taken


def _there_and_back(count: int) -> Iterable[tuple[str, str]]:
    return [("j" if number // 15 % 2 == 0 else "k", "") for number in range(count)]


def _pressed(tty: Tty, keys: Iterable[tuple[str, str]]) -> list[Frame]:
    """Press each and wait for its word; between two ticks only."""
    frames, ticked = [], 0.0
    for key, word in keys:
        if perf_counter() - ticked > _CALM:
            tty.beat()
            ticked = perf_counter()
        frames.append(tty.press(key, word))
    return frames


def _searches(tty: Tty, count: int) -> Iterator[Frame]:
    """Each for another number, so that nothing is remembered of the one before."""
    for number in range(count):
        tty.press("/", "everything")
        tty.press(f"order {700 + number}")
        yield tty.press("\r", "[search:")
        tty.press(ESCAPE, "[")
        tty.settle()


def _answers(tty: Tty, count: int) -> Iterator[Frame]:
    for _ in range(count):
        tty.beat()
        yield tty.press("r", "Answer to")
        tty.press(ESCAPE)
        tty.settle()
        tty.press("j", TEXT)


def _peer(peer: Peer, count: int) -> dict[str, Taken]:
    few, keys = max(5, count // 4), peer.keys
    with peer.start() as tty:
        tty.until(peer.word)
        tty.settle()
        if "k" not in keys:
            return {"j, k": Taken([tty.press("j") for _ in range(count)])}
        taken = {"j, k": Taken([tty.press(key) for key, _ in _there_and_back(count)])}
        tty.press("j" * _VISIBLE)
        tty.settle()
        taken["j at the edge"] = Taken([tty.press("j") for _ in range(few)])
        taken["PgDn"] = Taken([tty.press(keys["page"]) for _ in range(few)])
        taken["End"] = Taken(
            [tty.press(keys[key]) for _ in range(few) for key in ("end", "top")][::2]
        )
        try:
            taken[_OPENED] = Taken(list(_opened(tty, keys, few)))
        except Gone as gone:
            say(f"FAILED: opening mails in {peer.name}: {gone}")
        taken["a search"] = Taken(list(_found(tty, keys, few)))
    return taken


def _found(tty: Tty, keys: Mapping[str, str], count: int) -> Iterator[Frame]:
    for number in range(count):
        words, enter = keys["find"].replace("FIND", str(700 + number)).rsplit("\r", 1)[0], "\r"
        tty.press(words)
        yield tty.press(enter)
        tty.press(keys["leave"])


def _opened(tty: Tty, keys: Mapping[str, str], count: int) -> Iterator[Frame]:
    for _ in range(count):
        yield tty.press(keys["open"], TEXT)
        tty.press(keys["back"])
        tty.press(keys["j"])


def _key_rows(
    there: Place, ours: dict[str, Taken], theirs: dict[str, dict[str, Taken]]
) -> Iterator[Row]:
    for what, taken in ours.items():
        others = [(name, did[what]) for name, did in theirs.items() if what in did]
        if not others:  # what nobody else has is told beside the plainest key of all
            name = next(iter(theirs))
            others = [(f"{name}: a key", theirs[name]["j, k"])]
        for number, (name, other) in enumerate(others):
            yield from _rows(there, what, taken, name, other, targets=number == 0)


def _rows(
    there: Place, what: str, taken: Taken, name: str, other: Taken, *, targets: bool
) -> Iterator[Row]:
    near = targets and what in ("j, k",)
    far = targets and what in ("PgDn", "End")
    for figure, unit, call, target in (
        ("median", "ms", Taken.median, _MEDIAN if near else None),
        ("p95", "ms", Taken.p95, _P95 if near else _FAR if far else None),
        ("bytes", "B", Taken.bytes, _BYTES if near else None),
    ):
        yield Row(
            f"{what}: {figure}", f"{there.size:,}", "sqlite", unit, call(taken), name, call(other),
            target,
        )  # fmt: skip
