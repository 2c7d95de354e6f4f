"""Mail servers that do not do as they should."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from monitor.connector import Connector
from monitor.errors import AuthError, ConnectorError, Unsure
from tests.connectors.desk import SINCE, Desk, HandOver, send
from tests.connectors.mail_platform import MailPlatform
from tests.connectors.mail_platform import desk as desk
from tests.connectors.mail_platform import mailbox as mailbox
from tests.connectors.nonsense import imap_script, scripted, smtp_script, usual
from tests.fakes import START


@pytest.mark.parametrize("answer", [b"blah\r\n", b"299 what?\r\n", b"399 go on\r\n"])
def test_an_answer_that_means_nothing_after_the_hand_over_is_unsure(
    mailbox: MailPlatform, desk: Desk, answer: bytes
) -> None:
    mailbox.customer_writes("question 0")
    desk.polled()
    with scripted(b"220 hi\r\n", smtp_script([], at_the_end=answer)) as port:
        connector = mailbox.connect(smtp=f"smtp://127.0.0.1:{port}")
        with pytest.raises(Unsure):
            send(connector, desk.reply("question 0", "answer"), HandOver())


def test_a_size_beyond_all_memory_is_an_error_of_the_server(
    mailbox: MailPlatform,
) -> None:
    def extra(tag: str, command: bytes) -> bytes | None:
        return b"* 1 FETCH (UID 1 BODY[] {%d}\r\n" % (10**30) if b"BODY.PEEK" in command else None

    with imap_server(mailbox, extra) as connector, pytest.raises(ConnectorError):
        list(connector.poll(None, START - SINCE))


def test_a_mail_that_the_server_lists_and_does_not_describe_is_not_passed_over(
    mailbox: MailPlatform,
) -> None:
    def extra(tag: str, command: bytes) -> bytes | None:
        return tag.encode() + b" OK done\r\n" if b"RFC822.SIZE" in command else None

    with imap_server(mailbox, extra) as connector, pytest.raises(ConnectorError):
        list(connector.poll(None, START - SINCE))


def test_a_mail_that_the_server_lists_and_does_not_deliver_is_not_passed_over(
    mailbox: MailPlatform,
) -> None:
    def extra(tag: str, command: bytes) -> bytes | None:
        return tag.encode() + b" OK done\r\n" if b"BODY.PEEK" in command else None

    with (
        imap_server(mailbox, extra) as connector,
        pytest.raises(ConnectorError, match="does not deliver"),
    ):
        list(connector.poll(None, START - SINCE))


@pytest.mark.parametrize(
    "code",
    [
        "UNAVAILABLE",
        "INUSE",
        "LIMIT",
    ],
)
def test_a_login_refused_for_now_is_no_wrong_password(mailbox: MailPlatform, code: str) -> None:
    def extra(tag: str, command: bytes) -> bytes | None:
        refusal = f"{tag} NO [{code}] Too many connections\r\n".encode()
        return refusal if command.startswith(b"LOGIN") else None

    with imap_server(mailbox, extra) as connector, pytest.raises(ConnectorError) as caught:
        list(connector.poll(None, START - SINCE))
    assert not isinstance(caught.value, AuthError)


def test_a_password_beyond_ascii_that_the_server_cannot_take_is_signed_out(
    mailbox: MailPlatform,
) -> None:
    def extra(tag: str, command: bytes) -> bytes | None:
        bare = b"* CAPABILITY IMAP4rev1\r\n" + tag.encode() + b" OK done\r\n"
        return bare if command == b"CAPABILITY" else None

    with imap_server(mailbox, extra, secret="s\u00e4kret") as connector, pytest.raises(AuthError):
        list(connector.poll(None, START - SINCE))


@pytest.mark.parametrize("nothing", [b'""', b"NIL"])
def test_an_empty_mail_that_comes_as_no_literal_holds_nothing_up(
    mailbox: MailPlatform, nothing: bytes
) -> None:
    def extra(tag: str, command: bytes) -> bytes | None:
        fetched = b"* 1 FETCH (UID 1 BODY[] %s)\r\n%s OK done\r\n" % (nothing, tag.encode())
        return fetched if b"BODY.PEEK" in command else None

    with imap_server(mailbox, extra) as connector:
        batches = list(connector.poll(None, START - SINCE))
    assert sum(len(batch.messages) for batch in batches) == 1


def test_unasked_news_among_the_answers_disturbs_nothing(mailbox: MailPlatform) -> None:
    news = b"* 2 EXISTS\r\n* 1 FETCH (FLAGS (\\Seen))\r\n* 3 EXPUNGE\r\n"

    def extra(tag: str, command: bytes) -> bytes | None:
        return news + usual(tag, command) if command.startswith(b"UID") else None

    with imap_server(mailbox, extra) as connector:
        batches = list(connector.poll(None, START - SINCE))
    assert [m.text for batch in batches for m in batch.messages] == ["hello"]


@contextmanager
def imap_server(
    mailbox: MailPlatform,
    extra: Callable[[str, bytes], bytes | None],
    secret: str | None = None,
) -> Iterator[Connector]:
    """A connector to a server that behaves but for what `extra` says."""
    with scripted(b"* OK hi\r\n", imap_script(extra)) as port:
        connector = mailbox.connect(imap=f"imap://127.0.0.1:{port}", secret=secret)
        yield connector
        connector.close()
