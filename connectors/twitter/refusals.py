"""What X's answers other than the wanted one mean for us."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from connectors.twitter.limits import pause
from monitor.clean import clean_line
from monitor.errors import AuthError, ConnectorError, RateLimited, Refused

CONSOLE = "https://console.x.com"
_ASK_AGAIN = 3600.0
_SAID_CHARS = 200
_DUPLICATE = "duplicate content"


class Denied(Refused):
    """403: X's rules or the app's permissions don't let us; `detail` is X's own text."""

    def __init__(self, message: str, detail: str, *, remedy: str = "") -> None:
        super().__init__(message, remedy=remedy)
        self.detail = detail

    @property
    def duplicate(self) -> bool:
        """Whether the same text was published a short time ago."""
        return _DUPLICATE in self.detail.lower()


class Broken(ConnectorError):
    """5xx: X failed, and may have done what was asked all the same."""


class Exhausted(RateLimited):
    """The day's money, the credit or the quota is used up: that holds for every listing."""


@dataclass(frozen=True, slots=True)
class Failure:
    """An answer with an error's status; `body` is its JSON, None where it is none."""

    status: int
    headers: Mapping[str, str]
    body: Any
    at: datetime

    @property
    def said(self) -> str:
        """X's own words, cleaned and cut: the detail of RFC 7807, or the first error's."""
        return next((text for text in map(_words, self._problems) if text), "")

    @property
    def capped(self) -> bool:
        """Whether it is about money or a quota, and not about a window of time."""
        return any("usage-capped" in str(p.get("type", "")) for p in self._problems)

    @property
    def _problems(self) -> list[Mapping[str, Any]]:
        if not isinstance(self.body, dict):
            return []
        errors = self.body.get("errors")
        listed = errors[:10] if isinstance(errors, list) else []
        return [p for p in (self.body, *listed) if isinstance(p, dict)]


def _words(problem: Mapping[str, Any]) -> str:
    found = (problem.get(name) for name in ("detail", "message", "title"))
    text = next((t for t in found if isinstance(t, str) and t.strip()), "")
    return str(clean_line(text, _SAID_CHARS)).strip()


def refusal(failure: Failure) -> ConnectorError:
    """The error that an answer stands for."""
    if failure.status >= 500:
        return Broken(f"X is in trouble ({failure.status})")
    return _MEANINGS.get(failure.status, _unexpected)(failure)


def _signed_out(failure: Failure) -> ConnectorError:
    return AuthError(
        "X does not accept the account's keys or token (401)",
        remedy="check the account's keys, or sign in anew with `replyby login`",
    )


def _no_money(failure: Failure) -> ConnectorError:
    return Exhausted(
        "the credit at X is used up (402)",
        retry_after=_ASK_AGAIN,
        remedy=f"add credit in X's developer console, {CONSOLE}",
    )


def _denied(failure: Failure) -> ConnectorError:
    said = failure.said or "no reason given"
    return Denied(
        f"X does not allow it (403): {said}",
        said,
        remedy=f"check the app's permissions and its project in {CONSOLE}",
    )


def _too_often(failure: Failure) -> ConnectorError:
    if failure.capped:
        return Exhausted(
            f"the quota at X is used up (429): {failure.said}",
            retry_after=_ASK_AGAIN,
            remedy=f"raise the spending limit in {CONSOLE}",
        )
    return RateLimited("X asks for a pause (429)", retry_after=pause(failure.headers, failure.at))


def _unexpected(failure: Failure) -> ConnectorError:
    said = f": {failure.said}" if failure.said else ""
    return ConnectorError(f"X answers {failure.status}{said}")


_MEANINGS: Mapping[int, Callable[[Failure], ConnectorError]] = {
    401: _signed_out,
    402: _no_money,
    403: _denied,
    429: _too_often,
}
