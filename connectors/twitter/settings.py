"""What an account with `channel = "twitter"` may say in config.toml."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any, ClassVar

from pydantic import Field, ValidationInfo, field_validator, model_validator

from connectors._origin import ApiUrl
from connectors.oauth.settings import EndPoint, TokenPlace, missing, with_place_for_tokens
from monitor.config import AccountSettings
from monitor.secret import Secret
from monitor.settings import Duration, SecretRef, Section

_KEYS = ("consumer_key", "consumer_secret", "access_token", "access_token_secret")
QUERY_CHARS = 512
_LEAST_OVERLAP = timedelta(minutes=5)

Dollars = Annotated[float, Field(ge=0)]


class TokenSection(Section):
    """`[accounts.oauth]`: the client that was registered at X, and where its tokens are kept.

    A confidential client has a `client_secret`, a public one ("native app") none.
    """

    authorization_url: EndPoint = "https://x.com/i/oauth2/authorize"
    client_id: Annotated[str, Field(min_length=1)]
    client_secret: SecretRef | None = None
    tokens: TokenPlace


class Prices(Section):
    """`[accounts.prices]`: what X charges, in dollars, for what we read and for what we write.

    `answer` is a post without a link and `link` one with a link; the others are what is read.

    As of 2026-08, pay-per-use: https://docs.x.com/x-api/getting-started/pricing.
    """

    post: Dollars = 0.005
    user: Dollars = 0.010
    message: Dollars = 0.010
    answer: Dollars = 0.015
    link: Dollars = 0.200


class TwitterSettings(AccountSettings):
    """One account at X: how to sign in, and what is read.

    It signs in by the four keys of OAuth 1.0a, or by [accounts.oauth]. Read are posts that mention
    it (`mentions`), posts that `search` finds (at most 512 characters, X's own operators), and
    `direct_messages`; X's encrypted chat is out of reach of programs. `watch_own` reads our own
    posts, so that an answer given in X itself counts. What X lists late is found for `overlap`.
    `answer_anyone` is for contracts that free us from X's rule that programs answer only who
    mentioned us. Reading stops for the day (UTC) at `daily_cap`, in dollars by `prices`.
    """

    usual_window: ClassVar[timedelta] = timedelta(hours=1)

    consumer_key: SecretRef | None = None
    consumer_secret: SecretRef | None = None
    access_token: SecretRef | None = None
    access_token_secret: SecretRef | None = None
    oauth: Annotated[TokenSection | None, Field(validate_default=True)] = None
    mentions: bool = True
    search: Annotated[str, Field(max_length=QUERY_CHARS)] = ""
    direct_messages: bool = False
    watch_own: bool = True
    overlap: Annotated[Duration, Field(ge=_LEAST_OVERLAP, le=timedelta(days=1))] = timedelta(
        hours=1
    )
    answer_anyone: bool = False
    longest: Annotated[int, Field(ge=280, le=25_000)] = 280
    daily_cap: Dollars | None = None
    prices: Prices = Prices()
    api_url: ApiUrl = ""
    timeout: Duration = timedelta(seconds=30)

    @model_validator(mode="before")
    @classmethod
    def _tokens_beside_the_file(cls, data: Any) -> Any:
        return with_place_for_tokens(data)

    @field_validator("oauth", mode="before")
    @classmethod
    def _one_way_in(cls, value: object, info: ValidationInfo) -> object:
        given = [name for name in _KEYS if info.data.get(name)]
        if value is None and len(given) < len(_KEYS):
            absent = ", ".join(name for name in _KEYS if name not in given)
            if given:
                raise ValueError(f"is missing, or else these keys are: {absent}")
            raise missing()
        if value is not None and given:
            raise ValueError(f"is not used together with {given[0]}; leave one of them out")
        return value

    @property
    def keys(self) -> tuple[Secret, ...]:
        """The four of OAuth 1.0a, in the order of the settings; () with OAuth 2.0."""
        found = (getattr(self, name) for name in _KEYS)
        return () if self.oauth else tuple(secret for secret in found if secret)
