"""How long the tokens that are kept for an account last, and what they were granted for."""

from __future__ import annotations

from datetime import datetime, timedelta

from connectors.oauth.access import how_to_sign_in
from connectors.oauth.grant import Client
from connectors.oauth.tokens import TokenStore
from monitor.checked import Findings
from monitor.duration import format_duration

# Asked for to get a refresh token; not every provider names it among what it grants.
_ASIDE = "offline_access"


def tell(
    findings: Findings, account: str, client: Client, store: TokenStore, now: datetime
) -> bool:
    """Add what is known of the account's tokens; whether what they are good for is known."""
    kept = store.load()
    if kept is None:
        return False
    left = kept.ends - now
    ends = f"ends in {format_duration(left)}" if left > timedelta() else "has ended"
    if kept.refresh:
        findings.fine(f"its token {ends}, and is renewed by itself")
    else:
        findings.note(f"its token {ends}, and can't be renewed", how_to_sign_in(account))
    granted = kept.scope.lower().split()
    asked = [scope for scope in client.provider.scopes if scope != _ASIDE]
    lacking = [scope for scope in asked if scope.lower() not in granted]
    if granted and lacking:
        said = f"its token is not good for {', '.join(lacking)}"
        findings.missing(said, f"{how_to_sign_in(account)}, and agree to all of it")
    elif granted:
        findings.fine(f"its token is good for {', '.join(asked)}")
    return bool(granted)
