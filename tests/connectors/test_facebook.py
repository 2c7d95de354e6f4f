"""The Facebook channel: the contract, for every place in which customers write."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.connectors.contract import ConnectorContract
from tests.connectors.facebook_page import CommentPlatform, MessengerPlatform, VisitorPlatform
from tests.connectors.platforms import Platform
from tests.fakes import FakeClock


class TestComments(ConnectorContract):
    """Customers comment on a post of the page's."""

    @pytest.fixture
    def platform(self, tmp_path: Path, clock: FakeClock) -> Iterator[Platform]:
        with ExitStack() as stack:
            yield CommentPlatform(tmp_path, clock, stack)


class TestVisitorPosts(ConnectorContract):
    """Customers write posts of their own on the page."""

    @pytest.fixture
    def platform(self, tmp_path: Path, clock: FakeClock) -> Iterator[Platform]:
        with ExitStack() as stack:
            yield VisitorPlatform(tmp_path, clock, stack)


class TestMessenger(ConnectorContract):
    """Customers write on Messenger."""

    @pytest.fixture
    def platform(self, tmp_path: Path, clock: FakeClock) -> Iterator[Platform]:
        with ExitStack() as stack:
            yield MessengerPlatform(tmp_path, clock, stack)
