"""Machines' mail is told from people's: on the sample, and rule by rule on mails of our own."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from email.message import Message
from typing import Any

import pytest

from connectors.mailbox.classification import Classification, classify
from connectors.mailbox.judging import judge
from connectors.mailbox.mime import read_mail
from tests.connectors.sample import cases, parsed, raw_mail

EXCEPTIONS = {
    "sisimai/lhost-sendmail-14": "a person forwards a bounce and awaits an answer",
}


def classified(raw: bytes) -> Classification:
    return judge(read_mail(raw))


def mail(*lines: str, body: str = "Hello\n") -> bytes:
    """A mail from a customer, with these header lines instead of or beside the usual ones."""
    usual = {
        "from": "From: Ann Example <ann@customer.example>",
        "to": "To: help@desk.example",
        "subject": "Subject: My order",
        "message-id": "Message-ID: <1@customer.example>",
    }
    for line in lines:
        usual[line.partition(":")[0].lower()] = line
    return ("\n".join(usual.values()) + "\n\n" + body).encode()


def answers(found: Classification) -> dict[str, bool]:
    report = found.report
    return {
        "auto": bool(found.auto),
        "suppress_ack": bool(found.suppress_ack),
        "delivery_notice": report is not None,
        "bounce": report is not None and report.failed,
        "delay": report is not None and not report.failed,
    }


@pytest.mark.parametrize("case", cases("classify") + cases("classify_negatives"))
def test_the_sample_is_classified_as_expected(case: dict[str, Any]) -> None:
    if case["id"] in EXCEPTIONS:
        assert not classified(raw_mail(case)).auto
        return
    given = answers(classified(raw_mail(case)))
    expected = {name: value for name, value in case["expect"].items() if name in given}
    assert {name: given[name] for name in expected} == expected


@pytest.mark.parametrize(
    "lines",
    [
        ["Auto-Submitted: auto-replied"],
        ["Auto-Submitted: auto-replied (vacation)"],
        ["auto-submitted: Auto-Replied; owner-email=\"ann@customer.example\""],
        ["Auto-Submitted: auto-notified; owner-token=1"],
        ["Auto-Submitted: auto-generated"],
        ["X-Autoreply: yes"],
        ["X-Autorespond: Gone fishing"],
        ["X-Auto-Reply-From: ann@customer.example"],
        ["X-Vacation: true"],
        ["X-Apple-Action: VACATION"],
        ["X-FC-MachineGenerated: true"],
        ["X-Mailer: PHP Autoresponder 2"],
        ["Precedence: auto_reply"],
        ["Precedence: junk"],
        ["Precedence: bulk"],
        ["X-Auto-Response-Suppress: All", "X-MS-Exchange-Inbox-Rules-Loop: ann@customer.example"],
        ["Subject: Automatic reply: My order"],
        ["Subject: Out of Office: My order"],
        ["Subject: Automatische Antwort: My order"],
        ["Subject: Abwesenheitsnotiz: My order"],
        ["Subject: =?utf-8?q?R=C3=A9ponse_automatique_=3A_My_order?="],
        ["Subject: =?utf-8?b?6Ieq5Yqo5Zue5aSNOiBNeSBvcmRlcg==?="],
        ["Subject: [Auto-Reply] My order"],
        ["Subject: I am on vacation", "Precedence: bulk"],
        ["Subject: Bin im Urlaub", "Return-Path: <>"],
        ["Subject: Urlaub", "X-Auto-Response-Suppress: OOF, AutoReply", "Auto-Submitted: auto-x"],
        ["Subject: Auto: My order", "In-Reply-To: <7@desk.example>"],
        ["Subject: Re: My order", "Return-Path: <>"],
        ["From: MAILER-DAEMON@customer.example"],
        ["Content-Type: multipart/report; report-type=disposition-notification; boundary=x"],
        ["Content-Type: multipart/report; boundary=x; report-type=\"feedback-report\""],
    ],
)  # fmt: skip
def test_a_machines_answer_is_automatic_and_gets_no_acknowledgement(lines: list[str]) -> None:
    found = classified(mail(*lines))
    assert found.auto
    assert found.suppress_ack
    assert found.report is None


@pytest.mark.parametrize(
    "lines",
    [
        [],
        ["Auto-Submitted: no"],
        ["Precedence: list", "List-Id: <gardening.lists.example>"],
        ["Precedence: bulk", "Sender: owner-gardening@lists.example"],
        ["Precedence: bulk", "Return-Path: <gardening-bounces@lists.example>"],
        ["Precedence: bulk", "X-Loop: gardening@lists.example"],
        ["X-Auto-Response-Suppress: DR, RN, NRN, OOF, AutoReply"],
        ["X-Auto-Response-Suppress: All"],
        ["X-MS-Exchange-Inbox-Rules-Loop: boss@customer.example"],
        ["Subject: Re: Automatic reply: My order"],
        ["Subject: Vacation request"],
        ["Subject: Auto: which oil?"],
        ["Subject: Re: Undelivered Mail Returned to Sender"],
        ["Subject: Fwd: Mail delivery failed: returning message to sender"],
        ["Subject: Delivery failure: my parcel"],
        ["Subject: Mailbox full"],
        ["From: postmaster@customer.example", "Subject: A question"],
        ["From: noreply@shop.example", "Reply-To: ann@customer.example",
         "Auto-Submitted: auto-generated"],
        ["From: wordpress@site.example", "Reply-To: ann@customer.example", "Precedence: bulk"],
        ["From: form@site.example", "Reply-To: ann@customer.example", "X-Auto-Generated: yes"],
        ["Return-Path: <ann@customer.example>"],
    ],
)  # fmt: skip
def test_a_persons_mail_is_nobody_elses(lines: list[str]) -> None:
    found = classified(mail(*lines))
    assert found.auto == ""
    assert found.report is None


@pytest.mark.parametrize(
    "line",
    [
        "Precedence: bulk",
        "Precedence: list",
        "List-Id: <gardening.lists.example>",
        "List-Unsubscribe: <mailto:off@lists.example>",
        "X-Auto-Response-Suppress: All",
        "X-Auto-Response-Suppress: OOF",
        "X-Loop: yes",
        "Return-Path: <>",
        "Return-Path: <MAILER-DAEMON>",
        "From: no-reply@shop.example",
        "From: Do Not Reply <donotreply@shop.example>",
        "From: Postmaster <postmaster@customer.example>",
        "From: MAILER-DAEMON@customer.example",
        "From: bounces+42@shop.example",
        "From: nobody at all",
        "Auto-Submitted: auto-forwarded",
    ],
)
def test_no_automatic_mail_goes_to_machines_and_lists(line: str) -> None:
    assert classified(mail(line)).suppress_ack


@pytest.mark.parametrize(
    "lines",
    [
        [],
        ["X-Auto-Response-Suppress: DR, RN, NRN, OOF, AutoReply"],
        ["From: noreply@site.example", "Reply-To: ann@customer.example"],
        ["Auto-Submitted: no"],
    ],
)
def test_a_person_may_be_sent_an_acknowledgement(lines: list[str]) -> None:
    assert classified(mail(*lines)).suppress_ack == ""


def test_a_lists_mail_says_which_list_it_came_over() -> None:
    found = classified(mail("List-Id: Gardening <gardening.lists.example>"))
    assert "gardening.lists.example" in found.mailing_list
    assert found.auto == ""


def test_people_s_mail_is_decided_on_by_its_header_alone() -> None:
    def unwanted() -> Any:
        pytest.fail("the mail was opened")

    head = read_mail(mail("Subject: Undeliverable mail")).headers
    assert classify(head, unwanted, unwanted) == Classification()


def test_an_automatic_answer_that_quotes_a_failure_is_no_delivery_report() -> None:
    raw = mail(
        "Return-Path: <>",
        "Auto-Submitted: auto-replied",
        "Subject: Out of office: My order",
        body="I am away. My phone is 0550 123456. Mail to my colleague could not be delivered.\n",
    )
    found = classified(raw)
    assert found.auto
    assert found.report is None


@pytest.mark.parametrize(
    "line",
    [
        "From: Parcels <noreply@parcels.example>",
        "X-Mailer: Amazon WorkMail",
        "Auto-Submitted: auto-generated",
        "X-MLServer: fml 4.0",
    ],
)
def test_who_speaks_of_parcels_is_no_mail_server(line: str) -> None:
    raw = mail(
        line,
        "Subject: Delivery notification: delivery failed",
        "Content-Type: multipart/mixed; boundary=x",
        body="--x\n\nYour parcel could not be delivered to 5 High Street. Giving up.\n--x--\n",
    )
    assert classified(raw).report is None


def test_a_postmaster_who_writes_by_hand_is_a_person() -> None:
    raw = mail(
        "From: Postmaster <postmaster@customer.example>",
        "Subject: Your mails to us",
        "User-Agent: Mozilla Thunderbird",
        body="They were rejected with 550 5.7.1 <x@desk.example>: access denied. Please look.\n",
    )
    assert classified(raw).report is None


HUGE = 10 * 1024 * 1024


@pytest.mark.parametrize(
    "raw",
    [
        mail("From: MAILER-DAEMON@x.example", body="550 " * (HUGE // 4)),
        mail("From: MAILER-DAEMON@x.example", body="a@b.example\n" * 100_000),
        mail("From: MAILER-DAEMON@x.example", body="Final-Recipient: x; a@b.example\n" * 100_000),
        mail("From: MAILER-DAEMON@x.example", body="Action:\n \n" * 100_000),
        mail("From: MAILER-DAEMON@x.example", body=" " * HUGE + "\n" + ">" * HUGE),
        mail("From: MAILER-DAEMON@x.example", body="Message-ID: " + "<" * HUGE),
        mail("From: MAILER-DAEMON@x.example", body="." * HUGE + "@" + "." * HUGE),
        mail("From: MAILER-DAEMON@x.example", body="1.2" * (HUGE // 3)),
        mail("From: MAILER-DAEMON@x.example", body="original message " * 600_000),
        mail("Subject: " + "Re: " * 65_536),
        mail("Subject: " + "[" * 262_144, "From: MAILER-DAEMON@x.example"),
        mail("Subject: " + "=?utf-8?q?mail?= " * 20_000, "From: MAILER-DAEMON@x.example"),
        mail("Subject: " + "mail " * 52_000 + "undeliverable", "Return-Path: <>"),
        mail("From: " + "<" * 262_144),
        mail("From: " + "a" * 262_144 + "@" + "b." * 100_000, "Reply-To: " + "a@" * 100_000),
        mail("Return-Path: " + "owner-" * 50_000, "Sender: " + "-bounces" * 32_000),
        mail("X-" + "auto-" * 50_000 + "x: 1"),
        mail("Content-Type: multipart/report; " + "report-type= " * 20_000),
        mail("Auto-Submitted: auto-generated" + " (" * 130_000),
        mail("X-Auto-Response-Suppress: " + ", " * 130_000),
        mail("X-Failed-Recipients: " + "a@b.example, " * 20_000),
        mail(*(f"X-Auto-{n}: yes" for n in range(20_000))),
        mail(*(f"X-Failed-{n}: " for n in range(20_000)), "Precedence: bulk"),
    ],
    ids=range(23),
)  # fmt: skip
def test_no_mail_takes_long(raw: bytes) -> None:
    found = parsed(raw)
    body = str(found.get_payload())
    began = time.perf_counter()
    classify(read_mail(raw).headers, lambda: body, lambda: found)
    assert time.perf_counter() - began < 1.0


def nested(depth: int) -> Message:
    """Multiparts in multiparts, as no parser would give them."""
    outer = innermost = parsed(mail("From: MAILER-DAEMON@x.example"))
    for _ in range(depth):
        inner = Message()
        innermost["Content-Type"] = "multipart/mixed"
        innermost.set_payload([inner])
        innermost = inner
    return outer


def wide(count: int) -> Message:
    outer = parsed(mail("From: MAILER-DAEMON@x.example", "Content-Type: multipart/report"))
    outer.set_payload([parsed(b"Content-Type: message/rfc822\n\nSubject: x\n\n")] * count)
    return outer


@pytest.mark.parametrize("make", [lambda: nested(20_000), lambda: wide(200_000)])
def test_no_structure_takes_long(make: Callable[[], Message]) -> None:
    bomb = make()
    outermost = mail("From: MAILER-DAEMON@x.example", "Content-Type: multipart/report")
    began = time.perf_counter()
    classify(read_mail(bytes(outermost)).headers, lambda: "", lambda: bomb)
    assert time.perf_counter() - began < 1.0


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\n\n",
        b"\x00\xff\xfe",
        b"From:\nSubject:\nReturn-Path:\nContent-Type:\n\n",
        b"From: \xff\xfe\xfd <\xff@\xff>\nSubject: \xe3\x81\nContent-Type: multipart/report\n\n",
        b"From: =?x-none?b?!!!?= <mailer-daemon@x>\nSubject: =?utf-8?b?////?=\n\n\xff",
        b"From: mailer-daemon@x\nContent-Type: message/delivery-status\n\n\n\nAction\n:\n",
        b"From: mailer-daemon@x\nContent-Type: message/rfc822\n\n",
        b"From: mailer-daemon@x\nContent-Type: text/plain; charset=\xff\n"
        b"Content-Transfer-Encoding: base64\n\n=====\n",
    ],
)
def test_nothing_that_a_mail_holds_is_an_error(raw: bytes) -> None:
    assert isinstance(classified(raw), Classification)


@pytest.mark.parametrize(
    "line",
    [
        b"List-Id: \xff\x00\xc3 <\xe3\x81>",
        b"Subject: Automatic reply: \xff\x00=?utf-7?q?+2AA-?=",
        b"X-Failed-Recipients: \xff@\xff, \x00a@b.example\nDiagnostic-Code: \xff",
        b"From: MAILER-DAEMON@x.example (\xff)\nReferences: <\xff\x00\xed\xa0\x80@x>",
    ],
)
def test_every_reason_can_be_kept(line: bytes) -> None:
    body = b"\n\n\xff\x00 550 5.1.1 <\xff\x00@x>: \xed\xa0\x80 user unknown\n"
    found = classified(line + body)
    kept = reasons(found)
    assert kept
    assert "\x00" not in kept
    assert kept.encode("utf-8").decode("utf-8") == kept


def reasons(found: Classification) -> str:
    report = found.report
    said = [found.auto, found.suppress_ack, found.mailing_list]
    if report:
        said += [*report.ids, *report.recipients, report.status, report.diagnosis]
    return "\n".join(said)


def damaged(raw: bytes, dice: random.Random) -> bytes:
    """A mail of which some bytes are lost, changed, or moved elsewhere."""
    mail = bytearray(raw[:20_000])
    for _ in range(dice.randint(1, 10)):
        at = dice.randrange(len(mail) + 1)
        piece = mail[at : at + dice.randint(0, 200)]
        del mail[at : at + dice.choice((0, len(piece)))]
        to = dice.randrange(len(mail) + 1)
        mail[to:to] = dice.choice((b"\n", b"\0", b"\xff", b"<", b"=?utf-7?q?+2AA-?=", piece))
    return bytes(mail)


@pytest.mark.parametrize("case", cases("classify")[::4])
def test_a_damaged_mail_is_no_error_either(case: dict[str, Any]) -> None:
    dice = random.Random(case["id"])
    raw = raw_mail(case)
    for _ in range(20):
        assert "\0" not in reasons(classified(damaged(raw, dice)))
