"""A poll that dies at any line while texts are edited and taken back: the next make it good."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from connectors.sandbox.x import XServer
from monitor.poller import Poller
from tests.connectors.desk import Desk, Killed
from tests.connectors.facebook_page import CommentPlatform, MessengerPlatform, VisitorPlatform
from tests.connectors.platforms import Platform
from tests.connectors.x_desk import XPlatform
from tests.fakes import FakeClock

pytestmark = pytest.mark.slow

ROOMS = ("reading.py", "state.py", "polling.py", "changes.py", "watched.py", "poller.py",
         "ingest.py", "revisions.py", "connector.py")  # fmt: skip
SPREAD = 5  # a poll is killed at so many of its lines, spread over all of it


def x(folder: Path, clock: FakeClock, stack: ExitStack) -> Platform:
    return XPlatform(folder, clock, stack.enter_context(XServer(clock)))


Make = Callable[[Path, FakeClock, ExitStack], Platform]
MADE: dict[str, Make] = {
    "x": x,
    "comments": CommentPlatform,
    "visitor posts": VisitorPlatform,
    "messenger": MessengerPlatform,
}


@contextmanager
def killed_at(line: int) -> Iterator[list[int]]:
    """Killed is raised at that line of ours, in whichever thread; how many there were so far."""
    passed = [0]

    def trace(frame: FrameType, event: str, arg: object) -> Any:
        path = Path(frame.f_code.co_filename)
        if path.name not in ROOMS or not {"connectors", "store", "monitor"} & {*path.parts[-3:]}:
            return None
        if event == "line":
            passed[0] += 1
            if passed[0] == line:
                raise Killed
        return trace

    threading.settrace(trace)
    sys.settrace(trace)
    try:
        yield passed
    finally:
        sys.settrace(None)
        threading.settrace(None)


def marks(desk: Desk) -> list[tuple[str, bool, bool]]:
    """Each text, whether it is marked as edited, and whether as deleted."""
    return sorted(
        (m.text, bool(m.edited_at), bool(m.deleted_at))
        for c in desk.conversations()
        for m in desk.store.lists.messages(c.id)
    )


def changed_while_polled(make: Make, folder: Path, line: int) -> int:
    """The lines of a poll that was killed at that one; the desk is right after two more."""
    folder.mkdir()
    clock = FakeClock()
    with ExitStack() as stack:
        platform = make(folder, clock, stack)
        desk = stack.enter_context(Desk(folder, platform.connect, clock))
        for text in ("stays", "to be edited", "to be deleted"):
            platform.customer_writes(text)
        desk.polled()
        clock.forward(minutes=5)
        platform.edit("to be edited", "edited")
        platform.delete("to be deleted")
        platform.customer_writes("new", clock())
        with killed_at(line) as lines, suppress(Killed):
            Poller(desk.store, clock).poll(desk.account)
        for _ in range(3):
            clock.forward(minutes=10)
            desk.polled()
        assert marks(desk) == [
            ("edited", True, False), ("new", False, False), ("stays", False, False),
            ("to be deleted", False, True),
        ], f"killed at line {line}"  # fmt: skip
        assert list(desk.store.archive.differences()) == []
    return lines[0]


@pytest.mark.parametrize("kind", MADE)
def test_a_poll_killed_at_any_line_loses_no_change(kind: str, tmp_path: Path) -> None:
    lines = changed_while_polled(MADE[kind], tmp_path / "whole", 0)
    assert lines > 100
    for part in range(SPREAD):
        line = 1 + part * lines // SPREAD + lines // (2 * SPREAD)
        changed_while_polled(MADE[kind], tmp_path / str(line), line)
