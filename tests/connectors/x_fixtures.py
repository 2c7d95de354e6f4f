"""The sandbox's X and a desk at it, as fixtures."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.sandbox.x import XServer
from tests.connectors.desk import Desk
from tests.connectors.x_desk import XPlatform
from tests.fakes import FakeClock


@pytest.fixture
def x(tmp_path: Path, clock: FakeClock) -> Iterator[XPlatform]:
    """X with the account @acme; in the end X's own document judges all that was said."""
    with XServer(clock) as server:
        platform = XPlatform(tmp_path, clock, server)
        yield platform
    assert platform.complaints() == []


@pytest.fixture
def desk(x: XPlatform, tmp_path: Path, clock: FakeClock) -> Iterator[Desk]:
    """A desk with that account."""
    with Desk(tmp_path, x.connect, clock) as desk:
        yield desk
