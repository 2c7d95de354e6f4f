"""Secrets by reference: found where they lie, and never shown."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import keyring
import keyring.backend
import keyring.errors
import pytest

from monitor.errors import ConfigError
from monitor.secret import Secret

WORD = "hunter2-S3cret"


class MemoryKeyring(keyring.backend.KeyringBackend):
    """A keyring that forgets everything with the test."""

    priority = 1

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call] # theirs
        self.kept: dict[tuple[str, str], str] = {}
        self.locked = False

    def get_password(self, service: str, username: str) -> str | None:
        if self.locked:
            raise keyring.errors.KeyringLocked("the keyring is locked")
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password


@pytest.fixture
def memory() -> Iterator[MemoryKeyring]:
    before = keyring.get_keyring()
    backend = MemoryKeyring()
    keyring.set_keyring(backend)
    yield backend
    keyring.set_keyring(before)


@pytest.mark.parametrize(
    "text",
    [WORD, "", "env:", "file:", "keyring:", f"keyring:{WORD}", f"pass:{WORD}", f"ENV:{WORD}",
     f" env:{WORD}", f"{WORD}:env"],
)  # fmt: skip
def test_a_literal_secret_is_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(ValueError, match="a secret can't stand here itself") as refused:
        Secret.parse(text, Path())
    assert WORD not in str(refused.value)


def test_a_secret_is_read_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REPLYBY_TEST_SECRET", WORD)
    secret = Secret.parse("env:REPLYBY_TEST_SECRET", Path())
    assert secret.resolve() == WORD
    assert WORD not in repr(secret)


@pytest.mark.parametrize("value", [None, ""])
def test_an_environment_variable_that_is_not_set_is_named(
    monkeypatch: pytest.MonkeyPatch, value: str | None
) -> None:
    monkeypatch.delenv("REPLYBY_TEST_SECRET", raising=False)
    if value is not None:
        monkeypatch.setenv("REPLYBY_TEST_SECRET", value)
    with pytest.raises(ConfigError, match="variable REPLYBY_TEST_SECRET is not set"):
        Secret.parse("env:REPLYBY_TEST_SECRET", Path()).resolve()


@pytest.mark.parametrize("ending", ["", "\n", "\r\n"])
def test_a_secret_is_read_from_a_file_beside_the_configuration(tmp_path: Path, ending: str) -> None:
    (tmp_path / "password").write_bytes(f" {WORD} ".encode() + ending.encode())
    assert Secret.parse("file:password", tmp_path).resolve() == f" {WORD} "


def test_an_absolute_path_stays_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "password").write_text(WORD)
    assert Secret.parse(f"file:{tmp_path}/password", Path("/nowhere")).resolve() == WORD


def test_a_file_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"can't read the secret in file:password: No such file"):
        Secret.parse("file:password", tmp_path).resolve()


def test_a_file_that_is_no_text_is_named_and_not_repeated(tmp_path: Path) -> None:
    (tmp_path / "password").write_bytes(b"hunter\xff\xfe")
    with pytest.raises(ConfigError, match="is not UTF-8 text") as refused:
        Secret.parse("file:password", tmp_path).resolve()
    assert "hunter" not in str(refused.value)


@pytest.mark.parametrize("name", ["a\0b", "~no-such-user-here/password"])
def test_a_path_that_cannot_be_is_a_configuration_error(tmp_path: Path, name: str) -> None:
    with pytest.raises(ConfigError, match="secret"):
        Secret.parse(f"file:{name}", tmp_path).resolve()


def test_an_empty_file_is_said_to_be_empty(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("\n")
    with pytest.raises(ConfigError, match="empty"):
        Secret.parse("file:password", tmp_path).resolve()


def test_a_secret_is_read_from_the_keyring(memory: MemoryKeyring) -> None:
    memory.set_password("replyby/mail", "ann", WORD)
    assert Secret.parse("keyring:replyby/mail/ann", Path()).resolve() == WORD


def test_what_the_keyring_lacks_is_named_with_the_way_to_give_it(memory: MemoryKeyring) -> None:
    with pytest.raises(ConfigError, match="keyring set replyby ann"):
        Secret.parse("keyring:replyby/ann", Path()).resolve()


def test_a_locked_keyring_is_said(memory: MemoryKeyring) -> None:
    memory.locked = True
    with pytest.raises(ConfigError, match=r"can't be read for keyring:replyby/ann.*is locked"):
        Secret.parse("keyring:replyby/ann", Path()).resolve()
