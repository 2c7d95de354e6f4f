"""An IMAP session that only looks: EXAMINE and BODY.PEEK, nothing is marked, moved or deleted."""

from __future__ import annotations

import contextlib
import imaplib
import re
import ssl
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from connectors.mailbox.settings import Server
from connectors.mailbox.sign_in import Credentials, exchange, refused
from monitor.errors import AuthError, ConnectorError

_STEP = 100_000
_NO_BODY = re.compile(rb'BODY\[\](?:<0>)? (?:""|NIL)')
_UID = re.compile(rb"\bUID (\d+)")
_SIZE = re.compile(rb"\bRFC822\.SIZE (\d+)")
_DATE = re.compile(rb'\bINTERNALDATE "([^"]+)"')
_LIST = re.compile(rb'\((?P<flags>[^)]*)\) (?:"(?:[^"\\]|\\.)*"|NIL) (?P<name>.+)')
_SENT_NAMES = ("sent", "sent items", "sent messages", "inbox.sent", "inbox/sent", "gesendet")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder as EXAMINE shows it: its UIDs mean something under this validity only."""

    validity: int
    next_uid: int


@dataclass(frozen=True, slots=True)
class Listed:
    """A mail before it is fetched: its UID, size in bytes, and when the server got it."""

    uid: int
    size: int
    arrived: datetime


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
        raise ConnectorError(f"{where} does not answer", remedy=_LATER) from None
    except imaplib.IMAP4.abort as error:
        raise ConnectorError(f"{where} broke off: {_plain(error)}", remedy=_LATER) from None
    except imaplib.IMAP4.error as error:
        raise ConnectorError(f"{where} answered: {_plain(error)}", remedy=_LATER) from None
    except (ValueError, OverflowError, MemoryError) as error:
        raise ConnectorError(
            f"{where} sends what no mail server may ({type(error).__name__})", remedy=_LATER
        ) from None
    except (OSError, EOFError) as error:
        reason = getattr(error, "strerror", None) or type(error).__name__
        raise ConnectorError(f"can't reach {where}: {reason}", remedy=_LATER) from None


_LATER = "nothing yet: it is tried again by itself; see whether the server is up"


class Session:
    """A signed-in connection."""

    def __init__(self, server: Server, ca: Path | None, timeout: timedelta) -> None:
        self._server = server
        with translated(server):
            self._imap = _connect(server, tls_context(ca), timeout.total_seconds())

    def sign_in(self, credentials: Credentials) -> None:
        """Unaccepted where the server refuses them, AuthError where it offers no way for them."""
        with translated(self._server):
            offered = {c.removeprefix("AUTH=") for c in self._imap.capabilities}
            talk = exchange(credentials, self._server, offered)
            try:
                if talk:
                    self._imap.authenticate(talk.mechanism, talk)
                else:  # imaplib quotes the password alone
                    self._imap.login(_in_quotes(credentials.user), credentials.secret)
            except imaplib.IMAP4.abort:
                raise
            except imaplib.IMAP4.error as error:
                raise refused(self._server, credentials, _plain(error), talk) from None

    def examine(self, folder: str) -> Folder:
        """Open a folder for reading."""
        with translated(self._server):
            status, data = self._imap.select(_in_quotes(wire_name(folder)), readonly=True)
            if status != "OK":
                text = _joined(data)
                raise ConnectorError(f"folder '{folder}' can't be opened: {text}")
            return Folder(self._number("UIDVALIDITY"), self._number("UIDNEXT"))

    def _number(self, name: str) -> int:
        data = self._imap.response(name)[1]
        value = data[-1] if data else None
        if not isinstance(value, bytes) or not value.isdigit():
            raise ConnectorError(f"{self._server.host} gives no {name}: it can't be read safely")
        return int(value)

    def mails(self, folder: Folder, first: int, since: datetime | None) -> list[Listed]:
        """Mails from UID `first` on, in UID order; with `since`, those not older than that."""
        found: list[Listed] = []
        start = first
        while start < folder.next_uid:
            stop = min(start + _STEP, folder.next_uid) - 1
            found += self._describe(self._search(start, stop, since))
            start = stop + 1
        return [mail for mail in found if since is None or mail.arrived >= since]

    def _search(self, start: int, stop: int, since: datetime | None) -> list[int]:
        criteria = f"UID {start}:{stop}"
        if since:
            # SINCE knows dates only, in the server's own zone: a day more, and sorted out later.
            day = since - timedelta(days=1)
            criteria += f" SINCE {day.day}-{_MONTHS[day.month - 1]}-{day.year}"
        with translated(self._server):
            status, data = self._imap.uid("SEARCH", criteria)
            if status != "OK":
                raise ConnectorError(f"{self._server.host} refused a search: {_joined(data)}")
        uids = [int(u) for line in data if isinstance(line, bytes) for u in line.split()]
        return sorted(uid for uid in uids if start <= uid <= stop)

    def _describe(self, uids: Sequence[int]) -> list[Listed]:
        found: dict[int, Listed] = {}
        if not uids:
            return []
        for begin in range(0, len(uids), 1000):
            part = uids[begin : begin + 1000]
            for meta, _ in self._fetch(part, "UID RFC822.SIZE INTERNALDATE"):
                uid, size, date = _UID.search(meta), _SIZE.search(meta), _DATE.search(meta)
                if uid and size and date:
                    number = int(uid[1])
                    found[number] = Listed(number, int(size[1]), parse_internal_date(date[1]))
        missing = [uid for uid in uids if uid not in found]
        if missing and self.still_there(missing):
            # Passing over a mail that is there would lose it.
            raise ConnectorError(f"{self._server.host} lists mails that it does not describe")
        return [found[uid] for uid in uids if uid in found]

    def sources(self, uids: Sequence[int], first_bytes: int | None = None) -> dict[int, bytes]:
        """Whole mails (or their first bytes) by UID; one that vanished meanwhile is missing."""
        part = f"<0.{first_bytes}>" if first_bytes else ""
        found = {}
        for meta, literal in self._fetch(uids, f"UID BODY.PEEK[]{part}"):
            uid, empty = _UID.search(meta), _NO_BODY.search(meta)
            if uid and (literal is not None or empty):
                found[int(uid[1])] = literal or b""
        return found

    def still_there(self, uids: Sequence[int]) -> list[int]:
        """Those of the UIDs that the server still lists."""
        return [u for u in self._search(min(uids), max(uids), None) if u in set(uids)]

    def _fetch(self, uids: Sequence[int], items: str) -> Iterator[tuple[bytes, bytes | None]]:
        if not uids:
            return
        with translated(self._server):
            status, data = self._imap.uid("FETCH", uid_set(uids), f"({items})")
            if status != "OK":
                raise ConnectorError(f"{self._server.host} refused a fetch: {_joined(data)}")
        yield from _pairs(data)

    def sent_folder(self) -> str | None:
        """The wire name of the folder for sent mail: by its special use (RFC 6154), or usual."""
        with translated(self._server):
            data = self._imap.list()[1]
        named = None
        for line in data:
            match = _LIST.fullmatch(line) if isinstance(line, bytes) else None
            if not match:
                continue
            name = _unquoted(match["name"].strip().decode("ascii", "replace"))
            if b"\\sent" in match["flags"].lower():
                return name
            if name.lower() in _SENT_NAMES:
                named = named or name
        return named

    def append(self, folder: str, raw: bytes, at: datetime) -> None:
        """Put a copy of what we sent into a folder (by its wire name), read."""
        with translated(self._server):
            status, data = self._imap.append(_in_quotes(folder), r"(\Seen)", at, raw)
            if status != "OK":
                raise ConnectorError(f"no copy in '{folder}': {_joined(data)}")

    def close(self) -> None:
        """Sign out, without waiting for a server that is gone."""
        with contextlib.suppress(imaplib.IMAP4.error, OSError, EOFError):
            self._imap.logout()


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


def _connect(server: Server, context: ssl.SSLContext, timeout: float) -> imaplib.IMAP4:
    if server.tls:
        return imaplib.IMAP4_SSL(server.host, server.port, ssl_context=context, timeout=timeout)
    imap = imaplib.IMAP4(server.host, server.port, timeout=timeout)
    if "STARTTLS" in imap.capabilities:
        imap.starttls(ssl_context=context)
    elif not server.loopback:
        imap.shutdown()
        raise AuthError(
            f"{server.host} offers no encryption: the password is not sent",
            remedy="use imaps://, or switch STARTTLS on at the server",
        )
    return imap


def uid_set(uids: Sequence[int]) -> str:
    """`1:5,7` for sorted UIDs."""
    runs: list[list[int]] = []
    for uid in uids:
        if runs and uid == runs[-1][1] + 1:
            runs[-1][1] = uid
        else:
            runs.append([uid, uid])
    return ",".join(str(a) if a == b else f"{a}:{b}" for a, b in runs)


def parse_internal_date(text: bytes) -> datetime:
    """`17-Jul-1996 02:44:25 -0700` (RFC 3501) in UTC; ConnectorError on anything else."""
    words = text.decode("ascii", "replace").replace("-", " ", 2).split()
    try:
        day, month, year, time, zone = words
        hour, minute, second = (int(part) for part in time.split(":"))
        sign = -1 if zone[0] == "-" else 1
        offset = sign * timedelta(hours=int(zone[1:3]), minutes=int(zone[3:5]))
        number = _MONTHS.index(month.title()) + 1
        return datetime(int(year), number, int(day), hour, minute, second, tzinfo=UTC) - offset
    except (ValueError, IndexError, OverflowError):
        raise ConnectorError("the server gives a date that is none") from None


def _pairs(data: Sequence[object]) -> Iterator[tuple[bytes, bytes | None]]:
    """imaplib's flat list as (what stands around the literal, the literal) for each mail."""
    meta, literal = b"", None
    for item in data:
        if isinstance(item, tuple):
            meta, literal = item[0], item[1]
        elif isinstance(item, bytes) and literal is not None:
            yield meta + b" " + item, literal
            meta, literal = b"", None
        elif isinstance(item, bytes):
            yield item, None


def _unquoted(name: str) -> str:
    return re.sub(r"\\(.)", r"\1", name[1:-1]) if name[:1] == '"' else name


def _in_quotes(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def wire_name(folder: str) -> str:
    """A folder's name in modified UTF-7 (RFC 3501, 5.1.3)."""
    out, run = [], ""
    for char in folder + "\0":
        if " " <= char <= "~" or char == "\0":
            if run:
                base = run.encode("utf-16-be")
                out.append("&" + _base64(base) + "-")
                run = ""
            out.append("&-" if char == "&" else char)
        else:
            run += char
    return "".join(out)[:-1]


def _base64(data: bytes) -> str:
    import binascii

    return binascii.b2a_base64(data, newline=False).decode().rstrip("=").replace("/", ",")


def _plain(error: Exception) -> str:
    text = error.args[0] if error.args else ""
    return text.decode("utf-8", "replace") if isinstance(text, bytes) else str(text)


def _joined(data: Sequence[object]) -> str:
    return " ".join(d.decode("utf-8", "replace") for d in data if isinstance(d, bytes))[:300]
