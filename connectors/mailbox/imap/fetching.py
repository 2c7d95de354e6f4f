"""Mails fetched in batches, several in flight on a slow link, in bounded memory."""

from __future__ import annotations

import contextlib
import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from connectors.mailbox.imap.dialogue import (
    Dialogue,
    Literal,
    Part,
    Refusal,
    fetch_items,
    number,
    string,
)
from connectors.mailbox.imap.notation import parse_internal_date, uid_set
from monitor.errors import ConnectorError

BATCH_MAILS = 100
DESCRIBED = 500  # UIDs in one command; servers refuse longer ones
BATCH_BYTES = 8 * 1024 * 1024
LARGEST = 32 * 1024 * 1024
HEAD_BYTES = 1024 * 1024
# From which round trip in seconds on how many batches are in flight.
_DEPTHS = ((0.02, 4), (0.002, 2))
_BODY = re.compile(rb"BODY\[\](?:<\d+>)?")


@dataclass(frozen=True, slots=True)
class Listed:
    """A mail before it is fetched: its UID, size in bytes as announced, when the server got it.

    `gmail_id` and `gmail_thread` are Gmail's own numbers for it, "" at other servers.
    """

    uid: int
    size: int
    arrived: datetime
    gmail_id: str = ""
    gmail_thread: str = ""

    @property
    def large(self) -> bool:
        """Whether only its beginning is fetched."""
        return self.size > LARGEST

    @property
    def weight(self) -> int:
        """How many bytes are expected when it is fetched."""
        return HEAD_BYTES if self.large else self.size


@dataclass(frozen=True, slots=True)
class Batch:
    """Listed mails and the sources of those that came, by UID."""

    mails: Sequence[Listed]
    sources: dict[int, Literal]


@dataclass(slots=True)
class _Flight:
    """What was asked for: mails, or only the description of some UIDs."""

    tags: list[bytes]
    mails: Sequence[Listed] = ()
    uids: Sequence[int] = ()


def search(dialogue: Dialogue, criteria: str) -> Iterator[int]:
    """The UIDs that a search finds."""
    for answer in dialogue.run(f"UID SEARCH {criteria}"):
        if answer.word == b"SEARCH":
            yield from (int(uid) for uid in answer.text.split()[2:] if uid.isdigit())


def listed(items: dict[bytes, Part]) -> Listed | None:
    """A mail as the items of a FETCH answer describe it, None where something is missing."""
    uid, size = number(items.get(b"UID")), number(items.get(b"RFC822.SIZE"))
    if uid is None or size is None or (date := string(items.get(b"INTERNALDATE"))) is None:
        return None
    arrived = parse_internal_date(date.data)
    return Listed(uid, size, arrived, _digits(items, b"X-GM-MSGID"), _digits(items, b"X-GM-THRID"))


def _digits(items: dict[bytes, Part], name: bytes) -> str:
    value = number(items.get(name))
    return "" if value is None else str(value)


def batches(mails: Iterable[Listed]) -> Iterator[list[Listed]]:
    """Steps of at most a hundred mails or eight megabytes as announced, whichever comes first."""
    batch: list[Listed] = []
    size = 0
    for mail in mails:
        if batch and (len(batch) >= BATCH_MAILS or size + mail.weight > BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(mail)
        size += mail.weight
    if batch:
        yield batch


class Fetcher:
    """Fetches mails over one dialogue, what comes next being on its way meanwhile.

    Servers announce sizes that are wrong. Whatever they send, no more is held than what a few
    batches and one large mail may have: what finds no room is dropped and missing in its batch,
    and can be fetched alone. `items` are asked for besides what describes a mail.
    """

    def __init__(self, dialogue: Dialogue, items: str = "") -> None:
        self._dialogue = dialogue
        self._items = f"UID RFC822.SIZE INTERNALDATE{items}"
        self._flights: deque[_Flight] = deque()
        self._unasked: deque[Sequence[int]] = deque()
        self._ready: deque[Sequence[Listed]] = deque()
        self._described: dict[int, Listed] = {}
        self._got: dict[int, Literal] = {}
        self._wanted: set[int] = set()
        self._room = 0
        self._literals = 0

    @property
    def depth(self) -> int:
        """How many batches are in flight at once, by the round trip that was measured."""
        trip = self._dialogue.round_trip
        return next((depth for least, depth in _DEPTHS if trip >= least), 1)

    def describe(self, uids: str) -> dict[int, Listed]:
        """The mails of a set of UIDs, without their sources."""
        self.drain()
        self._land(self._ask_for_description(uids))
        described, self._described = self._described, {}
        return described

    def fetch(self, mails: Sequence[Listed]) -> Iterator[Batch]:
        """The mails in batches, in their order; those that didn't come are missing in `sources`."""
        self._ready.extend(batches(mails))
        yield from self._batches(lambda mail: True)

    def fetch_uids(self, uids: Sequence[int], wanted: Callable[[Listed], bool]) -> Iterator[Batch]:
        """The same of all UIDs whose description is wanted."""
        starts = range(0, len(uids), DESCRIBED)
        self._unasked.extend(uids[start : start + DESCRIBED] for start in starts)
        yield from self._batches(wanted)

    def _batches(self, wanted: Callable[[Listed], bool]) -> Iterator[Batch]:
        self._room = self.depth * BATCH_BYTES + LARGEST
        self._top_up()
        while self._flights:
            flight = self._flights[0]
            self._land(flight)
            self._flights.popleft()
            if flight.uids:
                self._ready.extend(batches(filter(wanted, self._descriptions(flight.uids))))
            batch = self._unload(flight) if flight.mails else None
            self._top_up()
            if batch:
                yield batch

    def _top_up(self) -> None:
        room = self.depth - sum(1 for flight in self._flights if flight.mails)
        for _ in range(min(room, len(self._ready))):
            mails = self._ready.popleft()
            self._wanted.update(mail.uid for mail in mails)
            self._literals += len(mails)
            self._flights.append(_Flight(self._dialogue.start(*_commands(mails)), mails))
        described = any(flight.uids for flight in self._flights)
        if self._unasked and not described and len(self._ready) <= self.depth:
            uids = self._unasked.popleft()
            self._flights.append(self._ask_for_description(uid_set(uids), uids))

    def _ask_for_description(self, uids: str, flying: Sequence[int] = ()) -> _Flight:
        return _Flight(self._dialogue.start(f"UID FETCH {uids} ({self._items})"), uids=flying)

    def _descriptions(self, uids: Sequence[int]) -> Iterator[Listed]:
        described, self._described = self._described, {}
        missing = [uid for uid in uids if uid not in described]
        if missing and self.still_there(missing):
            # Passing over a mail that is there would lose it.
            raise ConnectorError("the server lists mails that it does not describe")
        return (described[uid] for uid in uids if uid in described)

    def drain(self) -> None:
        """Wait for what is in flight, so that something else may be asked."""
        for flight in self._flights:
            self._land(flight)

    def still_there(self, uids: Sequence[int]) -> set[int]:
        """Those of the UIDs that the server still lists."""
        self.drain()
        return set(uids).intersection(search(self._dialogue, f"UID {uid_set(sorted(uids))}"))

    def alone(self, mail: Listed) -> Literal | None:
        """One mail, whatever its size turns out to be; None where the server sends none."""
        self.drain()
        [tag] = self._dialogue.start(_command(str(mail.uid), mail.large))
        found = None
        for answer in self._dialogue.until(tag, self._keep_head):
            items = fetch_items(answer) if answer.word == b"FETCH" else {}
            if number(items.get(b"UID")) == mail.uid:
                found = _body(items) or found
        return found

    def _keep_head(self, size: int) -> int:
        self._dialogue.grant(size)
        return size if size <= LARGEST else HEAD_BYTES

    def _land(self, flight: _Flight) -> None:
        while flight.tags:
            # A server refuses a whole range for one mail; what didn't come is asked for alone.
            with contextlib.suppress(Refusal):
                self._take_in(flight.tags[0])
            flight.tags.pop(0)

    def _take_in(self, tag: bytes) -> None:
        for answer in self._dialogue.until(tag, self._keep):
            if answer.word == b"FETCH":
                # By UID: servers answer several commands together, and send what nobody asked for.
                items = fetch_items(answer)
                if mail := listed(items):
                    self._described[mail.uid] = mail
                self._accept(number(items.get(b"UID")), _body(items))

    def _accept(self, uid: int | None, body: Literal | None) -> None:
        if uid in self._wanted and body and len(body.data) >= min(body.size, HEAD_BYTES):
            self._wanted.remove(uid)
            self._got[uid] = body
            self._room -= len(body.data)

    def _keep(self, size: int) -> int:
        """Mails in full as long as there is room, none of one that has to wait for it."""
        if self._literals > 0:
            self._literals -= 1
            self._dialogue.grant(size)
        return size if size <= min(self._room, LARGEST) else 0

    def _unload(self, flight: _Flight) -> Batch:
        uids = [mail.uid for mail in flight.mails]
        sources = {uid: self._got.pop(uid) for uid in uids if uid in self._got}
        self._wanted.difference_update(uids)
        self._room += sum(len(source.data) for source in sources.values())
        return Batch(flight.mails, sources)


def _commands(mails: Sequence[Listed]) -> list[str]:
    kinds = ((large, [m.uid for m in mails if m.large is large]) for large in (False, True))
    return [_command(uid_set(uids), large) for large, uids in kinds if uids]


def _command(uids: str, large: bool) -> str:
    part = f"<0.{HEAD_BYTES}>" if large else ""
    return f"UID FETCH {uids} (UID BODY.PEEK[]{part})"


def _body(items: dict[bytes, Part]) -> Literal | None:
    return next((string(value) for name, value in items.items() if _BODY.fullmatch(name)), None)
