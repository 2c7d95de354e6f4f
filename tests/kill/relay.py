"""A TCP relay that knows how far a mail session has come, dawdles, and can hold it there."""

from __future__ import annotations

import contextlib
import random
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Self

_PATIENCE = 90.0


class Fate(Enum):
    """What becomes of bytes that were held once the session is let go; it is cut after that."""

    DROPPED = "dropped"
    HALVED = "halved"
    PASSED = "passed"


@dataclass(frozen=True, slots=True)
class Chunk:
    """Bytes on their way, and the last step that the session had taken before them."""

    from_client: bool
    data: bytes
    before: str


Steps = Callable[[Chunk], str | None]


def smtp_step(chunk: Chunk) -> str | None:
    """The steps of a submission, each named after what has just happened."""
    if chunk.from_client:
        if chunk.before == "invited":
            return "body"
        return _first(chunk.data, {b"MAIL": "announced", b"DATA": "asked", b"QUIT": "leaving"})
    if chunk.before == "body":
        return "accepted"
    return _first(chunk.data, {b"220": "greeted", b"354": "invited"})


def imap_step(chunk: Chunk) -> str | None:
    """The steps of a poll; `storing` begins when the server has said all of a batch."""
    if chunk.from_client:
        words = {
            b"LOGIN": "signing in", b"RFC822.SIZE": "listing", b"BODY.PEEK": "fetching",
            b"LOGOUT": "ending", b"APPEND": "copying",
        }  # fmt: skip
        return next((step for word, step in words.items() if b" " + word in chunk.data), None)
    finished = chunk.before == "fetching" and b" OK " in chunk.data.rstrip().rpartition(b"\n")[2]
    return "storing" if finished else None


def _first(data: bytes, steps: dict[bytes, str]) -> str | None:
    return next((step for word, step in steps.items() if data.upper().startswith(word)), None)


class Relay:
    """Listens on a port of its own in front of a server; `port` is where clients go."""

    def __init__(self, target: int, steps: Steps, seed: int, slowest: float = 0.0) -> None:
        self._target = target
        self._steps = steps
        self._random = random.Random(seed)
        self._slowest = slowest
        self._changed = threading.Condition()
        self._taken: list[str] = []
        self._open = 0
        self._hold = ""
        self._fate: Fate | None = None
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, name="relay", daemon=True).start()
        return self

    def __exit__(self, *error: object) -> None:
        self.let_go(Fate.DROPPED)
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def begin(self, hold: str = "") -> None:
        """Forget the steps taken so far; with `hold` stop the first session that gets there."""
        with self._changed:
            self._taken, self._hold, self._fate = [], hold, None

    def let_go(self, fate: Fate) -> None:
        """End the hold, and the session that was held."""
        with self._changed:
            self._fate = fate
            self._changed.notify_all()

    @property
    def last(self) -> str:
        """The last step taken since `begin`, "" before the first."""
        with self._changed:
            return self._taken[-1] if self._taken else ""

    def wait_for(self, step: str, ended: Callable[[], bool], seconds: float = _PATIENCE) -> bool:
        """Whether the step is taken before the client has ended."""
        return self._wait(lambda: step in self._taken, ended, seconds)

    def drained(self) -> bool:
        """Wait until every session has ended, so that no byte is on its way any more."""
        return self._wait(lambda: self._open == 0, lambda: False, _PATIENCE)

    def _wait(self, true: Callable[[], bool], ended: Callable[[], bool], seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        with self._changed:
            while time.monotonic() < deadline:
                if true():
                    return True
                if ended():
                    return False
                self._changed.wait(0.02)
        raise TimeoutError(f"waited {seconds} s; the steps so far: {self._taken}")

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                with self._changed:
                    self._open += 1
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        try:
            with client, socket.create_connection(("127.0.0.1", self._target)) as server:
                for side in (client, server):
                    # Or the kernel would wait for more bytes, 40 ms each time.
                    side.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                session = _Session(self, client, server)
                back = threading.Thread(target=session.pump, args=(False,), daemon=True)
                back.start()
                session.pump(True)
                back.join()
        except OSError:
            pass  # a server that is gone, or a client: the other side is cut off too
        finally:
            with self._changed:
                self._open -= 1
                self._changed.notify_all()

    def step(self, chunk: Chunk) -> tuple[str, Fate | None]:
        """Note a step; where it is the one to hold, wait for its fate."""
        name = self._steps(chunk)
        if name is None:
            return chunk.before, None
        with self._changed:
            self._taken.append(name)
            self._changed.notify_all()
            if name != self._hold:
                return name, None
            self._hold = ""
            self._changed.wait_for(lambda: self._fate is not None, _PATIENCE)
            return name, self._fate or Fate.DROPPED

    def pause(self) -> float:
        """Seconds to wait before the next bytes go on."""
        with self._changed:
            return self._random.uniform(0, self._slowest)


class _Session:
    def __init__(self, relay: Relay, client: socket.socket, server: socket.socket) -> None:
        self._relay = relay
        self._client, self._server = client, server
        self._step = ""
        self._dawdle = threading.Event()

    def pump(self, from_client: bool) -> None:
        source, sink = self._client, self._server
        if not from_client:
            source, sink = sink, source
        try:
            while data := source.recv(1 << 16):
                if pause := self._relay.pause():
                    self._dawdle.wait(pause)
                self._step, fate = self._relay.step(Chunk(from_client, data, self._step))
                sink.sendall(_left(data, fate))
                if fate is not None:
                    break
        except OSError:
            pass  # reset by the death of either side
        finally:
            self._hang_up(sink)

    @staticmethod
    def _hang_up(sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            sink.shutdown(socket.SHUT_WR)


def _left(data: bytes, fate: Fate | None) -> bytes:
    if fate is Fate.DROPPED:
        return b""
    return data[: len(data) // 2] if fate is Fate.HALVED else data
