"""Real servers and stores for every test; one that is missing skips, or fails where CI asks."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NoReturn

import pytest
from hypothesis import HealthCheck, settings

from monitor.store import Store, open_store
from tests.fakes import START, FakeClock
from tests.servers.certificates import Certificates, make_certificates
from tests.servers.dovecot import Dovecot
from tests.servers.exim import Exim
from tests.servers.need import Missing
from tests.servers.postgres import Postgres

# How long an example takes says how busy the machine is, and nothing of the code.
settings.register_profile("replyby", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("replyby")

SHARED = Path(__file__).parent.parent.parent / "shared"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say aloud what was left out and why, once for each reason."""
    reports = terminalreporter.stats.get("skipped", [])
    reasons = Counter(str(r.longrepr[2]).removeprefix("Skipped: ") for r in reports)
    for reason, count in reasons.most_common():
        terminalreporter.write_line(f"LEFT OUT, {count} tests: {reason}", yellow=True)


def without(missing: Missing) -> NoReturn:
    """Skip, loudly; where REPLYBY_REQUIRE_SERVERS is set a skipped server is a failure."""
    if os.environ.get("REPLYBY_REQUIRE_SERVERS") == "1":
        pytest.fail(str(missing), pytrace=False)
    pytest.skip(str(missing))


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with the newest schema, to be copied."""
    path = tmp_path_factory.mktemp("empty") / "queue.db"
    open_store(f"sqlite:///{path}", START).close()
    return path


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    try:
        server = Postgres()
    except Missing as missing:
        without(missing)
    with server:
        yield server


@pytest.fixture(scope="session")
def postgres_template(postgres: Postgres) -> str:
    """A database with the newest schema, to be copied."""
    url = postgres.new_database()
    open_store(url, START).close()
    return url


@pytest.fixture(params=["sqlite", "postgresql"])
def new_url(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], str]:
    """Makes URLs of new, empty databases of either kind."""
    if request.param == "sqlite":
        numbers = iter(range(1000))
        return lambda: f"sqlite:///{tmp_path}/{next(numbers)}.db"
    server: Postgres = request.getfixturevalue("postgres")
    return server.new_database


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database with the newest schema, of either kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/replyby.db"
    server: Postgres = request.getfixturevalue("postgres")
    return server.new_database(like=request.getfixturevalue("postgres_template"))


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    """A store on SQLite, and again on PostgreSQL."""
    opened = open_store(store_url, START)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    try:
        return make_certificates(tmp_path_factory.mktemp("tls"))
    except Missing as missing:
        without(missing)


@pytest.fixture(scope="session", params=["maildir", "sdbox"])
def dovecot(request: pytest.FixtureRequest, certificates: Certificates) -> Iterator[Dovecot]:
    """A private IMAP server, once for each way of storing mail."""
    try:
        server = Dovecot(certificates, storage=request.param)
    except Missing as missing:
        without(missing)
    with server:
        yield server


@pytest.fixture(scope="session")
def exim(dovecot: Dovecot) -> Iterator[Exim]:
    """A private SMTP server that delivers into `dovecot`."""
    try:
        server: Any = Exim(dovecot)
    except Missing as missing:
        without(missing)
    with server:
        yield server
