"""The only fake: a clock that stands until it is moved; and short ways to make test data."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from monitor.decision import Decision
from monitor.intake import decide
from monitor.message import Conversation, IncomingMessage, Party
from monitor.policy import Policy
from monitor.query import parse_query
from monitor.store import Store

START = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
LEASE = timedelta(seconds=60)


class FakeClock:
    """Called, it tells the time; `forward` moves it."""

    def __init__(self, now: datetime = START) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **span: float) -> datetime:
        """Move on by a timedelta's arguments, e.g. `forward(minutes=5)`."""
        self.now += timedelta(**span)
        return self.now


def policy(account: str = "support", window: timedelta = timedelta(hours=6)) -> Policy:
    """A clock that never stops."""
    return Policy(account, window, timedelta(minutes=15), None, ())


def message(number: int, at: datetime = START, **changes: object) -> IncomingMessage:
    """The number's own message of the number's own customer."""
    given: dict[str, object] = {
        "ext_id": f"<{number}@customer.test>",
        "at": at,
        "author": Party(f"customer{number}@customer.test", f"Customer {number}"),
        "keys": (f"<{number}@customer.test>",),
        # A new subject would be a new matter: what refers to another message has none.
        "subject": "" if "keys" in changes else f"subject {number}",
        "text": f"text {number}",
        "kind": "email",
        "raw": b"raw",
    }
    return IncomingMessage(**(given | changes))  # type: ignore[arg-type] # by name


def take_in(
    store: Store,
    messages: Sequence[IncomingMessage],
    now: datetime = START,
    account: str = "support",
    using: Policy | None = None,
) -> list[Decision]:
    """Store messages as one poll of the account would."""
    store.accounts.ensure({account: "email"}, now)
    number = store.accounts.ids()[account]
    lease = store.accounts.lease(number, "test", now, LEASE, "test")
    assert lease is not None
    decisions = store.ingest.batch(
        lease,
        messages,
        "cursor",
        lambda known: decide(messages, known, using or policy(account)),
        now,
        LEASE,
    )
    assert store.accounts.succeeded(lease, now, now, {})
    return decisions


def found(store: Store, words: str) -> list[Conversation]:
    """What a search for these words finds."""
    return store.search.find(parse_query(words, START, UTC), "", 0).rows


Step = str | Callable[[], object]


class Typed:
    """What stands in for standard input: a person's lines, and between them what else happens."""

    def __init__(self, *steps: Step) -> None:
        self._steps = list(steps)

    def isatty(self) -> bool:
        return False

    def readline(self) -> str:
        while self._steps:
            step = self._steps.pop(0)
            if isinstance(step, str):
                return step + "\n"
            step()
        return ""
