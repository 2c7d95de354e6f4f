"""Where tokens are kept: a file that nobody else can read, or the system's keyring."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import secrets
import stat
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from monitor.errors import AuthError, ConfigError, ConnectorError
from monitor.secret import Secret

_PATIENCE = 90.0  # seconds: longer than any renewal that another process may be in the middle of
_LOOK = 0.02
_LARGEST = 1024 * 1024


@dataclass(frozen=True, slots=True, repr=False)
class Tokens:
    """What a provider gave: its access token, until when it is good, and the one to renew it by.

    `source` tells by which client and address they were got: they are shown to no other.
    `refused` is the provider's reason once it has refused to renew; "" before. `scope` is what they
    are good for, parted by spaces; "" where that was not kept.
    """

    access: str
    refresh: str
    ends: datetime
    source: str
    refused: str = ""
    scope: str = ""

    def as_json(self) -> str:
        """The form in which they are kept."""
        return json.dumps(
            {
                "access": self.access,
                "refresh": self.refresh,
                "ends": self.ends.isoformat(),
                "source": self.source,
                "refused": self.refused,
                "scope": self.scope,
            }
        )

    @classmethod
    def from_json(cls, text: str) -> Tokens:
        """ValueError where it can't be understood."""
        fields = json.loads(text)
        if not isinstance(fields, dict):
            raise ValueError("no object")
        words = [fields.get(name) for name in ("access", "refresh", "ends", "source", "refused")]
        access, refresh, ends, source, refused = (str(w) for w in words if isinstance(w, str))
        until, scope = datetime.fromisoformat(ends).astimezone(UTC), fields.get("scope", "")
        return cls(access, refresh, until, source, refused, str(scope))


class TokenStore(Protocol):
    """Keeps one account's tokens; `where` can be shown."""

    where: str

    def load(self) -> Tokens | None:
        """None where nobody has signed in yet; AuthError where they can't be used."""

    def save(self, tokens: Tokens) -> None:
        """Kept for good on return; ConnectorError, the old ones untouched, where that fails."""

    def locked(self) -> contextlib.AbstractContextManager[None]:
        """Between reading tokens and writing those that replace them; one process at a time."""


def token_store(place: Secret) -> TokenStore:
    """The store that a reference names: `file:PATH` or `keyring:SERVICE/USER`."""
    kind, _, rest = place.where.partition(":")
    if kind == "file":
        return FileTokens(place.base / _path(rest))
    service, _, user = rest.rpartition("/")
    return KeyringTokens(service, user)


def _path(text: str) -> Path:
    try:
        if "\0" not in text:
            return Path(text).expanduser()
    except RuntimeError:
        pass
    raise ConfigError("the place of the tokens (key `tokens`) is a path that can't be")


class FileTokens:
    """Tokens in a file of mode 0600, replaced as a whole."""

    def __init__(self, path: Path) -> None:
        self.where = str(path)
        self._path = path

    def load(self) -> Tokens | None:
        """AuthError where others may read the file, or where its text is none of ours."""
        try:
            text = self._read()
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError) as error:
            raise _unusable(self.where, getattr(error, "strerror", "") or "no text") from None
        return _understood(text, self.where)

    def _read(self) -> str:
        handle = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
        with open(handle, "rb") as file:
            self._check(os.fstat(handle))
            return file.read(_LARGEST).decode("utf-8")

    def _check(self, found: os.stat_result) -> None:
        if not stat.S_ISREG(found.st_mode):
            raise _unusable(self.where, "that is no file")
        if found.st_uid != os.geteuid():
            raise _unusable(self.where, "the file belongs to another user")
        if found.st_mode & 0o077:
            raise AuthError(
                f"others can read the tokens in {self.where}",
                remedy=f"chmod 600 {self.where}; if somebody may have, sign in anew",
            )

    def save(self, tokens: Tokens) -> None:
        """Written beside the file, flushed to the disk, then put in its place."""
        draft = self._path.with_name(f"{self._path.name}.{os.getpid()}.{secrets.token_hex(4)}")
        with _kept_in(self.where):
            try:
                _write(draft, tokens.as_json())
                draft.replace(self._path)
                _flush_folder(self._path.parent)
            finally:
                draft.unlink(missing_ok=True)

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """By a lock on a file beside this one, which is itself replaced."""
        with _locked(self._path.with_name(f"{self._path.name}.lock"), self.where):
            yield


class KeyringTokens:
    """Tokens in the system's keyring."""

    def __init__(self, service: str, user: str) -> None:
        self.where = f"keyring:{service}/{user}"
        self._service = service
        self._user = user

    def load(self) -> Tokens | None:
        """AuthError where the keyring is locked, missing, or holds something else."""
        import keyring
        import keyring.errors

        try:
            text = keyring.get_password(self._service, self._user)
        except keyring.errors.KeyringError as error:
            raise _no_keyring(self.where, error) from None
        return _understood(text, self.where) if text else None

    def save(self, tokens: Tokens) -> None:
        """As the keyring keeps things."""
        import keyring
        import keyring.errors

        try:
            keyring.set_password(self._service, self._user, tokens.as_json())
        except keyring.errors.KeyringError as error:
            raise _no_keyring(self.where, error) from None

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """By a file of the user's, since a keyring has no lock of its own."""
        import platformdirs

        name = hashlib.sha256(self.where.encode()).hexdigest()[:16]
        folder = platformdirs.user_state_path("replyby")
        with _kept_in(self.where):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _locked(folder / f"{name}.lock", self.where):
            yield


def _understood(text: str, where: str) -> Tokens:
    try:
        return Tokens.from_json(text)
    except (ValueError, OverflowError, RecursionError):
        raise _unusable(where, "they can't be understood") from None


def _unusable(where: str, reason: str) -> AuthError:
    return AuthError(
        f"the tokens in {where} can't be used: {reason}", remedy="mend that, or sign in anew"
    )


def _no_keyring(where: str, error: Exception) -> AuthError:
    return AuthError(
        f"the keyring can't be used for {where}: {type(error).__name__}",
        remedy="unlock it, or keep the tokens in a file: tokens = 'file:PATH'",
    )


@contextlib.contextmanager
def _kept_in(where: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ConnectorError(
            f"can't keep tokens in {where}: {error.strerror or type(error).__name__}",
            remedy="let us write there, or name another place with the key `tokens`",
        ) from None


def _write(path: Path, text: str) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with open(handle, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(handle)


def _flush_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextlib.contextmanager
def _locked(path: Path, where: str) -> Iterator[None]:
    with _kept_in(where):
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        _wait_for(handle, where)
        yield
    finally:
        os.close(handle)  # gives the lock back


def _wait_for(handle: int, where: str) -> None:
    pause, until = threading.Event(), time.monotonic() + _PATIENCE
    while True:
        try:
            return fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > until:
                raise ConnectorError(f"another process holds the tokens in {where}") from None
            pause.wait(_LOOK)
