"""A mailbox taken into the queue, side by side with others who fetch from the same Dovecot."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from shutil import rmtree
from statistics import median

from benchmarks import mail_peers as peers
from benchmarks.data import Worlds, say
from benchmarks.mail_bare import Box, Figures
from benchmarks.mail_box import Boxes, boxes
from benchmarks.mail_link import SlowLink
from benchmarks.table import Row, Target
from tests.servers.need import Missing

_ONE_WAY = 0.020
_IMAPLIB = "imaplib, batches of 100, nothing kept"


@dataclass(frozen=True, slots=True)
class _Sizes:
    """How many mails of each kind; the slow contenders get fewer, and their rows say so."""

    mixed: int = 10_000
    idle: int = 50_000
    link: int = 1_000
    fetchmail: int = 1_000
    helpdesk: int = 1_000
    rounds: int = 3


_FULL, _QUICK = _Sizes(), _Sizes(500, 1_500, 200, 50, 50, 2)
_BARE, _HELPDESK, _AHEAD = (Target(bound, at_least=True) for bound in (0.12, 60, 1))
_FLAT, _IDLE = Target(1.2), Target(3)

Run = Callable[[Box, Path], Figures]


def measure(worlds: Worlds) -> Iterator[Row]:
    """First polls, near and over a slow link, then idle ones and memory."""
    sizes = _QUICK if worlds.quick else _FULL
    try:
        with boxes(worlds.folder) as made:
            yield from _Bench(worlds, made, sizes).rows()
    except Missing as missing:
        say(f"SKIPPED: everything about mail: {missing}")


class _Bench:
    """One Dovecot, and who takes turns on it."""

    def __init__(self, worlds: Worlds, made: Boxes, sizes: _Sizes) -> None:
        self._worlds = worlds
        self._boxes = made
        self._sizes = sizes
        self._numbers = count()

    def rows(self) -> Iterator[Row]:
        """Everything, on one set of mailboxes."""
        mixed = self._boxes.mixed(self._sizes.mixed)
        # Dovecot's index and the kernel's memory are the same for all who come after.
        self._once(peers.bare, mixed)
        found = self._race(_contenders(), mixed)
        took = found.pop("ours")
        yield from self._first_polls(mixed, took, found)
        self._say_stages(mixed, took)
        yield from self._slower_ones(mixed, took)
        yield from self._on_postgres(mixed, took)
        yield from self._over_a_link(mixed)
        yield from self._idle()

    def _first_polls(self, box: Box, ours: Figures, found: Mapping[str, Figures]) -> Iterator[Row]:
        for name, theirs in found.items():
            target = {_IMAPLIB: _BARE, "mbsync": _AHEAD}.get(name)
            yield _rate("first poll", box, ours, name, theirs, target)
        yield _memory("first poll, memory", box, ours, _IMAPLIB, found[_IMAPLIB])

    def _slower_ones(self, mixed: Box, ours: Figures) -> Iterator[Row]:
        rate = mixed.count / ours["seconds"]
        for name, run, there, number, target in (
            ("fetchmail and maildrop", peers.fetchmail,
             peers.there("fetchmail", "fetchmail") and peers.there("maildrop", "maildrop"),
             self._sizes.fetchmail, None),
            ("django-helpdesk get_email", peers.helpdesk,
             peers.with_helpdesk(self._worlds.peers), self._sizes.helpdesk, _HELPDESK),
        ):  # fmt: skip
            if there:
                part = self._boxes.part(mixed, number)
                theirs = self._once(run, part)
                say(f"{name}: {number:,} mails, {theirs['peak']:.0f} MB at most")
                yield Row(
                    "first poll", f"{mixed.count:,}", "sqlite", "/s", rate,
                    f"{name}, {number:,} mails", number / theirs["seconds"], target,
                )  # fmt: skip

    def _on_postgres(self, box: Box, ours: Figures) -> Iterator[Row]:
        if self._worlds.server:
            url = self._worlds.server.new_database()
            there = self._once(lambda box, folder: peers.child("ours", box, folder, url), box)
            yield _rate("first poll", box, there, "ours, on SQLite", ours, None, "postgresql")

    def _over_a_link(self, mixed: Box) -> Iterator[Row]:
        box = self._boxes.part(mixed, self._sizes.link)
        self._once(peers.bare, box)
        with SlowLink(box.port, 0) as no_link:
            _say_link(self._race({"direct": peers.bare, "proxy": _through(no_link)}, box))
        with SlowLink(box.port, _ONE_WAY) as link:
            found = self._race(_contenders(unsynced=False), box.through(link.port))
        ours = found.pop("ours")
        for name, theirs in found.items():
            target = _AHEAD if name == "mbsync" else None
            yield _rate("first poll over 40 ms", box, ours, name, theirs, target)

    def _idle(self) -> Iterator[Row]:
        many = self._boxes.small(self._sizes.idle)
        few = self._boxes.part(many, self._sizes.idle // 5)
        found = self._once(_idle, many)
        fewer = self._once(_ours, few)
        yield Row(
            "idle poll", f"{many.count:,}", "sqlite", "ms", found["ours"] * 1000,
            "imaplib: LOGIN, EXAMINE, UID SEARCH", found["bare"] * 1000, _IDLE,
        )  # fmt: skip
        say(f"{many.count:,} small mails: {many.count / found['seconds']:,.0f}/s")
        beside = f"ours at {few.count:,} small mails"
        # Of a quick run's few mails not even SQLite's cache is full.
        flat = None if self._worlds.quick else _FLAT
        yield _memory("first poll of small mails, memory", many, found, beside, fewer, flat)

    def _say_stages(self, box: Box, ours: Figures) -> None:
        """Where the time of a first poll goes."""
        each = ours["seconds"] * 1e6 / box.count
        shares = sorted(self._once(_stages, box).items(), key=lambda share: -share[1])
        split = ", ".join(f"{stage} {share * each:,.0f}" for stage, share in shares)
        say(f"{each:,.0f} microseconds a mail: {split}")

    def _race(self, contenders: Mapping[str, Run], box: Box) -> dict[str, Figures]:
        """The median of each figure; who begins a round changes."""
        names, found = list(contenders), dict[str, list[Figures]]()
        for number in range(self._sizes.rounds):
            turn = number % len(names)
            for name in names[turn:] + names[:turn]:
                found.setdefault(name, []).append(self._once(contenders[name], box))
        return {name: _medians(found[name]) for name in names}

    def _once(self, run: Run, box: Box) -> Figures:
        """One run in a folder of its own, removed at once: a run leaves half a gigabyte."""
        folder = self._worlds.folder / f"mail-{next(self._numbers)}"
        folder.mkdir()
        try:
            return run(box, folder)
        finally:
            rmtree(folder)


def _contenders(*, unsynced: bool = True) -> dict[str, Run]:
    """Those who are fast enough to fetch everything, several times."""
    found: dict[str, Run] = {"ours": _ours, _IMAPLIB: peers.bare}
    if peers.there("mbsync", "isync"):
        found["mbsync"] = peers.mbsync
        if unsynced:
            found["mbsync, FSync no"] = peers.mbsync_unsynced
    return found


def _ours(box: Box, folder: Path) -> Figures:
    return peers.child("ours", box, folder)


def _idle(box: Box, folder: Path) -> Figures:
    return peers.child("idle", box, folder)


def _stages(box: Box, folder: Path) -> Figures:
    return peers.child("stages", box, folder)


def _through(link: SlowLink) -> Run:
    return lambda box, folder: peers.bare(box.through(link.port), folder)


def _say_link(found: Mapping[str, Figures]) -> None:
    ratio = found["direct"]["seconds"] / found["proxy"]["seconds"]
    say(f"the link's own proxy without a delay carries imaplib at {ratio:.2f} of its speed")


def _medians(runs: list[Figures]) -> Figures:
    return {name: median(run[name] for run in runs) for name in runs[0]}


def _rate(
    what: str, box: Box, ours: Figures, against: str, theirs: Figures, target: Target | None,
    database: str = "sqlite",
) -> Row:  # fmt: skip
    rate, baseline = (box.count / run["seconds"] for run in (ours, theirs))
    return Row(what, f"{box.count:,}", database, "/s", rate, against, baseline, target)


def _memory(
    what: str, box: Box, ours: Figures, against: str, theirs: Figures, target: Target | None = None
) -> Row:
    return Row(
        what, f"{box.count:,}", "sqlite", "MB", ours["peak"], against, theirs["peak"], target
    )
