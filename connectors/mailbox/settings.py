"""What an account with `channel = "email"` may say in config.toml."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    Field,
    PositiveInt,
    StrictBool,
    ValidationInfo,
    field_validator,
    model_validator,
)

from connectors.mailbox.limits import Limits
from connectors.oauth.settings import OAuthSection, missing, with_place_for_tokens
from monitor.config import AccountSettings
from monitor.settings import Duration, FilePath, SecretRef, Section

_LIMITS = Limits()
_PORTS = {"imaps": 993, "imap": 143, "smtps": 465, "smtp": 587}
_ADDRESS = re.compile(r"[^\s@<>,;:\"()\[\]\\]+@[^\s@<>,;:\"()\[\]\\]+")
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class Server:
    """Where a mail server listens; without `tls` from the start, STARTTLS is asked for."""

    host: str
    port: int
    tls: bool

    @property
    def loopback(self) -> bool:
        """On this machine: the only place to which a password may go unencrypted."""
        return self.host in _LOOPBACK


def parse_server(url: str) -> Server:
    """`imaps://host[:port]` and the like; the address must have passed the settings."""
    parts = urlsplit(url)
    return Server(parts.hostname or "", parts.port or _PORTS[parts.scheme], parts.scheme[-1] == "s")


def _server_url(*schemes: str) -> AfterValidator:
    def check(url: str) -> str:
        parts = urlsplit(url)
        try:
            bad = parts.scheme not in schemes or not parts.hostname or parts.port == 0
        except ValueError:
            bad = True
        if bad:
            raise ValueError(f"is an address like '{schemes[0]}://mail.example.com'")
        if parts.username or parts.password or parts.path.strip("/"):
            raise ValueError("has a host and a port only; user and password have keys of their own")
        return url

    return AfterValidator(check)


def is_address(text: str) -> bool:
    """Whether mail can be sent there, as far as its form tells."""
    return bool(_ADDRESS.fullmatch(text)) and len(text) <= 320


def deliverable(address: str) -> str:
    """The address as mail servers take it: a domain beyond ASCII in Punycode, where that helps."""
    user, _, domain = address.rpartition("@")
    if not user.isascii() or domain.isascii():
        return address
    try:
        return f"{user}@{domain.encode('idna').decode('ascii')}"
    except UnicodeError:
        return address


def _address(text: str) -> str:
    if not is_address(text):
        raise ValueError("is a mail address like 'support@acme.example'")
    return text


class LimitsSettings(Section):
    """`[accounts.limits]`: how much of one mail is read; the rest is kept, and cut with a notice.

    `mail_bytes` is what is fetched of a mail, `decoded_bytes` what of each text is decoded.
    """

    mail_bytes: Annotated[int, Field(ge=1024, le=_LIMITS.mail_bytes)] = _LIMITS.mail_bytes
    depth: Annotated[int, Field(ge=1, le=100)] = _LIMITS.depth
    parts: PositiveInt = _LIMITS.parts
    header_bytes: PositiveInt = _LIMITS.header_bytes
    recipients: PositiveInt = _LIMITS.recipients
    references: PositiveInt = _LIMITS.references
    text_chars: PositiveInt = _LIMITS.text_chars
    decoded_bytes: PositiveInt = _LIMITS.decoded_bytes

    def limits(self) -> Limits:
        """The same, as the parser takes them."""
        return Limits(**self.model_dump())


class EmailSettings(AccountSettings):
    """One mailbox: where it is, how to sign in, and what is read of it.

    It signs in by `password`, or with auth = "oauth" by tokens that `replyby login` gets; a server
    for sending that wants a password all the same has it in `smtp_password`.
    `username` is the address where it isn't given; `sent` is "auto", "off", or the name of the
    folder that gets a copy of what we send, and in which colleagues' answers are looked for if
    `watch_sent`. With `plus_addresses` answers ask for the next mail at an address with a tag
    (RFC 5233), which not every server takes. `ca` is a file with a private certificate authority;
    without `push` no connection is kept open on which the server could announce new mail.
    """

    address: Annotated[str, AfterValidator(_address)]
    imap: Annotated[str, _server_url("imaps", "imap")]
    smtp: Annotated[str, _server_url("smtps", "smtp")]
    auth: Literal["password", "oauth"] = "password"
    password: Annotated[SecretRef | None, Field(validate_default=True)] = None
    oauth: Annotated[OAuthSection | None, Field(validate_default=True)] = None
    username: str = ""
    smtp_username: str = ""
    smtp_password: SecretRef | None = None
    folders: Annotated[tuple[Annotated[str, Field(min_length=1)], ...], Field(min_length=1)] = (
        "INBOX",
    )
    push: StrictBool = True
    sent: str = "auto"
    watch_sent: StrictBool = True
    plus_addresses: StrictBool = False
    ca: FilePath | None = None
    timeout: Duration = timedelta(seconds=30)
    limits: LimitsSettings = LimitsSettings()

    @property
    def user(self) -> str:
        """The name to sign in with."""
        return self.username or self.address

    @model_validator(mode="before")
    @classmethod
    def _tokens_beside_the_file(cls, data: Any) -> Any:
        return with_place_for_tokens(data)

    @field_validator("password", mode="before")
    @classmethod
    def _by_password(cls, value: object, info: ValidationInfo) -> object:
        auth = info.data.get("auth")
        if value is None and auth == "password":
            raise missing()
        if value is not None and auth == "oauth":
            raise ValueError("is not used with auth = 'oauth'; leave one of them out")
        return value

    @field_validator("oauth", mode="before")
    @classmethod
    def _by_token(cls, value: object, info: ValidationInfo) -> object:
        auth = info.data.get("auth")
        if value is None and auth == "oauth":
            raise ValueError("is missing: a section [accounts.oauth] with provider and client_id")
        if value is not None and auth == "password":
            raise ValueError("is a section that only auth = 'oauth' uses")
        return value
