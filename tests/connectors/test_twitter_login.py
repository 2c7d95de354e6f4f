"""Signing in to X by OAuth 2.0: got once with a browser, renewed and rotated from then on."""

from __future__ import annotations

import json
import stat
import subprocess
import urllib.request
from pathlib import Path

import pytest

from connectors.sandbox.x_auth import Door
from tests.connectors.x_desk import XPlatform
from tests.connectors.x_fixtures import x as x
from tests.replyby import COMMAND, Done, replyby_inside

CONFIG = """
[[accounts]]
name = "support"
channel = "twitter"
api_url = "{url}"
direct_messages = true
since = "3000d"
[accounts.oauth]
authorization_url = "{url}/i/oauth2/authorize"
client_id = "replyby"
{secret}
"""


@pytest.fixture(params=["public", "confidential"])
def folder(x: XPlatform, tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """A desk whose account is opened by tokens, by either kind of client."""
    confidential = request.param == "confidential"
    (tmp_path / "client").write_text("s3cret/+ of ours")
    x.server.door.clients["replyby"] = "s3cret%2F%2B+of+ours" if confidential else ""
    x.server.door.agrees = x.acme
    secret = 'client_secret = "file:client"' if confidential else ""
    (tmp_path / "config.toml").write_text(CONFIG.format(url=x.server.url, secret=secret))
    return tmp_path


def run(folder: Path, *words: str, code: int = 0) -> Done:
    done = replyby_inside(words, folder, {"HOME": str(folder)})
    assert done.returncode == code, done.stdout + done.stderr
    return done


def sign_in(folder: Path) -> tuple[int, str]:
    """`replyby login`, done in the browser as it asks; its exit code, and all that it said."""
    process = subprocess.Popen(
        [*COMMAND, "login", "support"], cwd=folder, stdout=-1, stderr=-1, text=True
    )
    try:
        assert process.stdout
        address = next(line for line in process.stdout if "/authorize?" in line).strip()
        urllib.request.urlopen(address, timeout=10).close()
        out, err = process.communicate(timeout=60)
    finally:
        process.kill()
        process.wait()
    return process.returncode, out + err


def secrets_of(door: Door) -> list[str]:
    return [*door.bearers, *door.refreshes, *door.codes]


def test_it_signs_in_and_keeps_the_tokens_to_itself(x: XPlatform, folder: Path) -> None:
    code, said = sign_in(folder)
    assert (code, "Signed in: 'support'" in said) == (0, True)
    assert stat.S_IMODE((folder / "support.tokens").stat().st_mode) == 0o600
    assert not [secret for secret in secrets_of(x.server.door) if secret in said]
    x.customer_writes("hello")
    assert "1 new" in run(folder, "poll").stdout


def test_a_token_that_x_refuses_is_renewed_once(x: XPlatform, folder: Path) -> None:
    sign_in(folder)
    x.server.door.bearers.clear()
    assert "support:" in run(folder, "poll").stdout
    assert len(x.server.door.refreshes) == 1
    kept = json.loads((folder / "support.tokens").read_text())
    assert "dm.write" in kept["scope"]  # said when they were got, and not again


def test_a_renewal_that_x_refuses_says_what_to_do(x: XPlatform, folder: Path) -> None:
    sign_in(folder)
    x.server.door.bearers.clear()
    x.server.door.refreshes.clear()
    run(folder, "poll", code=1)
    assert "run `replyby login support`" in run(folder, "accounts", code=1).stdout


def test_who_refuses_in_the_browser_is_told_so(x: XPlatform, folder: Path) -> None:
    x.server.door.agrees = None
    code, said = sign_in(folder)
    assert (code, "refused in the browser" in said) == (1, True)
    assert not (folder / "support.tokens").exists()
