"""Mails fetched in batches, several in flight on a slow link, in bounded memory."""

from __future__ import annotations

import contextlib
import re
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from connectors.mailbox.imap.dialogue import (
    Answer,
    Dialogue,
    Literal,
    Part,
    Refusal,
    fetch_items,
    number,
    string,
)
from connectors.mailbox.imap.notation import parse_internal_date, uid_set

BATCH_MAILS = 100
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


@dataclass(frozen=True, slots=True)
class _Flight:
    """A batch that was asked for; one command for whole mails, one for beginnings."""

    mails: Sequence[Listed]
    tags: list[bytes]


def listed(answer: Answer) -> Listed | None:
    """A mail as a FETCH answer describes it, None where something is missing."""
    items = fetch_items(answer)
    uid, size = number(items.get(b"UID")), number(items.get(b"RFC822.SIZE"))
    date = string(items.get(b"INTERNALDATE"))
    if uid is None or size is None or date is None:
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
    """Fetches batches over one dialogue.

    Servers announce sizes that are wrong. Whatever they send, no more is held than what a few
    batches and one large mail may have: what finds no room is dropped and missing in the batch,
    and can be fetched alone.
    """

    def __init__(self, dialogue: Dialogue) -> None:
        self._dialogue = dialogue
        self._flights: deque[_Flight] = deque()
        self._got: dict[int, Literal] = {}
        self._wanted: set[int] = set()
        self._room = 0
        self._literals = 0

    @property
    def depth(self) -> int:
        """How many batches are in flight at once, by the round trip that was measured."""
        trip = self._dialogue.round_trip
        return next((depth for least, depth in _DEPTHS if trip >= least), 1)

    def fetch(self, plan: Iterator[Sequence[Listed]]) -> Iterator[Batch]:
        """The batches in their order; mails that didn't come are missing in `sources`.

        While a batch is dealt with, the next is on its way.
        """
        self._room = self.depth * BATCH_BYTES + LARGEST
        self._top_up(plan)
        while self._flights:
            flight = self._flights[0]
            self._land(flight)
            self._flights.popleft()
            batch = self._unload(flight)
            self._top_up(plan)
            yield batch

    def drain(self) -> None:
        """Wait for what is in flight, so that something else may be asked."""
        for flight in self._flights:
            self._land(flight)

    def alone(self, mail: Listed) -> Literal | None:
        """One mail, whatever its size turns out to be; None where the server sends none."""
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

    def _top_up(self, plan: Iterator[Sequence[Listed]]) -> None:
        while len(self._flights) < self.depth and (mails := next(plan, None)):
            self._flights.append(_Flight(mails, self._dialogue.start(*_commands(mails))))
            self._wanted.update(mail.uid for mail in mails)
            self._literals += len(mails)

    def _land(self, flight: _Flight) -> None:
        while flight.tags:
            # A server refuses a whole range for one mail; what didn't come is asked for alone.
            with contextlib.suppress(Refusal):
                self._take_in(flight.tags[0])
            flight.tags.pop(0)

    def _take_in(self, tag: bytes) -> None:
        for answer in self._dialogue.until(tag, self._keep):
            if answer.word != b"FETCH":
                continue
            items = fetch_items(answer)
            uid, body = number(items.get(b"UID")), _body(items)
            # By UID: servers answer commands in flight together, and send what nobody asked for.
            if uid in self._wanted and body and len(body.data) >= min(body.size, HEAD_BYTES):
                self._wanted.remove(uid)
                self._got[uid] = body
                self._room -= len(body.data)

    def _keep(self, size: int) -> int:
        """Mails in full as long as there is room, none of one that has to wait for it."""
        if self._literals > 0:
            self._literals -= 1
            self._dialogue.grant(size)
        return size if size <= self._room else 0

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
