"""A program behind a pseudo-terminal of our own: what it writes, when, and what it costs."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import termios
from collections.abc import Mapping, Sequence
from pathlib import Path
from time import perf_counter
from types import TracebackType
from typing import NamedTuple, Self

SIZE = (160, 45)
ESCAPE = (
    "\x1b[27u"  # as the kitty protocol spells it: a bare ESC might be the begin of a longer key
)
_DEADLINE = 20.0
# Longer than a program is silent within an answer, shorter than our list rests before it follows.
_QUIET = 0.045
# What follows a key's answer is over by then; and a tick of the clock comes within the other.
_AT_REST, _SECOND = 0.2, 1.2
# What a present-day terminal says to the one question that changes what is written.
_ASKS, _SAYS = b"\x1b[?2026$p", b"\x1b[?2026;2$y"


class Frame(NamedTuple):
    """Seconds from the key to the first and to the last byte of its answer, and all of that."""

    first: float
    last: float
    output: bytes


class Gone(Exception):
    """The program ended, or never showed what was waited for."""


class Tty:
    """Reads until something is there, and never sleeps."""

    def __init__(
        self,
        command: Sequence[str],
        folder: Path,
        env: Mapping[str, str] | None = None,
        size: tuple[int, int] = SIZE,
    ) -> None:
        whole = {**os.environ, "TERM": "xterm-256color", "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"}
        whole |= {"COLORTERM": "truecolor", **(env or {})}
        self.begin = perf_counter()
        self.pid, self._handle = pty.fork()
        if self.pid == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", *size[::-1], 0, 0))
            os.chdir(folder)
            os.execvpe(command[0], list(command), whole)
        self.output = bytearray()
        self._at = self.begin

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self._handle)

    def until(self, word: str, after: int = 0) -> float:
        """When this word was written, beyond so many bytes, in seconds since the start."""
        ends = perf_counter() + _DEADLINE
        while word.encode() not in self.output[after:]:
            if not self._read(max(0, ends - perf_counter())):
                raise self._gone(f"'{word}'")
        return self._at - self.begin

    def settle(self, quiet: float = _QUIET) -> None:
        """Read on until it has written nothing for so many seconds."""
        ends = perf_counter() + _DEADLINE
        while self._read(quiet):
            if perf_counter() > ends:
                raise self._gone("silence")

    def beat(self) -> None:
        """Wait until it has just drawn a second's countdowns, or shows that it draws none."""
        self.settle(_AT_REST)
        if self._read(_SECOND):
            self.settle()

    def press(self, keys: str, until: str = "") -> Frame:
        """Press keys; the answer is over when it is quiet and `until` was among it."""
        begin = self.send(keys)
        return self.answer(begin, until)

    def send(self, keys: str) -> float:
        """Press keys; when that was."""
        begin = perf_counter()
        os.write(self._handle, keys.encode())
        return begin

    def answer(self, begin: float, until: str = "") -> Frame:
        """What it writes from now on, as `press` tells it."""
        mark, word, first = len(self.output), until.encode(), None
        while True:
            done = first is not None and word in self.output[mark:]
            if self._read(_QUIET if done else max(0, begin + _DEADLINE - perf_counter())):
                first = first or self._at
                if self._at > begin + _DEADLINE:
                    raise self._gone(f"end of '{until}'")
            elif first is not None and done:
                return Frame(first - begin, self._at - begin, bytes(self.output[mark:]))
            else:
                raise self._gone(f"'{until}'")

    def listen(self, seconds: float) -> int:
        """How many bytes it writes in this time."""
        mark, ends = len(self.output), perf_counter() + seconds
        while (left := ends - perf_counter()) > 0:
            self._read(left)
        return len(self.output) - mark

    @property
    def cpu(self) -> float:
        """Seconds of processor time that its threads have used."""
        tasks = Path(f"/proc/{self.pid}/task").glob("*/schedstat")
        return sum(int(task.read_text().split()[0]) for task in tasks) / 1e9

    @property
    def memory(self) -> float:
        """MiB that it holds just now."""
        pages = int(Path(f"/proc/{self.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 2**20

    def _read(self, seconds: float) -> bool:
        if not select.select([self._handle], [], [], seconds)[0]:
            return False
        try:
            chunk = os.read(self._handle, 1 << 20)
        except OSError:
            raise self._gone("more") from None
        self._at = perf_counter()
        if _ASKS in chunk:
            os.write(self._handle, _SAYS)
        self.output += chunk
        return True

    def _gone(self, wanted: str) -> Gone:
        return Gone(f"no {wanted}, but {bytes(self.output[-600:])!r}")
