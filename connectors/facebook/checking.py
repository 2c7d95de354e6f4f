"""What a page's token allows, and what is missing for what the account is to do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from connectors._http import ahead
from connectors.facebook.failures import GraphFailure, for_poll
from connectors.facebook.graph import HOST, Graph
from connectors.facebook.settings import FacebookSettings
from connectors.facebook.values import Node, child, nodes, number, text
from monitor.checked import Checked, Findings
from monitor.clock import EPOCH
from monitor.errors import ConnectorError

_DASHBOARD = "https://developers.facebook.com/apps"
_SOON = timedelta(days=14)
_LATEST = 253_000_000_000  # in the year 9987
_ITS_OWN = (
    "ask for the page's own token (GET /me/accounts with the user's), and store it where the "
    "account's `token` points"
)


@dataclass(frozen=True, slots=True)
class _Permission:
    """What of a page needs it, and whether an account wants that."""

    name: str
    purpose: str
    wanted: Callable[[FacebookSettings], bool]


def _any(settings: FacebookSettings) -> bool:
    return settings.comments or settings.visitor_posts or settings.tags


_PERMISSIONS = (
    _Permission("pages_read_engagement", "read the page's posts", _any),
    _Permission("pages_read_user_content", "read what others write on the page", _any),
    _Permission("pages_manage_engagement", "answer comments and posts", _any),
    _Permission("pages_messaging", "read and answer Messenger", lambda s: s.messages),
)


def check(settings: FacebookSettings, graph: Graph, now: datetime) -> Checked:
    """Two calls, both free: whose the token is, and what it allows."""
    findings, who = Findings(), ""
    try:
        me = graph.get("me", fields="id,name")
        who = f"{text(me, 'name') or 'no name'} ({text(me, 'id')})"
        _page(findings, settings, me)
        _token(findings, settings, graph, now)
    except ConnectorError as error:
        findings.failed(for_poll(error) if isinstance(error, GraphFailure) else error)
    _answer_headers(findings, settings, graph)
    return findings.checked(who, ahead=ahead(graph.usage.headers, now))


def _page(findings: Findings, settings: FacebookSettings, me: Node) -> None:
    if text(me, "id") == settings.page:
        findings.fine("the token is for the account's page")
    else:
        findings.missing(
            f"the token is not for page {settings.page}, but for {text(me, 'id')}",
            f'set page = "{text(me, "id")}", or {_ITS_OWN}',
        )


def _token(findings: Findings, settings: FacebookSettings, graph: Graph, now: datetime) -> None:
    try:
        told = graph.token()
    except GraphFailure as error:
        findings.note(f"what the token allows is not told: {error}", f"see {_DASHBOARD}")
        return
    _validity(findings, told, graph.redact)
    _end(findings, told, "expires_at", "the token ends", now)
    _end(findings, told, "data_access_expires_at", "its access to people's data ends", now)
    for permission in _PERMISSIONS:
        if permission.wanted(settings):
            _permission(findings, settings, told, permission)
    if settings.messages and settings.human_agent:
        findings.note(
            "whether the app has Human Agent (answers later than 24 hours) can't be asked",
            f"see App Review at {_DASHBOARD}; without it set human_agent = false",
        )


def _validity(findings: Findings, told: Node, redact: Callable[[str], str]) -> None:
    if told.get("is_valid") is not True:
        said = redact(text(child(told, "error"), "message"))[:300] or "no reason given"
        findings.missing(f"the token is not valid: {said}", _ITS_OWN)
    kind = text(told, "type") or "nothing named"
    if kind == "PAGE":
        app = text(told, "application") or "no name"
        findings.fine(f"a page token of the app {app} ({text(told, 'app_id') or 'no number'})")
    else:
        findings.missing(f"the token is none of a page's: its type is {kind}", _ITS_OWN)


def _end(findings: Findings, told: Node, name: str, what: str, now: datetime) -> None:
    """0 stands for never."""
    at = number(told, name)
    if not at:
        if name == "expires_at":
            findings.fine("the token does not end by itself")
        return
    ends = EPOCH + timedelta(seconds=min(max(at, 1), _LATEST))
    left, day = ends - now, ends.date()
    if left <= timedelta():
        findings.missing(f"{what}: it did on {day}", _ITS_OWN)
    elif left < _SOON:
        findings.note(f"{what} on {day}, in {left.days} days", f"before that, {_ITS_OWN}")
    else:
        findings.fine(f"{what} on {day}")


def _permission(
    findings: Findings, settings: FacebookSettings, told: Node, permission: _Permission
) -> None:
    scopes = told.get("scopes")
    if not isinstance(scopes, list) or permission.name not in scopes:
        findings.missing(
            f"may not {permission.purpose}: {permission.name} is missing",
            f"add it to the app at {_DASHBOARD} (Advanced Access, by App Review), agree to it as "
            "the page's administrator, and make the page's token anew",
        )
    elif settings.page not in _pages(told, permission.name, settings.page):
        findings.missing(
            f"may not {permission.purpose} of this page: {permission.name} is for others",
            "agree anew, and choose this page among those that the app may use",
        )
    else:
        findings.fine(f"may {permission.purpose} ({permission.name})")


def _pages(told: Node, scope: str, ours: str) -> list[object]:
    """The pages that a scope is limited to; ours where it is limited to none."""
    limits = [g.get("target_ids") for g in nodes(told.get("granular_scopes"))
              if text(g, "scope") == scope]  # fmt: skip
    return next((limit for limit in limits if isinstance(limit, list)), [ours])


def _answer_headers(findings: Findings, settings: FacebookSettings, graph: Graph) -> None:
    usage = graph.usage
    version = usage.headers.get("facebook-api-version", "")
    if version and version != settings.version:
        findings.note(
            f"{HOST} answers as {version}: it knows {settings.version} no more, or not yet",
            f'set version = "{version}"',
        )
    elif version:
        findings.fine(f"the Graph API is spoken as {version}")
    if usage.pause:
        findings.note(f"{usage.percent:.0f} % of what Facebook allows is used up: polled slowly")
    elif usage.headers:
        findings.fine(f"{usage.percent:.0f} % of what Facebook allows is used up")
