"""One mailbox as the desk sees it: polled by UID, answered in its threads."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from connectors.mailbox import message_ids, smtp
from connectors.mailbox.composing import compose
from connectors.mailbox.imap import Listed, Session, tls_context, wire_name
from connectors.mailbox.parsing import Ours, incoming
from connectors.mailbox.settings import EmailSettings, deliverable, parse_server
from monitor.connector import BATCH_MOST, Batch, HandOver, Surroundings
from monitor.errors import ConnectorError
from monitor.message import IncomingMessage, OutgoingReply, Sent

_BATCH_BYTES = 8 * 1024 * 1024
_LARGEST = 32 * 1024 * 1024
_HEAD_BYTES = 1024 * 1024


class Place(NamedTuple):
    """How far a folder is read: under which UIDVALIDITY, up to which UID, and since when at all."""

    validity: int
    uid: int
    since: str


Cursor = dict[str, Place]
"""By folder."""


class EmailConnector:
    """The mailbox behind one account's settings."""

    def __init__(self, settings: EmailSettings, surroundings: Surroundings) -> None:
        self._settings = settings
        self._desk = surroundings.desk
        self._key = surroundings.signing_key
        self._clock = surroundings.clock
        self._session: Session | None = None

    def poll(self, cursor: str | None, since: datetime) -> Iterator[Batch]:
        """New mails of every folder, in UID order; see `monitor.connector.Connector`."""
        at, total = _cursor(cursor), 0
        for name in self._settings.folders:
            session = self._signed_in()
            folder = session.examine(name)
            place = at.get(name, Place(folder.validity, 0, since.isoformat()))
            if place.validity != folder.validity:
                # All UIDs are new names for old mails: read again, and known by their content.
                place = Place(folder.validity, 0, place.since)
            oldest = datetime.fromisoformat(place.since) if place.uid == 0 else None
            listed = session.mails(folder, place.uid + 1, oldest)
            total += len(listed)
            for mails in _batches(listed):
                messages, vanished = self._fetch(session, mails)
                at[name] = place._replace(uid=mails[-1].uid)
                yield Batch(messages, json.dumps(at), len(mails) - vanished, total)
            at[name] = place._replace(uid=max(folder.next_uid - 1, place.uid))
            yield Batch((), json.dumps(at), 0, total)

    def _fetch(
        self, session: Session, mails: Sequence[Listed]
    ) -> tuple[tuple[IncomingMessage, ...], int]:
        """The mails as messages, and how many somebody has removed since they were listed."""
        small = [mail.uid for mail in mails if mail.size <= _LARGEST]
        large = [mail.uid for mail in mails if mail.size > _LARGEST]
        sources = session.sources(small) | session.sources(large, _HEAD_BYTES)
        # Some servers give nothing for a mail that is gone, some an empty text; both are asked for.
        doubtful = [mail.uid for mail in mails if not sources.get(mail.uid)]
        there = set(session.still_there(doubtful)) if doubtful else set()
        if withheld := sorted(there - sources.keys()):
            # Moving the cursor past a mail that is there and wasn't delivered would lose it.
            raise ConnectorError(
                f"the server lists mails that it does not deliver (UID {withheld[0]} and "
                f"{len(withheld) - 1} more)"
            )
        vanished = set(doubtful) - there
        messages = tuple(self._read(sources[m.uid], m) for m in mails if m.uid not in vanished)
        return messages, len(vanished)

    def _read(self, source: bytes, mail: Listed) -> IncomingMessage:
        message = incoming(source, mail.arrived, self._ours)
        if mail.size <= _LARGEST:
            return message
        notice = f"[cut: this mail has {mail.size:,} bytes; only its beginning was fetched]"
        return replace(message, text=f"{message.text}\n\n{notice}".strip())

    def reply(self, reply: OutgoingReply, hand_over: HandOver) -> Sent:
        """Send an answer by SMTP; the copy in Sent follows once its outcome is written down."""
        settings = self._settings
        domain = settings.address.rpartition("@")[2]
        message_id = message_ids.make(self._key(), reply.conversation_id, reply.key, domain)
        mail = compose(reply, settings.address, self._desk, message_id, self._clock())
        data = mail.as_bytes()
        secret = settings.smtp_password or settings.password
        smtp.send(
            parse_server(settings.smtp),
            tls_context(settings.ca),
            settings.timeout,
            smtp.SignIn(settings.smtp_username or self._user, secret.resolve()),
            smtp.Envelope(settings.address, deliverable(reply.to.address), data),
            lambda: hand_over(message_id),
        )
        return Sent(message_id, afterwards=self._copy(data))

    def _copy(self, data: bytes) -> Callable[[], None] | None:
        if self._settings.sent == "off":
            return None

        def copy() -> None:
            session = self._signed_in()
            named = self._settings.sent
            folder = session.sent_folder() if named == "auto" else wire_name(named)
            if folder:
                session.append(folder, data, self._clock())

        return copy

    def close(self) -> None:
        """Sign out."""
        if self._session:
            self._session.close()
            self._session = None

    @property
    def _user(self) -> str:
        return self._settings.username or self._settings.address

    def _signed_in(self) -> Session:
        if self._session is None:
            password = self._settings.password.resolve()
            server = parse_server(self._settings.imap)
            self._session = Session(server, self._settings.ca, self._settings.timeout)
            try:
                self._session.sign_in(self._user, password)
            except ConnectorError:
                self.close()
                raise
        return self._session

    @property
    def _ours(self) -> Ours:
        return Ours(
            self._settings.address,
            lambda message_id: message_ids.conversation_of(self._key(), message_id),
            self._settings.limits.limits(),
        )


def _cursor(text: str | None) -> Cursor:
    """One that can't be understood is as none: all is read again, and known by its content."""
    try:
        places = {name: Place(*place) for name, place in json.loads(text or "{}").items()}
        sound = all(isinstance(p.validity + p.uid, int) for p in places.values())
        return places if sound else {}
    except (ValueError, TypeError, AttributeError):
        return {}


def _batches(mails: Sequence[Listed]) -> Iterator[list[Listed]]:
    """Steps of at most a hundred mails or eight megabytes, whichever comes first."""
    batch: list[Listed] = []
    size = 0
    for mail in mails:
        weight = min(mail.size, _HEAD_BYTES if mail.size > _LARGEST else mail.size)
        if batch and (len(batch) >= BATCH_MOST or size + weight > _BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(mail)
        size += weight
    if batch:
        yield batch
