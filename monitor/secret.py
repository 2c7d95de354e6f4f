"""Secrets by reference: read when they are needed, never kept, never shown."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from monitor.errors import ConfigError

_KINDS = ("env", "file", "keyring")
HELP = "write env:NAME, file:PATH or keyring:SERVICE/USER"


@dataclass(frozen=True, slots=True)
class Secret:
    """Where a secret lies; `where` is safe to show, what it resolves to is not."""

    where: str
    base: Path

    @classmethod
    def parse(cls, text: str, base: Path) -> Secret:
        """ValueError, without the text itself, where it isn't a reference."""
        kind, _, rest = text.partition(":")
        if (
            kind not in _KINDS
            or not rest
            or (kind == "env" and not rest.isidentifier())
            or (kind == "keyring" and "/" not in rest)
        ):
            raise ValueError(f"a secret can't stand here itself; {HELP}")
        return cls(text, base)

    def resolve(self) -> str:
        """The secret itself; ConfigError says what is missing and how to give it."""
        kind, _, rest = self.where.partition(":")
        if kind == "env":
            return self._from_environment(rest)
        return self._from_file(rest) if kind == "file" else self._from_keyring(rest)

    def _from_environment(self, name: str) -> str:
        value = os.environ.get(name)
        if not value:
            raise ConfigError(
                f"the environment variable {name} is not set (wanted by {self.where})"
            )
        return value

    def _from_file(self, name: str) -> str:
        try:
            path = self.base / Path(name).expanduser()
            value = path.read_text("utf-8").strip("\r\n")
        except UnicodeDecodeError:
            raise ConfigError(f"the secret in {self.where} is not UTF-8 text") from None
        except (OSError, ValueError, RuntimeError) as error:
            reason = getattr(error, "strerror", None) or "that is no path"
            raise ConfigError(f"can't read the secret in {self.where}: {reason}") from None
        if not value:
            raise ConfigError(f"the secret in {self.where} is empty")
        return value

    def _from_keyring(self, name: str) -> str:
        import keyring
        import keyring.errors

        service, _, user = name.rpartition("/")
        try:
            value = keyring.get_password(service, user)
        except keyring.errors.KeyringError as error:
            raise ConfigError(f"the keyring can't be read for {self.where}: {error}") from None
        if not value:
            raise ConfigError(
                f"the keyring has nothing for {self.where}; keyring set {service} {user}"
            )
        return value
