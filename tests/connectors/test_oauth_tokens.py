"""Where tokens are kept: nobody else reads them, nothing half-written, one process at a time."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from threading import Thread

import keyring
import pytest

from connectors.oauth.tokens import FileTokens, Tokens, TokenStore, token_store
from monitor.errors import AuthError, ConfigError, ConnectorError
from monitor.secret import Secret
from tests.fakes import START
from tests.monitor.test_secret import MemoryKeyring

TOKENS = Tokens("acc3ss", "r3fresh", START, "client https://id.test/token")


@pytest.fixture
def memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MemoryKeyring]:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    before, backend = keyring.get_keyring(), MemoryKeyring()
    keyring.set_keyring(backend)
    yield backend
    keyring.set_keyring(before)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "support.tokens"


@pytest.fixture(params=["file:support.tokens", "keyring:replyby/support"])
def store(request: pytest.FixtureRequest, tmp_path: Path, memory: MemoryKeyring) -> TokenStore:
    return token_store(Secret(request.param, tmp_path))


def test_what_is_kept_comes_back(store: TokenStore) -> None:
    assert store.load() is None
    store.save(TOKENS)
    assert store.load() == TOKENS


def test_the_lock_lets_one_in(store: TokenStore) -> None:
    order: list[str] = []

    def another() -> None:
        with store.locked():
            order.append("second")

    with store.locked():
        thread = Thread(target=another)
        thread.start()
        thread.join(0.1)
        order.append("first")
    thread.join()
    assert order == ["first", "second"]


@pytest.mark.parametrize("text", ["~no-such-user/x", "a\0b"])
def test_a_path_that_cannot_be_is_said(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigError, match="key `tokens`"):
        token_store(Secret(f"file:{text}", tmp_path))


def test_tokens_show_nothing_of_themselves() -> None:
    assert "acc3ss" not in repr(TOKENS)
    assert "r3fresh" not in repr([TOKENS])


def test_a_file_is_for_its_owner_alone_whatever_the_umask(path: Path) -> None:
    before = os.umask(0)
    try:
        with FileTokens(path).locked():
            FileTokens(path).save(TOKENS)
    finally:
        os.umask(before)
    assert {stat.S_IMODE(p.stat().st_mode) for p in path.parent.iterdir()} == {0o600}


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644])
def test_a_file_that_others_can_read_or_write_is_refused(path: Path, mode: int) -> None:
    FileTokens(path).save(TOKENS)
    path.chmod(mode)
    with pytest.raises(AuthError, match="others can read") as caught:
        FileTokens(path).load()
    assert caught.value.remedy.startswith(f"chmod 600 {path}")


def link(path: Path) -> None:
    other = path.with_name("other")
    FileTokens(other).save(TOKENS)
    path.symlink_to(other)


def others(path: Path) -> None:
    FileTokens(path).save(TOKENS)
    if os.geteuid() != 0:
        pytest.skip("only root can give a file away")
    os.chown(path, 65534, 65534)


@pytest.mark.parametrize("make", [link, Path.mkdir, os.mkfifo, others])
def test_what_is_no_file_of_ours_is_refused(path: Path, make: Callable[[Path], None]) -> None:
    make(path)
    with pytest.raises(AuthError, match="can't be used"):
        FileTokens(path).load()


@pytest.mark.parametrize(
    "text",
    ["", "{}", "[]", "null", '{"access": "acc3ss"}', "[" * 100_000, "\x00", TOKENS.as_json()[:-9]],
)
def test_a_file_that_cannot_be_understood_is_said_so(path: Path, text: str) -> None:
    path.touch(0o600)
    path.write_text(text)
    with pytest.raises(AuthError, match="can't be understood") as caught:
        FileTokens(path).load()
    assert "acc3ss" not in str(caught.value)


def test_tokens_that_cannot_be_written_leave_the_old_ones(path: Path) -> None:
    FileTokens(path).save(TOKENS)
    path.with_name("in-the-way").mkdir()
    unwritable = FileTokens(path.parent / "missing" / "support.tokens")
    with pytest.raises(ConnectorError, match="can't keep tokens"):
        unwritable.save(TOKENS)
    assert FileTokens(path).load() == TOKENS


def test_nothing_is_left_beside_the_file(path: Path) -> None:
    path.mkdir()  # so that putting the draft in its place fails
    with pytest.raises(ConnectorError, match="can't keep tokens"):
        FileTokens(path).save(TOKENS)
    assert [p.name for p in path.parent.iterdir()] == [path.name]


def test_tokens_that_ended_long_ago_come_back_as_they_are(path: Path) -> None:
    old = Tokens("a", "r", START - timedelta(days=9000), "x", "invalid_grant")
    FileTokens(path).save(old)
    assert FileTokens(path).load() == old


def test_a_locked_keyring_is_said_with_the_way_out(memory: MemoryKeyring, tmp_path: Path) -> None:
    store = token_store(Secret("keyring:replyby/support", tmp_path))
    memory.locked = True
    with pytest.raises(AuthError, match="keyring can't be used") as caught:
        store.load()
    assert "tokens = 'file:PATH'" in caught.value.remedy


def test_tokens_of_before_scopes_were_kept_are_read() -> None:
    fields = json.loads(TOKENS.as_json())
    del fields["scope"]
    assert Tokens.from_json(json.dumps(fields)) == TOKENS
    assert Tokens.from_json(replace(TOKENS, scope="mail").as_json()).scope == "mail"
