"""One mailbox as the desk sees it: polled by UID, answered in its threads."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial

from connectors.mailbox import message_ids, sign_in, smtp
from connectors.mailbox.checking import MailCheck
from connectors.mailbox.composing import compose
from connectors.mailbox.folder import Mail, places, read
from connectors.mailbox.idle import IdleWatch
from connectors.mailbox.imap.connection import tls_context
from connectors.mailbox.imap.notation import plain_name, wire_name
from connectors.mailbox.imap.session import Session
from connectors.mailbox.parsing import Ours, incoming, outgoing
from connectors.mailbox.settings import EmailSettings, deliverable, parse_server
from connectors.mailbox.sign_in import Credentials
from monitor.checked import Checked
from monitor.connector import Batch, HandOver, Surroundings, Watch
from monitor.errors import ConnectorError
from monitor.message import IncomingMessage, OutgoingReply, Sent

Understand = Callable[[bytes, datetime, Ours], IncomingMessage]

# Providers whose SMTP servers put a copy of what they take into Sent themselves.
_KEEP_COPIES = (".gmail.com", ".googlemail.com", ".office365.com", ".outlook.com")


class EmailConnector:
    """The mailbox behind one account's settings."""

    def __init__(self, settings: EmailSettings, surroundings: Surroundings) -> None:
        self._settings = settings
        self._desk = surroundings.desk
        self._key = surroundings.signing_key
        self._clock = surroundings.clock
        self._session: Session | None = None

    def poll(self, cursor: str | None, since: datetime) -> Iterator[Batch]:
        """New mails of every folder, in UID order; see `monitor.connector.Connector`.

        The folder for sent mail comes first, so that what is about a colleague's answer (a bounce,
        a reply) finds it; on a first poll last, so that old answers find their questions.
        """
        at, total = places(cursor), 0
        for name, understand in self._understandings(at).items():
            before = total
            for step in read(self._signed_in(), name, at.get(name), since):
                at[name] = step.place
                total = before + step.total
                messages = tuple(self._read(mail, understand) for mail in step.mails)
                yield Batch(messages, json.dumps(at), len(messages), total)

    def _understandings(self, read_before: Collection[str]) -> dict[str, Understand]:
        """How each folder's mails are understood, in the order in which they are read."""
        sent = self._watched_sent()
        inboxes = dict.fromkeys(self._settings.folders, incoming)
        # As Sent it is understood even where `folders` names it too.
        first = sent if sent.keys() <= set(read_before) else {}
        return first | inboxes | sent

    def _watched_sent(self) -> dict[str, Understand]:
        folder = self._sent_folder() if self._settings.watch_sent else None
        return {folder: outgoing} if folder else {}

    def _sent_folder(self) -> str | None:
        """The name of the folder for sent mail, None where none is to be found."""
        named = self._settings.sent
        if named not in ("auto", "off"):
            return named
        wire = self._signed_in().sent_folder()
        return plain_name(wire) if wire else None

    def _read(self, mail: Mail, understand: Understand) -> IncomingMessage:
        message = understand(mail.source, mail.arrived, self._ours)
        if mail.gmail_thread:
            message = replace(message, keys=(*message.keys, f"gmail:{mail.gmail_thread}"))
        if not mail.cut:
            return message
        notice = f"[cut: this mail has {mail.size:,} bytes; only its beginning was fetched]"
        # Of its files the beginning at most is here: none is better than half a one.
        return replace(message, text=f"{message.text}\n\n{notice}".strip(), attachments=())

    def reply(self, reply: OutgoingReply, hand_over: HandOver) -> Sent:
        """Send an answer by SMTP; the copy in Sent follows once its outcome is written down."""
        settings = self._settings
        domain = settings.address.rpartition("@")[2]
        message_id = message_ids.make(self._key(), reply.conversation_id, reply.key, domain)
        mail = compose(
            reply, settings.address, self._desk, message_id, self._clock(), self._answers_to(reply)
        )
        data = mail.as_bytes()
        envelope = smtp.Envelope(deliverable(settings.address), deliverable(reply.to.address), data)
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
        return Sent(message_id, afterwards=self._copy(message_id, data))

    def _answers_to(self, reply: OutgoingReply) -> str:
        if not self._settings.plus_addresses:
            return ""
        return message_ids.tagged(self._key(), reply.conversation_id, self._settings.address)

    def _copy(self, message_id: str, data: bytes) -> Callable[[], None] | None:
        host = parse_server(self._settings.smtp).host
        if self._settings.sent == "off" or host.endswith(_KEEP_COPIES):
            return None

        def copy() -> None:
            folder, session = self._sent_folder(), self._signed_in()
            if folder and not session.holds(folder, message_id):
                session.append(wire_name(folder), data, self._clock())

        return copy

    def watch(self) -> Watch | None:
        """IDLE on the first folder, and on the others where the server can; a session apart."""
        if not self._settings.push:
            return None
        folders = self._settings.folders
        others = [*dict.fromkeys([*folders[1:], *self._watched_sent()])]
        session, self._session = self._signed_in(), None
        try:
            return self._watching(session, others)
        except BaseException:
            session.drop()
            raise

    def _watching(self, session: Session, others: Sequence[str]) -> Watch | None:
        session.examine(self._settings.folders[0])
        server = parse_server(self._settings.imap)
        watch = IdleWatch(session, server, self._settings.timeout, self._clock)
        if watch.begin([wire_name(name) for name in others]):
            return watch
        watch.close()
        return None

    def check(self, cursor: str | None = None) -> Checked:
        """What the servers let the account do; see `Checkable`."""
        return MailCheck(self._settings, self._signed_in, self._sent_folder, self._clock).run()

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
        key = self._key()
        return Ours(
            self._settings.address,
            partial(message_ids.conversation_of, key),
            partial(message_ids.conversation_of_address, key),
            self._settings.limits.limits(),
        )
