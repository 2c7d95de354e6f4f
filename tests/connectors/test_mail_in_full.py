"""Answers from anywhere are seen, and what did not arrive comes back: real Dovecot, real Exim."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.mailbox import message_ids
from connectors.sandbox.mail import MailServer
from monitor.message import SendState, State
from tests.connectors.mail_office import (
    IGNORED,
    KNOWN,
    NEW,
    SECRET,
    Office,
    opened,
    seconds,
    waits_since,
)
from tests.connectors.mails import mail, read
from tests.servers.certificates import Certificates
from tests.servers.dovecot import Dovecot
from tests.servers.exim import Exim


@pytest.fixture
def office(dovecot: Dovecot, exim: Exim, tmp_path: Path) -> Iterator[Office]:
    with opened(dovecot, exim, tmp_path) as office:
        yield office


def asked(office: Office) -> str:
    """A question of the customer's is in the queue; its Message-ID."""
    question = office.asks("question")
    assert office.poll() == {NEW: 1}
    return question


# A colleague's answer from another program


def test_a_colleagues_answer_from_another_program_stops_the_clock(office: Office) -> None:
    answered = office.colleague_answers(asked(office))
    written = seconds(office.clock.now)
    assert office.poll() == {NEW: 1}
    there = office.only()
    assert (there.state, there.reply_by) == (State.ANSWERED, None)
    [verdict] = office.verdicts(there.id)
    assert (verdict.outcome, verdict.who, verdict.through) == ("answered", "Bea", "outside")
    assert (verdict.ended_at, verdict.in_time) == (written, True)
    assert office.texts(there.id) == ["question", "from my phone"]
    shown = office.replyby("show", str(there.id))
    assert "Bea" in shown
    assert "answered outside" in shown
    assert answered not in office.replyby("list")


def test_a_late_answer_from_another_program_is_late(office: Office) -> None:
    question = asked(office)
    office.clock.forward(hours=7)
    office.colleague_answers(question)
    office.poll()
    [verdict] = office.verdicts(office.only().id)
    assert (verdict.outcome, verdict.in_time) == ("answered", False)


def test_the_customers_next_mail_after_it_opens_it_again(office: Office) -> None:
    answered = office.colleague_answers(asked(office))
    office.poll()
    office.asks("but why?", Subject="Re: question", In_Reply_To=answered, References=answered)
    written = seconds(office.clock.now)
    assert office.poll() == {NEW: 1}
    there = office.only()
    assert (there.state, there.awaiting_since) == (State.WAITING, written)


def test_question_answer_and_the_next_question_in_one_poll(office: Office) -> None:
    question = office.asks("question")
    answered = office.colleague_answers(question)
    both = f"{question} {answered}"
    office.asks("but why?", Subject="Re: question", In_Reply_To=answered, References=both)
    written = seconds(office.clock.now)
    assert office.poll() == {NEW: 3}
    there = office.only()
    assert (there.state, there.awaiting_since) == (State.WAITING, written)
    assert [v.who for v in office.verdicts(there.id)] == ["Bea"]


def test_a_colleague_who_passes_it_on_to_somebody_else_stops_nothing(office: Office) -> None:
    question = asked(office)
    before = office.only()
    office.colleague_answers(question, To="lawyer@firm.test", Subject="Fwd: question")
    assert office.poll() == {IGNORED: 1}
    there = office.only()
    assert (there.state, there.reply_by) == (State.WAITING, before.reply_by)
    assert len(office.texts(there.id)) == 2


def test_a_mail_that_a_colleague_begins_is_filed_and_the_reply_to_it_waits(office: Office) -> None:
    begun = office.colleague_answers("<nothing@of.ours>", Subject="our offer")
    assert office.poll() == {IGNORED: 1}
    assert office.states() == ["ignored"]
    office.asks("gladly", Subject="AW: our offer", In_Reply_To=begun)
    assert office.poll() == {NEW: 1}
    assert office.states() == ["waiting"]


def test_an_answer_whose_question_turns_up_later_counts(office: Office) -> None:
    raw = office.written("question", To=office.address)
    office.arrives(raw, folder="Junk")
    asked_at = seconds(office.clock.now)
    office.colleague_answers(str(read(raw)["Message-ID"]))
    assert office.poll() == {IGNORED: 1}
    office.dovecot.deliver(office.address, raw, asked_at)  # she moves it out of Junk
    assert office.poll() == {NEW: 1}
    there = office.only()
    assert there.state is State.ANSWERED
    [verdict] = office.verdicts(there.id)
    assert (verdict.awaiting_since, verdict.through) == (asked_at, "outside")


def test_then_too_it_is_known_who_answered(office: Office) -> None:
    raw = office.written("question", To=office.address)
    asked_at = seconds(office.clock.now)
    office.colleague_answers(str(read(raw)["Message-ID"]))
    office.poll()
    office.dovecot.deliver(office.address, raw, asked_at)
    office.poll()
    assert [v.who for v in office.verdicts(office.only().id)] == ["Bea"]


def test_a_reply_that_names_only_the_colleagues_answer_stops_no_answer_from_counting(
    office: Office,
) -> None:
    question = asked(office)
    raw = office.beas("from my phone", In_Reply_To=question, References=question)
    office.arrives(raw, folder="Sent")
    # Read first, for the inbox is; as programs write it that keep no References.
    office.asks("thanks, and another thing", Subject="Re: question",
                In_Reply_To=str(read(raw)["Message-ID"]))  # fmt: skip
    office.poll()
    assert [v.who for c in office.all() for v in office.verdicts(c.id)] == ["Bea"]
    assert office.states().count("waiting") == 1


def test_a_colleague_who_sends_herself_a_copy_has_answered_too(office: Office) -> None:
    question = asked(office)
    raw = office.beas("from my phone", In_Reply_To=question, References=question,
                      Cc=f"Acme <{office.address}>")  # fmt: skip
    office.sends(office.address, [office.customer, office.address], raw)
    office.dovecot.wait_for_mails(office.address, 2)
    office.arrives(raw, folder="Sent")
    office.poll()
    assert office.states() == ["answered"]
    assert [v.who for v in office.verdicts(office.only().id)] == ["Bea"]


def test_an_automatic_answer_in_sent_stops_no_clock(office: Office) -> None:
    # RFC 8580: a vacation answer of the desk's own mailbox, with a copy in Sent.
    question = asked(office)
    office.colleague_answers(question, "we are closed today", Auto_Submitted="auto-replied")
    office.poll()
    assert office.only().state is State.WAITING
    assert office.verdicts(office.only().id) == []


def test_where_it_is_switched_off_sent_is_not_watched(office: Office) -> None:
    office.configure(support="watch_sent = false")
    office.colleague_answers(asked(office))
    assert office.poll() == {}
    assert office.only().state is State.WAITING


@pytest.fixture(scope="module")
def german(certificates: Certificates) -> Iterator[Dovecot]:
    """A server whose folder for sent mail has a name of its own, and a folder Sent besides."""
    with _German(certificates) as server:
        yield server


GERMAN = "Gesendete Objekte f\u00fcr alle"


class _German(Dovecot):
    def _prepare(self) -> None:
        super()._prepare()
        conf = self.folder / "conf"
        special = conf.read_text().replace("special_use = \\Sent", "")
        more = f'mailbox "{GERMAN}" {{\n auto = subscribe\n special_use = \\Sent\n }}\n'
        conf.write_text(special.replace("mailbox Sent {", f"{more}  mailbox Sent {{"))


@pytest.mark.parametrize("dovecot", ["maildir"], indirect=True)
def test_sent_mail_is_found_by_its_use_whatever_the_folder_is_called(
    dovecot: Dovecot, german: Dovecot, exim: Exim, tmp_path: Path
) -> None:
    wire = GERMAN.replace("\u00fc", "&APw-")
    with opened(german, exim, tmp_path) as office:
        dovecot.add_user(office.address, SECRET)  # to send with
        dovecot.add_user(office.customer, SECRET)
        question = asked(office)
        assert office.answer(office.only().id, "here you are").state is SendState.SENT
        assert (len(office.sent(wire)), office.sent()) == (1, [])
        office.poll()
        again = office.asks("again?", Subject="Re: question", In_Reply_To=question)
        office.poll()
        office.arrives(office.beas("yes", In_Reply_To=again), folder=wire)
        office.poll()
        assert office.only().state is State.ANSWERED


def test_answered_within_one_poll_it_is_the_customers_conversation(office: Office) -> None:
    office.poll()
    office.colleague_answers(office.asks("question"))
    office.poll()
    there = office.only()
    assert (there.state, there.customer_name, there.subject) == (
        State.ANSWERED, "Mira", "question",
    )  # fmt: skip
    assert [v.who for v in office.verdicts(there.id)] == ["Bea"]


def test_sent_that_is_read_as_an_inbox_too_brings_no_answer_of_ours_twice(office: Office) -> None:
    office.configure(support='folders = ["INBOX", "Sent"]')
    asked(office)
    office.answer(office.only().id, "here you are")
    office.poll()
    assert office.states() == ["answered"]
    assert office.texts(office.only().id) == ["question", "here you are"]


# Our own copy


@pytest.mark.parametrize(
    ("setting", "copies"), [('sent = "off"', 0), ("watch_sent = false", 1), ('sent = "Kopien"', 1)]
)
def test_the_copy_goes_where_the_settings_say(office: Office, setting: str, copies: int) -> None:
    with office.another_client() as imap:
        imap.create("Kopien")
    office.configure(support=setting)
    asked(office)
    assert office.answer(office.only().id, "here you are").state is SendState.SENT
    assert len(office.sent("Kopien" if "Kopien" in setting else "Sent")) == copies
    assert sum(office.poll().values()) == int("Kopien" in setting)


def test_our_own_copy_is_laid_into_sent_once_and_known_as_ours(office: Office) -> None:
    asked(office)
    assert office.answer(office.only().id, "here you are").state is SendState.SENT
    [copy] = office.sent()
    [got] = office.dovecot.wait_for_mails(office.customer)
    assert read(copy)["Message-ID"] == read(got)["Message-ID"]
    assert office.poll() == {KNOWN: 1}
    assert office.poll() == {}
    assert office.texts(office.only().id) == ["question", "here you are"]
    assert [v.through for v in office.verdicts(office.only().id)] != ["outside"]


def our_next_id(office: Office) -> str:
    """The Message-ID that the answer in the outbox is going to have."""
    with sqlite3.connect(office.folder / "replyby.db") as database:
        [(conversation, key)] = database.execute(
            "SELECT conversation_id, key FROM outbox WHERE state IN ('queued', 'unsure')"
        )
    domain = office.address.rpartition("@")[2]
    return message_ids.make(office.house.signing_key(), conversation, key, domain)


def copy_of_our_answer(office: Office) -> bytes:
    return mail("here you are", office.address, To=office.customer, Message_ID=our_next_id(office))


def test_where_the_server_keeps_a_copy_itself_none_is_added(office: Office) -> None:
    asked(office)
    office.house.desk.reply(office.only().id, "ann", "here you are", seen=None)
    office.arrives(copy_of_our_answer(office), folder="Sent")
    office.house.outbox.deliver()
    assert len(office.dovecot.wait_for_mails(office.customer)) == 1
    assert len(office.sent()) == 1
    assert office.poll() == {KNOWN: 1}
    assert [m.text for m in office.house.desk.open(office.only().id, "ann").messages] == [
        "question",
        "here you are",
    ]


def test_an_unsure_answer_whose_copy_turns_up_in_sent_was_sent(office: Office) -> None:
    asked(office)
    number = office.house.desk.reply(office.only().id, "ann", "here you are", seen=None)
    unsure_now(office)
    assert office.only().state is State.WAITING
    assert office.poll() == {}
    office.arrives(copy_of_our_answer(office), folder="Sent")
    assert office.poll() == {KNOWN: 1}
    assert office.house.desk.answer(number).state is SendState.SENT
    assert office.only().state is State.ANSWERED
    assert [v.in_time for v in office.verdicts(office.only().id)] == [True]
    assert office.texts(office.only().id) == ["question", "here you are"]


def test_the_copy_in_sent_says_when_an_unsure_answer_was_sent(office: Office) -> None:
    asked(office)
    office.house.desk.reply(office.only().id, "ann", "here you are", seen=None)
    copy = copy_of_our_answer(office)
    unsure_now(office)
    office.arrives(copy, folder="Sent")
    office.clock.forward(hours=7)  # the desk was not running meanwhile
    office.poll()
    assert [v.in_time for v in office.verdicts(office.only().id)] == [True]


def unsure_now(office: Office) -> None:
    """The answer in the outbox is handed over, and then there is no word."""
    with MailServer() as smtp:
        smtp.add_mailbox(office.address, SECRET)
        smtp.add_mailbox(office.customer, SECRET)
        smtp.drop_after_data = 1
        office.smtp = smtp.smtp_url
        office.configure()
        office.house.outbox.deliver()
    assert office.only().send_state == "unsure"


# What did not arrive


def gone(office: Office) -> str:
    """A question in the queue of somebody whose mailbox is there no more; its Message-ID."""
    office.customer = "gone@customer.test"
    return asked(office)


def test_a_real_bounce_brings_the_conversation_back_as_it_was(office: Office) -> None:
    gone(office)
    before = office.only()
    assert office.answer(before.id, "hello?").state is SendState.SENT
    assert [v.in_time for v in office.verdicts(before.id)] == [True]
    office.dovecot.wait_for_mails(office.address, 2)
    assert office.poll() == {IGNORED: 1, KNOWN: 1}
    there = office.only()
    assert (there.state, there.reply_by) == (State.WAITING, before.reply_by)
    assert waits_since(there) == before.awaiting_since
    assert (there.send_state, there.assignee) == ("bounced", None)
    assert office.draft(there.id) == "hello?"
    assert [(v.outcome, v.in_time) for v in office.verdicts(there.id)] == [("undelivered", False)]
    [answer] = office.json("show", str(there.id))["answers"]
    assert answer["state"] == "bounced"
    assert "not delivered" in answer["error"]


def test_an_answer_to_another_address_makes_it_good(office: Office) -> None:
    gone(office)
    office.answer(office.only().id, "hello?")
    office.dovecot.wait_for_mails(office.address, 2)
    office.poll()
    office.asks("I have a new address", Subject="Re: question")
    office.poll()
    assert office.states() == ["waiting", "waiting"]  # without References it is another matter
    assert office.answer(office.all()[0].id, "hello again").state is SendState.SENT


def bounce_of_beas_answer(office: Office, question: str) -> bytes:
    """Bea's program sends by the real server and keeps a copy; the report is in the inbox."""
    raw = office.beas("from my phone", In_Reply_To=question, References=question)
    office.sends(office.address, "gone@customer.test", raw)
    office.dovecot.wait_for_mails(office.address, 2)
    return raw


def test_a_bounce_of_a_colleagues_answer_brings_it_back_too(office: Office) -> None:
    question = gone(office)
    before = office.only()
    raw = office.beas("from my phone", In_Reply_To=question, References=question)
    office.arrives(raw, folder="Sent")
    office.poll()
    assert office.only().state is State.ANSWERED
    office.sends(office.address, office.customer, raw)
    office.dovecot.wait_for_mails(office.address, 2)
    assert office.poll() == {IGNORED: 1}
    there = office.only()
    assert (there.state, there.reply_by) == (State.WAITING, before.reply_by)
    assert [(v.outcome, v.in_time) for v in office.verdicts(there.id)] == [("undelivered", False)]


def test_a_bounce_found_together_with_the_colleagues_answer_counts_too(office: Office) -> None:
    raw = bounce_of_beas_answer(office, gone(office))
    before = office.only()
    office.arrives(raw, folder="Sent")
    office.poll()
    there = office.all()[0]
    assert (there.state, there.reply_by) == (State.WAITING, before.reply_by)
    assert there.send_state == "bounced"
    assert len(office.all()) == 1


def delay_warning(message_id: str, to: str) -> bytes:
    """RFC 3464: it was not delivered yet, and is tried on."""
    lines = [
        "From: Mail Delivery System <Mailer-Daemon@relay.test>", "To: desk@desk.test",
        "Subject: Warning: message delayed 24 hours", "Auto-Submitted: auto-replied",
        "Message-ID: <warning@relay.test>", "MIME-Version: 1.0",
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"', "",
        "--b", "Content-Type: text/plain", "", "Your message is not delivered yet.", "",
        "--b", "Content-Type: message/delivery-status", "", "Reporting-MTA: dns; relay.test", "",
        f"Final-Recipient: rfc822; {to}", "Action: delayed", "Status: 4.4.1", "",
        "--b", "Content-Type: text/rfc822-headers", "", f"Message-ID: {message_id}", "", "--b--",
        "",
    ]  # fmt: skip
    return "\r\n".join(lines).encode()


def test_a_warning_that_it_is_delayed_brings_it_back_and_takes_no_text(office: Office) -> None:
    asked(office)
    before = office.only()
    sent = office.answer(before.id, "here you are")
    office.arrives(delay_warning(str(read(office.sent()[0])["Message-ID"]), office.customer))
    assert office.poll() == {IGNORED: 1, KNOWN: 1}
    there = office.only()
    assert (there.state, there.send_state) == (State.WAITING, "delayed")
    assert there.reply_by == before.reply_by
    assert office.house.desk.answer(sent.id).state is SendState.DELAYED
    assert office.draft(there.id) == ""
    assert "delayed" in office.replyby("show", str(there.id))


def report(kind: str, message_id: str, to: str) -> bytes:
    """The warning's form, saying that all is well: RFC 3464 (relayed), RFC 8098 (displayed)."""
    raw = delay_warning(message_id, to).replace(b"Action: delayed", b"Action: " + kind.encode())
    raw = raw.replace(b"Status: 4.4.1", b"Status: 2.0.0").replace(b"not delivered yet", b"there")
    raw = raw.replace(b"Warning: message delayed 24 hours", b"Return receipt")
    if kind == "displayed":
        raw = raw.replace(b"delivery-status", b"disposition-notification").replace(
            b"Action: displayed", b"Disposition: manual-action/MDN-sent-manually; displayed"
        )
    return raw


@pytest.mark.parametrize("kind", ["delivered", "relayed", "displayed"])
def test_a_receipt_that_says_all_is_well_brings_nothing_back(office: Office, kind: str) -> None:
    asked(office)
    office.answer(office.only().id, "here you are")
    office.arrives(report(kind, str(read(office.sent()[0])["Message-ID"]), office.customer))
    assert office.poll() == {IGNORED: 1, KNOWN: 1}
    assert office.all()[0].state is State.ANSWERED
    assert office.all()[0].send_state != "delayed"
    assert [v.in_time for v in office.verdicts(office.all()[0].id)] == [True]


def test_a_bounce_after_the_customer_wrote_again_keeps_the_older_deadline(office: Office) -> None:
    gone(office)
    before = office.only()
    office.answer(before.id, "hello?")
    ours = str(read(office.sent()[0])["Message-ID"])
    office.asks("and?", Subject="Re: question", In_Reply_To=ours, References=ours)
    office.dovecot.wait_for_mails(office.address, 3)
    assert office.poll() == {NEW: 1, IGNORED: 1, KNOWN: 1}
    there = office.only()
    assert (there.state, there.reply_by) == (State.WAITING, before.reply_by)
    assert office.draft(there.id) == "hello?"


def test_a_bounce_that_names_nothing_of_ours_is_filed(office: Office) -> None:
    asked(office)
    office.arrives(delay_warning("<nobodys@of.ours>", "stranger@elsewhere.test"))
    assert office.poll() == {IGNORED: 1}
    assert office.states() == ["waiting", "ignored"]
    assert office.all()[0].send_state is None


# Machines that answer


def vacation(office: Office, to: str, **fields: str | None) -> bytes:
    """An out-of-office answer of the customer's mailbox."""
    made = {
        "Subject": "Automatische Antwort: Re: question", "Auto_Submitted": "auto-replied",
        "In_Reply_To": to, "To": office.address,
    }  # fmt: skip
    return office.written("I am away", **(made | fields))


def test_an_out_of_office_answer_is_attached_and_starts_no_clock(office: Office) -> None:
    asked(office)
    office.answer(office.only().id, "here you are")
    office.arrives(vacation(office, str(read(office.sent()[0])["Message-ID"])))
    assert office.poll() == {IGNORED: 1, KNOWN: 1}
    there = office.only()
    assert (there.state, there.reply_by) == (State.ANSWERED, None)
    assert office.texts(there.id) == ["question", "here you are", "I am away"]
    assert office.remarks(there.id)[-1]
    assert len(office.verdicts(there.id)) == 1


def test_an_out_of_office_answer_to_a_colleague_hides_no_answer_of_hers(office: Office) -> None:
    raw = office.beas("from my phone", In_Reply_To=(question := asked(office)), References=question)
    # Both are found by one poll, and the inbox is read first.
    office.arrives(vacation(office, str(read(raw)["Message-ID"])))
    office.arrives(raw, folder="Sent")
    office.poll()
    assert office.all()[0].state is State.ANSWERED
    assert [v.who for v in office.verdicts(office.all()[0].id)] == ["Bea"]


LIST = {
    "List_Id": "<talk.lists.test>", "Precedence": "list",
    "List_Unsubscribe": "<mailto:leave@lists.test>", "X_Mailman_Version": "2.1.39",
}  # fmt: skip


def test_a_persons_mail_over_a_mailing_list_waits_for_an_answer(office: Office) -> None:
    office.asks("[talk] does it run on Debian?", To="talk@lists.test", **LIST)
    assert office.poll() == {NEW: 1}
    assert office.only().customer_address == office.customer
    assert office.only().state is State.WAITING


def test_inspect_says_what_polling_did(office: Office, tmp_path: Path) -> None:
    mails = {
        "person": office.written("hello"),
        "list": office.written("over a list", **LIST),
        "vacation": vacation(office, "<x@y.test>", Message_ID="<v@y.test>"),
        "delay": delay_warning("<nobodys@of.ours>", "stranger@elsewhere.test"),
    }
    for name, raw in mails.items():
        (tmp_path / f"{name}.eml").write_bytes(raw)
        office.arrives(raw)
    outcomes = office.poll()
    files = [str(tmp_path / f"{name}.eml") for name in mails]
    lines = office.replyby("inspect", *files, "--json").splitlines()
    said = [json.loads(line) for line in lines]
    machines = [s["auto"] or s["bounce"] or s["delay"] for s in said]
    assert machines == [False, False, True, True]
    assert [c.state is State.IGNORED for c in office.all()] == machines
    assert outcomes == {NEW: 2, IGNORED: 2}
    reasons = [office.remarks(c.id)[0] for c in office.all()]
    assert [bool(reason) for reason in reasons] == machines
