"""`replyby run` on a real Dovecot: what is delivered is in the queue long before the next poll."""

from __future__ import annotations

import itertools
import os
import signal
import smtplib
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from monitor.store.lists import View
from monitor.wiring import House, read_config
from tests.connectors.mails import mail
from tests.replyby import COMMAND
from tests.servers.dovecot import Dovecot
from tests.servers.process import LOOPBACK, wait_until

SECRET = "s3cret-of-the-desk"
# The next poll is ten minutes away; under load a second may become several.
IN_TIME = 20
_numbers = itertools.count(1)
_ACCOUNT = """
[[accounts]]
name = "{name}"
channel = "email"
every = "10m"
address = "{name}@push.test"
imap = "imaps://localhost:{port}"
ca = "{ca}"
smtp = "smtp://127.0.0.1:9"
password = "env:PUSH_PASSWORD"
"""

pytestmark = [pytest.mark.slow, pytest.mark.parametrize("dovecot", ["maildir"], indirect=True)]


@dataclass
class Office:
    """Accounts on a real server, and the real command at work on them."""

    server: Dovecot
    folder: Path
    names: list[str]
    house: House
    process: subprocess.Popen[bytes]

    def deliver(self, name: str) -> str:
        """A mail by LMTP; its subject."""
        subject = f"mail {next(_numbers)}"
        raw = mail(subject, To=f"{name}@push.test")
        with smtplib.LMTP(LOOPBACK, self.server.lmtp_port, timeout=IN_TIME) as lmtp:
            lmtp.sendmail("mira@customer.test", [f"{name}@push.test"], raw)
        return subject

    def queue(self) -> set[str]:
        return {waiting.subject for waiting in self.house.desk.page(View(), 1000)}

    def arrives(self, subject: str) -> None:
        wait_until(lambda: subject in self.queue(), f"{subject} is in the queue", IN_TIME)

    def log(self) -> str:
        return (self.folder / "log").read_text()

    def logged(self, text: str, times: int) -> None:
        wait_until(lambda: self.log().count(text) >= times, f"{times} times '{text}'", IN_TIME)

    def threads(self) -> int:
        return len(list(Path(f"/proc/{self.process.pid}/task").iterdir()))


@contextmanager
def office(server: Dovecot, folder: Path, count: int, extra: str = "") -> Iterator[Office]:
    names = [f"push{next(_numbers)}" for _ in range(count)]
    given = {"port": server.imaps_port, "ca": server.certificates.ca}
    (folder / "config.toml").write_text(
        extra + "".join(_ACCOUNT.format(name=name, **given) for name in names)
    )
    for name in names:
        server.add_user(f"{name}@push.test", SECRET)
    house = House(read_config(folder / "config.toml"))
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [*COMMAND, "run", "--verbose"], cwd=folder, stdout=log, stderr=log,
            env=os.environ | {"PUSH_PASSWORD": SECRET, "HOME": str(folder)},
        )  # fmt: skip
    try:
        office = Office(server, folder, names, house, process)
        office.logged("announces from now on", count)
        yield office
    finally:
        process.kill()
        process.wait()
        house.close()


def test_delivered_mail_is_in_the_queue_long_before_the_next_poll(
    dovecot: Dovecot, tmp_path: Path
) -> None:
    with office(dovecot, tmp_path, 1) as one:
        for _ in range(3):
            one.arrives(one.deliver(one.names[0]))
        assert "announces something new" in one.log()


def test_mail_is_announced_again_after_the_server_was_gone(
    dovecot: Dovecot, tmp_path: Path
) -> None:
    with office(dovecot, tmp_path, 1) as one:
        dovecot.kill()
        dovecot.start()
        between = one.deliver(one.names[0])
        one.logged("announces from now on", 2)
        one.arrives(between)
        one.arrives(one.deliver(one.names[0]))


def test_thirty_accounts_share_the_threads_of_a_few(dovecot: Dovecot, tmp_path: Path) -> None:
    with office(dovecot, tmp_path, 30) as many:
        subjects = {many.deliver(name) for name in many.names}
        wait_until(lambda: subjects <= many.queue(), "all are in the queue", IN_TIME)
        assert many.threads() < 30


def test_it_stops_at_once_while_accounts_are_watched(dovecot: Dovecot, tmp_path: Path) -> None:
    with office(dovecot, tmp_path, 3) as three:
        three.arrives(three.deliver(three.names[0]))
        begun = time.monotonic()
        three.process.send_signal(signal.SIGTERM)
        assert three.process.wait(IN_TIME) == 0
        assert time.monotonic() - begun < 2
        assert "Traceback" not in three.log()


def test_a_server_that_hangs_delays_no_mail_of_another(dovecot: Dovecot, tmp_path: Path) -> None:
    with socket.create_server((LOOPBACK, 0)) as silent:
        hanging = _ACCOUNT.format(name="hangs", port=silent.getsockname()[1], ca="ca.pem")
        hanging = hanging.replace("imaps:", "imap:").replace('ca = "ca.pem"\n', "")
        with office(dovecot, tmp_path, 1, hanging) as one:
            one.arrives(one.deliver(one.names[0]))


def test_without_push_nothing_is_kept_open(dovecot: Dovecot, tmp_path: Path) -> None:
    silent = _ACCOUNT.format(name="polled", port=1, ca="ca.pem") + "push = false\n"
    with office(dovecot, tmp_path, 1, silent) as one:
        one.logged("polled: offers no announcements", 1)
