"""An office for every test of the terminal."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from monitor.store import open_store
from tests.fakes import START, FakeClock
from tests.queue_tui.driving import Office


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with the newest schema, to be copied."""
    path = tmp_path_factory.mktemp("empty") / "queue.db"
    open_store(f"sqlite:///{path}", START).close()
    return path


@pytest.fixture
def office(tmp_path: Path, clock: FakeClock, empty_database: Path) -> Iterator[Office]:
    with Office.on(empty_database, tmp_path, clock) as opened:
        yield opened
