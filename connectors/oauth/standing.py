"""How long the tokens that are kept for an account last, in words."""

from __future__ import annotations

from datetime import datetime, timedelta

from connectors.oauth.tokens import token_store
from monitor.duration import format_duration
from monitor.secret import Secret


def standing(place: Secret, now: datetime) -> str:
    """A sentence about the kept tokens; "" where there are none. AuthError where they are unfit."""
    kept = token_store(place).load()
    if kept is None:
        return ""
    left = kept.ends - now
    ends = f"ends in {format_duration(left)}" if left > timedelta() else "has ended"
    if not kept.refresh:
        return f"the access token {ends}, and there is nothing to renew it with"
    return f"the access token {ends}, and is renewed by itself"
