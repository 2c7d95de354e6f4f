"""What an account at X may do: asked once, for the price of one user."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any

from connectors._http import ahead
from connectors.twitter.api import PAGE, Api
from connectors.twitter.length import LONGEST
from connectors.twitter.refusals import CONSOLE
from connectors.twitter.settings import QUERY_CHARS, TwitterSettings
from connectors.twitter.sign_in import client_of
from connectors.twitter.state import State
from monitor.checked import Checked, Findings
from monitor.errors import ConnectorError

_WRITES = ("read-write", "read-write-directmessages")
_ANEW = "then make the access token anew, for the old one keeps the old permission"
_WRITE_REMEDY = f"set the app to 'Read and write' in {CONSOLE}, {_ANEW}"
_MESSAGE_REMEDY = (
    f"set the app to 'Read and write and Direct message' in {CONSOLE}, {_ANEW}; "
    "or set direct_messages = false"
)


def check(settings: TwitterSettings, api: Api, state: State, now: datetime) -> Checked:
    """Ask X who is signed in, and read everything else off its headers and our own ledger."""
    findings = Findings()
    try:
        user = api.account()
    except ConnectorError as error:
        findings.failed(error)
        return findings.checked(ahead=ahead(api.headers, now))
    state.spent.add("user", 1, now)
    _permissions(findings, settings, api.headers, now)
    _sources(findings, settings)
    _person(findings, settings, user)
    _spending(findings, settings, state, now)
    _limits(findings, state, api.headers, now)
    who = f"@{user.get('username') or '?'} ({user.get('name') or 'no name'}, {user['id']})"
    cost = f"${settings.prices.user:.2f}, for one user read" if settings.prices.user else ""
    return findings.checked(
        who, cost=cost, ahead=ahead(api.headers, now), charged=partial(_charged, now)
    )


def _charged(now: datetime, cursor: str | None) -> str:
    state = State.load(cursor)
    state.spent.add("user", 1, now)
    return state.dump()


def _permissions(
    findings: Findings, settings: TwitterSettings, headers: Mapping[str, str], now: datetime
) -> None:
    """The header speaks of keys only; what tokens are good for was said when they were got."""
    if settings.oauth:
        with findings.trying():
            _scopes(findings, settings, now)
        return
    level = headers.get("x-access-level", "")
    if not level:
        findings.note("X does not say whether the app may write: the first answer will show it")
        return
    if level in _WRITES:
        findings.fine(f"may answer in public (the app's permission is '{level}')")
    else:
        said = f"may only read: no answer will leave (the app's permission is '{level}')"
        findings.missing(said, _WRITE_REMEDY)
    if settings.direct_messages and level != _WRITES[-1]:
        findings.missing("may not read or write direct messages", _MESSAGE_REMEDY)
    elif settings.direct_messages:
        findings.fine("may read and write direct messages")


def _scopes(findings: Findings, settings: TwitterSettings, now: datetime) -> None:
    from connectors.oauth.standing import tell
    from connectors.oauth.tokens import token_store

    assert settings.oauth
    store = token_store(settings.oauth.tokens)
    known = tell(findings, settings.name, client_of(settings), store, now)
    if not known and settings.direct_messages:
        findings.note(
            "whether its token covers direct messages is not known: it does if they were switched "
            "on before the last sign-in",
            f"else run `replyby login {settings.name}` again",
        )


def _sources(findings: Findings, settings: TwitterSettings) -> None:
    price = settings.prices.post
    if settings.mentions:
        findings.fine(f"reads posts that mention it, ${price:g} each")
    if settings.search:
        findings.fine(
            f"searches with {len(settings.search)} of {QUERY_CHARS} characters, ${price:g} for "
            f"each post found: ${price * PAGE:.2f} for a full page of {PAGE}"
        )
        if not settings.answer_anyone:
            findings.note("what only the search finds can't be answered from here: X's rule")
    if settings.direct_messages:
        findings.fine(f"reads direct messages, ${settings.prices.message:g} each")
    if settings.watch_own:
        findings.fine(f"watches its own posts for answers given in X, ${price:g} each")
    if not (settings.mentions or settings.search or settings.direct_messages):
        remedy = "switch on `mentions`, `search` or `direct_messages` in its section"
        findings.missing("nothing is read that customers write", remedy)


def _person(findings: Findings, settings: TwitterSettings, user: Mapping[str, Any]) -> None:
    if user.get("protected") is True:
        findings.note(
            "its posts are protected: only followers see the answers",
            "switch 'Protect your posts' off in X's settings",
        )
    if settings.longest > LONGEST and user.get("subscription_type") == "None":
        findings.missing(
            f"it may not write {settings.longest:,} characters: it has no X Premium",
            "subscribe it, or leave `longest` out of its section",
        )


def _spending(findings: Findings, settings: TwitterSettings, state: State, now: datetime) -> None:
    spent, cap = state.spent.dollars(settings.prices.model_dump()), settings.daily_cap
    if cap is None:
        remedy = "set daily_cap, in dollars, to have reading stop there"
        findings.note(f"${spent:.2f} spent today on reading, with no limit set", remedy)
    elif spent >= cap:
        remedy = "raise daily_cap, or wait: reading goes on at midnight UTC"
        findings.note(f"today's ${cap:.2f} for reading are spent: it rests", remedy)
    else:
        findings.fine(f"${spent:.2f} of today's ${cap:.2f} for reading spent")


def _limits(findings: Findings, state: State, headers: Mapping[str, str], now: datetime) -> None:
    left, most = (headers.get(f"x-rate-limit-{name}", "") for name in ("remaining", "limit"))
    if left.isdigit() and most.isdigit():
        findings.fine(f"X allows {left} of {most} such checks more in these 15 minutes")
    for route in state.windows.used_up:
        if wait := state.windows.wait(route, now):
            findings.note(f"X lets '{route}' be asked again in {max(wait / 60, 1):.0f} min")
