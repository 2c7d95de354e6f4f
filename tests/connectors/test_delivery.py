"""Delivery reports of every kind of mail server are read for what they say."""

from __future__ import annotations

import pytest

from monitor.message import DeliveryReport
from tests.connectors.test_classification import classified

OURS = "<ours-7@desk.example>"
THEIRS = "gone@customer.example"
ORIGINAL = f"""\
Received: from desk.example by mx.desk.example; Sun, 1 Mar 2026 10:00:00 +0000
Message-ID: {OURS}
From: help@desk.example
To: {THEIRS}
References: <older@customer.example>
Subject: Re: My order

We have sent it.
"""


def written(*lines: str) -> bytes:
    return "\n".join(lines).encode()


def report_of(raw: bytes) -> DeliveryReport:
    found = classified(raw).report
    assert found is not None
    return found


def standard(action: str, *fields: str, original: str = ORIGINAL) -> bytes:
    """A report as RFC 3464 has it."""
    return written(
        "Return-Path: <>",
        "From: MAILER-DAEMON@mx.desk.example (Mail Delivery System)",
        "To: help@desk.example",
        "Subject: Mail status",
        "Message-ID: <report@mx.desk.example>",
        "Content-Type: multipart/report; report-type=delivery-status; boundary=x",
        "",
        "--x",
        "",
        "Something happened.",
        "--x",
        "Content-Type: message/delivery-status",
        "",
        "Reporting-MTA: dns; mx.desk.example",
        "",
        f"Final-Recipient: rfc822; {THEIRS}",
        f"Action: {action}",
        *fields,
        "",
        "--x",
        "Content-Type: message/rfc822",
        "",
        original,
        "--x--",
        "",
    )


def told(sender: str, subject: str, *text: str, more: tuple[str, ...] = ()) -> bytes:
    """A report in prose."""
    head = [f"From: {sender}", "To: help@desk.example", f"Subject: {subject}", *more]
    if not any(line.startswith("Content-Type") for line in more):
        head.append("Content-Type: text/plain; charset=utf-8")
    return written(*head, "", *text)


def test_a_standard_report_is_read_in_full() -> None:
    diagnosis = "Diagnostic-Code: smtp; 550 5.1.1\n no such person"
    assert report_of(standard("failed", "Status: 5.1.1", diagnosis)) == DeliveryReport(
        failed=True,
        ids=(OURS,),
        recipients=(THEIRS,),
        status="5.1.1",
        diagnosis="550 5.1.1 no such person",
    )


@pytest.mark.parametrize("action", ["failed", "Failed", "failed (bad address)", "failure"])
def test_what_failed_has_failed(action: str) -> None:
    assert report_of(standard(action, "Status: 5.0.0")).failed


def test_what_failed_after_a_temporary_error_has_failed_too() -> None:
    assert report_of(standard("failed", "Status: 4.4.7")).failed


def test_a_delay_is_no_failure() -> None:
    report = report_of(standard("delayed", "Status: 4.4.1"))
    assert not report.failed
    assert report.status == "4.4.1"
    assert report.ids == (OURS,)


def test_one_failure_among_delays_is_a_failure() -> None:
    other = "\nFinal-Recipient: rfc822; b@customer.example\nAction: failed\nStatus: 5.1.1"
    report = report_of(standard("delayed", "Status: 4.4.1", other))
    assert report.failed
    assert report.recipients == (THEIRS, "b@customer.example")


@pytest.mark.parametrize("action", ["delivered", "relayed", "expanded"])
def test_a_notice_that_all_went_well_is_automatic_and_no_report(action: str) -> None:
    found = classified(standard(action, "Status: 2.0.0"))
    assert found.report is None
    assert "arrived" in found.auto
    assert found.suppress_ack


def test_a_status_that_says_nothing_gives_way_to_the_servers_words() -> None:
    said = "Diagnostic-Code: smtp; 550 5.7.26 unauthenticated"
    assert report_of(standard("failed", "Status: 5.0.0", said)).status == "5.7.26"


def test_the_ids_are_those_of_the_mail_itself_and_not_of_its_thread() -> None:
    assert report_of(standard("failed")).ids == (OURS,)


@pytest.mark.parametrize(
    ("kind", "original"),
    [
        ("text/rfc822-headers", ORIGINAL),
        ("message/rfc822", "\n" + ORIGINAL),
        ("text/rfc822-headers; charset=us-ascii", ORIGINAL.replace("\n", "\r\n")),
    ],
)
def test_the_original_is_found_however_it_is_attached(kind: str, original: str) -> None:
    raw = standard("failed", original=original).replace(b"message/rfc822", kind.encode())
    assert report_of(raw).ids == (OURS,)


def test_a_report_whose_parts_are_not_separated_is_read_as_text() -> None:
    report = report_of(standard("failed", "Status: 5.1.1").replace(b"boundary=x", b"boundary=y"))
    assert report.status == "5.1.1"
    assert report.recipients == (THEIRS,)
    assert report.ids == (OURS,)


QMAIL = told(
    "MAILER-DAEMON@mx.desk.example",
    "failure notice",
    "Hi. This is the qmail-send program.",
    "I'm afraid I wasn't able to deliver your message to the following addresses.",
    "",
    f"<{THEIRS}>:",
    "192.0.2.1 does not like recipient.",
    "Remote host said: 550 5.1.1 unknown user",
    "",
    "--- Below this line is a copy of the message.",
    "",
    ORIGINAL,
)
EXIM = told(
    "Mail Delivery System <Mailer-Daemon@mx.desk.example>",
    "Mail delivery failed: returning message to sender",
    "A message that you sent could not be delivered to one or more of its recipients.",
    "",
    f"  {THEIRS}",
    "    host mx.customer.example [192.0.2.1]: 550 5.1.1 unknown user",
    "",
    "------ This is a copy of the message, including all the headers. ------",
    "",
    ORIGINAL,
    more=(f"X-Failed-Recipients: {THEIRS}",),
)
EXCHANGE = told(
    "System Administrator <postmaster@customer.example>",
    "Undeliverable: My order",
    "Your message",
    "  To: someone",
    "did not reach the following recipient(s):",
    f"{THEIRS} on Sun, 1 Mar 2026 10:00:00 +0000",
    "    550 5.1.1 The recipient name is not recognized",
    f"Message-ID: {OURS}",
)
JAPANESE = told(
    "postmaster@carrier.example",
    "=?utf-8?b?6YCB5L+h44Ko44Op44O8?=",
    "次の宛先へのメッセージは送信できませんでした。",
    f"<{THEIRS}>",
    "<<< 550 5.1.1 User unknown",
    "",
    ORIGINAL,
)
CARRIER = told(
    "no-reply@carrier.example",
    "?",
    "--x",
    "",
    "Your mail could not be delivered to:",
    f"<{THEIRS}> 5.1.1",
    "--x",
    "Content-Type: message/rfc822",
    "",
    ORIGINAL,
    "--x--",
    more=("Content-Type: multipart/mixed; boundary=x",),
)


@pytest.mark.parametrize("raw", [QMAIL, EXIM, EXCHANGE, JAPANESE, CARRIER])
def test_a_report_in_prose_is_read_as_one_in_fields(raw: bytes) -> None:
    report = report_of(raw)
    assert report.failed
    assert report.ids == (OURS,)
    assert report.recipients == (THEIRS,)
    assert report.status == "5.1.1"
    assert report.diagnosis


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("Warning: message 1abc delayed 24 hours", "It has not yet been delivered."),
        ("Delayed Mail (still being retried)", "THIS IS A WARNING ONLY."),
        ("Returned mail: warning: cannot send message for 4 hours", "Action: none is needed"),
        ("Delivery Status Notification (Delay)", "Delivery to x@y.example has been delayed."),
        ("Mail status", "Your message is delayed. Delivery attempts will continue."),
        ("Zustellung verzögert", "Die Zustellung wird weiterhin versucht."),
        ("Mail delivery", "Доставка задерживается"),
    ],
)
def test_a_delay_told_in_prose_is_no_failure(subject: str, text: str) -> None:
    assert not report_of(told("MAILER-DAEMON@mx.desk.example", subject, text)).failed


@pytest.mark.parametrize(
    "subject",
    [
        "Undeliverable: My order",
        "Undelivered Mail Returned to Sender",
        "Returned mail: see transcript for details",
        "failure notice",
        "DELIVERY FAILURE: User gone not listed",
        "[Postmaster] Email Delivery Failure",
        "Delivery Notification: Delivery has failed",
        "NOTICE: mail delivery status.",
        "Mail System Error - Returned Mail",
        "There was an error sending your mail",
        "[BOUNCE]",
        "Unzustellbar: Meine Bestellung",
        "Non remis : Ma commande",
        "Échec de la remise",
        "No se puede entregar: Mi pedido",
        "Non recapitabile: Il mio ordine",
        "Não é possível entregar: pedido",
        "Onbestelbaar: Mijn bestelling",
        "Недоставленное сообщение",
        "Niedostarczalne: zamówienie",
        "Nedoručitelné: objednávka",
        "无法投递：订单",
        "系统退信",
        "未傳遞的主旨: 訂單",
        "配信不能: 注文",
        "メールを配信できませんでした",
        "배달되지 않음: 주문",
    ],
)
def test_a_mail_servers_subject_is_known_in_many_languages(subject: str) -> None:
    raw = told("MAILER-DAEMON@mx.desk.example", subject, f"{THEIRS}")
    assert report_of(raw).failed


@pytest.mark.parametrize(
    "line",
    [
        f"X-Failed-Recipients: {THEIRS}",
        "Auto-Submitted: auto-generated (failure)",
        "Received: (qmail 1 invoked for bounce); 1 Mar 2026 10:00:00 -0000",
    ],
)
def test_a_mark_of_the_mail_server_suffices(line: str) -> None:
    assert report_of(told("someone@mx.example", "Hello", THEIRS, more=(line,))).failed


def test_a_report_says_why_it_is_taken_for_one() -> None:
    reason = classified(QMAIL).auto
    assert "a delivery failure" in reason
    assert "mail server" in reason


def test_a_recipient_who_never_was_named_is_taken_from_the_original() -> None:
    raw = CARRIER.replace(f"<{THEIRS}> 5.1.1".encode(), b"the person")
    assert report_of(raw).recipients == (THEIRS,)


def test_a_report_that_answers_ours_names_it_even_without_the_original() -> None:
    raw = told(
        "MAILER-DAEMON@mx.desk.example",
        "Undelivered Mail Returned to Sender",
        "It could not be delivered.",
        more=(f"In-Reply-To: {OURS}", "Message-ID: <report@mx.desk.example>"),
    )
    assert report_of(raw).ids == (OURS,)
