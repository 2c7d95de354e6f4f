"""Files in both directions, mails beyond all bounds, and mailboxes that others work in too."""

from __future__ import annotations

import hashlib
import time
from collections import Counter
from collections.abc import Iterator
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

import pytest

from connectors.sandbox.mail import MailServer
from monitor.cli.operate import poll_all
from monitor.files import LARGEST
from monitor.message import SendState, State
from tests.connectors.mail_office import KNOWN, NEW, SECRET, Office, opened
from tests.connectors.mails import mail, read, written
from tests.servers.dovecot import Dovecot
from tests.servers.exim import Exim

once = pytest.mark.parametrize("dovecot", ["maildir"], indirect=True)
"""For what is slow, and does not depend on how the server keeps its mail."""


@pytest.fixture
def office(dovecot: Dovecot, exim: Exim, tmp_path: Path) -> Iterator[Office]:
    with opened(dovecot, exim, tmp_path) as office:
        yield office


def with_files(office: Office, files: dict[str, bytes], text: str = "see there") -> bytes:
    """A mail of the customer's with these files."""
    made = EmailMessage(policy=SMTP)
    made["From"], made["To"] = office.customer, office.address
    made["Subject"], made["Message-ID"] = "files", f"<f{time.monotonic_ns()}@customer.test>"
    made.set_content(text)
    for name, content in files.items():
        made.add_attachment(content, maintype="application", subtype="pdf", filename=name)
    return made.as_bytes()


def md5(content: bytes) -> str:
    return hashlib.md5(content).hexdigest()


# Files that come in


BYTES = bytes(range(256)) * 40


def test_files_are_listed_and_saved_as_they_were_sent(office: Office, tmp_path: Path) -> None:
    files = {"R\u00fcckgabe \u6ce8\u6587.pdf": BYTES, "empty.pdf": b"", "b.pdf": b"%PDF\r\n\r\n"}
    office.arrives(with_files(office, files))
    assert office.poll() == {NEW: 1}
    listed = office.json("show", "1")["messages"][0]["attachments"]
    assert {f["name"]: f["size"] for f in listed} == {n: len(c) for n, c in files.items()}
    assert "b.pdf" in office.replyby("show", "1")
    folder = tmp_path / "saved"
    folder.mkdir()
    office.replyby("show", "1", "--save", str(folder))
    assert {p.name: p.read_bytes() for p in folder.iterdir()} == files


HOSTILE = [
    "../../etc/passwd", "/etc/shadow", "..", ".bashrc", "C:\\Windows\\evil.exe", "con.pdf",
    "a\u202egpj.exe", "-rf", "x" * 300 + ".pdf", "a\x1b[31mred.pdf", "same.pdf", "SAME.pdf",
]  # fmt: skip


@once
def test_hostile_names_stay_within_the_folder(office: Office, tmp_path: Path) -> None:
    parts = "".join(
        f"--b\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment;\r\n"
        f" filename*=utf-8''{_percent(name)}\r\n\r\nfile {number}\r\n"
        for number, name in enumerate((*HOSTILE, "same.pdf"))
    )
    head = mail("files", Content_Type="multipart/mixed; boundary=b").split(b"Content-Type: text")
    office.arrives(head[0] + b"\r\n" + parts.encode() + b"--b--\r\n")
    office.poll()
    folder = tmp_path / "a" / "saved"
    folder.mkdir(parents=True)
    (folder / "same.pdf").write_text("mine")
    before = {p for p in tmp_path.rglob("*") if folder not in p.parents}
    said = office.replyby("show", "1", "--save", str(folder))
    saved = [p for p in folder.iterdir() if p.name != "same.pdf" or p.read_text() != "mine"]
    assert len(saved) == len(HOSTILE) + 1
    assert sorted(p.read_bytes() for p in saved) == sorted(
        f"file {n}".encode() for n in range(len(HOSTILE) + 1)
    )
    assert (folder / "same.pdf").read_text() == "mine"
    assert {p for p in tmp_path.rglob("*") if folder not in p.parents} == before
    assert not [p.name for p in saved if p.name[0] in ".-" or not p.name.isprintable()]
    assert "\x1b" not in said


def _percent(name: str) -> str:
    return "".join(f"%{byte:02X}" for byte in name.encode())


# Files that go out


def sends_files(office: Office, folder: Path, files: dict[str, bytes]) -> str:
    folder.mkdir(exist_ok=True)
    words: list[str] = []
    for name, content in files.items():
        (folder / name).write_bytes(content)
        words += ["--attach", str(folder / name)]
    return office.replyby("reply", "1", "--text", "see there", "--wait", *words)


def test_files_arrive_at_the_customers_as_they_were(office: Office, tmp_path: Path) -> None:
    office.asks("question")
    office.poll()
    files = {
        "Lieferschein \u00fc\u6ce8.pdf": BYTES * 20, "pic.png": b"\x89PNG\r\n\x1a\n" + BYTES,
        "note.txt": b"line\nline\r\n.\r\n.end", "archive.tar.gz": b"\x1f\x8b" + BYTES,
        "mail.eml": mail("within"), "empty.bin": b"",
    }  # fmt: skip
    assert "is sent" in sends_files(office, tmp_path / "out", files)
    [raw] = office.dovecot.wait_for_mails(office.customer)
    got = {p.get_filename(): p.get_payload(decode=True) for p in read(raw).iter_attachments()}
    assert {n: md5(c) for n, c in got.items() if isinstance(c, bytes)} == {
        n: md5(c) for n, c in files.items()
    }
    assert written(raw) == "see there"
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    [copy] = office.sent()
    assert md5(copy.split(b"\r\n\r\n", 1)[1]) == md5(raw.split(b"\r\n\r\n", 1)[1])
    assert office.poll() == {KNOWN: 1}


@pytest.mark.slow
@once
def test_several_megabytes_arrive_whole(office: Office, tmp_path: Path) -> None:
    office.asks("question")
    office.poll()
    sends_files(office, tmp_path / "out", {"large.bin": BYTES * 800})
    [raw] = office.dovecot.wait_for_mails(office.customer)
    [file] = read(raw).iter_attachments()
    assert file.get_payload(decode=True) == BYTES * 800


@once
def test_more_than_a_mail_can_hold_is_refused_before_anything_is_queued(
    office: Office, tmp_path: Path
) -> None:
    office.asks("question")
    office.poll()
    large = tmp_path / "large.bin"
    with large.open("wb") as file:
        file.truncate(LARGEST + 1)
    said = office.replyby("reply", "1", "--text", "x", "--attach", str(large), code=1)
    assert "more than 25 MB together" in said
    missing = office.replyby("reply", "1", "--text", "x", "--attach", "gone.pdf", code=1)
    assert "there is no such file" in missing
    assert (office.only().state, office.only().send_state) == (State.WAITING, None)


@once
def test_a_file_of_a_bounced_answer_goes_with_the_next_try_only_if_attached_again(
    office: Office, tmp_path: Path
) -> None:
    office.customer = "gone@customer.test"
    office.asks("question")
    office.poll()
    sends_files(office, tmp_path / "out", {"a.pdf": BYTES})
    office.dovecot.wait_for_mails(office.address, 2)
    office.poll()
    assert office.only().send_state == "bounced"
    assert office.draft(1) == "see there"


# Mails beyond all bounds


def test_a_mail_of_forty_megabytes_is_cut_and_nothing_is_lost(office: Office) -> None:
    office.asks("before")
    office.arrives(office.written("huge") + b"y" * 76 + b"\r\n" + (b"x" * 76 + b"\r\n") * 530_000)
    office.asks("after")
    assert office.poll() == {NEW: 3}
    assert [c.subject for c in office.all()] == ["before", "huge", "after"]
    huge = office.all()[1]
    shown = office.replyby("show", str(huge.id))
    assert "only its beginning was fetched" in shown
    assert huge.reply_by
    office.replyby("reply", str(huge.id), "--text", "send less", "--wait")
    assert written(office.dovecot.wait_for_mails(office.customer)[-1]) == "send less"


@pytest.mark.slow
@once
def test_of_a_huge_mail_with_a_file_the_text_is_read_and_the_loss_is_said(
    office: Office,
) -> None:
    office.arrives(with_files(office, {"video.pdf": BYTES * 3200}, "look at this"))
    office.poll()
    there = office.only()
    assert there.preview.startswith("look at this")
    assert "only its beginning was fetched" in office.replyby("show", str(there.id))


@pytest.mark.slow
@once
def test_a_file_that_is_not_all_there_is_not_saved_as_if_it_were(
    office: Office, tmp_path: Path
) -> None:
    office.arrives(with_files(office, {"video.pdf": BYTES * 3200}, "look at this"))
    office.poll()
    folder = tmp_path / "saved"
    folder.mkdir()
    said = office.replyby("show", "1", "--save", str(folder))
    assert "cut" in said or [p.read_bytes() for p in folder.iterdir()] == [BYTES * 3200]


# Others work there too


def test_what_others_read_flag_and_answer_is_found_all_the_same(office: Office) -> None:
    office.poll()
    uids = [office.arrives(office.written(f"mail {n}")) for n in range(5)]
    with office.another_client() as imap:
        for uid, flag in zip(uids, ("Seen", "Flagged", "Answered", "Draft"), strict=False):
            imap.uid("STORE", str(uid), "+FLAGS", f"(\\{flag})")
    flags = office.dovecot.flags(office.address)
    assert office.poll() == {NEW: 5}
    assert office.dovecot.flags(office.address) == flags


def test_what_others_move_between_our_folders_is_one_mail(office: Office) -> None:
    office.configure(support='folders = ["INBOX", "Done"]')
    office.arrives(office.written("in Done"), folder="Done")
    early = office.arrives(office.written("moved before the poll"))
    with office.another_client() as imap:
        assert imap.uid("MOVE", str(early), "Done")[0] == "OK"
    late = office.arrives(office.written("moved after the poll"))
    assert office.poll() == {NEW: 3}
    with office.another_client() as imap:
        assert imap.uid("MOVE", str(late), "Done")[0] == "OK"
    assert office.poll() == {KNOWN: 1}
    assert sum(office.everything().values()) == 3
    assert office.poll() == {}


def test_mails_that_others_delete_leave_their_conversations(office: Office) -> None:
    for number in range(3):
        office.asks(f"mail {number}")
    office.poll()
    with office.another_client() as imap:
        imap.uid("STORE", "1:3", "+FLAGS", r"(\Deleted)")
        imap.expunge()
    office.asks("mail 3")
    assert office.poll() == {NEW: 1}
    assert office.everything() == Counter(f"mail {n}" for n in range(4))


@pytest.mark.parametrize("folder", ["INBOX", "Sent"])
def test_another_uidvalidity_while_sent_is_watched_doubles_nothing(
    office: Office, folder: str
) -> None:
    question = office.asks("question")
    other = office.asks("other")
    office.poll()
    office.colleague_answers(question)
    assert office.answer(2, "here you are").state is SendState.SENT
    assert office.poll() == {NEW: 1, KNOWN: 1}
    states, texts = office.states(), office.everything()
    office.dovecot.change_uidvalidity(office.address, folder)
    assert office.poll() == {KNOWN: 2}
    assert (office.states(), office.everything()) == (states, texts)
    assert [len(office.verdicts(c.id)) for c in office.all()] == [1, 1]
    office.asks("thanks", Subject="Re: other", In_Reply_To=other)
    assert office.poll() == {NEW: 1}
    assert office.states() == ["answered", "waiting"]


def test_another_uidvalidity_hides_no_answer_that_came_meanwhile(office: Office) -> None:
    question = office.asks("question")
    office.poll()
    office.dovecot.change_uidvalidity(office.address, "Sent")
    office.dovecot.change_uidvalidity(office.address)
    office.colleague_answers(question)
    assert office.poll() == {NEW: 1, KNOWN: 1}
    assert office.only().state is State.ANSWERED


@once
def test_a_server_that_hangs_holds_up_no_other_account(office: Office) -> None:
    with MailServer() as other:
        address = "quick@desk.test"
        other.add_mailbox(address, SECRET)
        office.configure(support='timeout = "1s"')  # the last of two, said again
        text = (office.folder / "config.toml").read_text().replace('timeout = "10s"\n', "")
        account = (
            f'[[accounts]]\nname = "quick"\nchannel = "email"\naddress = "{address}"\n'
            f'imap = "{other.imap_url}"\nsmtp = "{other.smtp_url}"\npassword = "file:secret"\n'
        )
        (office.folder / "config.toml").write_text(text + account)
        other.deliver(address, mail("hello"), office.clock.now)
        office.dovecot.pause()
        begun = time.monotonic()
        try:
            passes = poll_all(office.house, ["support", "quick"])
        finally:
            office.dovecot.resume()
        assert time.monotonic() - begun < 10
        assert [bool(done.problem) for done in passes] == [True, False]
        assert [c.account for c in office.all()] == ["quick"]
    assert office.poll() == {}
