"""Signing in by a code that is typed on any other device (RFC 8628)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from connectors.oauth.grant import Client, error_of, refusal, tokens_in
from connectors.oauth.post import Answer, host_of
from connectors.oauth.tokens import Tokens
from monitor.clock import Clock
from monitor.errors import AuthError, ConnectorError

_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
_USUAL_INTERVAL = 5.0
_LONGEST_INTERVAL = 60.0
_USUAL_LIFE = 900.0
_LONGEST_LIFE = 3600.0
_MORE = 5.0  # seconds to add for each `slow_down`

Wait = Callable[[float], object]
"""Lets so many seconds pass."""


@dataclass(frozen=True, slots=True)
class DeviceCode:
    """What the person is shown (an address and a code), and what we ask with; seconds between."""

    address: str
    user_code: str
    ends: datetime
    interval: float
    device_code: str = field(repr=False)


def begin(client: Client, now: datetime) -> DeviceCode:
    """A new code; AuthError where the provider gives this client none."""
    answer = client.ask_at(client.provider.device_url, {"scope": client.scope})
    if answer.status != 200:
        raise refusal(client, answer)
    fields = answer.fields
    # Google has a name of its own for the address.
    address = fields.get("verification_uri") or fields.get("verification_url")
    words = [address, fields.get("user_code"), fields.get("device_code")]
    shown, user_code, device_code = (w if isinstance(w, str) else "" for w in words)
    if not (shown.startswith(("https://", "http://")) and user_code and device_code):
        raise ConnectorError(f"{host_of(client.provider.device_url)} answers with no code")
    life = _seconds(fields.get("expires_in"), _USUAL_LIFE, _LONGEST_LIFE)
    interval = _seconds(fields.get("interval"), _USUAL_INTERVAL, _LONGEST_INTERVAL)
    return DeviceCode(shown, user_code, now + timedelta(seconds=life), interval, device_code)


def finish(
    client: Client, code: DeviceCode, clock: Clock, wait: Wait, heard: Callable[[timedelta], None]
) -> Tokens:
    """Ask until the person has agreed; `heard` gets the time left after each answer in vain.

    AuthError where the person refuses, or lets the code end.
    """
    interval, left = code.interval, code.ends - clock()
    while left > timedelta(0):
        wait(min(interval, left.total_seconds()))
        asked = clock()
        answer = _asked(client, code)
        if answer and answer.status == 200:
            return tokens_in(client, answer, asked)
        interval = _next_interval(client, answer, interval)
        left = code.ends - clock()
        heard(left)
    raise _ended()


def _asked(client: Client, code: DeviceCode) -> Answer | None:
    """None where the provider could not be reached: that ends nothing (RFC 8628, 3.5)."""
    try:
        return client.ask({"grant_type": _GRANT, "device_code": code.device_code})
    except ConnectorError:
        return None


def _next_interval(client: Client, answer: Answer | None, interval: float) -> float:
    if answer is None or answer.status >= 500:
        return min(interval * 2, _LONGEST_INTERVAL)
    error = error_of(answer)
    if error == "authorization_pending":
        return interval
    if error == "slow_down" or answer.status == 429:
        return interval + _MORE
    if error == "expired_token":
        raise _ended()
    if error in ("access_denied", "authorization_declined"):
        raise AuthError("the sign-in was refused in the browser", remedy="run it again")
    raise refusal(client, answer)


def _ended() -> AuthError:
    return AuthError("the code has ended before anybody agreed", remedy="run it again")


def _seconds(value: object, usual: float, most: float) -> float:
    good = isinstance(value, int | float) and not isinstance(value, bool) and value > 0
    return min(float(value), most) if good else usual  # type: ignore[arg-type] # by `good`
