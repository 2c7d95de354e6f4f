"""One account at X as the desk sees it: its posts and messages polled, and answered there."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta

from connectors._poll_limit import PollLimit
from connectors.twitter.answering import answer
from connectors.twitter.api import Api
from connectors.twitter.checking import check
from connectors.twitter.limits import Windows
from connectors.twitter.reading import Reading
from connectors.twitter.refusals import Denied, Exhausted
from connectors.twitter.settings import TwitterSettings
from connectors.twitter.sign_in import credentials
from connectors.twitter.state import State
from monitor.checked import Checked
from monitor.connector import Batch, HandOver, Surroundings
from monitor.errors import ConnectorError, RateLimited
from monitor.message import IncomingMessage, OutgoingReply, Sent

_NEARLY = 0.8
_SLOWER = 5
_USUAL_REST = 16 * 60.0
"""Seconds: the windows of X's listings; who rests longer is missed, and that is said."""

log = logging.getLogger("replyby.poll")

Listing = Callable[[], Iterator[Sequence[IncomingMessage]]]


class TwitterConnector:
    """The account behind one section of the settings."""

    def __init__(self, settings: TwitterSettings, surroundings: Surroundings) -> None:
        self._settings = settings
        self._clock = surroundings.clock
        self._limit = PollLimit(settings, settings.timeout, surroundings.clock)
        self._api: Api | None = None

    def poll(self, cursor: str | None, since: datetime) -> Iterator[Batch]:
        """What came in since the last poll, listing by listing; see `Connector`.

        A listing whose limit is used up is left out until X allows more; where X refuses one, the
        others are read all the same before that is said.
        """
        with self._limit.running():
            yield from self._polled(cursor, since)

    def _polled(self, cursor: str | None, since: datetime) -> Iterator[Batch]:
        state, now = State.load(cursor), self._clock()
        if not self._is_due(state, now):
            return
        state.polled = now.timestamp()
        reading = self._reading(state, since, now)
        listings = list(self._listings(reading))
        refused: list[ConnectorError] = []
        for route, listing in listings:
            if wait := state.windows.wait(route, now):
                refused += [_resting(route, wait)] if wait > _USUAL_REST else []
                continue
            try:
                for messages in listing():
                    yield Batch(tuple(messages), state.dump(), len(messages))
            except (RateLimited, Denied) as error:
                refused.append(error)
        yield Batch((), state.dump(), 0)
        if refused:
            raise self._said(refused, all_of_them=len(refused) == len(listings))

    def _reading(self, state: State, since: datetime, now: datetime) -> Reading:
        api, settings = self._open(state.windows), self._settings
        if state.us is None:
            state.us = api.me()
            state.spent.add("user", 1, now)
        return Reading(
            api, state, state.us, since, now, settings.overlap,
            lambda: self._check_cap(state, now), settings.answer_anyone,
        )  # fmt: skip

    def _said(self, refused: Sequence[ConnectorError], *, all_of_them: bool) -> ConnectorError:
        """What the poll ends with; where something could be read, polling keeps its pace."""
        first = next((e for e in refused if isinstance(e, Exhausted)), refused[0])
        if isinstance(first, Exhausted):
            return first
        if not all_of_them:
            first.retry_after = self._settings.every.total_seconds()
        elif all(error.retry_after for error in refused):
            first.retry_after = min(error.retry_after or 0.0 for error in refused)
        return first

    def _listings(self, reading: Reading) -> Iterator[tuple[str, Listing]]:
        """What the settings switch on: the tightest limit first, our own posts last.

        By then the questions are stored that these may be answers to.
        """
        settings = self._settings
        if settings.direct_messages:
            yield "messages", reading.messages
        if settings.mentions:
            yield "mentions", reading.mentions
        if settings.search:
            yield "search", lambda: reading.search(settings.search)
        if settings.watch_own:
            yield "own posts", reading.own

    def _check_cap(self, state: State, now: datetime) -> float:
        """What was spent today; RateLimited where that is all that may be."""
        cap = self._settings.daily_cap
        spent = state.spent.dollars(self._settings.prices.model_dump())
        if cap is not None and spent >= cap:
            raise Exhausted(
                f"today's ${cap:.2f} for reading X are spent ({_list(state.spent.reads)})",
                retry_after=_until_midnight(now),
                remedy="raise daily_cap, or wait: reading goes on at midnight UTC",
            )
        return spent

    def _is_due(self, state: State, now: datetime) -> bool:
        """False where the day's money is nearly spent and it is too early; RateLimited if it is."""
        cap = self._settings.daily_cap
        state.spent.add("", 0, now)
        spent = self._check_cap(state, now)
        if cap is None or spent < _NEARLY * cap:
            return True
        pause = self._settings.every.total_seconds() * _SLOWER
        if 0 <= now.timestamp() - state.polled < pause:
            return False
        log.warning(
            "%s: $%.2f of today's $%.2f are spent: reading X less often",
            self._settings.name, spent, cap,
        )  # fmt: skip
        return True

    def reply(self, reply: OutgoingReply, hand_over: HandOver) -> Sent:
        """Answer a post in public or a message in private, once."""
        return answer(reply, self._settings, self._open(Windows()), hand_over, self._clock)

    def check(self, cursor: str | None = None) -> Checked:
        """Who is signed in, what is allowed, and what is spent; see `Checkable`."""
        state = State.load(cursor)
        return check(self._settings, self._open(state.windows), state, self._clock())

    def close(self) -> None:
        """Hang up."""
        if self._api:
            self._api.close()
            self._api = None

    def _open(self, windows: Windows) -> Api:
        self.close()
        settings = self._settings
        way_in = credentials(settings, self._clock)
        self._api = Api(
            way_in, settings.api_url, settings.timeout, windows, self._clock, self._limit.left
        )
        return self._api


def _resting(route: str, wait: float) -> RateLimited:
    return RateLimited(f"X lets '{route}' be read again in {wait / 3600:.1f} h", retry_after=wait)


def _list(reads: dict[str, int]) -> str:
    return ", ".join(f"{number} {kind}s" for kind, number in sorted(reads.items()) if number)


def _until_midnight(now: datetime) -> float:
    day = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return (day + timedelta(days=1) - now).total_seconds()
