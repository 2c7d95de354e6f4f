"""Sessions for clients made on requests: bounded in time and size, to one origin, without leaks."""

from __future__ import annotations

import contextlib
import json
import logging
import math
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http.client import HTTPException
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit, urlunsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError, NewConnectionError

from connectors._deadline import POOLS, Deadline
from monitor.errors import ConnectorError

Heard = Callable[[int, Mapping[str, str]], None]
"""Told the status and the headers of each answer; headers ignore case."""

MOST_BYTES = 16 * 2**20
_CONNECT_MOST = 5.0
_CHUNK = 16 * 2**10


class NotReached(ConnectorError):
    """No connection came about: the platform got nothing of it."""


class NoAnswer(ConnectorError):
    """It was sent, and no answer came that can be read: the platform may have done it."""


class _Elsewhere(requests.RequestException):
    """The answer is a redirection to another origin."""


class _TooLarge(requests.RequestException):
    """The answer is longer than anything the platform has to say."""


def api_session(
    host: str,
    heard: Heard,
    *,
    api_url: str = "",
    timeout: timedelta = timedelta(seconds=30),
    ca: Path | None = None,
    most_bytes: int = MOST_BYTES,
    left: Callable[[], float] = lambda: math.inf,
) -> requests.Session:
    """A session that reaches https://`host` and nothing else.

    With `api_url` what is made (and signed) for the host is sent to that origin instead. A call
    lasts no longer than `timeout`, from connecting to the last byte (one of three redirections at
    the most is another call), nor than the seconds that are `left` before it; an answer has
    `most_bytes` at the most when unpacked. Nothing is taken from the environment: no proxies, no
    .netrc.
    """
    # At DEBUG it writes down every address, and tokens stand in them.
    logging.getLogger("urllib3").setLevel(logging.INFO)
    session = requests.Session()
    session.trust_env = False
    session.max_redirects = 3
    session.headers["User-Agent"] = "replyby"
    if ca:
        session.verify = str(ca)
    session.adapters.clear()
    adapter = _OneOrigin(heard, api_url, timeout.total_seconds(), most_bytes, left)
    session.mount(f"https://{host}/", adapter)
    return session


class _OneOrigin(HTTPAdapter):
    """Sends each request within its time, to the origin that the account names."""

    def __init__(
        self,
        heard: Heard,
        api_url: str,
        seconds: float,
        most_bytes: int,
        left: Callable[[], float],
    ) -> None:
        self._heard = heard
        self._base = api_url
        self._seconds = seconds
        self._most = most_bytes
        self._left = left
        super().__init__(pool_connections=1, pool_maxsize=1)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = POOLS

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: object = None,
        verify: bool | str = True,
        cert: object = None,
        proxies: object = None,
    ) -> requests.Response:
        """One call; `timeout` and `proxies` of the client library's own are not heeded."""
        asked = request.url or ""
        request.url = self._there(asked)
        seconds = min(self._seconds, self._left())
        limits = (min(_CONNECT_MOST, seconds), seconds)
        with Deadline(seconds) as deadline:
            try:
                response = super().send(request, True, limits, verify)
                body = _bounded(response, self._most)
            finally:
                if deadline.passed:
                    # Whatever came of it: an answer that was cut may look like a short one.
                    self._left()  # which says so where it was the poll's time that is over
                    raise requests.ReadTimeout
        response.raw.close()
        response.raw = BytesIO(body)
        response.headers.setdefault("content-type", "")
        self._heard(response.status_code, response.headers)
        _check_redirect(response, asked, request.url)
        return response

    def _there(self, url: str) -> str:
        if not self._base:
            return url
        base, parts = urlsplit(self._base), urlsplit(url)
        return urlunsplit((base.scheme, base.netloc, base.path + parts.path, parts.query, ""))


def _bounded(response: requests.Response, most: int) -> bytes:
    """The body, unpacked."""
    body = bytearray()
    for chunk in response.raw.stream(_CHUNK, decode_content=True):
        body += chunk
        if len(body) > most:
            response.close()
            raise _TooLarge
    return bytes(body)


def _check_redirect(response: requests.Response, *ours: str) -> None:
    if response.is_redirect:
        target = urlsplit(urljoin(ours[0], response.headers["location"]))
        if target[:2] not in {urlsplit(url)[:2] for url in ours}:
            raise _Elsewhere


def ahead(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    """By how much the clock of whoever answered is ahead of ours, None where it tells no time."""
    try:
        theirs = parsedate_to_datetime(headers.get("date", ""))
        return theirs.astimezone(UTC) - now if theirs.tzinfo else None
    except (ValueError, OverflowError):
        return None


@contextlib.contextmanager
def speaking_to(host: str) -> Iterator[None]:
    """Turn what requests, urllib3 and JSON raise into NotReached or NoAnswer.

    None of their own words are repeated: they quote addresses, in which tokens stand.
    """
    try:
        yield
    except ConnectorError:
        raise
    except _UNREAD as error:
        if isinstance(error, _UNSENT) or _unconnected(error):
            raise NotReached(f"can't reach {host}: {_reason(error)}") from None
        raise NoAnswer(f"{host}: {_reason(error)}") from None


def _unconnected(error: Exception) -> bool:
    cause = getattr(error.args[0], "reason", None) if error.args else None
    return isinstance(cause, NewConnectionError)


_UNSENT = (
    requests.exceptions.SSLError,
    requests.ConnectTimeout,
    requests.exceptions.InvalidSchema,
    requests.exceptions.InvalidURL,
    requests.exceptions.MissingSchema,
)
_UNREAD = (requests.RequestException, HTTPError, HTTPException, OSError, ValueError, RecursionError)
_REASONS: tuple[tuple[type[Exception], str], ...] = (
    (requests.exceptions.SSLError, "its certificate can't be trusted, or it talks no TLS"),
    (requests.ConnectTimeout, "no connection in time"),
    (requests.Timeout, "no answer in time"),
    (requests.TooManyRedirects, "it sends us round in circles"),
    (_Elsewhere, "it sends us to another address: not followed"),
    (_TooLarge, "it answers with more than it can have to say"),
    (requests.ConnectionError, "the connection fails"),
    (json.JSONDecodeError, "it answers with something else than JSON"),
    (RecursionError, "it answers with something else than JSON"),
)


def _reason(error: Exception) -> str:
    said = (words for kind, words in _REASONS if isinstance(error, kind))
    return next(said, f"it answers with nonsense: {type(error).__name__}")
