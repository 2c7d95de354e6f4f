"""The real command in a real terminal: quitting, and a sudden death."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import sys
import termios
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from monitor.clock import now
from tests.fakes import FakeClock
from tests.queue_tui.driving import CONFIG, Office

_DEADLINE = 30.0


class Screen:
    """`replyby queue` behind a pseudo-terminal, and every byte that it wrote."""

    def __init__(
        self, folder: Path, size: tuple[int, int], words: Sequence[str], **environment: str
    ) -> None:
        given = ("--config", "config.toml", "--as", "ann", *words)
        command = [sys.executable, "-m", "monitor", *given]
        self.pid, self.handle = pty.fork()
        if self.pid == 0:
            os.chdir(folder)
            path = str(Path(__file__).parents[2])
            os.environ.update(TERM="xterm-256color", PYTHONPATH=path, LANG="C.UTF-8")
            os.environ.update(environment)
            # What readline has put there, here or in what started us, says another terminal's size.
            for name in ("COLUMNS", "LINES"):
                os.environ.pop(name, None)
            os.execve(sys.executable, command, dict(os.environ))
        fcntl.ioctl(self.handle, termios.TIOCSWINSZ, struct.pack("HHHH", *size[::-1], 0, 0))
        self.output = b""

    def read(self, seconds: float = 0.1) -> bool:
        """Take what was written meanwhile; False where the program has ended."""
        if not select.select([self.handle], [], [], seconds)[0]:
            return True
        try:
            chunk = os.read(self.handle, 65536)
        except OSError:
            return False
        self.output += chunk
        return bool(chunk)

    def wait(self, condition: Callable[[], Any]) -> None:
        """Read until the condition holds."""
        ends = time.monotonic() + _DEADLINE
        while not condition():
            assert self.read(), f"it ended: {self.output[-2000:]!r}"
            assert time.monotonic() < ends, self.output[-2000:]

    def see(self, words: str) -> None:
        """Wait until it writes these words, from here on."""
        begin = len(self.output)
        self.wait(lambda: words.encode() in self.output[begin:])

    def quiet(self) -> None:
        """Wait until it has written nothing for a moment."""
        while True:
            before = len(self.output)
            self.read(0.3)
            if len(self.output) == before:
                return

    def type(self, keys: str) -> None:
        """Type, or paste; what it writes meanwhile is read, or both would wait for each other."""
        left, ends = keys.encode(), time.monotonic() + _DEADLINE
        while left:
            assert time.monotonic() < ends, "it does not read"
            if select.select([], [self.handle], [], 0)[1]:
                left = left[os.write(self.handle, left[:256]) :]
            self.read(0)

    def end(self) -> int:
        """Its exit code, once it has ended by itself."""
        ends = time.monotonic() + _DEADLINE
        while self.read():
            assert time.monotonic() < ends, "it goes on"
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)


@contextmanager
def screen(
    office: Office,
    size: tuple[int, int] = (100, 30),
    config: str = CONFIG,
    words: Sequence[str] = ("queue",),
    **environment: str,
) -> Iterator[Screen]:
    (office.folder / "config.toml").write_text(config)
    opened = Screen(office.folder, size, words, **environment)
    try:
        yield opened
    finally:
        try:
            os.kill(opened.pid, signal.SIGKILL)
            os.waitpid(opened.pid, 0)
        except (ProcessLookupError, ChildProcessError):
            pass  # it has ended, and was asked why
        os.close(opened.handle)


@pytest.fixture
def real_office(tmp_path: Path, empty_database: Path) -> Iterator[Office]:
    """An office in the time of the real process that opens it."""
    with Office.on(empty_database, tmp_path, FakeClock(now())) as opened:
        yield opened


def test_q_ends_it_with_0_and_gives_the_terminal_back(real_office: Office) -> None:
    real_office.writes(1)
    with screen(real_office) as s:
        s.see("subject 1")
        s.type("q")
        assert s.end() == 0
        assert b"\x1b[?1049l" in s.output


@pytest.mark.slow
def test_a_kill_leaves_the_draft_to_the_next_terminal(real_office: Office) -> None:
    real_office.writes(1)
    with screen(real_office) as s:
        s.see("subject 1")
        s.type("r")
        s.see("Answer to")
        s.type("hello there")
        s.wait(lambda: real_office.draft(1) == "hello there")
        s.kill()
    with screen(real_office) as s:
        s.see("subject 1")
        s.type("r")
        s.see("hello there")
