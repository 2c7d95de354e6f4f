"""An office for every test of the terminal."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes import FakeClock
from tests.queue_tui.driving import Office
from tests.queue_tui.hostile_office import filled


@pytest.fixture
def office(tmp_path: Path, clock: FakeClock, empty_database: Path) -> Iterator[Office]:
    with Office.on(empty_database, tmp_path, clock) as opened:
        yield opened


@pytest.fixture(scope="session")
def hostile_folder(tmp_path_factory: pytest.TempPathFactory, empty_database: Path) -> Path:
    """A folder with an office full of hostile strings, to be copied."""
    folder = tmp_path_factory.mktemp("hostile")
    filled(folder, empty_database)
    return folder
