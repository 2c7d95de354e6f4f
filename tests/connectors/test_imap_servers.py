"""Servers that lie, drip, hang up or talk nonsense, and servers that offer more than most."""

from __future__ import annotations

import json
import random
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from connectors.mailbox.channel import EmailChannel
from connectors.mailbox.folder import Place
from monitor.connector import Batch, Connector
from monitor.errors import ConnectorError
from monitor.message import IncomingMessage
from tests.connectors.desk import SINCE
from tests.connectors.mails import email_settings, mail, surroundings
from tests.fakes import START, FakeClock
from tests.servers.certificates import Certificates
from tests.servers.scripted_imap import Said, Script, playing

MB = 1024 * 1024
LINE = b"y" * 998 + b"\r\n"


class Account:
    """A connector to a script, and the cursor it has come to."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.cursor: str | None = None

    @contextmanager
    def connector(
        self, script: Script, patience: float = 10, ca: Path | None = None
    ) -> Iterator[Connector]:
        with playing(script) as port:
            values = {"imap": f"imap://localhost:{port}", "smtp": "smtp://localhost"}
            if ca:
                values["ca"] = str(ca)
            settings = email_settings(self.folder, "x", patience, **values)
            connector = EmailChannel().connect(settings, surroundings(FakeClock()))
            yield connector
            connector.close()

    def poll(self, script: Script, patience: float = 10, ca: Path | None = None) -> list[Batch]:
        """Batches; the cursor moves with each."""
        batches = []
        with self.connector(script, patience, ca) as connector:
            for batch in connector.poll(self.cursor, START - SINCE):
                batches.append(batch)
                self.cursor = batch.cursor
        return batches

    def messages(self, script: Script) -> list[IncomingMessage]:
        return [message for batch in self.poll(script) for message in batch.messages]

    def texts(self, script: Script) -> list[str]:
        return [message.text for message in self.messages(script)]

    def place(self) -> Place:
        return Place(*json.loads(self.cursor or "")["INBOX"])


@pytest.fixture
def account(tmp_path: Path) -> Account:
    return Account(tmp_path)


def mails(count: int) -> dict[int, bytes]:
    return {uid: mail(f"mail {uid}") for uid in range(1, count + 1)}


def texts(count: int) -> list[str]:
    return [f"mail {uid}" for uid in range(1, count + 1)]


# Sizes


@pytest.mark.parametrize("size", [1, 10 * MB, 2**32])
def test_a_wrong_size_changes_nothing(account: Account, size: int) -> None:
    assert account.texts(Script(mails(3), sizes={2: size})) == texts(3)


def test_mails_much_larger_than_announced_come_in_small_steps(account: Account) -> None:
    large = {uid: mail(f"mail {uid}") + LINE * (MB // len(LINE)) for uid in range(1, 25)}
    batches = account.poll(Script(large, sizes=dict.fromkeys(large, 10)))
    weights = [sum(len(m.raw) for m in batch.messages) for batch in batches]
    assert max(weights) <= 8 * MB
    assert [m.raw for b in batches for m in b.messages] == list(large.values())


def test_what_finds_no_room_is_dropped_and_asked_for_alone(account: Account) -> None:
    large = {uid: mail(f"mail {uid}") + LINE * (16 * MB // len(LINE)) for uid in (1, 2, 3)}
    script = Script(large, sizes=dict.fromkeys(large, 10))
    assert [m.raw for m in account.messages(script)] == list(large.values())
    assert [c.split()[2] for c in script.heard if "BODY" in c] == ["1:3", "3"]


def test_a_mail_too_large_that_was_announced_small_is_cut_and_not_lost(account: Account) -> None:
    huge = {
        1: mail("before"),
        2: mail("huge") + LINE * (33 * MB // len(LINE) + 1),
        3: mail("after"),
    }
    found = account.messages(Script(huge, sizes={2: 10}))
    assert [m.subject for m in found] == ["before", "huge", "after"]
    assert len(found[1].raw) == MB
    assert "only its beginning was fetched" in found[1].text[-200:]


# Answers of other shapes


def test_a_body_in_quotes_is_a_body(account: Account) -> None:
    def lie(tag: bytes, command: str) -> Said:
        quoted = b'* 1 FETCH (UID 1 BODY[] "Subject: a \\"b\\"")\r\n' + tag + b" OK done\r\n"
        return [quoted] if "BODY" in command else None

    [message] = account.messages(Script(mails(1), lie=lie))
    assert message.subject == 'a "b"'


def test_answers_in_any_order_and_with_other_items_are_told_by_uid(account: Account) -> None:
    script = Script(mails(3))

    def lie(tag: bytes, command: str) -> Said:
        if "BODY" not in command:
            return None
        bodies = [
            script.body(uid).replace(b"(UID", b"(FLAGS (UID \\Seen) UID") for uid in (3, 1, 2)
        ]
        news = [b"* 4 EXISTS\r\n", b"* 1 FETCH (FLAGS (\\Seen))\r\n", b"* 2 EXPUNGE\r\n"]
        return [*news, *bodies, *news, tag + b" OK done\r\n"]

    script.lie = lie
    assert account.texts(script) == texts(3)


def test_batches_answered_together_are_told_by_uid(account: Account) -> None:
    script = Script(mails(250))
    waiting: list[tuple[bytes, str]] = []

    def lie(tag: bytes, command: str) -> Said:
        if "BODY" not in command:
            threading.Event().wait(0.03)  # a long way off
            return None
        waiting.append((tag, command))
        if len(waiting) < 3:
            return []
        bodies = [piece for _, asked in reversed(waiting) for piece in script.truth(asked)]
        return [*bodies, *(tag + b" OK done\r\n" for tag, _ in waiting)]

    script.lie = lie
    with account.connector(script) as connector:
        found = [m.text for b in connector.poll(None, START - SINCE) for m in b.messages]
    assert found == texts(250)


def test_a_range_refused_for_one_mail_is_asked_for_one_by_one(account: Account) -> None:
    def lie(tag: bytes, command: str) -> Said:
        return [tag + b" NO [SERVERBUG]\r\n"] if "FETCH 1:3 (UID BODY" in command else None

    assert account.texts(Script(mails(3), lie=lie)) == texts(3)


def test_a_mail_that_is_refused_stops_there_and_says_why(account: Account) -> None:
    def lie(tag: bytes, command: str) -> Said:
        refused = "BODY" in command and not command.startswith("UID FETCH 1 ")
        return [tag + b" NO it is broken\r\n"] if refused else None

    with pytest.raises(ConnectorError, match="it is broken"):
        account.poll(Script(mails(3), lie=lie))


# Words before the encryption


def test_words_before_the_encryption_are_not_taken_for_the_servers_own(
    account: Account, certificates: Certificates
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificates.cert, certificates.key)
    injected = b"* CAPABILITY IMAP4rev1\r\nr1 OK done\r\n"

    def lie(tag: bytes, command: str) -> Said:
        return [tag + b" OK go on\r\n" + injected] if command == "STARTTLS" else None

    script = Script(mails(1), "IMAP4rev1 STARTTLS", lie=lie, tls=context)
    with pytest.raises(ConnectorError, match="before the encryption"):
        account.poll(script, ca=certificates.ca)
    assert not any("LOGIN" in command for command in script.heard)


def test_the_same_server_without_them_is_read(account: Account, certificates: Certificates) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificates.cert, certificates.key)
    script = Script(mails(1), "IMAP4rev1 STARTTLS", tls=context)
    assert len(account.poll(script, ca=certificates.ca)) == 2


# Servers that hold up


def dripping(tag: bytes, command: str) -> Said:
    """A byte before each time-out, for ever."""
    return drops() if command.startswith("EXAMINE") else None


def drops() -> Iterator[bytes]:
    yield b"* OK "
    while True:
        threading.Event().wait(0.1)
        yield b"."


def test_a_server_that_drips_is_too_slow(account: Account) -> None:
    begun = time.monotonic()
    with pytest.raises(ConnectorError, match="too slow"):
        account.poll(Script(mails(1), lie=dripping), patience=0.4)
    assert time.monotonic() - begun < 5


@pytest.mark.parametrize(
    ("piece", "said"),
    [
        (b"* OK " + b"x" * 100_000 + b"\r\n", "without end"),
        (b"x" * 100_000, "no mail server may"),
        (b"* 1 FETCH (UID 1 BODY[] {100000}\r\n" + b"x" * 100_000 + b")\r\n", "without end"),
    ],
    ids=["lines", "a line", "mails"],
)
def test_a_server_that_never_ends_is_left(account: Account, piece: bytes, said: str) -> None:
    def lie(tag: bytes, command: str) -> Said:
        return iter(lambda: piece, b"") if "BODY" in command else None

    with pytest.raises(ConnectorError, match=said):
        account.poll(Script(mails(1), lie=lie))


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (b"* BYE going down for the night\r\n", "going down for the night"),
        (b"<html>503</html>\r\n", "no mail server may"),
        (b"* 2 FETCH (UID 2 BODY[] {99999999999}\r\n", "no mail server may"),
        (b"* 2 FETCH (UID 2 BODY[] {" + b"9" * 9999 + b"}\r\n", "no mail server may"),
    ],
    ids=["bye", "nonsense", "size", "number"],
)
def test_what_came_before_a_server_breaks_off_is_kept(
    account: Account, line: bytes, said: str
) -> None:
    script = Script(mails(150))

    def lie(tag: bytes, command: str) -> Said:
        return [line] if "FETCH 101:150 (UID BODY" in command else None

    script.lie = lie
    with pytest.raises(ConnectorError, match=said):
        account.poll(script)
    assert account.place().uid == 100
    assert account.texts(Script(mails(150))) == texts(150)[100:]


def test_a_poll_that_is_broken_off_waits_for_nothing(account: Account) -> None:
    script = Script(mails(150))
    with account.connector(script) as connector:
        next(connector.poll(None, START - SINCE))
        connector.close()
    assert "LOGOUT" not in script.heard


# What the server counts


def test_a_server_that_lists_fewer_than_it_counts_is_not_believed(account: Account) -> None:
    with pytest.raises(ConnectorError, match=r"counts 5 mails in 'INBOX' and lists 3"):
        account.poll(Script(mails(3), exists=5, next_uid=9))


def test_a_new_mail_that_is_counted_and_not_listed_is_not_passed_over(account: Account) -> None:
    account.poll(Script(mails(3)))
    with pytest.raises(ConnectorError, match=r"counts 4 mails in 'INBOX' and lists 3"):
        account.poll(Script(mails(3), exists=4, next_uid=5))
    assert account.texts(Script(mails(4))) == ["mail 4"]


@pytest.mark.parametrize("offered", ["IMAP4rev1", "IMAP4rev1 ESEARCH"])
def test_mails_that_appear_where_none_can_are_found(
    account: Account, offered: str, caplog: pytest.LogCaptureFixture
) -> None:
    there = mails(5)
    late = there.pop(2)
    account.poll(Script(dict(there), offered))
    assert "mail 2" in account.texts(Script(there | {2: late}, offered))
    assert "read again" in caplog.text
    assert account.texts(Script(there | {2: late}, offered)) == []


def test_a_folder_that_numbers_lower_than_before_is_read_again(account: Account) -> None:
    account.poll(Script(mails(5)))
    assert account.texts(Script({1: mail("restored")})) == ["restored"]


def test_removed_mails_and_gaps_are_no_reason_to_read_again(account: Account) -> None:
    account.poll(Script(mails(5)))
    left = {uid: raw for uid, raw in mails(5).items() if uid > 3} | {90: mail("new")}
    assert account.texts(Script(left)) == ["new"]


def test_a_mail_removed_while_it_is_looked_for_is_not_missed(account: Account) -> None:
    account.poll(Script(mails(3)))
    assert account.texts(Script(mails(3), exists=3, next_uid=5)) == []
    assert account.place().uid == 4


def test_uids_far_apart_need_few_searches(account: Account) -> None:
    script = Script({1: mail("one"), 4_000_000_000: mail("two")})
    assert account.texts(script) == ["one", "two"]
    assert len([c for c in script.heard if "SEARCH" in c]) <= 2


def test_a_large_folder_is_searched_from_its_end(account: Account) -> None:
    script = Script({120_000: mail("last")}, exists=120_000)

    def lie(tag: bytes, command: str) -> Said:
        count = b'* ESEARCH (TAG "x") UID COUNT 120000\r\n' + tag + b" OK done\r\n"
        return [count] if "RETURN" in command else None

    script.lie, script.capabilities = lie, "IMAP4rev1 ESEARCH"
    assert account.texts(script) == ["last"]
    searched = [c.split()[2] for c in script.heard if "SEARCH" in c and "RETURN" not in c]
    assert searched == ["70001:120000", "20001:70000", "1:20000"]


def test_a_server_that_does_not_say_the_next_uid_is_asked_for_the_last(account: Account) -> None:
    script = Script(mails(3), next_uid=0)
    assert account.texts(script) == texts(3)
    assert "UID FETCH * (UID)" in script.heard


# Cursors


def test_a_cursor_of_an_older_version_is_understood(account: Account) -> None:
    account.cursor = json.dumps({"INBOX": [7, 2, (START - SINCE).isoformat()]})
    assert account.texts(Script(mails(4))) == ["mail 3", "mail 4"]
    assert account.place()[:2] == (7, 4)
    assert account.place().known == 4


@pytest.mark.parametrize("since", ["", "yesterday", "2026-01-01"])
def test_a_cursor_with_a_broken_date_is_read_anew(account: Account, since: str) -> None:
    account.cursor = json.dumps({"INBOX": [6, 2, since]})
    assert account.texts(Script(mails(2))) == texts(2)


# Gmail


def test_gmail_is_asked_for_its_own_numbers(account: Account) -> None:
    items = {uid: b" X-GM-THRID 77 X-GM-MSGID %d" % (1000 + uid) for uid in (1, 2)}
    script = Script(mails(2), "IMAP4rev1 ID X-GM-EXT-1", items=items)
    one, two = account.messages(script)
    assert set(one.keys) & set(two.keys) == {"gmail:77"}
    assert any(command.startswith("ID (") for command in script.heard)


def test_other_servers_are_not_asked_for_what_they_do_not_know(account: Account) -> None:
    script = Script(mails(2))
    account.poll(script)
    assert not [c for c in script.heard if "X-GM" in c or c.startswith(("ID", "ENABLE"))]


# Extensions


def test_a_server_that_offers_qresync_and_refuses_it_is_read_without(account: Account) -> None:
    def lie(tag: bytes, command: str) -> Said:
        return [tag + b" BAD what?\r\n"] if command.startswith("ENABLE") else None

    def refuse(tag: bytes, command: str) -> Said:
        return [tag + b" BAD what?\r\n"] if "QRESYNC" in command else None

    script = Script(mails(2), "IMAP4rev1 ENABLE QRESYNC", lie=lie, modseq=9)
    assert account.texts(script) == texts(2)
    script = Script(mails(3), "IMAP4rev1 ENABLE QRESYNC", lie=refuse, modseq=9)
    assert account.texts(script) == ["mail 3"]
    assert 'EXAMINE "INBOX" (QRESYNC (7 9))' in script.heard


# Anything


@pytest.mark.parametrize("seed", range(40))
def test_whatever_is_sent_there_is_an_error_in_words_or_the_mails(
    account: Account, seed: int
) -> None:
    chance = random.Random(seed)
    script = Script(mails(5), chance.choice(["IMAP4rev1", "IMAP4rev1 ESEARCH QRESYNC ENABLE ID"]))

    def lie(tag: bytes, command: str) -> Said:
        truth = b"".join(script.truth(command)) + tag + b" OK done\r\n"
        return [garbled(truth, chance) if chance.random() < 0.5 else truth]

    script.lie = lie
    with suppress(ConnectorError):
        account.poll(script, patience=0.3)
    account.cursor = None
    assert account.texts(Script(mails(5))) == texts(5)


_SIGNS = (b"(", b")", b'"', b"{5}\r\n", b"\r\n", b"*", b"NIL", b"99999999999999999999999")


def garbled(said: bytes, chance: random.Random) -> bytes:
    """Bytes flipped, a piece lost, doubled or moved."""
    start = chance.randrange(len(said))
    end = min(len(said), start + chance.choice([1, 1, 2, 5, 30]))
    other = chance.randrange(len(said))
    piece = said[start:end]
    return chance.choice(
        [
            said[:start] + bytes(chance.randrange(256) for _ in piece) + said[end:],
            said[:start] + said[end:],
            said[:end] + piece + said[end:],
            said[:other] + piece + said[other:],
            said[:start] + chance.choice(_SIGNS) + said[start:],
        ]
    )
