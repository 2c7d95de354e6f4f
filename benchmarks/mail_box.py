"""The mailboxes of a run on one private Dovecot, filled without any delivery."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter

from benchmarks.data import say
from benchmarks.mail_bare import Box
from benchmarks.mail_corpus import fill, mails, share, small_mails
from tests.servers.certificates import make_certificates
from tests.servers.dovecot import Dovecot


class _Plain(Dovecot):
    """Without TLS, which some of the contenders would use and others not."""

    def _prepare(self) -> None:
        super()._prepare()
        conf = self.folder / "conf"
        self._write(conf, conf.read_text().replace("\nssl = yes", "\nssl = no"))


class Boxes:
    """Makes mailboxes; one with the same kind of mails as an earlier one shares its files."""

    def __init__(self, server: Dovecot) -> None:
        self._server = server
        self._owner = (server.account.uid, server.account.gid)
        self._made = 0

    def mixed(self, count: int) -> Box:
        """`count` mails as the corpus has them."""
        return self._filled("mixed", count, mails(count))

    def small(self, count: int) -> Box:
        """`count` mails of 1 KB or so."""
        return self._filled("small", count, small_mails(count))

    def part(self, box: Box, count: int) -> Box:
        """The first mails of another, in a mailbox for somebody who changes what he reads."""
        self._made += 1
        user = f"part{self._made}@bench.test"
        share(self._maildir(box.user), self._maildir(user), count, self._owner)
        return self._opened(user, count)

    def _filled(self, name: str, count: int, given: Iterator[bytes]) -> Box:
        begin, user = perf_counter(), f"{name}@bench.test"
        written = fill(self._maildir(user), given, self._owner)
        box = self._opened(user, count)
        took = perf_counter() - begin
        say(f"{count:,} {name} mails, {written / 1e6:.0f} MB, made in {took:.1f} s")
        return box

    def _opened(self, user: str, count: int) -> Box:
        box = Box(user, count, self._server.imap_port)
        self._server.add_user(user, box.password)
        return box

    def _maildir(self, user: str) -> Path:
        return self._server.folder / "homes" / user / "mail"


@contextmanager
def boxes(folder: Path) -> Iterator[Boxes]:
    """Mailboxes until the end of the block; Missing where Dovecot isn't installed."""
    with _Plain(make_certificates(folder)) as server:
        yield Boxes(server)
