"""New mail announced by the server itself: IDLE (RFC 2177) on a session of its own."""

from __future__ import annotations

import contextlib
import re
import socket
import ssl
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from connectors.mailbox.imap.connection import translated
from connectors.mailbox.imap.notation import in_quotes
from connectors.mailbox.imap.session import Session
from connectors.mailbox.settings import Server
from monitor.clock import Clock
from monitor.errors import ConnectorError

# RFC 2177 wants it within 29 minutes; routers in between forget a silent connection sooner.
RENEW = timedelta(minutes=10)
_CHUNK = 64 * 1024
_LINE_MOST = 64 * 1024
# Marking a hundred thousand mails as read says about as much.
_PERIOD_MOST = 4 * 1024 * 1024
_NEWS = re.compile(rb"\* (?:[1-9]\d{0,9} (?:EXISTS|RECENT)\b|STATUS )", re.IGNORECASE)
_BYE = re.compile(rb"\* BYE\b", re.IGNORECASE)
_NOTHING_YET = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)
# The first probe comes before routers forget; a peer that is gone is noticed two minutes later.
_KEEPALIVE = (("TCP_KEEPIDLE", 120), ("TCP_KEEPINTVL", 30), ("TCP_KEEPCNT", 4))


class IdleWatch:
    """A session in IDLE on the folder that it has opened; see `monitor.connector.Watch`.

    Only `begin` waits for the server, `patience` at the most; everything else takes what is there.
    """

    def __init__(self, session: Session, server: Server, patience: timedelta, clock: Clock) -> None:
        self._session = session
        self._server = server
        self._where = f"{server.host}:{server.port}"
        self._patience = patience
        self._clock = clock
        self._socket = session.hand_over()
        self._idling = False
        self._number = 0
        self._rest = b""
        self._period = 0
        self.due: datetime = clock() + patience

    def begin(self, others: Sequence[str] = ()) -> bool:
        """Enter IDLE; False where the server does not offer it.

        `others` are further folders by their wire names, announced where the server offers NOTIFY
        (RFC 5465); else they are only polled. Dovecot 2.3 knows only those with ASCII names there.
        """
        with translated(self._server):
            _keep_alive(self._socket)
            offered = _words(self._ask("CAPABILITY"))
            if b"IDLE" not in offered:
                return False
            if others and b"NOTIFY" in offered:
                self._ask(_notify(others))
            self._say("IDLE")
            while not self._idling:
                for line in self._wait():
                    self._heed(line)
            self._socket.setblocking(False)
        return True

    def fileno(self) -> int:
        """The socket, for a selector."""
        return self._socket.fileno()

    def pushed(self) -> bool:
        """Read what is there; whether the server announced new mail."""
        news = False
        with translated(self._server):
            for line in self._there():
                news = self._heed(line) or news
        return news

    def renew(self) -> None:
        """Leave IDLE, to enter it again once the server has answered."""
        if not self._idling:
            raise ConnectorError(f"{self._where} does not answer")
        self._idling = False
        self._period = 0
        with translated(self._server):
            self._send(b"DONE\r\n")

    def close(self) -> None:
        """Hang up, with a word of goodbye that nobody waits for."""
        with contextlib.suppress(OSError, ConnectorError):
            self._socket.setblocking(False)
            self._send(b"DONE\r\n" * self._idling + b"bye LOGOUT\r\n")
        self._session.drop()

    def _heed(self, line: bytes) -> bool:
        """Go on as the server's line asks for; whether it announces new mail."""
        if line.startswith(b"+"):
            self._idling = True
            self.due = self._clock() + RENEW
        elif line.startswith(self._tag + b" "):
            self._idling = False
            self._accepted(line)
            self._say("IDLE")
        elif _BYE.match(line):
            raise ConnectorError(f"{self._where} says goodbye: {_shown(line[5:])}")
        return bool(_NEWS.match(line))

    def _accepted(self, line: bytes) -> None:
        if line[len(self._tag) + 1 :][:3].upper().rstrip() != b"OK":
            raise ConnectorError(f"{self._where} refuses: {_shown(line)}")

    def _ask(self, command: str) -> list[bytes]:
        """What the server says to a command, up to its tagged answer."""
        self._say(command)
        said: list[bytes] = []
        while True:
            for line in self._wait():
                said.append(line)
                if line.startswith(self._tag + b" "):
                    return said

    @property
    def _tag(self) -> bytes:
        return b"w%d" % self._number

    def _say(self, command: str) -> None:
        self._number += 1
        self._send(self._tag + b" " + command.encode("ascii") + b"\r\n")

    def _send(self, data: bytes) -> None:
        self.due = self._clock() + self._patience
        try:
            sent = self._socket.send(data)
        except _NOTHING_YET:
            sent = 0
        if sent != len(data):
            raise ConnectorError(f"{self._where} takes nothing more")

    def _wait(self) -> list[bytes]:
        if self._clock() >= self.due:
            raise TimeoutError
        return self._lines(self._socket.recv(_CHUNK))

    def _there(self) -> Iterator[bytes]:
        # To the last byte: what the TLS layer has read already no selector would report.
        with contextlib.suppress(*_NOTHING_YET):
            while True:
                yield from self._lines(self._socket.recv(_CHUNK))

    def _lines(self, data: bytes) -> list[bytes]:
        if not data:
            raise ConnectorError(f"{self._where} hung up")
        self._period += len(data)
        *lines, self._rest = (self._rest + data).split(b"\n")
        if self._period > _PERIOD_MOST or len(self._rest) > _LINE_MOST:
            raise ConnectorError(f"{self._where} sends without end")
        return lines


def _words(lines: list[bytes]) -> set[bytes]:
    return {word for line in lines for word in line.upper().split()}


def _notify(folders: Sequence[str]) -> str:
    events = "(MessageNew MessageExpunge)"
    names = " ".join(map(in_quotes, folders))
    return f"NOTIFY SET (selected {events}) (mailboxes ({names}) {events})"


def _shown(line: bytes) -> str:
    return line.decode("utf-8", "replace").strip()[:200]


def _keep_alive(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in _KEEPALIVE:
        if option := getattr(socket, name, None):
            connection.setsockopt(socket.IPPROTO_TCP, option, value)
