"""What a check of a mailbox finds out on its two servers, without sending or marking anything."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from connectors.mailbox.channel import EmailChannel
from connectors.sandbox.mail import MailServer
from monitor.checked import Checked
from tests.connectors.checks import check, everything, fine, missing, notes, remedies
from tests.connectors.mail_office import Office, opened
from tests.connectors.mails import email_settings, mail, surroundings
from tests.connectors.platforms import PATIENCE, SHORT, WRONG
from tests.connectors.token_mailbox import TokenMailbox
from tests.connectors.token_mailbox import box as box
from tests.connectors.token_mailbox import provider as provider
from tests.fakes import FakeClock
from tests.servers.dovecot import Dovecot
from tests.servers.exim import Exim
from tests.servers.scripted_imap import Script, playing
from tests.servers.submission import Submission

ADDRESS, SECRET = "support@acme.test", "s3cret"
HOSTILE = "\x1b[2J\u202eevil"

# How mail is kept makes no difference to a check.
on_maildir = pytest.mark.parametrize("dovecot", ["maildir"], indirect=True)


@pytest.fixture
def server() -> Iterator[MailServer]:
    with MailServer() as server:
        server.add_mailbox(ADDRESS, SECRET)
        yield server


class Desk:
    """Checks of a mailbox on the server that is played."""

    def __init__(self, server: MailServer, folder: Path, clock: FakeClock) -> None:
        self._urls = {"imap": server.imap_url, "smtp": server.smtp_url}
        self._folder = folder
        self._clock = clock

    def check(self, secret: str = SECRET, patience: float = PATIENCE, **given: Any) -> Checked:
        fields = self._urls | {"address": ADDRESS} | given
        settings = email_settings(self._folder, secret, patience, **fields)
        return check(EmailChannel().connect(settings, surroundings(self._clock)))


@pytest.fixture
def desk(server: MailServer, tmp_path: Path, clock: FakeClock) -> Desk:
    return Desk(server, tmp_path, clock)


# On real servers


@on_maildir
def test_a_good_mailbox_on_real_servers(dovecot: Dovecot, exim: Exim, tmp_path: Path) -> None:
    with opened(dovecot, exim, tmp_path) as office:
        office.asks("hello")
        checked = office.house.check("support")
        assert checked.ok, missing(checked)
        assert checked.who == f"{office.address} at localhost"
        for said in (
            "by LOGIN, over TLSv1",
            "'INBOX': 1 mail",
            "(IDLE)",
            "(QRESYNC)",
            "lies in 'Sent'",
        ):
            assert said in fine(checked)
        assert "sends by localhost: signed in, over TLSv1" in fine(checked)
        nothing_happened(office)


def nothing_happened(office: Office) -> None:
    """No mail came or went by it, and what was unread is."""
    assert not office.sent()
    with office.another_client() as imap:
        assert imap.search(None, "UNSEEN")[1] == [b"1"]


@on_maildir
def test_a_wrong_password_on_a_real_server_is_tried_once(
    dovecot: Dovecot, exim: Exim, tmp_path: Path
) -> None:
    with opened(dovecot, exim, tmp_path) as office:
        (tmp_path / "secret").write_text(WRONG)
        checked = office.house.check("support")
    assert ["refuses to sign in" in said for said in missing(checked)] == [True]
    assert "sending was not tried" in notes(checked)
    assert WRONG not in everything(checked)


@on_maildir
def test_a_folder_that_is_not_there_is_named_with_those_that_are(
    dovecot: Dovecot, exim: Exim, tmp_path: Path
) -> None:
    more = {"support": 'folders = ["Sales", "INBOX"]'}
    with opened(dovecot, exim, tmp_path, more=more) as office:
        checked = office.house.check("support")
    assert ["folder 'Sales'" in said for said in missing(checked)] == [True]
    assert "there are: " in remedies(checked)
    assert "folder 'INBOX'" in fine(checked)


@on_maildir
def test_a_mailbox_that_is_opened_by_tokens(box: TokenMailbox) -> None:
    box.sign_in()
    with Submission(lambda token: box.provider.access.get(token, "")) as submission:
        box.smtp = submission.url
        checked = check(box.connect())
    assert checked.ok, missing(checked)
    assert "by OAUTHBEARER" in fine(checked)
    assert "renewed by itself" in fine(checked)


@on_maildir
def test_tokens_that_nobody_has_got_yet_are_asked_for(box: TokenMailbox) -> None:
    checked = check(box.connect())
    assert "not signed in yet" in missing(checked)[0]
    assert "replyby login support" in remedies(checked)
    assert "sending was not tried" in notes(checked)


# On servers that are played


def test_a_sender_that_the_server_does_not_take_is_found_out(
    server: MailServer, desk: Desk
) -> None:
    server.smtp_fail_next(553, "not your address", "mail")
    checked = desk.check()
    assert "553: not your address" in missing(checked)[0]
    assert server.delivered == []


def test_sending_is_checked_where_reading_is_refused_with_another_password(
    server: MailServer, desk: Desk, tmp_path: Path
) -> None:
    (tmp_path / "smtp").write_text(SECRET)
    checked = desk.check(WRONG, smtp_password="file:smtp")
    assert ["refuses to sign in" in said for said in missing(checked)] == [True]
    assert "sends by 127.0.0.1" in fine(checked)


def test_a_sent_folder_that_is_not_there_is_missing(desk: Desk) -> None:
    assert "sent mail: folder 'Gone'" in missing(desk.check(sent="Gone"))[0]
    assert desk.check(sent="off", watch_sent=False).ok


def test_push_that_is_switched_off_is_said(desk: Desk) -> None:
    assert "polled every 5m (push = false)" in fine(desk.check(push=False, every="5m"))


def test_a_password_that_is_not_there_is_said_by_its_reference(desk: Desk) -> None:
    checked = desk.check(password="env:REPLYBY_NO_SUCH_SECRET")
    assert "REPLYBY_NO_SUCH_SECRET is not set" in missing(checked)[0]


@pytest.mark.parametrize(("side", "said"), [("imap", "does not answer"), ("smtp", "timed out")])
def test_a_server_that_is_silent_is_given_up_after_the_time_out(
    server: MailServer, desk: Desk, side: str, said: str
) -> None:
    setattr(server, f"{side}_hang", True)
    begun = time.monotonic()
    try:
        checked = desk.check(patience=SHORT)
    finally:
        setattr(server, f"{side}_hang", False)
    assert time.monotonic() - begun < 4 * SHORT + 1
    assert [said in problem for problem in missing(checked)] == [True]
    other = "sends by" if side == "imap" else "reads from"
    assert other in fine(checked)


def test_a_server_that_announces_nothing_is_polled(desk: Desk) -> None:
    with playing(Script({1: mail("hello")})) as port:
        checked = desk.check(imap=f"imap://127.0.0.1:{port}", sent="off", watch_sent=False)
    assert "(no IDLE): polled every 1m" in notes(checked)


def test_a_hostile_answer_is_a_sentence(desk: Desk) -> None:
    def lie(tag: bytes, command: str) -> list[bytes] | None:
        said = f" NO [NONEXISTENT] {HOSTILE}\r\n".encode()
        return [tag + said] if command.startswith("EXAMINE") else None

    with playing(Script(lie=lie)) as port:
        checked = desk.check(imap=f"imap://127.0.0.1:{port}", folders=[HOSTILE])
    assert any("can't be opened" in said for said in missing(checked))
