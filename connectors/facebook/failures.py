"""The error codes of the Graph API, and what each means for a poll or an answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum, auto

from connectors.facebook.values import child, number, text
from connectors.facebook.ways import GONE, REPLIED
from monitor.errors import AuthError, ConnectorError, RateLimited, Refused

_THROTTLED_PAUSE = 300.0
_SIGNED_OUT_REMEDY = (
    "make a new page access token for the app (Graph API Explorer, or Business settings > System "
    "users), store it where the account's `token` points, and poll again"
)
_PERMISSION_REMEDY = (
    "give the app pages_read_engagement, pages_read_user_content, pages_manage_engagement and "
    "pages_messaging for this page, then make a new token"
)
_PAGE_REMEDY = "see whether the account's `page` is the number of the page that the token is for"


class Kind(Enum):
    """What a code means."""

    TOKEN = auto()
    THROTTLED = auto()
    PERMISSION = auto()
    BLOCKED = auto()
    DUPLICATE = auto()
    GONE = auto()
    REPLIED = auto()
    LATE = auto()
    NOBODY = auto()
    TRANSIENT = auto()
    TOO_MUCH = auto()
    OTHER = auto()


_BY_SUBCODE = {
    (100, 33): Kind.GONE,
    (100, 2018292): Kind.GONE,
    (10, 2018278): Kind.LATE,
    (10, 2018065): Kind.LATE,
    (551, 1545041): Kind.NOBODY,
    (100, 2018001): Kind.NOBODY,
    (613, 1893015): Kind.BLOCKED,
}
_BY_CODE = {
    **dict.fromkeys((102, 190, 450, 452, 467), Kind.TOKEN),
    **dict.fromkeys((4, 17, 32, 341, 613, 80001, 80002, 80006), Kind.THROTTLED),
    **dict.fromkeys((3, 10, *range(200, 300)), Kind.PERMISSION),
    **dict.fromkeys((1, 2), Kind.TRANSIENT),
    **dict.fromkeys((368,), Kind.BLOCKED),
    **dict.fromkeys((506,), Kind.DUPLICATE),
    **dict.fromkeys((551,), Kind.NOBODY),
    **dict.fromkeys((803,), Kind.GONE),
    # Of private replies: there was one; this can't have one; this person can't have one.
    **dict.fromkeys((10900, 10902, 10903), Kind.REPLIED),
}


# The code says no more than "unknown error".
_TOO_MUCH = "reduce the amount of data"


class GraphFailure(ConnectorError):
    """An error that Facebook itself named; `kind` says what it means. Never leaves the channel."""

    def __init__(self, kind: Kind, said: str, regain: float | None) -> None:
        super().__init__(said, retry_after=regain)
        self.kind = kind


@dataclass(frozen=True, slots=True)
class _Error:
    code: int
    subcode: int
    transient: bool
    message: str


def failure(
    result: object, status: int, regain: float | None, redact: Callable[[str], str]
) -> GraphFailure:
    """The failure that an answer of this HTTP status stands for."""
    error = _error(result)
    kind = _kind(error) or _by_status(status, error.transient)
    named = f" (error {error.code}{f'/{error.subcode}' if error.subcode else ''})"
    said = redact(error.message)[:300] or f"status {status}"
    return GraphFailure(kind, f"Facebook says: {said}{named if error.code else ''}", regain)


def _error(result: object) -> _Error:
    node = child(result, "error") if isinstance(result, Mapping) else {}
    transient = node.get("is_transient") is True
    return _Error(
        number(node, "code"), number(node, "error_subcode"), transient, text(node, "message")
    )


def _kind(error: _Error) -> Kind | None:
    if _TOO_MUCH in error.message:
        return Kind.TOO_MUCH
    return _BY_SUBCODE.get((error.code, error.subcode)) or _BY_CODE.get(error.code)


def _by_status(status: int, transient: bool) -> Kind:
    if status == 429:
        return Kind.THROTTLED
    return Kind.TRANSIENT if transient or status >= 500 else Kind.OTHER


def for_poll(error: GraphFailure) -> ConnectorError:
    """What a poll that met it ends with."""
    said = str(error)
    if error.kind is Kind.TOKEN:
        return AuthError(said, remedy=_SIGNED_OUT_REMEDY)
    if error.kind is Kind.PERMISSION:
        return AuthError(said, remedy=_PERMISSION_REMEDY)
    if error.kind is Kind.THROTTLED:
        return RateLimited(said, retry_after=error.retry_after or _THROTTLED_PAUSE)
    remedy = _PAGE_REMEDY if error.kind is Kind.GONE else ""
    return ConnectorError(said, retry_after=error.retry_after, remedy=remedy)


def for_barred(sources: Mapping[str, GraphFailure], pause: float | None) -> AuthError:
    """What a poll ends with that read all but these; the others are polled again after `pause`."""
    names, said = ", ".join(sources), next(iter(sources.values()))
    remedy = f"{_PERMISSION_REMEDY}; or switch the source off in the account's section"
    return AuthError(f"not allowed to read {names}. {said}", remedy=remedy, retry_after=pause)


_REFUSALS: Mapping[Kind, str] = {
    Kind.BLOCKED: "Facebook blocks the page from writing for now",
    Kind.DUPLICATE: "the page has written the very same just now; change a word",
    Kind.GONE: GONE,
    Kind.REPLIED: REPLIED,
    Kind.LATE: "the time in which Messenger takes an answer is over; only the customer can write",
    Kind.NOBODY: "this person can't be reached on Messenger: the account or the thread is closed",
    Kind.PERMISSION: "the app may not write here: it lacks a permission, or the person bars it",
    Kind.OTHER: "Facebook does not take it",
}


def for_answer(error: GraphFailure) -> ConnectorError:
    """What an answer that met it ends with."""
    refusal = _REFUSALS.get(error.kind)
    if refusal:
        return Refused(f"{refusal}. {error}")
    return for_poll(error)
