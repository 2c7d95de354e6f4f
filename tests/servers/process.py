"""The life of a private server: its account, folder, ports and processes, none left behind."""

import contextlib
import grp
import os
import pwd
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, NamedTuple, Self

from .certificates import Certificates

LOOPBACK = "127.0.0.1"
_given_ports: set[int] = set()
START_SECONDS = 30.0
STOP_SECONDS = 10.0

# Runs beside a server and acts when the test run disappears without having said goodbye.
_GUARD = r"""
leader=$1 last_word=$2 folder=$3
members() {
    for stat in /proc/[0-9]*/stat; do
        read -r line <"$stat" || continue
        set -- ${line##*) }
        if [ "$1" != Z ] && { [ "$2" = "$leader" ] || [ "$4" = "$leader" ]; }; then
            echo "${line%% *}"
        fi
    done
}
read -r goodbye && exit
doomed=$(members)
kill -s "$last_word" $doomed
kill -s CONT $doomed
tries=0
while [ -n "$(members)" ] && [ "$tries" -lt 50 ]; do
    sleep 0.1
    tries=$((tries + 1))
done
kill -s KILL $doomed $(members)
rm -rf -- "$folder"
"""


class Account(NamedTuple):
    """Whom a server runs as: these servers refuse root."""

    uid: int
    gid: int
    user: str
    group: str


class Running(NamedTuple):
    """One living process of this machine."""

    pid: int
    parent: int
    session: int


def unprivileged() -> Account:
    if os.getuid() == 0:
        nobody = pwd.getpwnam("nobody")
        uid, gid = nobody.pw_uid, nobody.pw_gid
    else:
        uid, gid = os.getuid(), os.getgid()
    return Account(uid, gid, pwd.getpwuid(uid).pw_name, grp.getgrgid(gid).gr_name)


def free_port() -> int:
    # Below the kernel's own range, so that no outgoing connection takes the port of a server
    # while that is stopped.
    for port in random.SystemRandom().sample(range(15000, 32000), 200):
        if port not in _given_ports and _is_free(port):
            _given_ports.add(port)
            return port
    raise RuntimeError("no free port on the loopback")


def _is_free(port: int) -> bool:
    with socket.socket() as trial:
        # As the servers do: a connection that has just ended does not keep the port.
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def wait_until(true: Callable[[], bool], what: str, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {seconds} s in vain until {what}")
        time.sleep(0.01)


def greets(port: int, greeting: bytes) -> bool:
    with (
        contextlib.suppress(OSError),
        socket.create_connection((LOOPBACK, port), timeout=2) as connection,
    ):
        return connection.recv(len(greeting)) == greeting
    return False


def _running() -> Iterator[Running]:
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        with contextlib.suppress(OSError):
            # The command stands in brackets and may hold anything, even spaces and brackets.
            fields = (entry / "stat").read_text(errors="replace").rpartition(")")[2].split()
            if fields[0] not in "ZX":
                yield Running(int(entry.name), int(fields[1]), int(fields[3]))


class Server(ABC):
    """A server in a folder and process group of its own; a context manager."""

    name: str
    polite: signal.Signals = signal.SIGTERM
    sudden: signal.Signals = signal.SIGKILL

    def __init__(self) -> None:
        self.account = unprivileged()
        # Not the tests' own temporary folder: a Unix socket's path has room for 108 bytes only.
        self.folder = Path(tempfile.mkdtemp(prefix=f"rb-{self.name}-", dir="/tmp"))
        self.log = self.folder / "log"
        self._process: subprocess.Popen[bytes] | None = None
        self._guard: subprocess.Popen[bytes] | None = None
        self._give(self.folder)
        self._write(self.log, "")

    @abstractmethod
    def _command(self) -> list[str]: ...

    @abstractmethod
    def _prepare(self) -> None: ...

    @abstractmethod
    def _answers(self) -> bool: ...

    @property
    def running(self) -> bool:
        return self._process is not None

    def start(self) -> None:
        """Starts again with the same ports and data; returns when the server answers."""
        if self._process is not None:
            return
        with self.log.open("ab") as log:
            self._process = self._spawn(self._command(), log)
        try:
            self._guard = self._watch(self._process.pid)
            self._wait_for_answer(self._process)
        except BaseException:
            self.kill()
            raise

    def stop(self) -> None:
        """Shuts down in good order, keeping the data."""
        if self._process is None:
            return
        self.resume()
        self._process.send_signal(self.polite)
        with contextlib.suppress(subprocess.TimeoutExpired, TimeoutError):
            self._process.wait(STOP_SECONDS)
            wait_until(lambda: not self._members(), f"{self.name} ends", STOP_SECONDS)
        self.kill()

    def kill(self) -> None:
        """Ends at once as in a crash, keeping the data."""
        if self._process is None:
            return
        leader = self._process
        # A stopped leader starts no more processes while the others are being looked up.
        leader.send_signal(signal.SIGSTOP)
        doomed = {leader.pid, *self._members()}
        _signal(doomed, signal.SIGKILL)
        leader.wait(STOP_SECONDS)
        wait_until(lambda: self._gone(doomed), f"{self.name} is dead", STOP_SECONDS)
        self._process = None
        self._dismiss_guard()

    def pause(self) -> None:
        """Hangs: connections stay open or are even accepted, but nobody answers."""
        if self._process is not None:
            self._process.send_signal(signal.SIGSTOP)
            _signal(self._members(), signal.SIGSTOP)

    def resume(self) -> None:
        if self._process is not None:
            _signal(self._members(), signal.SIGCONT)

    def close(self) -> None:
        """Ends the server and removes everything it had."""
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> Self:
        try:
            self._prepare()
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def _give(self, path: Path) -> None:
        if os.getuid() == 0:
            os.chown(path, self.account.uid, self.account.gid)

    def _write(self, path: Path, content: str | bytes) -> None:
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        path.chmod(0o600)
        self._give(path)

    def _make_folder(self, name: str) -> Path:
        path = self.folder / name
        path.mkdir(mode=0o700)
        self._give(path)
        return path

    def _copy_certificate(self, certificates: Certificates) -> None:
        # The tests' folders are closed to the account that the server runs as.
        self._write(self.folder / "cert.pem", certificates.cert.read_bytes())
        self._write(self.folder / "key.pem", certificates.key.read_bytes())

    def _spawn(self, command: list[str], log: int | IO[bytes]) -> subprocess.Popen[bytes]:
        root = os.getuid() == 0
        return subprocess.Popen(
            command,
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            # Away from the terminal's group: there Ctrl-C would reach it before the tests' end.
            start_new_session=True,
            user=self.account.uid if root else None,
            group=self.account.gid if root else None,
            extra_groups=[] if root else None,
        )

    def _run(self, command: list[str]) -> str:
        process = self._spawn(command, subprocess.PIPE)
        try:
            output = process.communicate(timeout=START_SECONDS)[0].decode(errors="replace")
        except BaseException:
            process.kill()
            process.wait()
            raise
        if process.returncode != 0:
            raise RuntimeError(f"{command} ended with {process.returncode}: {output}")
        return output

    def _watch(self, leader: int) -> subprocess.Popen[bytes]:
        last_word = self.sudden.name.removeprefix("SIG")
        return subprocess.Popen(
            ["/bin/sh", "-c", _GUARD, "guard", str(leader), last_word, str(self.folder)],
            cwd="/",
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def _dismiss_guard(self) -> None:
        if self._guard is not None:
            self._guard.communicate(b"goodbye\n")
            self._guard = None

    def _wait_for_answer(self, process: subprocess.Popen[bytes]) -> None:
        def answered() -> bool:
            if process.poll() is not None:
                log = self.log.read_text(errors="replace")[-3000:]
                raise RuntimeError(f"{self.name} ended with {process.returncode}:\n{log}")
            return self._answers()

        wait_until(answered, f"{self.name} answers", START_SECONDS)

    def _members(self) -> set[int]:
        if self._process is None:
            return set()
        leader = self._process.pid
        # PostgreSQL's processes leave the leader's session, Exim's its process group.
        return {one.pid for one in _running() if leader in (one.session, one.parent)}

    def _gone(self, doomed: set[int]) -> bool:
        left = self._members()
        _signal(left, signal.SIGKILL)
        return not left and doomed.isdisjoint(one.pid for one in _running())


def _signal(pids: set[int], number: signal.Signals) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
