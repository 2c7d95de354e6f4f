"""Whatever goes wrong at X or Facebook: no secret stands in an error, the log or the database."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from connectors.sandbox.graph import GraphError
from connectors.sandbox.x import XServer
from connectors.sandbox.x_routes import problem
from monitor.errors import ConnectorError
from monitor.message import SendState
from tests.connectors.desk import SINCE, Desk
from tests.connectors.facebook_page import CommentPlatform, FacebookPlatform, MessengerPlatform
from tests.connectors.platforms import SHORT, Fault, Platform
from tests.connectors.x_desk import XPlatform
from tests.fakes import START, FakeClock

pytestmark = pytest.mark.slow

FAULTS = (Fault.CUT, Fault.REFUSES_LATE, Fault.GARBAGE, Fault.SILENT, Fault.DOWN)


@pytest.fixture(params=["x", "comments", "messenger"])
def platform(
    request: pytest.FixtureRequest, tmp_path: Path, clock: FakeClock
) -> Iterator[Platform]:
    with ExitStack() as stack:
        if request.param == "x":
            yield XPlatform(tmp_path, clock, stack.enter_context(XServer(clock)))
        else:
            kind = CommentPlatform if request.param == "comments" else MessengerPlatform
            yield kind(tmp_path, clock, stack)


def repeat_the_secrets(platform: Platform) -> None:
    """The next answers are errors in which the platform says what it was given."""
    if isinstance(platform, XPlatform):
        said = f"cannot take {platform.keys.consumer_key}"
        for status in (400, 401, 403, 429, 500):
            platform.server.faults.plan("GET", "/2/", problem(status, "No", said))
    elif isinstance(platform, FacebookPlatform):
        said = f"cannot take {' '.join(platform.secrets)}"
        for code in (190, 4, 10, 100, 1, 4711):
            platform.server.troubles.fail_next("GET", GraphError(code, said))


def test_no_failure_tells_a_secret(
    platform: Platform, tmp_path: Path, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    told: list[str] = []
    for number in range(len(FAULTS)):
        platform.customer_writes(f"question {number}")
    with Desk(tmp_path, platform.connect, clock) as desk:
        desk.polled()
        platform.patience = SHORT
        for number, fault in enumerate(FAULTS):
            platform.cause(fault)
            told += [str(desk.send(f"question {number}", "an answer")), str(desk.poll())]
            platform.mend()
            desk.clock.forward(minutes=20)
        repeat_the_secrets(platform)
        for _ in range(6):
            told.append(str(desk.poll()))
            with suppress(ConnectorError):
                list(platform.connect().poll(None, START - SINCE))
            desk.clock.forward(hours=1)
        told += [repr(s) for s in desk.store.accounts.statuses()]
    assert SendState.UNSURE in told
    assert all(told)
    kept = b"".join(path.read_bytes() for path in tmp_path.glob("desk.db*"))
    for secret in platform.secrets:
        assert secret not in caplog.text
        assert secret not in "\n".join(told)
        assert secret.encode() not in kept
