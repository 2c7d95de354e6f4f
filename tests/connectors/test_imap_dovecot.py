"""Folders read by UID on a real Dovecot: QRESYNC, other clients at work, a link that is slow."""

from __future__ import annotations

import imaplib
import itertools
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

import pytest

from connectors.mailbox.folder import Mail, Place, Step, read
from connectors.mailbox.imap.session import Seen, Session
from connectors.mailbox.settings import Server
from connectors.mailbox.sign_in import Password
from monitor.errors import ConnectorError
from tests.connectors.desk import SINCE
from tests.connectors.mails import mail
from tests.fakes import START
from tests.servers.dovecot import Dovecot
from tests.servers.slow_link import slow_link

SECRET = "s3cret"
_numbers = itertools.count(1)


@dataclass
class Account:
    """A mailbox of this test's own."""

    server: Dovecot
    address: str

    @contextmanager
    def session(self, port: int = 0) -> Iterator[Session]:
        """Signed in over STARTTLS."""
        where = Server("localhost", port or self.server.imap_port, tls=False)
        session = Session(where, self.server.certificates.ca, timedelta(seconds=20))
        session.sign_in(Password(self.address, SECRET))
        yield session
        session.close()

    def read(self, place: Place | None = None, folder: str = "INBOX") -> list[Step]:
        with self.session() as session:
            return steps(session, place, folder)

    def put(self, *texts: str, folder: str = "INBOX") -> None:
        with self.client() as imap:
            for text in texts:
                imap.append(folder, "", imaplib.Time2Internaldate(START), mail(text))

    @contextmanager
    def client(self, folder: str = "INBOX") -> Iterator[imaplib.IMAP4]:
        """Another mail program that has the folder open."""
        with imaplib.IMAP4("127.0.0.1", self.server.imap_port, timeout=10) as imap:
            imap.login(self.address, SECRET)
            imap.select(folder)
            yield imap


@pytest.fixture
def account(dovecot: Dovecot) -> Account:
    address = f"imap{next(_numbers)}@desk.test"
    dovecot.add_user(address, SECRET)
    return Account(dovecot, address)


def steps(session: Session, place: Place | None = None, folder: str = "INBOX") -> list[Step]:
    return list(read(session, folder, place, START - SINCE))


def mails(steps: list[Step]) -> list[Mail]:
    return [mail for step in steps for mail in step.mails]


def subjects(steps: list[Step]) -> list[str]:
    found = [re.search(rb"Subject: (.*)\r\n", mail.source) for mail in mails(steps)]
    return [match[1].decode() for match in found if match]


def test_a_mail_comes_with_its_uid_its_size_and_when_it_arrived(account: Account) -> None:
    raw = mail("hello")
    uid = account.server.deliver(account.address, raw, START)
    assert mails(account.read()) == [Mail(uid, START, len(raw), raw, cut=False)]


def test_the_place_counts_what_is_there(account: Account) -> None:
    account.put("one", "two", "three")
    place = account.read()[-1].place
    assert (place.uid, place.known) == (3, 3)
    assert place.modseq > 0


def test_what_others_remove_and_move_is_told_in_one_answer(account: Account) -> None:
    account.put("one", "two", "three", "four")
    place = account.read()[-1].place
    with account.client() as imap:
        imap.uid("STORE", "1", "+FLAGS", r"(\Deleted)")
        imap.expunge()
        imap.uid("MOVE", "2:3", "Sent")
    account.put("five")
    with account.session() as session:
        session.examine("INBOX")
        folder = session.examine("INBOX", Seen(place.validity, place.uid, place.modseq))
        assert (folder.removed, folder.exists) == (3, 2)
        after = steps(session, place)
    assert subjects(after) == ["five"]
    assert after[-1].place.known == 2


def test_flags_that_others_set_change_nothing(account: Account) -> None:
    account.put("one", "two", "three")
    place = account.read()[-1].place
    with account.client() as imap:
        imap.uid("STORE", "1:2", "+FLAGS", r"(\Seen \Flagged $Junk)")
        imap.uid("MOVE", "3", "Sent")
    account.put("four")
    with account.client() as imap:
        imap.uid("STORE", "4", "+FLAGS", r"(\Seen)")
    assert subjects(account.read(place)) == ["four"]


def test_a_mail_that_comes_back_from_another_folder_is_new(account: Account) -> None:
    account.put("one", "two")
    place = account.read()[-1].place
    with account.client() as imap:
        imap.uid("MOVE", "1", "Sent")
    place = account.read(place)[-1].place
    with account.client("Sent") as imap:
        imap.uid("MOVE", "1", "INBOX")
    assert subjects(account.read(place)) == ["one"]


def test_a_place_that_knows_of_fewer_mails_is_read_again(
    account: Account, caplog: pytest.LogCaptureFixture
) -> None:
    account.put("one", "two", "three")
    place = account.read()[-1].place
    assert subjects(account.read(place._replace(known=2))) == ["one", "two", "three"]
    assert "read again" in caplog.text


def test_another_uidvalidity_is_read_again(account: Account) -> None:
    account.put("one", "two")
    place = account.read()[-1].place
    value = account.server.change_uidvalidity(account.address)
    again = account.read(place)
    assert subjects(again) == ["one", "two"]
    assert again[-1].place.validity == value
    assert subjects(account.read(again[-1].place)) == []


def test_old_mails_are_left_alone_at_first_and_counted(account: Account) -> None:
    account.server.deliver(account.address, mail("old"), START - 2 * SINCE)
    account.put("new")
    first = account.read()
    assert subjects(first) == ["new"]
    assert first[-1].place.known == 2


def test_a_missing_folder_names_those_that_are_there(account: Account) -> None:
    with account.client() as imap:
        imap.create('"Gr&APwA3w-e"')
    with pytest.raises(ConnectorError, match="folder 'Nowhere' can't be opened") as caught:
        account.read(folder="Nowhere")
    assert "INBOX" in caught.value.remedy
    assert "Gr\u00fc\u00dfe" in caught.value.remedy


# A link that is slow


def test_an_idle_poll_costs_one_round_trip(account: Account) -> None:
    account.put("one", "two")
    place = account.read()[-1].place
    with slow_link(account.server.imap_port, 0.02) as link, account.session(link.port) as session:
        before = link.round_trips
        assert subjects(steps(session, place)) == []
        assert link.round_trips - before == 1


def test_hundreds_of_mails_need_few_round_trips(account: Account) -> None:
    texts = [f"mail {n}" for n in range(300)]
    account.put(*texts)
    with slow_link(account.server.imap_port, 0.02) as link, account.session(link.port) as session:
        before = link.round_trips
        found = steps(session)
        trips = link.round_trips - before
    assert subjects(found) == texts
    # To open the folder, to learn what there is, and once for three batches in flight.
    assert trips <= 3


def test_batches_are_small_and_the_last_step_is_the_folders_end(account: Account) -> None:
    texts = [f"mail {n}" for n in range(130)]
    account.put(*texts)
    assert [len(step.mails) for step in account.read()] == [100, 30, 0]
