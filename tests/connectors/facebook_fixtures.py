"""A page on which customers comment, one of them called Mira, and a desk at it, as fixtures."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from connectors.sandbox.graph_data import Person
from tests.connectors.desk import Desk
from tests.connectors.facebook_page import CommentPlatform
from tests.fakes import FakeClock


@pytest.fixture
def platform(tmp_path: Path, clock: FakeClock) -> Iterator[CommentPlatform]:
    with ExitStack() as stack:
        yield CommentPlatform(tmp_path, clock, stack)


@pytest.fixture
def mira(platform: CommentPlatform) -> Person:
    return platform.page.person("Mira")


@pytest.fixture
def desk(platform: CommentPlatform, tmp_path: Path, clock: FakeClock) -> Iterator[Desk]:
    with Desk(tmp_path, platform.connect, clock) as desk:
        yield desk
