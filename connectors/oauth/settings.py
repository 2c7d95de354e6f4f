"""What `[accounts.oauth]` may say in config.toml."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from connectors.oauth.providers import PROVIDERS, Provider
from monitor.secret import Secret
from monitor.settings import SecretRef, Section

_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_TENANT = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]{0,100}")
_SCOPE = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]+")  # RFC 6749, 3.3
_OTHER = "other"


def with_place_for_tokens(data: Any) -> Any:
    """An account's settings with a place for its tokens: else beside config.toml, by its name."""
    if not isinstance(data, dict) or not isinstance(section := data.get("oauth"), dict):
        return data
    return data | {"oauth": {"tokens": f"file:./{data.get('name')}.tokens"} | section}


def missing() -> PydanticCustomError:
    """What pydantic says itself of a key that is not there."""
    return PydanticCustomError("missing", "is missing")


def _end_point(url: str) -> str:
    if not url:
        return url
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 # raises where it is none
    except ValueError:
        raise ValueError("is no address") from None
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOOPBACK):
        raise ValueError("starts with https://, since tokens travel there")
    if not parts.hostname or parts.username or parts.password or parts.fragment:
        raise ValueError("is an address without user, password and #fragment")
    return url


def _tenant(text: str) -> str:
    if not _TENANT.fullmatch(text):
        raise ValueError("is a directory's name or id, or 'common', 'organizations', 'consumers'")
    return text


def _scope(text: str) -> str:
    if not _SCOPE.fullmatch(text):
        raise ValueError("is a list of scopes, each without spaces")
    return text


def _token_place(secret: Secret) -> Secret:
    if secret.where.startswith("env:"):
        raise ValueError("is written too; file:PATH or keyring:SERVICE/USER")
    return secret


EndPoint = Annotated[str, AfterValidator(_end_point)]
TokenPlace = Annotated[SecretRef, AfterValidator(_token_place)]
"""Where tokens are kept: read, and written at each renewal."""


class OAuthSection(Section):
    """The client that the operator registered with a provider, and where its tokens are kept.

    `provider` is "google", "microsoft", or "other" with addresses of its own. `tokens` is
    `file:PATH` or `keyring:SERVICE/USER`; it is written as well as read.
    """

    provider: Literal["google", "microsoft", "other"] = "other"
    client_id: Annotated[str, Field(min_length=1)]
    client_secret: Annotated[SecretRef | None, Field(validate_default=True)] = None
    tenant: Annotated[str, AfterValidator(_tenant)] = "common"
    token_url: Annotated[EndPoint, Field(validate_default=True)] = ""
    authorization_url: EndPoint = ""
    device_url: EndPoint = ""
    scopes: tuple[Annotated[str, AfterValidator(_scope)], ...] = ()
    tokens: TokenPlace

    @field_validator("client_secret", mode="before")
    @classmethod
    def _google_wants_it(cls, value: object, info: ValidationInfo) -> object:
        if value is None and info.data.get("provider") == "google":
            raise missing()
        return value

    @field_validator("tenant")
    @classmethod
    def _of_microsoft(cls, value: str, info: ValidationInfo) -> str:
        if info.data.get("provider") != "microsoft":
            raise ValueError("is a thing of provider = 'microsoft'")
        return value

    @field_validator("token_url", "authorization_url", "device_url")
    @classmethod
    def _of_others(cls, value: str, info: ValidationInfo) -> str:
        provider = info.data.get("provider")
        if value and provider in PROVIDERS:
            raise ValueError(f"is known for provider = '{provider}'; leave it out")
        if not value and info.field_name == "token_url" and provider == _OTHER:
            raise missing()
        return value

    @property
    def end_points(self) -> Provider:
        """The provider's end points, with the tenant and the scopes of this section."""
        scopes = self.scopes
        if known := PROVIDERS.get(self.provider):
            return replace(known.at_tenant(self.tenant), scopes=scopes or known.scopes)
        return Provider(self.token_url, self.authorization_url, self.device_url, scopes)
