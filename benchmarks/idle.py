"""From the mail server's delivery to the queue, against a bare client in IDLE on the same box."""

from __future__ import annotations

import imaplib
import smtplib
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import SimpleQueue
from statistics import median
from time import perf_counter
from typing import NamedTuple

from benchmarks.data import Worlds, say
from benchmarks.table import Row, Target
from monitor.schedule import Daemon
from monitor.wiring import House, read_config
from tests.servers.certificates import Certificates, make_certificates
from tests.servers.dovecot import Dovecot
from tests.servers.need import Missing
from tests.servers.process import LOOPBACK, wait_until

_ADDRESS, _PASSWORD = "desk@bench.test", "bench"
_SECONDS = 30
_CONFIG = """
[[accounts]]
name = "support"
channel = "email"
every = "1h"
address = "{address}"
imap = "imaps://localhost:{server.imaps_port}"
ca = "{server.certificates.ca}"
smtp = "smtp://127.0.0.1:9"
password = "file:password"
"""
_MAIL = (
    b"From: mira@customer.test\r\nSubject: %d\r\nMessage-ID: <%d@customer.test>\r\n\r\nhello\r\n"
)
_SERVERS_PART = "bare IDLE client, Dovecot waits 500 ms"
_LEAST = "bare sign-in, EXAMINE, FETCH over TLS"


class Delivery(NamedTuple):
    """Seconds from the server's acceptance of a mail: to its announcement, and to the queue."""

    announced: float
    queued: float


def measure(worlds: Worlds) -> Iterator[Row]:
    """Median and 99th percentile of deliveries by LMTP, and our share in them."""
    folder = worlds.folder / "idle"
    folder.mkdir()
    try:
        server = Dovecot(make_certificates(folder))
    except Missing as missing:
        say(f"SKIPPED: delivery to queue with IDLE: {missing}")
        return
    with server:
        server.add_user(_ADDRESS, _PASSWORD)
        yield from _rows(_deliveries(server, folder, 10 if worlds.quick else 50), server)


def _rows(deliveries: list[Delivery], server: Dovecot) -> Iterator[Row]:
    announced = sorted(d.announced * 1000 for d in deliveries)
    queued = sorted(d.queued * 1000 for d in deliveries)
    share = median(d.queued - d.announced for d in deliveries) * 1000
    least = median(_bare_fetch(server) for _ in deliveries) * 1000
    for name, figure in (("median", median), ("p99", _p99)):
        yield Row(
            f"delivery to queue by IDLE: {name}", "-", "sqlite", "ms", figure(queued),
            _SERVERS_PART, figure(announced), Target(1000, absolute=True),
        )  # fmt: skip
    yield Row("announcement to queue: median", "-", "sqlite", "ms", share, _LEAST, least)


def _p99(values: list[float]) -> float:
    return values[min(len(values) - 1, len(values) * 99 // 100)]


def _deliveries(server: Dovecot, folder: Path, count: int) -> list[Delivery]:
    with _desk(server, folder) as house, _announcements(server) as announcements:
        # All polls after the first come of the watch: with one such, it is at work.
        _delivery(server, house, announcements, 1)
        return [_delivery(server, house, announcements, 2 + n) for n in range(count)]


def _delivery(
    server: Dovecot, house: House, announcements: SimpleQueue[float], number: int
) -> Delivery:
    with smtplib.LMTP(LOOPBACK, server.lmtp_port, timeout=_SECONDS) as lmtp:
        lmtp.sendmail("mira@customer.test", [_ADDRESS], _MAIL % (number, number))
    accepted = perf_counter()
    wait = threading.Event().wait
    while _stored(house) < number:
        wait(0.001)
    queued = perf_counter()
    return Delivery(announcements.get(timeout=_SECONDS) - accepted, queued - accepted)


def _stored(house: House) -> int:
    return int(house.store.database.read("SELECT count(*) FROM message")[0][0])


@contextmanager
def _desk(server: Dovecot, folder: Path) -> Iterator[House]:
    """The daemon as `replyby run` has it, its only account watched."""
    (folder / "password").write_text(_PASSWORD)
    (folder / "config.toml").write_text(_CONFIG.format(address=_ADDRESS, server=server))
    house, polls = House(read_config(folder / "config.toml")), list[object]()
    daemon = Daemon(house, polls.append)
    daemon.start()
    try:
        wait_until(lambda: bool(polls), "the first poll, which is due", _SECONDS)
        yield house
    finally:
        daemon.stop()
        house.close()


@contextmanager
def _announcements(server: Dovecot) -> Iterator[SimpleQueue[float]]:
    """When each mail was announced to a client that does nothing else."""
    heard: SimpleQueue[float] = SimpleQueue()
    imap = _signed_in(server)
    imap.send(b"i IDLE\r\n")
    imap.readline()

    def listen() -> None:
        while line := imap.readline():
            if b"EXISTS" in line:
                heard.put(perf_counter())

    thread = threading.Thread(target=listen, daemon=True)
    thread.start()
    yield heard
    imap.send(b"DONE\r\ni LOGOUT\r\n")
    thread.join(_SECONDS)
    imap.shutdown()


def _bare_fetch(server: Dovecot) -> float:
    begin = perf_counter()
    imap = _signed_in(server)
    imap.fetch("*", "(UID BODY.PEEK[])")
    imap.logout()
    return perf_counter() - begin


def _signed_in(server: Dovecot) -> imaplib.IMAP4_SSL:
    context = _context(server.certificates)
    imap = imaplib.IMAP4_SSL("localhost", server.imaps_port, ssl_context=context, timeout=_SECONDS)
    imap.login(_ADDRESS, _PASSWORD)
    imap.select("INBOX", readonly=True)
    return imap


def _context(certificates: Certificates) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(certificates.ca))
