"""Reading a folder by UID, from where the last poll left it, so that no mail is missed."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from connectors.mailbox.imap.dialogue import Literal
from connectors.mailbox.imap.fetching import (
    BATCH_BYTES,
    HEAD_BYTES,
    Batch,
    Listed,
)
from connectors.mailbox.imap.session import Folder, Seen, Session
from monitor.errors import ConnectorError

_FEW = 500  # between so few UIDs there is no need to search first

log = logging.getLogger("replyby.mailbox")


class Place(NamedTuple):
    """How far a folder is read: under which UIDVALIDITY, up to which UID, and since when at all.

    `known` is how many mails the server counted up to that UID, -1 while they are being read;
    `modseq` is the folder's highest then, 0 where the server keeps none.
    """

    validity: int
    uid: int
    since: str
    known: int = -1
    modseq: int = 0


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail as it lies on the server; of a cut one, `source` is the beginning.

    `size` is in bytes, `arrived` when the server got it; `gmail_id` and `gmail_thread` are
    Gmail's X-GM-MSGID and X-GM-THRID, "" elsewhere.
    """

    uid: int
    arrived: datetime
    size: int
    source: bytes
    cut: bool
    gmail_id: str = ""
    gmail_thread: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """Mails in the order of their UIDs, and the place that is reached with them.

    `total` is how many this reading of the folder will bring, as far as is known.
    """

    mails: tuple[Mail, ...]
    place: Place
    total: int


def places(cursor: str | None) -> dict[str, Place]:
    """Where each folder was left.

    A cursor that can't be understood is as none: all is read again, and known by its content.
    """
    try:
        found = {name: Place(*place) for name, place in json.loads(cursor or "{}").items()}
        return found if all(map(_sound, found.values())) else {}
    except (ValueError, TypeError, AttributeError):
        return {}


def _sound(place: Place) -> bool:
    numbers = (place.validity, place.uid, place.known, place.modseq)
    aware = datetime.fromisoformat(place.since).tzinfo is not None
    return aware and all(isinstance(number, int) for number in numbers)


def read(session: Session, name: str, place: Place | None, since: datetime) -> Iterator[Step]:
    """What came into a folder after a place; without one, what is not older than `since`."""
    seen = Seen(place.validity, place.uid, place.modseq) if place else None
    folder = session.examine(name, seen)
    place = _valid(name, folder, place or Place(folder.validity, 0, since.isoformat()))
    reading = _Reading(session, name, folder, place)
    if reading.disagrees():
        log.warning("%s: mails appeared among those that were read; it is read again", name)
        reading = _Reading(session, name, folder, _beginning(folder, place))
    reading.check_count()
    yield from reading.steps()


def _valid(name: str, folder: Folder, place: Place) -> Place:
    if place.validity == folder.validity and place.uid < folder.next_uid:
        return place
    if place.uid:
        log.warning("%s: the server numbers its mails anew; the folder is read again", name)
    return _beginning(folder, place)


def _beginning(folder: Folder, place: Place) -> Place:
    """All mails again; those that were read are known by their content."""
    return Place(folder.validity, 0, place.since)


class _Reading:
    """One reading of a folder as it was when it was opened."""

    def __init__(self, session: Session, name: str, folder: Folder, place: Place) -> None:
        self._session = session
        self._name = name
        self._folder = folder
        self._place = place
        self._before = place.known if place.uid else 0
        self._last = folder.next_uid - 1
        self._oldest = datetime.fromisoformat(place.since) if place.uid == 0 else None
        self._described: list[Listed] = []
        self._uids: list[int] = []
        self._list()

    def _list(self) -> None:
        """What is new: described at once where it can't be much, else only the UIDs."""
        first = self._place.uid + 1
        if first > self._last or not self._folder.exists:
            return
        if self._last - first < _FEW:
            self._described = self._session.between(first, self._last)
            self._uids = [mail.uid for mail in self._described]
            if self._adds_up:
                return
            self._described = []  # what the server doesn't describe it may still list
        self._uids = self._session.uids(self._folder, first, self._last, self._oldest)

    @property
    def _adds_up(self) -> bool:
        """Whether what was there before and what is new are all that the server counts."""
        return self._folder.exists - len(self._uids) <= self._before

    def disagrees(self) -> bool:
        """Whether there are more mails up to the last place than there were.

        New mails get higher UIDs (RFC 3501, 2.3.1.1), so those would never be looked at.
        """
        folder, uid = self._folder, self._place.uid
        if not uid or self._before < 0:
            return False
        # What is said to be gone may never have been there, unless something changed besides.
        left = self._before - (folder.removed if folder.changed else 0)
        if folder.exists - len(self._uids) <= left:
            return False
        # It may be that a new mail is gone again already: asked for in so many words.
        return self._session.count(folder, uid) > left

    def check_count(self) -> None:
        """ConnectorError where the server lists fewer mails than it counts."""
        if self._adds_up:
            return
        if self._session.count(self._folder, self._last) >= self._folder.exists:
            return
        # Somebody may have removed some since the folder was opened.
        folder = self._session.examine(self._name)
        listed = self._session.count(folder, folder.next_uid - 1)
        if listed < folder.exists:
            raise ConnectorError(
                f"the server counts {folder.exists:,} mails in '{self._name}' "
                f"and lists {listed:,} of them",
                remedy="nothing was passed over: it is tried again by itself; tell the provider",
            )

    def steps(self) -> Iterator[Step]:
        """The mails in batches, and at last the folder's end."""
        done = 0
        uids = () if self._described else self._uids
        mails = [mail for mail in self._described if self._young(mail)]
        for batch in self._session.fetch(mails, uids, self._young):
            for step in self._steps_of(batch):
                done += len(step.mails)
                self._place = step.place
                yield step
        place = Place(
            self._folder.validity,
            max(self._last, self._place.uid),
            self._place.since,
            self._folder.exists,
            self._folder.modseq,
        )
        yield Step((), place, done)

    def _young(self, mail: Listed) -> bool:
        return self._oldest is None or mail.arrived >= self._oldest

    def _steps_of(self, batch: Batch) -> Iterator[Step]:
        """The batch, in more than one step where its mails are larger than was announced."""
        mails: list[Mail] = []
        weight = 0
        for mail in self._delivered(batch):
            weight += len(mail.source)
            if mails and weight > BATCH_BYTES:
                yield self._step(mails, mails[-1].uid)
                mails, weight = [], len(mail.source)
            mails.append(mail)
        yield self._step(mails, batch.mails[-1].uid)

    def _step(self, mails: Sequence[Mail], uid: int) -> Step:
        return Step(tuple(mails), self._place._replace(uid=uid, known=-1), len(self._uids))

    def _delivered(self, batch: Batch) -> Iterator[Mail]:
        """What was delivered, and what wasn't and is still there asked for again, alone."""
        # Some servers give nothing for a mail that is gone, some an empty text.
        sources = batch.sources
        doubtful = [m.uid for m in batch.mails if m.uid not in sources or not sources[m.uid].data]
        there = self._session.still_there(doubtful) if doubtful else set[int]()
        gone = set(doubtful) - there
        for mail in batch.mails:
            if mail.uid not in gone:
                yield _mail(mail, sources.get(mail.uid) or self._alone(mail))

    def _alone(self, mail: Listed) -> Literal:
        source = self._session.alone(mail)
        if source is None:
            # Moving the cursor past a mail that is there and wasn't delivered would lose it.
            raise ConnectorError(
                f"the server lists a mail that it does not deliver (UID {mail.uid} in "
                f"'{self._name}')"
            )
        return source


def _mail(mail: Listed, source: Literal) -> Mail:
    cut = len(source.data) < source.size or (mail.large and len(source.data) >= HEAD_BYTES)
    size = max(mail.size, source.size) if cut else len(source.data)
    return Mail(mail.uid, mail.arrived, size, source.data, cut, mail.gmail_id, mail.gmail_thread)
