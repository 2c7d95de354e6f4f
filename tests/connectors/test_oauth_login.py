"""`replyby login` as people run it, up to the mail that is read afterwards."""

from __future__ import annotations

import subprocess
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.connectors.token_mailbox import TokenMailbox, box, provider
from tests.replyby import COMMAND, Done, replyby_inside
from tests.servers.oauth import OAuthServer
from tests.servers.submission import Submission

__all__ = ["box", "provider"]  # fixtures

pytestmark = pytest.mark.parametrize("dovecot", ["maildir"], indirect=True)


@pytest.fixture
def submission(box: TokenMailbox, provider: OAuthServer) -> Iterator[Submission]:
    with Submission(lambda token: provider.access.get(token, "")) as server:
        box.smtp = server.url
        box.config()
        yield server


def run(box: TokenMailbox, *words: str, code: int = 0) -> Done:
    done = replyby_inside(words, box.folder, {"HOME": str(box.folder)})
    assert done.returncode == code, done.stdout + done.stderr
    assert not [s for s in box.provider.secrets if s in done.stdout + done.stderr]
    assert "Traceback" not in done.stderr
    return done


def test_by_device_it_shows_a_code_checks_the_mailbox_and_says_so(
    box: TokenMailbox, submission: Submission
) -> None:
    before = run(box, "poll", code=1)
    assert before.stderr.startswith("support: not signed in yet")
    assert "what to do: run `replyby login support`" in run(box, "accounts", code=1).stdout
    said = run(box, "login", "support").stdout
    assert f"    {box.provider.url}/activate\n    WDJB-MJHT\n" in said
    assert f"The tokens are kept in {box.kept.where}.\nSigned in: 'support' can be" in said
    assert box.mode() == 0o600
    assert run(box, "poll").stdout == "support: 1 listed = 1 new\n"


def test_it_can_be_run_again(box: TokenMailbox, submission: Submission) -> None:
    run(box, "login", "support")
    first = box.kept.load()
    run(box, "login", "support", "--device")
    assert box.kept.load() != first
    run(box, "poll")


@contextmanager
def waiting(box: TokenMailbox, *words: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [*COMMAND, "login", "support", *words], cwd=box.folder, stdout=-1, stderr=-1, text=True
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def test_by_browser_it_waits_for_it_to_come_back(box: TokenMailbox, submission: Submission) -> None:
    with waiting(box, "--browser") as process:
        assert process.stdout
        address = next(line for line in process.stdout if "/authorize?" in line).strip()
        assert urllib.request.urlopen(address, timeout=10).status == 200
        out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (0, "")
    assert "Signed in: 'support'" in out
    assert not [s for s in box.provider.secrets if s in out]
    run(box, "poll")


def test_the_wrong_person_replaces_no_tokens(box: TokenMailbox, submission: Submission) -> None:
    run(box, "login", "support")
    before = box.kept.load()
    box.provider.user = "somebody-else@desk.test"
    done = run(box, "login", "support", code=1)
    assert f"refuses to sign in '{box.address}'" in done.stderr
    assert "nothing was kept" in done.stderr
    assert f"what to do: sign in as {box.address}" in done.stderr
    assert box.kept.load() == before


def test_without_anything_to_renew_by_nothing_is_kept(
    box: TokenMailbox, submission: Submission
) -> None:
    box.provider.gives_refresh = False
    assert "nothing to renew" in run(box, "login", "support", code=1).stderr
    assert box.kept.load() is None


def test_a_mailbox_that_cannot_be_reached_keeps_the_tokens_and_is_said(
    box: TokenMailbox, submission: Submission
) -> None:
    box.server.pause()
    box.config()
    path = box.folder / "config.toml"
    path.write_text(path.read_text().replace('"10s"', '"1s"'))
    try:
        done = run(box, "login", "support", code=1)
    finally:
        box.server.resume()
    assert "could not be tried" in done.stderr
    assert box.kept.load() is not None


def test_a_server_that_lets_nobody_send_is_said(box: TokenMailbox, submission: Submission) -> None:
    submission.taken.known = lambda token: ""
    done = run(box, "login", "support", code=1)
    assert "reading works, sending does not" in done.stderr
    assert box.kept.load() is not None


def test_a_person_who_refuses_is_told_what_happened(
    box: TokenMailbox, submission: Submission
) -> None:
    box.provider.faults.append((400, {"error": "access_denied"}))
    done = run(box, "login", "support", code=1)
    assert "refused in the browser" in done.stderr
    assert box.kept.load() is None


def test_a_place_that_cannot_be_written_is_said_before_anybody_signs_in(
    box: TokenMailbox, submission: Submission
) -> None:
    box.config(tokens=f"file:{box.folder}/missing/support.tokens")
    assert "can't keep tokens" in run(box, "login", "support", code=1).stderr
    assert not box.provider.devices


PASSWORD = """
[[accounts]]
name = "support"
channel = "email"
address = "help@desk.test"
imap = "imaps://imap.desk.test"
smtp = "smtps://smtp.desk.test"
password = "env:NOBODY_ASKS"
"""


def test_an_account_with_a_password_needs_no_login(box: TokenMailbox) -> None:
    (box.folder / "config.toml").write_text(PASSWORD)
    assert "signs in by its password" in run(box, "login", "support", code=2).stderr


@pytest.mark.parametrize("word", ["suport", ""])
def test_an_unknown_account_is_said(box: TokenMailbox, submission: Submission, word: str) -> None:
    assert "did you mean 'support'" in run(box, "login", word, code=2).stderr


def google(folder: Path) -> None:
    text = PASSWORD.replace('password = "env:NOBODY_ASKS"', 'auth = "oauth"')
    section = 'provider = "google"\nclient_id = "x"\nclient_secret = "env:NOBODY_ASKS"\n'
    (folder / "config.toml").write_text(f"{text}[accounts.oauth]\n{section}")


def test_google_has_no_code_for_devices(box: TokenMailbox) -> None:
    google(box.folder)
    assert "use --browser" in run(box, "login", "support", "--device", code=2).stderr


def test_the_help_teaches(box: TokenMailbox) -> None:
    shown = run(box, "login", "--help").stdout
    assert all(word in shown for word in ("[accounts.oauth]", "--device", "--browser", "ssh -L"))
