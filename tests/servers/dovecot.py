"""A private Dovecot: mailboxes that people and the program read over IMAP and get by LMTP."""

import contextlib
import imaplib
import os
import re
import socket
import subprocess
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Literal

from .certificates import Certificates
from .need import Missing, program
from .process import LOOPBACK, Server, free_port, greets, wait_until

_SETTINGS = """
protocols = imap lmtp
listen = {loopback}
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
auth_verbose = yes
hostname = localhost
postmaster_address = postmaster@localhost

# Everything runs as one ordinary account, which may neither change user nor root folder.
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
first_valid_uid = 1
mail_uid = {uid}
mail_gid = {gid}

ssl = yes
ssl_cert = <{folder}/cert.pem
ssl_key = <{folder}/key.pem
disable_plaintext_auth = no
auth_mechanisms = plain login xoauth2 oauthbearer
auth_username_format = %Lu
# Else one wrong password costs seconds, and so does the next right one from this machine.
auth_failure_delay = 0

passdb {{
  driver = passwd-file
  mechanisms = plain login none
  args = scheme=PLAIN {folder}/users/%u
}}
passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {folder}/oauth
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/homes/%u
}}

mail_location = {storage}:~/mail
mail_fsync = never
mail_max_userip_connections = 100
recipient_delimiter = +

namespace inbox {{
  inbox = yes
  mailbox Sent {{
    auto = subscribe
    special_use = \\Sent
  }}
}}

service imap-login {{
  chroot =
  service_count = 0
  inet_listener imap {{
    port = {imap_port}
  }}
  inet_listener imaps {{
    port = {imaps_port}
    ssl = yes
  }}
}}
service lmtp {{
  inet_listener lmtp {{
    address = {loopback}
    port = {lmtp_port}
  }}
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
}}
"""

_TOKENS = """
introspection_mode = post
introspection_url = http://{loopback}:{introspection_port}/introspect
username_attribute = username
active_attribute = active
active_value = true
timeout_msecs = 5000
"""


class Dovecot(Server):
    """Dovecot(certificates) as a context manager is running; users come by add_user.

    Whoever answers at introspection_port says whose mailbox a token opens (RFC 7662).
    """

    name = "imap"

    def __init__(
        self, certificates: Certificates, *, storage: Literal["maildir", "sdbox"] = "maildir"
    ) -> None:
        self._dovecot = program("dovecot", "dovecot-imapd")
        self._doveadm = program("doveadm", "dovecot-imapd")
        _require_version(self._dovecot)
        _require_lmtp()
        self.certificates = certificates
        self.storage = storage
        self.imap_port = free_port()
        self.imaps_port = free_port()
        self.lmtp_port = free_port()
        self.introspection_port = free_port()
        self._passwords: dict[str, str] = {}
        super().__init__()
        self.users = self._make_folder("users")

    def add_user(self, address: str, password: str) -> None:
        """Makes a mailbox, or gives an existing one another password; valid on return."""
        if not re.fullmatch(r"[^\s/:+@]+@[^\s/:+@]+", address) or re.search(r"[\s:{}]", password):
            raise ValueError(f"Dovecot's file has no room for {address} with this password")
        address = address.lower()
        # A file for each: Dovecot looks at a file at most once a second, so that in a common
        # one a user added just after another's login would stay unknown for a while.
        draft = self.folder / "draft"
        self._write(draft, f"{address}:{password}\n")
        self._outdate(draft, self.users / address)
        draft.replace(self.users / address)
        self._passwords[address] = password
        if self.running:
            wait_until(lambda: self._lets_in(address), f"{address} can log in", 5)

    def deliver(
        self,
        address: str,
        raw: bytes,
        internal_date: datetime | None = None,
        *,
        folder: str = "INBOX",
        flags: Sequence[str] = (),
    ) -> int:
        """Puts a mail byte for byte into a folder, made if need be; returns its UID."""
        date = "" if internal_date is None else imaplib.Time2Internaldate(internal_date) + " "
        append = f'APPEND "{folder}" ({" ".join(flags)}) {date}'
        with self._talk(address) as talk:
            if folder != "INBOX":
                talk.tell(f'CREATE "{folder}"')
            answer = talk.tell(append, raw)
        found = re.search(rb" OK \[APPENDUID \d+ (\d+)\]", answer)
        if found is None:
            raise RuntimeError(f"Dovecot did not take a mail for {address}: {answer!r}")
        return int(found[1])

    def mailbox(self, address: str, folder: str = "INBOX") -> list[bytes]:
        """The raw mails of a folder in the order of their UIDs; marks none as read."""
        return [row[1] for row in self._fetch(address, folder, "BODY.PEEK[]") if len(row) > 1]

    def wait_for_mails(
        self, address: str, count: int = 1, folder: str = "INBOX", seconds: float = 10
    ) -> list[bytes]:
        """The raw mails of a folder as soon as there are so many of them."""
        what = f"{folder} of {address} holds {count}"
        wait_until(lambda: len(self.mailbox(address, folder)) >= count, what, seconds)
        return self.mailbox(address, folder)

    def flags(self, address: str, folder: str = "INBOX") -> dict[int, frozenset[str]]:
        """The flags of each mail by its UID."""
        found = {}
        for row in self._fetch(address, folder, "FLAGS"):
            if uid := re.search(rb"UID (\d+)", row[0]):
                words = imaplib.ParseFlags(row[0])
                found[int(uid[1])] = frozenset(word.decode() for word in words)
        return found

    def uidvalidity(self, address: str, folder: str = "INBOX") -> int:
        with self._login(address) as imap:
            _, rows = imap.status(f'"{folder}"', "(UIDVALIDITY)")
        found = re.search(rb"UIDVALIDITY (\d+)", rows[0])
        if found is None:
            raise RuntimeError(f"Dovecot knows no UIDVALIDITY of {folder}: {rows!r}")
        return int(found[1])

    def change_uidvalidity(self, address: str, folder: str = "INBOX") -> int:
        """Invalidates all UIDs of a folder, as after a move to another server."""
        value = self.uidvalidity(address, folder) + 1
        update = ["mailbox", "update", "-u", address, "--uid-validity", str(value), folder]
        self._run([self._doveadm, "-c", str(self.folder / "conf"), *update])
        return value

    def _prepare(self) -> None:
        self._make_folder("homes")
        self._copy_certificate(self.certificates)
        self._write(
            self.folder / "oauth",
            _TOKENS.format(loopback=LOOPBACK, introspection_port=self.introspection_port),
        )
        self._write(
            self.folder / "conf",
            _SETTINGS.format(
                folder=self.folder,
                loopback=LOOPBACK,
                storage=self.storage,
                imap_port=self.imap_port,
                imaps_port=self.imaps_port,
                lmtp_port=self.lmtp_port,
                **self.account._asdict(),
            ),
        )

    def _command(self) -> list[str]:
        return [self._dovecot, "-F", "-c", str(self.folder / "conf")]

    def _answers(self) -> bool:
        return greets(self.imap_port, b"* OK") and greets(self.lmtp_port, b"220 ")

    def _outdate(self, new: Path, old: Path) -> None:
        # Dovecot takes a file of the same size and second for the same file.
        if old.exists():
            stamp = int(old.stat().st_mtime) + 2
            os.utime(new, (stamp, stamp))

    def _lets_in(self, address: str) -> bool:
        try:
            with self._login(address) as imap:
                # Made now: a first mail arriving while somebody looks would make them twice,
                # and whoever comes second gets an error.
                opened = [imap.select(name, readonly=True)[0] for name in ("INBOX", "Sent")]
                return opened == ["OK", "OK"]
        except imaplib.IMAP4.error:
            return False

    @contextlib.contextmanager
    def _login(self, address: str) -> Iterator[imaplib.IMAP4]:
        address = address.lower()
        with imaplib.IMAP4(LOOPBACK, self.imap_port, timeout=10) as imap:
            imap.login(address, self._passwords[address])
            yield imap

    @contextlib.contextmanager
    def _talk(self, address: str) -> Iterator["_Talk"]:
        address = address.lower()
        with socket.create_connection((LOOPBACK, self.imap_port), timeout=10) as connection:
            talk = _Talk(connection)
            talk.tell(f'LOGIN "{address}" "{self._passwords[address]}"')
            yield talk

    def _fetch(self, address: str, folder: str, what: str) -> list[tuple[bytes, ...]]:
        with self._login(address) as imap:
            status, answer = imap.select(f'"{folder}"', readonly=True)
            if status != "OK":
                raise RuntimeError(f"Dovecot does not open {folder} of {address}: {answer!r}")
            _, rows = imap.uid("FETCH", "1:*", f"(UID {what})")
        return [row if isinstance(row, tuple) else (row,) for row in rows if row]


class _Talk:
    """Just enough IMAP to hand over a mail untouched: imaplib rewrites its line ends."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._lines = connection.makefile("rb")
        self._lines.readline()

    def tell(self, command: str, literal: bytes | None = None) -> bytes:
        tail = b"" if literal is None else b"{%d+}\r\n%s" % (len(literal), literal)
        self._connection.sendall(b"a " + command.encode() + tail + b"\r\n")
        for line in self._lines:
            if line.startswith(b"a "):
                return line
        raise RuntimeError("Dovecot hung up")


def _require_version(dovecot: str) -> None:
    done = subprocess.run(
        [dovecot, "--version"], capture_output=True, text=True, timeout=10, check=False
    )
    if not done.stdout.startswith("2.3."):
        raise Missing(f"dovecot-imapd 2.3 is needed, its settings differ in {done.stdout.strip()}")


def _require_lmtp() -> None:
    program("lmtp", "dovecot-lmtpd", [Path("/usr/lib/dovecot"), Path("/usr/libexec/dovecot")])
