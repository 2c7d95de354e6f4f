"""Whether the private servers keep their promises, so that other tests may rely on them."""

import imaplib
import os
import re
import smtplib
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import psycopg
import pytest

from tests.servers.certificates import Certificates, make_certificates
from tests.servers.dovecot import Dovecot
from tests.servers.exim import Exim
from tests.servers.need import Missing, program
from tests.servers.postgres import Postgres
from tests.servers.process import LOOPBACK, Server, wait_until

PASSWORD = "right"
MAIL = b"From: a@desk.test\r\nSubject: Printer\r\nMessage-ID: <1@desk.test>\r\n\r\nIt burns.\r\n"


@contextmanager
def started(make: Callable[[], Server]) -> Iterator[Any]:
    try:
        server = make()
    except Missing as missing:
        if os.environ.get("REPLYBY_REQUIRE_SERVERS") == "1":
            raise
        pytest.skip(str(missing))
    with server:
        yield server


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    try:
        return make_certificates(tmp_path_factory.mktemp("tls"))
    except Missing as missing:
        if os.environ.get("REPLYBY_REQUIRE_SERVERS") == "1":
            raise
        pytest.skip(str(missing))


@pytest.fixture(scope="module")
def trust(certificates: Certificates) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=str(certificates.ca))
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    return context


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    with started(Postgres) as server:
        yield server


@pytest.fixture(scope="module", params=["maildir", "sdbox"])
def dovecot(request: pytest.FixtureRequest, certificates: Certificates) -> Iterator[Dovecot]:
    with started(lambda: Dovecot(certificates, storage=request.param)) as server:
        yield server


@pytest.fixture(scope="module")
def exim(dovecot: Dovecot) -> Iterator[Exim]:
    with started(lambda: Exim(dovecot)) as server:
        yield server


@pytest.fixture
def alice(dovecot: Dovecot, request: pytest.FixtureRequest) -> str:
    return _user(dovecot, request, "alice", "desk.test")


@pytest.fixture
def bob(dovecot: Dovecot, request: pytest.FixtureRequest) -> str:
    return _user(dovecot, request, "bob", "customer.test")


def _user(dovecot: Dovecot, request: pytest.FixtureRequest, who: str, domain: str) -> str:
    test = re.sub(r"\W", "_", request.node.name)
    address = f"{who}-{test}@{domain}"
    dovecot.add_user(address, PASSWORD)
    return address


def send(exim: Exim, trust: ssl.SSLContext, sender: str, *recipients: str) -> None:
    with smtplib.SMTP(LOOPBACK, exim.smtp_port, timeout=10) as smtp:
        smtp.starttls(context=trust)
        smtp.login(sender, PASSWORD)
        smtp.sendmail(sender, recipients, MAIL)


# PostgreSQL


def test_new_databases_are_apart(postgres: Postgres) -> None:
    one, other = postgres.new_database(), postgres.new_database()
    with psycopg.connect(one) as connection:
        connection.execute("create table only_here (x int)")
    copy = postgres.new_database(like=one)
    assert [_has_table(url) for url in (one, other, copy)] == [True, False, True]
    postgres.drop(one)
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(one)


def _has_table(url: str) -> bool:
    with psycopg.connect(url) as connection:
        found = connection.execute("select to_regclass('only_here')").fetchone()
    return found != (None,)


@pytest.mark.parametrize("end", [Postgres.stop, Postgres.kill])
def test_commits_outlive_an_outage(postgres: Postgres, end: Callable[[Postgres], None]) -> None:
    url = postgres.new_database()
    with psycopg.connect(url) as connection:
        connection.execute("create table kept (x int)")
    with psycopg.connect(url) as connection:
        end(postgres)
        with pytest.raises(psycopg.OperationalError):
            connection.execute("select 1")
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(url)
    postgres.start()
    with psycopg.connect(url) as connection:
        assert connection.execute("select count(*) from kept").fetchone() == (0,)


def test_a_durable_one_writes_to_the_disk(postgres: Postgres) -> None:
    with started(lambda: Postgres(durable=True)) as durable:
        assert [_fsync(one) for one in (postgres, durable)] == [("off",), ("on",)]


@pytest.mark.parametrize("end", [Postgres.stop, Postgres.kill, Postgres.pause])
def test_no_shared_memory_is_left_behind(end: Callable[[Postgres], None]) -> None:
    with started(Postgres) as server:
        lines = (server.folder / "data" / "postmaster.pid").read_text().splitlines()
        segment = lines[6].split()[1]
        assert segment in _shared_memory()
        end(server)
    assert segment not in _shared_memory()


def _shared_memory() -> set[str]:
    rows = Path("/proc/sysvipc/shm").read_text().splitlines()[1:]
    return {row.split()[1] for row in rows}


def _fsync(postgres: Postgres) -> tuple[Any, ...] | None:
    with psycopg.connect(postgres.url("postgres")) as connection:
        return connection.execute("show fsync").fetchone()


def test_a_hung_database_answers_again(postgres: Postgres) -> None:
    url = postgres.new_database()
    with psycopg.connect(url) as connection:
        postgres.pause()
        with pytest.raises(psycopg.errors.ConnectionTimeout):
            psycopg.connect(url, connect_timeout=2)
        postgres.resume()
        assert connection.execute("select 1").fetchone() == (1,)


# Dovecot


def test_mails_come_back_as_delivered(dovecot: Dovecot, alice: str) -> None:
    when = datetime(2024, 2, 29, 12, tzinfo=UTC)
    assert dovecot.deliver(alice, MAIL, when) == 1
    assert dovecot.deliver(alice, MAIL + b"\xff\r\n", flags=["\\Seen", "urgent"]) == 2
    assert dovecot.deliver(alice, MAIL, folder="Archive") == 1
    assert dovecot.mailbox(alice) == [MAIL, MAIL + b"\xff\r\n"]
    assert dovecot.mailbox(alice, "Archive") == [MAIL]
    with _imap(dovecot, alice) as imap:
        imap.select(readonly=True)
        _, rows = imap.fetch("1", "(INTERNALDATE)")
    local = imaplib.Internaldate2tuple(cast(bytes, rows[0]))
    assert local is not None
    assert time.mktime(local) == when.timestamp()


def test_flags_are_told_by_uid(dovecot: Dovecot, alice: str) -> None:
    assert dovecot.flags(alice) == {}
    dovecot.deliver(alice, MAIL, flags=["\\Seen", "urgent"])
    dovecot.deliver(alice, MAIL)
    seen = {uid: flags - {"\\Recent"} for uid, flags in dovecot.flags(alice).items()}
    assert seen == {1: {"\\Seen", "urgent"}, 2: frozenset()}


def test_the_sent_folder_is_marked_as_such(dovecot: Dovecot, alice: str) -> None:
    with _imap(dovecot, alice) as imap:
        _, rows = imap.list()
    lines = cast(list[bytes], rows)
    assert any(re.fullmatch(rb'\(.*\\Sent\) "." "?Sent"?', line) for line in lines)


def test_uidvalidity_changes(dovecot: Dovecot, alice: str) -> None:
    dovecot.deliver(alice, MAIL)
    before = dovecot.uidvalidity(alice)
    assert dovecot.change_uidvalidity(alice) == dovecot.uidvalidity(alice) == before + 1
    assert dovecot.mailbox(alice) == [MAIL]


def test_a_password_can_be_changed(dovecot: Dovecot, alice: str) -> None:
    dovecot.add_user(alice, "other")
    with pytest.raises(imaplib.IMAP4.error), _imap(dovecot, alice):
        pass
    with _imap(dovecot, alice, "other") as imap:
        assert imap.noop()[0] == "OK"


def test_mails_outlive_an_outage(dovecot: Dovecot, alice: str) -> None:
    dovecot.deliver(alice, MAIL)
    uidvalidity = dovecot.uidvalidity(alice)
    for end in (dovecot.stop, dovecot.kill):
        end()
        with pytest.raises(ConnectionRefusedError):
            imaplib.IMAP4(LOOPBACK, dovecot.imap_port, timeout=5)
        dovecot.start()
        assert (dovecot.mailbox(alice), dovecot.uidvalidity(alice)) == ([MAIL], uidvalidity)


def test_a_hung_mailbox_answers_again(dovecot: Dovecot, alice: str) -> None:
    with _imap(dovecot, alice) as imap:
        assert imap.sock is not None
        imap.sock.settimeout(0.3)
        dovecot.pause()
        with pytest.raises(TimeoutError):
            imap.noop()
        with pytest.raises(TimeoutError):
            imaplib.IMAP4(LOOPBACK, dovecot.imap_port, timeout=0.3)
        dovecot.resume()
    assert dovecot.mailbox(alice) == []


@pytest.mark.parametrize("host", ["localhost", LOOPBACK])
def test_imap_over_tls(dovecot: Dovecot, alice: str, trust: ssl.SSLContext, host: str) -> None:
    with imaplib.IMAP4_SSL(host, dovecot.imaps_port, ssl_context=trust, timeout=10) as tls:
        assert tls.login(alice, PASSWORD)[0] == "OK"
    with imaplib.IMAP4(host, dovecot.imap_port, timeout=10) as imap:
        imap.starttls(trust)
        assert imap.login(alice, PASSWORD)[0] == "OK"


def test_nobody_else_trusts_the_certificate(dovecot: Dovecot, exim: Exim) -> None:
    stranger = ssl.create_default_context()
    with pytest.raises(ssl.SSLCertVerificationError):
        imaplib.IMAP4_SSL(LOOPBACK, dovecot.imaps_port, ssl_context=stranger, timeout=10)
    with pytest.raises(ssl.SSLCertVerificationError):
        smtplib.SMTP_SSL(LOOPBACK, exim.smtps_port, context=stranger, timeout=10)


def _imap(dovecot: Dovecot, address: str, password: str = PASSWORD) -> imaplib.IMAP4:
    imap = imaplib.IMAP4(LOOPBACK, dovecot.imap_port, timeout=10)
    imap.login(address, password)
    return imap


# Exim


def test_a_mail_arrives(
    dovecot: Dovecot, exim: Exim, trust: ssl.SSLContext, alice: str, bob: str
) -> None:
    send(exim, trust, alice, bob)
    [mail] = dovecot.wait_for_mails(bob)
    assert mail.endswith(MAIL)
    assert f"Return-Path: <{alice}>".encode() in mail


def test_a_mail_to_a_plus_address_arrives(
    dovecot: Dovecot, exim: Exim, trust: ssl.SSLContext, alice: str, bob: str
) -> None:
    tagged = bob.replace("@", "+ticket@")
    send(exim, trust, alice, tagged)
    [mail] = dovecot.wait_for_mails(bob)
    assert f"Delivered-To: {tagged}".encode() in mail


def test_a_mail_over_implicit_tls_arrives(
    dovecot: Dovecot, exim: Exim, trust: ssl.SSLContext, alice: str, bob: str
) -> None:
    with smtplib.SMTP_SSL("localhost", exim.smtps_port, context=trust, timeout=10) as smtp:
        smtp.login(alice, PASSWORD)
        smtp.sendmail(alice, [bob], MAIL)
    assert len(dovecot.wait_for_mails(bob)) == 1


@pytest.mark.parametrize("recipient", ["nobody@customer.test", "someone@elsewhere.example"])
def test_what_cannot_be_delivered_bounces(
    dovecot: Dovecot, exim: Exim, trust: ssl.SSLContext, alice: str, recipient: str
) -> None:
    send(exim, trust, alice, recipient)
    [bounce] = dovecot.wait_for_mails(alice)
    assert b"multipart/report; report-type=delivery-status" in bounce
    assert f"Final-Recipient: rfc822;{recipient}".encode() in bounce
    assert b"<1@desk.test>" in bounce


@pytest.mark.parametrize(("recipient", "code"), [("refuse@x.test", 550), ("defer@x.test", 451)])
def test_some_recipients_are_refused_at_once(
    exim: Exim, trust: ssl.SSLContext, alice: str, recipient: str, code: int
) -> None:
    with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
        send(exim, trust, alice, recipient)
    assert refused.value.recipients[recipient][0] == code


def test_strangers_reach_the_mailboxes_only(dovecot: Dovecot, exim: Exim, bob: str) -> None:
    with smtplib.SMTP(LOOPBACK, exim.smtp_port, timeout=10) as smtp:
        refused = smtp.sendmail("x@far.example", [bob, "y@far.example"], MAIL)
    assert refused["y@far.example"][0] == 550
    assert len(dovecot.wait_for_mails(bob)) == 1


@pytest.mark.parametrize("method", ["auth_plain", "auth_login"])
def test_only_the_right_password_logs_in(
    exim: Exim, trust: ssl.SSLContext, alice: str, method: str
) -> None:
    mechanism = method.removeprefix("auth_").upper()
    with smtplib.SMTP(LOOPBACK, exim.smtp_port, timeout=10) as smtp:
        smtp.ehlo()
        assert not smtp.has_extn("auth")
        smtp.starttls(context=trust)
        smtp.ehlo()
        for user, password in ((alice, "wrong"), (alice, ""), ("no@desk.test", PASSWORD)):
            smtp.user, smtp.password = user, password
            with pytest.raises(smtplib.SMTPAuthenticationError):
                smtp.auth(mechanism, getattr(smtp, method))
        smtp.user, smtp.password = alice, PASSWORD
        assert smtp.auth(mechanism, getattr(smtp, method))[0] == 235


def test_mails_wait_while_the_mailboxes_are_away(
    dovecot: Dovecot, exim: Exim, trust: ssl.SSLContext, alice: str, bob: str
) -> None:
    dovecot.kill()
    send(exim, trust, alice, bob)
    exim.stop()
    with pytest.raises(ConnectionRefusedError):
        smtplib.SMTP(LOOPBACK, exim.smtp_port, timeout=5)
    dovecot.start()
    exim.start()
    exim.run_queue()
    assert len(dovecot.wait_for_mails(bob)) == 1
    exim.run_queue()
    wait_until(lambda: exim.queued() == 0, "the queue is empty", 10)
    assert len(dovecot.mailbox(bob)) == 1


# All


def test_nothing_is_left_behind(certificates: Certificates) -> None:
    with started(lambda: Dovecot(certificates)) as dovecot, started(lambda: Exim(dovecot)) as exim:
        folders = [dovecot.folder, exim.folder]
        dovecot.pause()
        assert all(_processes(folder) for folder in folders)
    assert not any(_processes(folder) or folder.exists() for folder in folders)


def _processes(folder: Path) -> list[str]:
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if (entry / "cwd").readlink() == folder or _names(entry, folder):
                found.append(entry.name)
        except OSError:
            continue
    return found


def _names(entry: Path, folder: Path) -> bool:
    return str(folder).encode() in (entry / "cmdline").read_bytes()


def test_a_missing_program_is_named_with_its_package() -> None:
    with pytest.raises(Missing, match=r"no-such-program .* package no-such-package"):
        program("no-such-program", "no-such-package")
