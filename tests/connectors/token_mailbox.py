"""A mailbox on a real Dovecot whose owner signs in at a provider of tokens on loopback."""

from __future__ import annotations

import itertools
import stat
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from connectors.mailbox.channel import EmailChannel
from connectors.mailbox.settings import EmailSettings
from connectors.mailbox.sign_in import client_of
from connectors.oauth.grant import tokens_in
from connectors.oauth.post import Answer
from connectors.oauth.tokens import FileTokens, Tokens
from monitor.connector import Connector
from tests.connectors.desk import SINCE
from tests.connectors.mails import mail, surroundings
from tests.fakes import START, FakeClock
from tests.servers.dovecot import Dovecot
from tests.servers.oauth import CLIENT, CLIENT_SECRET, OAuthServer

_numbers = itertools.count(1)


@dataclass
class TokenMailbox:
    """An account with auth = "oauth": its settings, its tokens, and a connector of its own."""

    server: Dovecot
    provider: OAuthServer
    folder: Path
    address: str
    clock: FakeClock = field(default_factory=FakeClock)
    smtp: str = "smtp://127.0.0.1:9"

    @property
    def kept(self) -> FileTokens:
        return FileTokens(self.folder / "support.tokens")

    def settings(self, **given: object) -> EmailSettings:
        """As config.toml would give them."""
        fields = self.fields() | {"oauth": self.section()} | given
        return EmailSettings.model_validate(fields, context={"base": self.folder})

    def fields(self) -> dict[str, object]:
        return {
            "name": "support",
            "channel": "email",
            "address": self.address,
            "imap": f"imaps://localhost:{self.server.imaps_port}",
            "smtp": self.smtp,
            "ca": str(self.server.certificates.ca),
            "timeout": "10s",
            "auth": "oauth",
        }

    def section(self) -> dict[str, object]:
        return {
            "client_id": CLIENT,
            "client_secret": "file:client-secret",
            "token_url": f"{self.provider.url}/token",
            "authorization_url": f"{self.provider.url}/authorize",
            "device_url": f"{self.provider.url}/device",
            "scopes": ["mail", "offline_access"],
        }

    def config(self, folder: Path | None = None, **given: object) -> Path:
        """The same as a file for the real command; `given` stands in the section for tokens."""
        section = {
            **self.section(),
            "tokens": f"file:{self.kept.where}",
            "client_secret": f"file:{self.folder}/client-secret",
        } | given
        lines = ["[[accounts]]", *_toml(self.fields()), "[accounts.oauth]", *_toml(section)]
        path = (folder or self.folder) / "config.toml"
        path.write_text("\n".join(lines))
        return path

    def sign_in(self, at: datetime | None = None) -> Tokens:
        """As `replyby login` leaves it."""
        status, fields = self.provider.give(self.address)
        assert isinstance(fields, dict)
        answer = Answer(status, fields)
        tokens = tokens_in(client_of(self.settings()), answer, at or self.clock())
        self.kept.save(tokens)
        return tokens

    def connect(self, **given: object) -> Connector:
        return EmailChannel().connect(self.settings(**given), surroundings(self.clock))

    def read(self, **given: object) -> list[str]:
        """The texts of all mails, by one poll with a connection of its own."""
        with closing(self.connect(**given)) as connector:
            return [m.text for b in connector.poll(None, START - SINCE) for m in b.messages]

    def put(self, text: str) -> None:
        self.server.deliver(self.address, mail(text), START)

    def mode(self) -> int:
        return stat.S_IMODE(Path(self.kept.where).stat().st_mode)


def _toml(fields: dict[str, object]) -> list[str]:
    return [f"{k} = {v!r}".replace("'", '"') for k, v in fields.items()]


@pytest.fixture
def provider(dovecot: Dovecot) -> Iterator[OAuthServer]:
    with OAuthServer(dovecot.introspection_port) as server:
        yield server


@pytest.fixture
def box(dovecot: Dovecot, provider: OAuthServer, tmp_path: Path) -> TokenMailbox:
    """A mailbox with one mail; nobody has signed in yet."""
    address = f"token{next(_numbers)}@desk.test"
    dovecot.add_user(address, "not-used-here")
    (tmp_path / "client-secret").write_text(CLIENT_SECRET)
    provider.user = address
    box = TokenMailbox(dovecot, provider, tmp_path, address)
    box.put("hello")
    return box


@pytest.fixture
def signed_in(box: TokenMailbox) -> TokenMailbox:
    box.sign_in()
    return box


def real_time() -> datetime:
    """For what a process of its own has to find good."""
    return datetime.now(UTC)
