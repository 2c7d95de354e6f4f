"""The sessions of clients made on requests: one origin, bounded in time and size, no leaks."""

from __future__ import annotations

import gzip
import logging
import socket
import threading
import time
import traceback
from collections.abc import Callable, Mapping
from datetime import timedelta

import pytest
from pydantic import TypeAdapter, ValidationError

from connectors._http import MOST_BYTES, NoAnswer, NotReached, api_session, speaking_to
from connectors._origin import ApiUrl
from monitor.errors import ConnectorError
from tests.connectors.http_far_side import Talk, far_side, says, silent, trickles

HOST = "api.example"
TOKEN = "t0ken-of-the-page"
SHORT = timedelta(seconds=0.4)
PATIENT = timedelta(seconds=10)


class Ears:
    """Remembers what a session heard."""

    def __init__(self) -> None:
        self.heard: list[tuple[int, Mapping[str, str]]] = []

    def __call__(self, status: int, headers: Mapping[str, str]) -> None:
        self.heard.append((status, headers))


def http(body: bytes, *headers: str, status: str = "200 OK") -> bytes:
    fields = [f"Content-Length: {len(body)}", *headers]
    return "\r\n".join([f"HTTP/1.1 {status}", *fields, "", ""]).encode() + body


def get(origin: str, timeout: timedelta = PATIENT, most_bytes: int = MOST_BYTES) -> object:
    """What JSON the far side answers."""
    session = api_session(HOST, Ears(), api_url=origin, timeout=timeout, most_bytes=most_bytes)
    with session, speaking_to(HOST):
        return session.get(f"https://{HOST}/v2/x", params={"access_token": TOKEN}).json()


def failure(
    talk: Talk, timeout: timedelta = PATIENT, most_bytes: int = MOST_BYTES
) -> ConnectorError:
    with far_side(talk) as origin, pytest.raises(ConnectorError) as caught:
        get(origin, timeout, most_bytes)
    assert TOKEN not in "".join(traceback.format_exception(caught.value))
    return caught.value


def test_a_call_goes_to_the_other_origin_below_its_path() -> None:
    asked: list[bytes] = []

    def talk(connection: socket.socket, request: bytes, over: threading.Event) -> None:
        asked.append(request)
        connection.sendall(http(b'{"a": 1}'))

    with far_side(talk) as origin:
        assert get(f"{origin}/graph") == {"a": 1}
    assert asked[0].startswith(b"GET /graph/v2/x?access_token=")


def test_status_and_headers_are_heard_whatever_their_case() -> None:
    ears = Ears()
    answer = http(b"{}", "X-App-Usage: {}", status="429 Slow")
    with far_side(says(answer)) as origin, api_session(HOST, ears, api_url=origin) as session:
        session.get(f"https://{HOST}/")
    [(status, headers)] = ears.heard
    assert (status, headers["x-app-usage"]) == (429, "{}")


@pytest.mark.parametrize(
    "talk",
    [
        silent,
        trickles(b"HTTP/1.1 200 OK\r\nX-Long: "),
        trickles(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n"),
        trickles(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"),
        trickles(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\nConnection: close\r\n\r\n"),
    ],
    ids=["silent", "in the header", "in the body", "to the end", "closing"],
)
def test_no_far_side_holds_a_call_longer_than_its_time(talk: Talk) -> None:
    begun = time.monotonic()
    error = failure(talk, SHORT)
    assert time.monotonic() - begun < 2
    assert isinstance(error, NoAnswer)
    assert "in time" in str(error)


def test_a_short_answer_that_was_cut_by_the_time_is_not_taken_for_a_whole_one() -> None:
    talk = trickles(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n1")
    assert isinstance(failure(talk, SHORT), NoAnswer)


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"\x00\xff\xfe {99999} <html>",
        http(b"<html>502</html>", "Content-Type: text/html"),
        http(b"[" * 100_000),
        http(b"not gzip", "Content-Encoding: gzip"),
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 500 + b"\r\n",
    ],
    ids=["hung up", "noise", "html", "deep", "bad gzip", "bad chunk", "cut", "headers"],
)
def test_nonsense_is_no_answer(answer: bytes) -> None:
    assert isinstance(failure(says(answer)), NoAnswer)


def test_an_answer_is_bounded_as_unpacked() -> None:
    bomb = gzip.compress(b"x" * 5_000_000)
    error = failure(says(http(bomb, "Content-Encoding: gzip")), most_bytes=1_000_000)
    assert "more than" in str(error)


def test_a_redirection_to_another_origin_is_refused() -> None:
    moved = http(b"", "Location: https://elsewhere.example/", status="302 Found")
    assert "another address" in str(failure(says(moved)))


def test_going_round_in_circles_ends() -> None:
    moved = http(b"", f"Location: https://{HOST}/again", "Connection: close", status="302 Found")
    assert "circles" in str(failure(says(moved)))


def test_no_other_host_is_reached() -> None:
    with api_session(HOST, Ears()) as session, pytest.raises(NotReached), speaking_to(HOST):
        session.get("http://127.0.0.1:9/")


def test_nothing_is_taken_from_the_environment() -> None:
    with api_session(HOST, Ears()) as session:
        assert not session.trust_env


def test_who_does_not_listen_is_said_without_the_address() -> None:
    with far_side(silent) as origin:
        pass
    with pytest.raises(NotReached) as caught:
        get(origin)
    assert TOKEN not in "".join(traceback.format_exception(caught.value))


def test_no_token_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG), far_side(says(http(b"{}"))) as origin:
        get(origin)
    assert TOKEN not in caplog.text


def test_a_connection_is_kept_between_calls() -> None:
    def talk(connection: socket.socket, request: bytes, over: threading.Event) -> None:
        for _ in range(3):
            connection.sendall(http(b'{"n": 1}'))
            connection.recv(65536)

    with far_side(talk) as origin, api_session(HOST, Ears(), api_url=origin) as session:
        for _ in range(3):
            assert session.get(f"https://{HOST}/").json() == {"n": 1}


@pytest.mark.parametrize(
    "url",
    [
        "ftp://x",
        "https://",
        "http://gateway.example",
        "https://a:b@x",
        "https://x?y",
        "https://x:0",
    ],
)
def test_an_unfit_api_url_is_refused(url: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(ApiUrl).validate_python(url)


@pytest.mark.parametrize("url", ["https://gw.example/graph/", "http://127.0.0.1:8080"])
def test_a_fit_api_url_is_taken(url: str) -> None:
    check: Callable[[str], str] = TypeAdapter(ApiUrl).validate_python
    assert check(url) == url.rstrip("/")
