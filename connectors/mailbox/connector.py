"""One mailbox as the desk sees it: polled by UID, answered in its threads."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime

from connectors.mailbox import message_ids, sign_in, smtp
from connectors.mailbox.composing import compose
from connectors.mailbox.folder import Mail, places, read
from connectors.mailbox.imap.connection import tls_context
from connectors.mailbox.imap.notation import wire_name
from connectors.mailbox.imap.session import Session
from connectors.mailbox.parsing import Ours, incoming
from connectors.mailbox.settings import EmailSettings, deliverable, parse_server
from connectors.mailbox.sign_in import Credentials
from monitor.connector import Batch, HandOver, Surroundings
from monitor.errors import ConnectorError
from monitor.message import IncomingMessage, OutgoingReply, Sent


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
        at, total = places(cursor), 0
        for name in self._settings.folders:
            before = total
            for step in read(self._signed_in(), name, at.get(name), since):
                at[name] = step.place
                total = before + step.total
                messages = tuple(self._read(mail) for mail in step.mails)
                yield Batch(messages, json.dumps(at), len(messages), total)

    def _read(self, mail: Mail) -> IncomingMessage:
        message = incoming(mail.source, mail.arrived, self._ours)
        if mail.gmail_thread:
            message = replace(message, keys=(*message.keys, f"gmail:{mail.gmail_thread}"))
        if not mail.cut:
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
        envelope = smtp.Envelope(settings.address, deliverable(reply.to.address), data)
        sign_in.sending(settings, self._clock).attempt(
            lambda credentials: smtp.send(
                parse_server(settings.smtp),
                tls_context(settings.ca),
                settings.timeout,
                credentials,
                envelope,
                lambda: hand_over(message_id),
            )
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

    def _signed_in(self) -> Session:
        if self._session is None:
            self._session = sign_in.reading(self._settings, self._clock).attempt(self._open)
        return self._session

    def _open(self, credentials: Credentials) -> Session:
        server = parse_server(self._settings.imap)
        session = Session(server, self._settings.ca, self._settings.timeout)
        try:
            session.sign_in(credentials)
        except ConnectorError:
            session.close()
            raise
        return session

    @property
    def _ours(self) -> Ours:
        return Ours(
            self._settings.address,
            lambda message_id: message_ids.conversation_of(self._key(), message_id),
        )
