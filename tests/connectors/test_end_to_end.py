"""From a real mailbox to a sent answer: Dovecot, the real command, Exim, the customer's mailbox."""

from __future__ import annotations

import itertools
import json
import smtplib
import ssl
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from monitor.message import SendState
from monitor.wiring import House, read_config
from tests.connectors.mails import mail, read, written
from tests.fakes import FakeClock
from tests.replyby import replyby, replyby_inside
from tests.servers.dovecot import Dovecot
from tests.servers.exim import Exim

SECRET, WRONG = "s3cret-of-the-desk", "not-the-right-one"
_numbers = itertools.count(1)

# Once is enough here: what differs between the ways of keeping mail is in test_dovecot.py.
pytestmark = [pytest.mark.slow, pytest.mark.parametrize("dovecot", ["maildir"], indirect=True)]


@dataclass
class Office:
    """A desk with two accounts on real servers, run by the real command; and a customer."""

    dovecot: Dovecot
    exim: Exim
    folder: Path
    desk: str
    customer: str
    own_process: bool = False

    def configure(self, **passwords: str) -> None:
        """Write config.toml, an account for each name, its password by way of the environment."""
        head = '[desk]\nname = "Acme support"\ntimezone = "Europe/Berlin"\n'
        accounts = [
            f'[[accounts]]\nname = "{name}"\nchannel = "email"\naddress = "{self.desk}"\n'
            f'imap = "imaps://localhost:{self.dovecot.imaps_port}"\n'
            f'smtp = "smtp://localhost:{self.exim.smtp_port}"\n'
            f'ca = "{self.dovecot.certificates.ca}"\npassword = "env:{name.upper()}_PASSWORD"\n'
            for name in passwords
        ]
        (self.folder / "config.toml").write_text(head + "".join(accounts))
        self._secrets = {f"{name.upper()}_PASSWORD": p for name, p in passwords.items()}

    def replyby(self, *words: str, code: int = 0) -> subprocess.CompletedProcess[str]:
        """Run the command; it has to end with that code, and tell nobody a password."""
        env = self._secrets | {"HOME": str(self.folder), "XDG_CONFIG_HOME": str(self.folder)}
        run = replyby if self.own_process else replyby_inside
        done = run(("--as", "ann", *words), self.folder, env)
        assert done.returncode == code, done.stdout + done.stderr
        assert not [p for p in self._secrets.values() if p in done.stdout + done.stderr]
        assert "Traceback" not in done.stderr
        return done

    def json(self, *words: str, code: int = 0) -> Any:
        return json.loads(self.replyby(*words, "--json", code=code).stdout)

    def customer_sends(self, text: str, **fields: str) -> EmailMessage:
        """By the real submission server, until it lies in the desk's inbox."""
        raw = mail(text, f"Mira M\u00fcller <{self.customer}>", To=self.desk, **fields)
        before = len(self.dovecot.mailbox(self.desk))
        context = ssl.create_default_context(cafile=str(self.dovecot.certificates.ca))
        with smtplib.SMTP("localhost", self.exim.smtp_port, "me.test", timeout=10) as smtp:
            smtp.starttls(context=context)
            smtp.login(self.customer, "x")
            smtp.sendmail(self.customer, [self.desk], raw)
        self.dovecot.wait_for_mails(self.desk, before + 1)
        return read(raw)

    def lay_into_inbox(self, text: str, sender: str) -> None:
        self.dovecot.deliver(self.desk, mail(text, sender, To=self.desk), datetime.now(UTC))

    def house(self, clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> House:
        """The same desk inside this process, its time a test's own."""
        for name, secret in self._secrets.items():
            monkeypatch.setenv(name, secret)
        return House(read_config(self.folder / "config.toml"), clock)


@pytest.fixture
def office(dovecot: Dovecot, exim: Exim, tmp_path: Path) -> Office:
    number = next(_numbers)
    office = Office(
        dovecot, exim, tmp_path, f"office{number}@desk.test", f"m{number}@customer.test"
    )
    dovecot.add_user(office.desk, SECRET)
    dovecot.add_user(office.customer, "x")
    office.configure(support=SECRET)
    return office


def answered(office: Office, number: str) -> EmailMessage:
    """The answer to that conversation as its customer has it."""
    text = "Es ist unterwegs.\n\nIhre Gr\u00fc\u00dfe"
    assert "is sent" in office.replyby("reply", number, "--text", text, "--wait").stdout
    [raw] = office.dovecot.wait_for_mails(office.customer)
    assert written(raw) == text
    return read(raw)


def stands_in_the_thread(got: EmailMessage, asked: EmailMessage, office: Office) -> None:
    """From us to the customer, below what they asked."""
    assert got["In-Reply-To"] == asked["Message-ID"]
    assert got["References"].split() == ["<older@customer.test>", asked["Message-ID"]]
    assert got["Subject"] == f"Re: {asked['Subject']}"
    assert [a.addr_spec for a in got["To"].addresses] == [office.customer]
    assert [str(a) for a in got["From"].addresses] == [f"Acme support <{office.desk}>"]
    assert got["Message-ID"].endswith("@desk.test>")
    assert got["Date"].datetime - datetime.now(UTC) < timedelta(minutes=5)
    assert got.defects == []


def test_from_the_customers_mail_to_the_answer_in_its_thread(office: Office) -> None:
    office.own_process = True
    asked = office.customer_sends(
        "Wo bleibt mein P\u00e4ckchen?", References="<older@customer.test>"
    )
    assert office.replyby("poll").stdout == "support: 1 listed = 1 new\n"
    [waiting] = office.json("list")
    assert waiting["customer"] == {"name": "Mira M\u00fcller", "address": office.customer}
    told = (waiting["account"], waiting["state"], waiting["overdue"])
    assert told == ("support", "waiting", False)
    got = answered(office, str(waiting["id"]))
    stands_in_the_thread(got, asked, office)
    assert office.json("list") == []
    [copy] = office.dovecot.mailbox(office.desk, "Sent")
    assert read(copy)["Message-ID"] == got["Message-ID"]
    assert [r"\Seen" in f for f in office.dovecot.flags(office.desk).values()] == [False]

    office.replyby("poll")
    assert len(office.dovecot.mailbox(office.customer)) == 1
    office.customer_sends(
        "Danke!",
        Subject=got["Subject"],
        In_Reply_To=got["Message-ID"],
        References=" ".join(got["References"].split()),
    )
    assert office.replyby("poll").stdout == "support: 1 listed = 1 new\n"
    [again] = office.json("list")
    assert again["id"] == waiting["id"]
    assert again["awaiting_since"] > waiting["awaiting_since"]
    [account] = office.json("accounts")
    assert (account["name"], account["state"], account["reason"]) == ("support", "ok", "")


def test_a_wrong_password_is_said_and_harms_no_other_account(office: Office) -> None:
    office.configure(broken=WRONG, support=SECRET)
    office.customer_sends("hello")
    done = office.replyby("poll", code=1)
    assert done.stdout == "support: 1 listed = 1 new\n"
    assert "broken: localhost refuses to sign in" in done.stderr
    broken, support = office.json("accounts", code=1)
    keys = {"name", "channel", "state", "since", "reason", "remedy", "last_ok", "last_poll"}
    assert keys <= set(broken)
    assert (broken["name"], broken["state"], support["state"]) == ("broken", "signed out", "ok")
    assert broken["last_ok"] is None
    assert "password" in broken["remedy"]
    assert office.replyby("poll", "support").stdout == "support: 0 listed = 0 new\n"
    assert len(office.json("list")) == 1
    office.configure(broken=SECRET, support=SECRET)
    office.replyby("poll")
    assert {a["state"] for a in office.json("accounts")} == {"ok"}


def test_a_refused_recipient_brings_the_conversation_back_with_its_text(office: Office) -> None:
    office.lay_into_inbox("answer me", "refuse@customer.test")
    office.replyby("poll")
    [before] = office.json("list")
    done = office.replyby("reply", str(before["id"]), "--text", "so be it", "--wait", code=1)
    assert "550" in done.stderr
    shown = office.json("show", str(before["id"]))
    assert shown["draft"] == "so be it"
    assert [answer["state"] for answer in shown["answers"]] == ["failed"]
    [after] = office.json("list")
    assert (after["id"], after["reply_by"]) == (before["id"], before["reply_by"])


def test_a_deferred_recipient_is_tried_again_and_in_the_end_given_back(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.lay_into_inbox("answer me", "defer@customer.test")
    office.replyby("poll")
    [before] = office.json("list")
    done = office.replyby("reply", str(before["id"]), "--text", "wait for it", "--wait", code=1)
    assert "451" in done.stderr
    assert office.json("list") == []
    clock = FakeClock(datetime.now(UTC))
    house = office.house(clock, monkeypatch)
    tries = []
    for _ in range(8):
        clock.forward(hours=1)
        tries.append(house.outbox.deliver())
    [entry] = house.desk.open(before["id"], "ann").answers
    house.close()
    assert (sum(tries), entry.tries, entry.state) == (5, 6, SendState.FAILED)
    [after] = office.json("list")
    assert (after["id"], after["reply_by"]) == (before["id"], before["reply_by"])


def test_a_real_bounce_comes_home_to_its_conversation(office: Office) -> None:
    office.lay_into_inbox("answer me", "gone@customer.test")
    office.replyby("poll")
    [before] = office.json("list")
    office.replyby("reply", str(before["id"]), "--text", "hello?", "--wait")
    office.dovecot.wait_for_mails(office.desk, 2)
    assert office.replyby("poll").stdout == "support: 2 listed = 1 known + 1 ignored\n"
    [after] = office.json("list")
    assert (after["id"], after["reply_by"]) == (before["id"], before["reply_by"])
    shown = office.json("show", str(before["id"]))
    assert len(shown["messages"]) == 3
    assert [answer["state"] for answer in shown["answers"]] == ["bounced"]
    assert shown["draft"] == "hello?"


def test_implicit_tls_and_a_server_that_is_gone(office: Office) -> None:
    config = (office.folder / "config.toml").read_text()
    office.customer_sends("hello")
    office.replyby("poll")
    tls = config.replace(f"smtp://localhost:{office.exim.smtp_port}",
                         f"smtps://localhost:{office.exim.smtps_port}")  # fmt: skip
    (office.folder / "config.toml").write_text(tls)
    office.replyby("reply", "1", "--text", "over TLS", "--wait")
    assert written(office.dovecot.wait_for_mails(office.customer)[0]) == "over TLS"
    gone = config.replace(f":{office.dovecot.imaps_port}", ":1")
    (office.folder / "config.toml").write_text(gone)
    assert "can't reach localhost:1" in office.replyby("poll", code=1).stderr
    [account] = office.json("accounts", code=1)
    assert account["state"] == "blind"
    assert account["remedy"]
