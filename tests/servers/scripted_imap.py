"""An IMAP server that keeps to a script: a folder of given mails, and lies where a test says so."""

from __future__ import annotations

import re
import socketserver
import ssl
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

Said = Iterable[bytes] | None
DATE = b'"20-Nov-2026 08:00:00 +0000"'


@dataclass
class Script:
    """One folder of mails by UID, UIDVALIDITY 7, and what is not as it should be.

    After STARTTLS it goes on with `tls`.

    `sizes` are announced in place of the true ones; `exists` and `next_uid` in place of what the
    mails amount to. `lie` is asked first about every command: the pieces of its answer, tagged
    line included, or None for the truth. `heard` are the commands without their tags.
    """

    mails: dict[int, bytes] = field(default_factory=dict)
    capabilities: str = "IMAP4rev1"
    sizes: dict[int, int] = field(default_factory=dict)
    items: dict[int, bytes] = field(default_factory=dict)
    exists: int | None = None
    next_uid: int | None = None
    modseq: int = 0
    lie: Callable[[bytes, str], Said] = lambda tag, command: None
    heard: list[str] = field(default_factory=list)
    tls: ssl.SSLContext | None = None
    greeting: bytes = b"* OK hi"

    def said(self, line: bytes) -> Iterable[bytes]:
        """The answer to a line."""
        tag, _, rest = line.rstrip().partition(b" ")
        command = rest.decode()
        self.heard.append(command)
        lie = self.lie(tag, command)
        return lie if lie is not None else [*self.truth(command), tag + b" OK done\r\n"]

    def truth(self, command: str) -> Iterator[bytes]:
        """The untagged lines with which a decent server would answer."""
        for start, answer in (
            ("CAPABILITY", self._capability),
            ("EXAMINE", self._examine),
            ("UID SEARCH", self._search),
            ("UID FETCH", self._fetch),
        ):
            if command.startswith(start):
                yield from answer(command)

    def _capability(self, command: str) -> Iterator[bytes]:
        yield f"* CAPABILITY {self.capabilities}\r\n".encode()

    def _examine(self, command: str) -> Iterator[bytes]:
        exists = len(self.mails) if self.exists is None else self.exists
        yield b"* %d EXISTS\r\n* OK [UIDVALIDITY 7] ok\r\n" % exists
        if self.modseq:
            yield b"* OK [HIGHESTMODSEQ %d] ok\r\n" % self.modseq
        if self.next_uid != 0:
            uid = self.next_uid or max(self.mails, default=0) + 1
            yield b"* OK [UIDNEXT %d] ok\r\n" % uid

    def _search(self, command: str) -> Iterator[bytes]:
        uids = self._uids(command.rpartition("UID ")[2].split()[0])
        if "RETURN" in command:
            yield b'* ESEARCH (TAG "x") UID COUNT %d\r\n' % len(uids)
        else:
            yield b"* SEARCH " + b" ".join(b"%d" % uid for uid in uids) + b"\r\n"

    def _fetch(self, command: str) -> Iterator[bytes]:
        for uid in self._uids(command.split()[2]):
            if "BODY.PEEK" in command:
                yield self.body(uid)
            elif "SIZE" in command:
                size = self.sizes.get(uid, len(self.mails[uid]))
                more = self.items.get(uid, b"")
                line = b"* %d FETCH (UID %d RFC822.SIZE %d INTERNALDATE %s%s)\r\n"
                yield line % (self._number(uid), uid, size, DATE, more)
            else:
                yield b"* %d FETCH (UID %d)\r\n" % (self._number(uid), uid)

    def body(self, uid: int) -> bytes:
        """A mail as a FETCH answer."""
        mail = self.mails[uid]
        return b"* %d FETCH (UID %d BODY[] {%d}\r\n%s)\r\n" % (
            self._number(uid), uid, len(mail), mail,
        )  # fmt: skip

    def _number(self, uid: int) -> int:
        return sorted(self.mails).index(uid) + 1

    def _uids(self, uids: str) -> list[int]:
        last = max(self.mails, default=0)
        wanted = re.sub(r"\*", str(last), uids).split(",")
        pairs = [tuple(map(int, part.split(":"))) for part in wanted]
        return [u for u in sorted(self.mails) if any(p[0] <= u <= p[-1] for p in pairs)]


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    script: Script


class _Talk(socketserver.StreamRequestHandler):
    server: _Server
    disable_nagle_algorithm = True

    def handle(self) -> None:
        try:
            self.wfile.write(self.server.script.greeting + b"\r\n")
            while line := self.rfile.readline(1_000_000):
                self.wfile.writelines(self.server.script.said(line))
                if line.endswith(b" STARTTLS\r\n"):
                    self._encrypt()
        except OSError:
            return

    def _encrypt(self) -> None:
        assert self.server.script.tls
        self.request = self.server.script.tls.wrap_socket(self.request, server_side=True)
        self.setup()


@contextmanager
def playing(script: Script) -> Iterator[int]:
    """The port of a server that plays the script."""
    with _Server(("127.0.0.1", 0), _Talk) as server:
        server.script = script
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()
