"""A mailbox opened by tokens: a real Dovecot, a provider on loopback, and what goes wrong."""

from __future__ import annotations

import contextlib
import json
import logging
import signal
import sqlite3
import subprocess
import traceback
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from connectors.oauth.tokens import Tokens
from monitor.errors import AuthError, ConnectorError, RateLimited
from monitor.message import SendState
from tests.connectors.desk import Desk
from tests.connectors.nonsense import imap_script, scripted
from tests.connectors.token_mailbox import TokenMailbox, box, provider, real_time, signed_in
from tests.replyby import COMMAND
from tests.servers.oauth import OAuthServer
from tests.servers.process import wait_until
from tests.servers.submission import Submission

__all__ = ["box", "provider", "signed_in"]  # fixtures

# Once is enough here: what differs between the ways of keeping mail is in test_dovecot.py.
pytestmark = pytest.mark.parametrize("dovecot", ["maildir"], indirect=True)


@pytest.fixture
def desk(signed_in: TokenMailbox, tmp_path: Path) -> Iterator[Desk]:
    with Desk(tmp_path, signed_in.connect) as desk:
        signed_in.clock = desk.clock
        yield desk


def kept(box: TokenMailbox) -> Tokens:
    found = box.kept.load()
    assert found is not None
    return found


# Signing in


def test_a_token_opens_the_mailbox(signed_in: TokenMailbox) -> None:
    assert signed_in.read() == ["hello"]
    assert signed_in.provider.asked == []


def test_before_anybody_has_signed_in_it_says_what_to_run(box: TokenMailbox) -> None:
    with pytest.raises(AuthError, match="not signed in") as caught:
        box.read()
    assert caught.value.remedy == "run `replyby login support`"


def test_tokens_of_another_client_are_not_shown_to_this_one(signed_in: TokenMailbox) -> None:
    other = signed_in.section() | {"client_id": "another"}
    signed_in.clock.forward(hours=2)
    with pytest.raises(AuthError, match="with another client"):
        signed_in.read(oauth=other)
    assert signed_in.provider.asked == []


def responses(offered: bytes, heard: list[bytes]) -> Callable[[str, bytes], bytes | None]:
    """An IMAP server with one way to sign in, refusing a response with a reason."""

    def extra(tag: str, command: bytes) -> bytes | None:
        if command.startswith(b"CAPABILITY"):
            return b"* CAPABILITY IMAP4rev1 %s\r\n%s OK done\r\n" % (offered, tag.encode())
        if command.startswith(b"AUTHENTICATE"):
            heard.append(command)
            extra.tag = tag.encode()  # type: ignore[attr-defined] # for what follows
            return b"+ \r\n"
        if not command:  # a response stands alone in its line
            return respond(extra.tag, tag.encode(), heard)  # type: ignore[attr-defined]
        return None

    return extra


def respond(tag: bytes, response: bytes, heard: list[bytes]) -> bytes:
    heard.append(response)
    if heard[-2].startswith(b"AUTHENTICATE"):
        reason = b"eyJzdGF0dXMiOiI0MDAiLCJzY2hlbWVzIjoiQmVhcmVyIn0="  # {"status":"400",…}
        return b"+ " + reason + b"\r\n"
    return tag + b" NO [AUTHENTICATIONFAILED] no\r\n"


@pytest.mark.parametrize(
    ("offered", "used", "last_word"),
    [
        (b"AUTH=XOAUTH2", b"AUTHENTICATE XOAUTH2", b""),
        (b"AUTH=XOAUTH2 AUTH=OAUTHBEARER AUTH=PLAIN", b"AUTHENTICATE OAUTHBEARER", b"AQ=="),
    ],
)
def test_the_best_mechanism_is_used_and_a_reason_answered(
    signed_in: TokenMailbox, offered: bytes, used: bytes, last_word: bytes
) -> None:
    heard: list[bytes] = []
    with (
        scripted(b"* OK\r\n", imap_script(responses(offered, heard))) as port,
        pytest.raises(AuthError, match=r"refuses .*\(status 400\)"),
    ):
        signed_in.read(imap=f"imap://127.0.0.1:{port}")
    assert (heard[0], heard[2]) == (used, last_word)


def test_a_server_without_tokens_is_named_with_what_it_offers(signed_in: TokenMailbox) -> None:
    with (
        scripted(b"* OK\r\n", imap_script(responses(b"AUTH=PLAIN AUTH=LOGIN", []))) as port,
        pytest.raises(AuthError, match=r"takes no tokens: it offers .*LOGIN, PLAIN"),
    ):
        signed_in.read(imap=f"imap://127.0.0.1:{port}")
    assert signed_in.provider.asked == []


def test_questions_without_end_have_one(signed_in: TokenMailbox) -> None:
    def extra(tag: str, command: bytes) -> bytes | None:
        if command.startswith(b"CAPABILITY"):
            return b"* CAPABILITY IMAP4rev1 AUTH=XOAUTH2\r\n%s OK done\r\n" % tag.encode()
        return b"+ \r\n"

    with (
        scripted(b"* OK\r\n", imap_script(extra)) as port,
        pytest.raises(ConnectorError, match="have no end"),
    ):
        signed_in.read(imap=f"imap://127.0.0.1:{port}", timeout=timedelta(seconds=0.4))


# Renewal


def test_a_token_is_renewed_five_minutes_before_its_end(signed_in: TokenMailbox) -> None:
    signed_in.clock.forward(minutes=54)
    signed_in.read()
    assert signed_in.provider.renewals == 0
    signed_in.clock.forward(minutes=2)
    assert signed_in.read() == ["hello"]
    assert signed_in.provider.renewals == 1
    assert signed_in.provider.introspected[-1] == kept(signed_in).access


def test_a_refresh_token_that_stays_is_kept(signed_in: TokenMailbox) -> None:
    signed_in.provider.rotates = False
    before = kept(signed_in).refresh
    for _ in range(2):
        signed_in.clock.forward(hours=2)
        signed_in.read()
    assert (kept(signed_in).refresh, signed_in.provider.renewals) == (before, 2)


def test_a_rotated_token_is_on_the_disk_before_the_new_one_is_used(
    signed_in: TokenMailbox,
) -> None:
    found: list[tuple[str, str]] = []
    signed_in.provider.on_use = lambda token: found.append((token, kept(signed_in).access))
    before = kept(signed_in)
    signed_in.clock.forward(hours=2)
    signed_in.read()
    assert found
    assert all(used == on_disk for used, on_disk in found)
    assert before.refresh != kept(signed_in).refresh
    assert signed_in.mode() == 0o600


def poll(folder: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen([*COMMAND, "poll"], cwd=folder, stdout=-1, stderr=-1)


@pytest.mark.slow
def test_a_kill_at_the_first_use_loses_no_token(box: TokenMailbox) -> None:
    box.config()
    box.sign_in(real_time().replace(year=2020))
    process = poll(box.folder)
    box.provider.on_use = lambda token: process.send_signal(signal.SIGKILL)
    process.communicate(timeout=30)
    assert process.returncode == -signal.SIGKILL
    box.provider.on_use = lambda token: None
    again = poll(box.folder)
    assert again.communicate(timeout=30)[1] == b""
    assert (again.returncode, box.provider.renewals) == (0, 1)


@pytest.mark.slow
def test_two_processes_renew_once(
    box: TokenMailbox, tmp_path_factory: pytest.TempPathFactory
) -> None:
    box.sign_in(real_time().replace(year=2020))
    folders = [tmp_path_factory.mktemp("desk") for _ in range(2)]
    for folder in folders:
        box.config(folder)
    processes: list[subprocess.Popen[bytes]] = []

    def wait_for_the_other() -> None:
        """Until both stand before the lock, and as long as one without a lock takes to ask too."""
        lock = Path(f"{box.kept.where}.lock")
        wait_until(lambda: all(_has_open(p, lock) for p in processes), "both are there", 30)
        with contextlib.suppress(TimeoutError):
            wait_until(lambda: box.provider.renewals > 1, "two ask", 0.5)

    box.provider.before_reply = wait_for_the_other
    processes += [poll(folder) for folder in folders]
    errors = [p.communicate(timeout=60)[1] for p in processes]
    assert ([p.returncode for p in processes], errors) == ([0, 0], [b"", b""])
    assert box.provider.renewals == 1


def _has_open(process: subprocess.Popen[bytes], path: Path) -> bool:
    found = Path(f"/proc/{process.pid}/fd").glob("*")
    with contextlib.suppress(FileNotFoundError):  # closed while we look
        return any(handle.readlink() == path for handle in found)
    return False


def test_a_refused_token_is_renewed_once(signed_in: TokenMailbox) -> None:
    signed_in.provider.spoil()
    assert signed_in.read() == ["hello"]
    assert signed_in.provider.renewals == 1


def test_a_mailbox_that_refuses_the_new_token_too_asks_for_a_person(
    signed_in: TokenMailbox,
) -> None:
    provider = signed_in.provider
    provider.before_reply = provider.spoil
    provider.spoil()
    with pytest.raises(AuthError, match="with a new token too") as caught:
        signed_in.read()
    assert "run `replyby login support`" in caught.value.remedy
    assert provider.renewals == 1


# Trouble at the provider


def test_a_revoked_sign_in_is_said_and_not_asked_again(desk: Desk, signed_in: TokenMailbox) -> None:
    signed_in.provider.revoke()
    assert "signed out: 127.0.0.1" in desk.poll().problem
    assert "(invalid_grant)" in desk.poll().problem
    [status] = desk.store.accounts.statuses()
    assert (str(status.state), status.remedy) == ("signed out", "run `replyby login support`")
    assert signed_in.provider.renewals == 1
    signed_in.sign_in()
    desk.polled()
    assert [str(s.state) for s in desk.store.accounts.statuses()] == ["ok"]


TEMPORARY = {
    "a fault": (500, {"error": "server_error"}),
    "busy": (503, b"<html>"),
    "an error without a name": (400, b"<html>"),
    "a proxy": (407, {}),
    "nonsense": (200, b"\xff" * 100),
    "deep": (200, b"[" * 60_000),
    "huge": (200, b'"' + b"x" * 200_000 + b'"'),
    "no token": (200, {"token_type": "Bearer"}),
    "a token with a line end": (200, {"access_token": "a\r\nb"}),
    "a number": (200, {"access_token": 7}),
    "another kind": (200, {"access_token": "a", "token_type": "mac"}),
    "an unknown error": (400, {"error": "invalid_request"}),
}


@pytest.mark.parametrize("fault", TEMPORARY.values(), ids=TEMPORARY)
def test_trouble_at_the_provider_throws_no_token_away(
    signed_in: TokenMailbox, fault: tuple[int, object]
) -> None:
    before = kept(signed_in)
    signed_in.clock.forward(hours=2)
    signed_in.provider.faults.append(fault)
    with pytest.raises(ConnectorError) as caught:
        signed_in.read()
    assert not caught.value.permanent
    assert kept(signed_in) == before
    assert signed_in.read() == ["hello"]


def test_while_the_provider_is_away_a_token_is_used_to_its_end(signed_in: TokenMailbox) -> None:
    signed_in.clock.forward(minutes=58)
    signed_in.provider.faults += [(503, {})]
    assert signed_in.read() == ["hello"]
    signed_in.clock.forward(minutes=3)
    signed_in.provider.faults += [(503, {})]
    with pytest.raises(ConnectorError, match="503"):
        signed_in.read()


def test_a_provider_that_wants_a_pause_gets_it(signed_in: TokenMailbox) -> None:
    signed_in.clock.forward(hours=2)
    signed_in.provider.faults.append((429, {"error": "slow_down"}))
    with pytest.raises(RateLimited):
        signed_in.read()


def test_a_wrong_client_secret_is_said_and_throws_no_token_away(signed_in: TokenMailbox) -> None:
    (signed_in.folder / "client-secret").write_text("wrong")
    before = kept(signed_in)
    signed_in.clock.forward(hours=2)
    with pytest.raises(AuthError, match="invalid_client") as caught:
        signed_in.read()
    assert "client_secret" in caught.value.remedy
    assert kept(signed_in) == before


def test_a_redirection_is_not_followed(signed_in: TokenMailbox) -> None:
    heard: list[bytes] = []

    def answer(line: bytes) -> bytes:
        heard.append(line)
        return b""

    signed_in.clock.forward(hours=2)
    with scripted(b"", answer) as port:
        signed_in.provider.faults.append((307, f"http://127.0.0.1:{port}/token"))
        with pytest.raises(ConnectorError, match="another address"):
            signed_in.read()
    assert heard == []


@pytest.mark.parametrize(
    "greeting", [b"", b"HTTP/1.1 200 OK\r\n\r\n{", b"HTTP/1.1 200 OK\r\nA: b\r\n"]
)
def test_a_provider_that_says_nothing_ends_in_time(
    signed_in: TokenMailbox, greeting: bytes
) -> None:
    signed_in.clock.forward(hours=2)
    before = kept(signed_in)
    with scripted(greeting, lambda line: b"") as port:
        section = signed_in.section() | {"token_url": f"http://127.0.0.1:{port}/token"}
        other = Tokens(before.access, before.refresh, before.ends, _source(section))
        signed_in.kept.save(other)
        with pytest.raises(ConnectorError) as caught:
            signed_in.read(oauth=section, timeout=timedelta(seconds=0.4))
    assert not caught.value.permanent
    assert kept(signed_in) == other


def _source(section: dict[str, object]) -> str:
    return f"{section['client_id']} {section['token_url']}"


# Sending


@pytest.fixture(params=[False, True], ids=["XOAUTH2", "OAUTHBEARER"])
def submission(
    request: pytest.FixtureRequest, signed_in: TokenMailbox, provider: OAuthServer
) -> Iterator[Submission]:
    with Submission(lambda token: provider.access.get(token, ""), standard=request.param) as server:
        signed_in.smtp = server.url
        yield server


def test_an_answer_is_sent_with_a_token(
    submission: Submission, desk: Desk, signed_in: TokenMailbox
) -> None:
    desk.polled()
    assert desk.send("hello", "an answer") is SendState.SENT
    assert [b"an answer" in mail for mail in submission.taken.delivered] == [True]


def test_a_token_that_is_refused_for_sending_is_renewed_once_and_the_mail_sent_once(
    submission: Submission, desk: Desk, signed_in: TokenMailbox
) -> None:
    desk.polled()
    signed_in.provider.spoil()
    assert desk.send("hello", "an answer") is SendState.SENT
    assert (len(submission.taken.delivered), signed_in.provider.renewals) == (1, 1)
    assert submission.taken.reasons_heard in ([b""], [b"\1"])


# What nobody must see


def test_no_secret_stands_in_a_log_an_error_or_the_database(
    submission: Submission,
    desk: Desk,
    signed_in: TokenMailbox,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    provider = signed_in.provider
    desk.polled()
    assert desk.send("hello", "an answer") is SendState.SENT
    provider.before_reply = provider.spoil
    provider.spoil()
    seen = [_said(signed_in), caplog.text, *capfd.readouterr()]
    provider.revoke()
    signed_in.clock.forward(hours=2)
    seen += [desk.poll().problem, _said(signed_in), repr(signed_in.settings())]
    seen += [json.dumps([s.as_json() for s in desk.store.accounts.statuses()], default=str)]
    seen += [_dump(signed_in.folder / "desk.db"), caplog.text, *capfd.readouterr()]
    assert len(provider.secrets) > 4
    assert [s for s in provider.secrets if any(s in text for text in seen)] == []


def _said(box: TokenMailbox) -> str:
    with pytest.raises(AuthError) as caught:
        box.read()
    return "".join(traceback.format_exception(caught.value)) + caught.value.remedy


def _dump(path: Path) -> str:
    with sqlite3.connect(path) as database:
        return "\n".join(database.iterdump())
