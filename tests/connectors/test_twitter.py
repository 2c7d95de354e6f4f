"""The X channel against X played inside this process."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.sandbox.x import XServer
from tests.connectors.contract import ConnectorContract, Desk, Platform
from tests.connectors.x_desk import XPlatform
from tests.fakes import FakeClock


@pytest.fixture
def x(tmp_path: Path, clock: FakeClock) -> Iterator[XPlatform]:
    with XServer(clock) as server:
        yield XPlatform(tmp_path, clock, server)


class TestTwitter(ConnectorContract):
    """Everything that every channel has to prove."""

    @pytest.fixture
    def platform(self, x: XPlatform) -> Platform:
        return x

    @pytest.fixture
    def desk(self, platform: Platform, tmp_path: Path, clock: FakeClock) -> Iterator[Desk]:
        desk = Desk(tmp_path, platform.connect)
        clock.now = desk.clock.now
        desk.clock = clock
        yield desk
        desk.store.close()
