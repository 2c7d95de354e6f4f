"""One form posted to an authorization server: encrypted, bounded in time and size, no detours."""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from monitor.errors import ConnectorError

_MOST = 64 * 1024
_HEADERS = {
    "Content-Type": "application/x-www-form-urlencoded",
    "Accept": "application/json",
    "User-Agent": "replyby",
}


@dataclass(frozen=True, slots=True)
class Way:
    """How an authorization server is reached: `ca` is trusted besides the usual authorities."""

    timeout: timedelta
    ca: Path | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Answer:
    """The status, the fields of its JSON object ({} where it is none), and Retry-After in s."""

    status: int
    fields: Mapping[str, object]
    retry_after: float | None = None


def post(
    url: str, form: Mapping[str, str], way: Way, headers: Mapping[str, str] | None = None
) -> Answer:
    """Post a form; ConnectorError where no answer comes, or one that may not.

    Redirections are not followed: what is posted is meant for this one address.
    """
    with _translated(host_of(url)), _connected(url, way) as connection:
        parts = urlsplit(url)
        path = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
        connection.request("POST", path, urlencode(form), {**_HEADERS, **(headers or {})})
        response = connection.getresponse()
        body = response.read(_MOST + 1)
        if 300 <= response.status < 400:
            raise ConnectorError(f"{host_of(url)} sends us to another address: not followed")
        if len(body) > _MOST:
            raise ConnectorError(f"{host_of(url)} answers with more than {_MOST // 1024} kB")
        return Answer(response.status, _fields(body), _seconds(response.headers["Retry-After"]))


def host_of(url: str) -> str:
    """What stands for the server in an error: no path, no query."""
    return urlsplit(url).netloc


@contextlib.contextmanager
def _connected(url: str, way: Way) -> Iterator[http.client.HTTPConnection]:
    parts, seconds = urlsplit(url), way.timeout.total_seconds()
    host = parts.hostname or ""
    if parts.scheme == "https":
        connection: http.client.HTTPConnection = http.client.HTTPSConnection(
            host, parts.port, timeout=seconds, context=_tls(way.ca)
        )
    else:
        connection = http.client.HTTPConnection(host, parts.port, timeout=seconds)
    with contextlib.closing(connection):
        connection.connect()
        # A socket's own time-out begins anew with every byte.
        watch = threading.Timer(seconds, _cut, [connection.sock])
        watch.daemon = True
        watch.start()
        try:
            yield connection
        finally:
            watch.cancel()


def _cut(sock: socket.socket) -> None:
    with contextlib.suppress(OSError):
        sock.shutdown(socket.SHUT_RDWR)


def _tls(ca: Path | None) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if ca:
        context.load_verify_locations(str(ca))
    return context


@contextlib.contextmanager
def _translated(host: str) -> Iterator[None]:
    try:
        yield
    except ssl.SSLCertVerificationError as error:
        raise ConnectorError(f"{host} can't be trusted: {error.verify_message}") from None
    except TimeoutError:
        raise ConnectorError(f"{host} does not answer") from None
    except (http.client.HTTPException, ValueError) as error:
        raise ConnectorError(
            f"{host} breaks off or talks no HTTP: {type(error).__name__}"
        ) from None
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise ConnectorError(f"can't reach {host}: {reason}") from None


def _fields(body: bytes) -> Mapping[str, object]:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _seconds(retry_after: str | None) -> float | None:
    text = (retry_after or "").strip()
    return min(float(text), 3600.0) if text.isascii() and text.isdigit() else None
