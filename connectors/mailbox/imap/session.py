"""An IMAP session that only looks: EXAMINE and BODY.PEEK, nothing is marked, moved or deleted."""

from __future__ import annotations

import contextlib
import imaplib
import re
import socket
import ssl
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path

from connectors.mailbox.imap.connection import TooSlow, connect, plain, tls_context, translated
from connectors.mailbox.imap.dialogue import Answer, Dialogue, Literal, Refusal, fetch_items, number
from connectors.mailbox.imap.fetching import Batch, Fetcher, Listed, search
from connectors.mailbox.imap.notation import (
    MONTHS,
    in_quotes,
    plain_name,
    set_size,
    unquoted,
    wire_name,
)
from connectors.mailbox.settings import Server
from connectors.mailbox.sign_in import Credentials, exchange, refused
from monitor.errors import ConnectorError

_WINDOW = 50_000  # mails in one search
_EXISTS_MOST = 50_000_000
_NAMES_MOST = 30
_LIST = re.compile(rb'\((?P<flags>[^)]*)\) (?:"(?:[^"\\]|\\.)*"|NIL) (?P<name>.+)')
_SENT_NAMES = ("sent", "sent items", "sent messages", "inbox.sent", "inbox/sent", "gesendet")


@dataclass(slots=True)
class Folder:
    """A folder as EXAMINE shows it: its UIDs mean something under this validity only.

    `exists` is the server's own count. `modseq` is the folder's highest (RFC 7162), 0 where the
    server keeps none. Of what happened since the modseq that was asked about, up to the UID that
    was: `removed` mails went, `changed` came or changed.
    """

    validity: int = 0
    next_uid: int = 0
    exists: int = -1
    modseq: int = 0
    removed: int = 0
    changed: int = 0


@dataclass(frozen=True, slots=True)
class Seen:
    """How a folder was when it was last looked at, for servers that tell the difference."""

    validity: int
    uid: int
    modseq: int


class NoFolder(ConnectorError):
    """The server does not let this folder be opened; it may let others."""


class Session:
    """A signed-in connection; `mechanism` is how it was signed in, "" before."""

    def __init__(self, server: Server, ca: Path | None, timeout: timedelta) -> None:
        self._server = server
        self._offered: frozenset[str] | None = None
        self._introduced = self._resyncs = False
        self.mechanism = ""
        with translated(server):
            self._imap = connect(server, tls_context(ca), timeout)
        self._dialogue = Dialogue(self._imap)

    def sign_in(self, credentials: Credentials) -> None:
        """Unaccepted where the server refuses them, AuthError where it offers no way for them."""
        with translated(self._server):
            offered = {c.removeprefix("AUTH=") for c in self._imap.capabilities}
            talk = exchange(credentials, self._server, offered)
            self.mechanism = talk.mechanism if talk else "LOGIN"
            try:
                if talk:
                    self._imap.authenticate(talk.mechanism, talk)
                else:  # imaplib quotes the password alone
                    self._imap.login(in_quotes(credentials.user), credentials.secret)
            except imaplib.IMAP4.abort:
                raise
            except imaplib.IMAP4.error as error:
                raise refused(self._server, credentials, plain(error), talk) from None

    @property
    def encryption(self) -> str:
        """ "TLSv1.3" and the like, "" where there is none."""
        line = self._imap.socket()
        return (line.version() or "") if isinstance(line, ssl.SSLSocket) else ""

    def offers(self, capability: str) -> bool:
        """Whether the server, once signed in to, has that extension."""
        if self._offered is None:
            with translated(self._server):
                # Most servers say it with the sign-in: more than they say before it, anyway.
                said = self._imap.response("CAPABILITY")[1][-1]
                if not isinstance(said, bytes):
                    said = self._imap.capability()[1][-1]
            words = said.decode("ascii", "replace") if isinstance(said, bytes) else ""
            self._offered = frozenset(words.upper().split())
        return capability in self._offered

    def examine(self, folder: str, seen: Seen | None = None) -> Folder:
        """Open a folder for reading; with `seen`, learn what happened since where that can be."""
        with translated(self._server):
            try:
                opened = self._open(folder, seen)
            except Refusal as refusal:
                raise self._missing(folder, refusal.answer) from None
            if opened.exists >= 0 and opened.validity and not opened.next_uid:
                opened.next_uid = self._highest_uid() + 1 if opened.exists else 1
        return self._sound(opened)

    def _open(self, folder: str, seen: Seen | None) -> Folder:
        introduction = self._introduction()
        command = f"EXAMINE {in_quotes(wire_name(folder))}"
        if seen and seen.modseq and self._resyncs:
            resync = f"{command} (QRESYNC ({seen.validity} {seen.modseq}))"
            try:
                return _opened(self._dialogue.run(*introduction, resync), seen.uid)
            except Refusal:
                self._resyncs, introduction = False, []
        return _opened(self._dialogue.run(*introduction, command), 0)

    def _introduction(self) -> list[str]:
        """What goes ahead of the first EXAMINE, at the cost of no round trip."""
        commands: list[str] = []
        if not self._introduced:
            self._introduced = True
            if self.offers("ID"):
                commands.append('ID ("name" "replyby")')
            if self.offers("QRESYNC") and self.offers("ENABLE"):
                commands.append("ENABLE QRESYNC")
                self._resyncs = True
        return commands

    def _highest_uid(self) -> int:
        mails = self._dialogue.run("UID FETCH * (UID)")
        return max((uid for uid in map(_uid, mails) if uid), default=0)

    def _sound(self, folder: Folder) -> Folder:
        needed = {"UIDVALIDITY": folder.validity, "UIDNEXT": folder.next_uid}
        for name, value in (needed | {"EXISTS": folder.exists + 1}).items():
            if not value:
                raise ConnectorError(
                    f"{self._server.host} gives no {name}: it can't be read safely"
                )
        if folder.exists > _EXISTS_MOST:
            raise ConnectorError(f"{self._server.host} counts {folder.exists:,} mails in a folder")
        return folder

    def _missing(self, folder: str, answer: str) -> ConnectorError:
        names = sorted({plain_name(name) for _, name in self._folders()})
        there = ", ".join(names[:_NAMES_MOST])
        return NoFolder(
            f"folder '{folder}' can't be opened: {answer}",
            remedy=f"see the key `folders` of the account; there are: {there}" if there else "",
        )

    def uids(
        self, folder: Folder, first: int, last: int, since: datetime | None = None
    ) -> list[int]:
        """UIDs from `first` to `last` that the server lists, sorted.

        With `since`, those that can't be older. Large folders are searched by parts, from their
        end: a mail that is removed meanwhile moves the others down, into the part that follows.
        """
        criteria = f"UID {first}:{last}"
        if since:
            # SINCE knows dates only, in the server's own zone: a day more, and sorted out later.
            day = since - timedelta(days=1)
            criteria += f" SINCE {day.day}-{MONTHS[day.month - 1]}-{day.year}"
        found: set[int] = set()
        end = folder.exists
        while end > 0:
            start = max(1, end - _WINDOW + 1)
            part = "" if folder.exists <= _WINDOW else f"{start}:{end} "
            found.update(self._search(part + criteria))
            end = start - 1
        # `5:9` means `9:5` to some servers where 9 is their last: what wasn't asked for is dropped.
        return sorted(uid for uid in found if first <= uid <= last)

    def _search(self, criteria: str) -> list[int]:
        with translated(self._server):
            return list(search(self._dialogue, criteria))

    def count(self, folder: Folder, last: int) -> int:
        """How many mails the server lists up to a UID."""
        if last < 1:
            return 0
        if not self.offers("ESEARCH"):
            return len(self.uids(folder, 1, last))
        with translated(self._server):
            for answer in self._dialogue.run(f"UID SEARCH RETURN (COUNT) UID 1:{last}"):
                if found := re.search(rb" COUNT (\d{1,10})\b", answer.text):
                    return int(found[1])
        return 0

    def between(self, first: int, last: int) -> list[Listed]:
        """The mails from one UID to another, where they can't be many: without a search."""
        with translated(self._server):
            found = self._fetcher.describe(f"{first}:{last}")
        return [found[uid] for uid in sorted(found) if first <= uid <= last]

    def fetch(
        self, mails: Sequence[Listed], uids: Sequence[int], wanted: Callable[[Listed], bool]
    ) -> Iterator[Batch]:
        """Whole mails in their order: those, then those of the UIDs whose description is wanted."""
        with translated(self._server):
            yield from self._fetcher.fetch(mails)
            yield from self._fetcher.fetch_uids(uids, wanted)

    def still_there(self, uids: Sequence[int]) -> set[int]:
        """Those of the UIDs that the server still lists."""
        with translated(self._server):
            return self._fetcher.still_there(uids)

    def alone(self, mail: Listed) -> Literal | None:
        """One mail, cut where it is larger than announced; None where the server sends none."""
        with translated(self._server):
            return self._fetcher.alone(mail)

    @cached_property
    def _fetcher(self) -> Fetcher:
        gmail = self.offers("X-GM-EXT-1")
        return Fetcher(self._dialogue, " X-GM-MSGID X-GM-THRID" if gmail else "")

    def sent_folder(self) -> str | None:
        """The wire name of the folder for sent mail: by its special use (RFC 6154), or usual."""
        with translated(self._server):
            folders = self._folders()
        special = (name for flags, name in folders if b"\\sent" in flags.lower())
        usual = (name for _, name in folders if name.lower() in _SENT_NAMES)
        return next(special, None) or next(usual, None)

    def _folders(self) -> list[tuple[bytes, str]]:
        """Flags and wire name of each folder."""
        lines = self._imap.list()[1]
        found = [_LIST.fullmatch(line) for line in lines if isinstance(line, bytes)]
        return [
            (match["flags"], unquoted(match["name"].strip().decode("ascii", "replace")))
            for match in found
            if match
        ]

    def holds(self, folder: str, message_id: str) -> bool:
        """Whether a mail with that Message-ID lies in the folder."""
        self.examine(folder)
        return bool(self._search(f"HEADER Message-ID {in_quotes(message_id)}"))

    def append(self, folder: str, raw: bytes, at: datetime) -> None:
        """Put a copy of what we sent into a folder (by its wire name), read."""
        with translated(self._server):
            status, data = self._imap.append(in_quotes(folder), r"(\Seen)", at, raw)
            if status != "OK":
                raise ConnectorError(f"no copy in '{folder}': {_joined(data)}")

    def hand_over(self) -> socket.socket:
        """The connection, for a dialogue of another kind; afterwards only `drop` makes sense."""
        return self._imap.socket()

    def drop(self) -> None:
        """Hang up without a word."""
        with contextlib.suppress(OSError):
            self._imap.shutdown()

    def close(self) -> None:
        """Sign out, without waiting for a server that is gone or still busy."""
        with contextlib.suppress(imaplib.IMAP4.error, OSError, EOFError, ValueError, TooSlow):
            if not (self._imap.broken or self._dialogue.in_flight):
                self._imap.logout()
        with contextlib.suppress(OSError):
            self._imap.shutdown()


def _opened(answers: Iterator[Answer], seen_uid: int) -> Folder:
    folder = Folder()
    for answer in answers:
        if answer.text.upper().startswith(b"* OK [CLOSED]"):
            folder = Folder()  # all before it was about the folder that was open
        elif answer.word == b"EXISTS":
            folder.exists = answer.number
        elif answer.word == b"VANISHED":
            folder.removed += set_size(answer.text.split()[-1], seen_uid)
        elif answer.word == b"FETCH":
            folder.changed += (_uid(answer) or 0) <= seen_uid
        else:
            _note_code(folder, answer)
    return folder


def _note_code(folder: Folder, answer: Answer) -> None:
    folder.validity = answer.code(b"UIDVALIDITY") or folder.validity
    folder.next_uid = answer.code(b"UIDNEXT") or folder.next_uid
    folder.modseq = answer.code(b"HIGHESTMODSEQ") or folder.modseq


def _uid(answer: Answer) -> int | None:
    return number(fetch_items(answer).get(b"UID")) if answer.word == b"FETCH" else None


def _joined(data: Sequence[object]) -> str:
    return " ".join(d.decode("utf-8", "replace") for d in data if isinstance(d, bytes))[:300]
