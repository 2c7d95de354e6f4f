"""The connection to an IMAP server: bounded lines and literals, a pace to keep, errors in words."""

from __future__ import annotations

import contextlib
import imaplib
import ssl
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from connectors.mailbox.settings import Server
from monitor.errors import AuthError, ConnectorError

LATER = "nothing yet: it is tried again by itself; see whether the server is up"
_CHUNK = 256 * 1024
_LINE_MOST = 4 * 1024 * 1024
_LITERAL_MOST = 1024 * 1024 * 1024
# What a server may send to one command besides the mails that were asked for.
_UNASKED_MOST = 32 * 1024 * 1024
_SLOWEST = 4 * 1024  # bytes a second, once two time-outs are used up


class TooSlow(Exception):
    """The server keeps to the time-out of every read and still gets nowhere."""


class Connection(imaplib.IMAP4):
    """imaplib's client with a reader of our own beneath it.

    `round_trip` is the shortest time in seconds from a command to the first byte of its answer;
    `broken` says that nothing can be read any more.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._ahead, self._at = b"", 0
        self._source: object = None
        self._sent_at: float | None = None
        self.round_trip = 0.0
        self.broken = False
        self._waited, self._received, self._allowed = 0.0, 0, _UNASKED_MOST
        super().__init__(*args, **kwargs)

    def send(self, data: Any) -> None:
        """Send, and begin a new count of what the server takes in time and bytes to answer."""
        self._check_source()
        self._waited, self._received, self._allowed = 0.0, 0, _UNASKED_MOST
        self._sent_at = time.monotonic()
        super().send(data)

    def send_after(self, data: bytes) -> None:
        """Send while answers to others are on their way: these say nothing of the round trip."""
        self.send(data)
        self._sent_at = None

    def readline(self) -> bytes:
        """A line with its end; ValueError for one that no server may send."""
        end = self._ahead.find(b"\n", self._at) + 1
        if not end:
            return self._long_line()
        line = self._ahead[self._at : end]
        self._at = end
        return line

    def _long_line(self) -> bytes:
        pieces, length = [], 0
        while not (end := self._ahead.find(b"\n", self._at) + 1):
            pieces.append(self._ahead[self._at :])
            length += len(pieces[-1])
            if length > _LINE_MOST:
                raise ValueError("a line without end")
            self._receive()
        pieces.append(self._ahead[self._at : end])
        self._at = end
        return b"".join(pieces)

    def read(self, size: int) -> bytes:
        """So many bytes, within what one command may bring."""
        if size > _UNASKED_MOST:
            raise ValueError("a literal too large")
        return self.take(size, size)

    def take(self, size: int, keep: int) -> bytes:
        """Read so many bytes and keep the first of them."""
        if size > _LITERAL_MOST:
            raise ValueError("a literal too large")
        pieces = []
        while size:
            if self._at >= len(self._ahead):
                self._receive()
            piece = self._ahead[self._at : self._at + size]
            self._at += len(piece)
            size -= len(piece)
            if keep:
                pieces.append(piece[:keep])
                keep -= len(pieces[-1])
        return b"".join(pieces)

    def grant(self, size: int) -> None:
        """Let the server send so many bytes more: a mail that was asked for."""
        self._allowed += size

    def _check_source(self) -> None:
        if self._source is not self.sock:
            if self._source and self._at < len(self._ahead):
                # Whoever sits between could put words into the server's mouth before TLS begins.
                raise self.abort("words before the encryption began")
            self._source = self.sock

    def _receive(self) -> None:
        patience = self.sock.gettimeout()
        if patience and self._waited > 2 * patience + self._received / _SLOWEST:
            raise TooSlow(f"{self._received} bytes in {self._waited:.0f} s")
        begun = time.monotonic()
        self._ahead, self._at, self.broken = b"", 0, True
        self._ahead = self.sock.recv(_CHUNK)
        now = time.monotonic()
        if not self._ahead:
            raise self.abort("the connection was closed")
        self.broken = False
        self._waited += now - begun
        self._received += len(self._ahead)
        self._note_round_trip(now)
        if self._received > self._allowed:
            raise self.abort("it sends without end")

    def _note_round_trip(self, now: float) -> None:
        if self._sent_at is not None:
            took = now - self._sent_at
            self.round_trip = min(self.round_trip or took, took)
            self._sent_at = None


class TlsConnection(Connection, imaplib.IMAP4_SSL):
    """The same over TLS from the start."""


def connect(server: Server, context: ssl.SSLContext, timeout: timedelta) -> Connection:
    """An encrypted connection, or one within this machine; AuthError where there is none."""
    seconds = timeout.total_seconds()
    if server.tls:
        return TlsConnection(server.host, server.port, ssl_context=context, timeout=seconds)
    imap = Connection(server.host, server.port, timeout=seconds)
    if "STARTTLS" in imap.capabilities:
        imap.starttls(ssl_context=context)
    elif not server.loopback:
        imap.shutdown()
        raise AuthError(
            f"{server.host} offers no encryption: the password is not sent",
            remedy="use imaps://, or switch STARTTLS on at the server",
        )
    return imap


def tls_context(ca: Path | None) -> ssl.SSLContext:
    """Certificates are always verified, by the private authority where one is given."""
    try:
        return ssl.create_default_context(cafile=str(ca) if ca else None)
    except (OSError, ssl.SSLError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise ConnectorError(
            f"the certificate authority's file {ca} can't be used: {reason}",
            remedy="mend the key `ca` of the account",
        ) from None


@contextlib.contextmanager
def translated(server: Server) -> Iterator[None]:
    """Everything that a server and the way to it can do wrong, as a ConnectorError."""
    where = f"{server.host}:{server.port}"
    try:
        yield
    except ssl.SSLCertVerificationError as error:
        raise ConnectorError(
            f"{where} can't be trusted: {error.verify_message}",
            remedy="give the certificate authority's file as `ca`, or mend the server",
        ) from None
    except TimeoutError:
        raise ConnectorError(f"{where} does not answer", remedy=LATER) from None
    except TooSlow as error:
        raise ConnectorError(f"{where} is too slow: {error}", remedy=LATER) from None
    except imaplib.IMAP4.abort as error:
        raise ConnectorError(f"{where} broke off: {plain(error)}", remedy=LATER) from None
    except imaplib.IMAP4.error as error:
        raise ConnectorError(f"{where} answered: {plain(error)}", remedy=LATER) from None
    except (ValueError, OverflowError, MemoryError) as error:
        raise ConnectorError(
            f"{where} sends what no mail server may ({type(error).__name__})", remedy=LATER
        ) from None
    except (OSError, EOFError) as error:
        reason = getattr(error, "strerror", None) or type(error).__name__
        raise ConnectorError(f"can't reach {where}: {reason}", remedy=LATER) from None


def plain(error: Exception) -> str:
    """What imaplib says, which may be text or bytes."""
    text = error.args[0] if error.args else ""
    return text.decode("utf-8", "replace") if isinstance(text, bytes) else str(text)
