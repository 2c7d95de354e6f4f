"""X's API v2 through tweepy: the few calls that are needed, bounded in time, none that sleeps."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol, cast

import tweepy

from connectors._http import NoAnswer, ahead, api_session, speaking_to
from connectors.twitter.ids import is_id
from connectors.twitter.limits import Windows
from connectors.twitter.media import with_media
from connectors.twitter.refusals import Exhausted, Failure, refusal
from connectors.twitter.rows import Json, Person
from monitor.clock import Clock
from monitor.errors import AuthError, RateLimited

HOST = "api.twitter.com"
PAGE = 100
_NOT_FOUND = "/resource-not-found"
_NO_TIME = timedelta(0)
_POST_FIELDS = (
    "attachments", "author_id", "conversation_id", "created_at", "edit_history_tweet_ids",
    "entities", "in_reply_to_user_id", "note_tweet", "referenced_tweets",
)  # fmt: skip
_MESSAGE_FIELDS = (
    "attachments", "created_at", "dm_conversation_id", "event_type", "sender_id", "text",
)  # fmt: skip
_MEDIA_FIELDS = ("alt_text", "preview_image_url", "type", "url")
# Pictures and films are no reads that X charges for, where authors would be.
_MEDIA: dict[str, Any] = {
    "expansions": ["attachments.media_keys"],
    "media_fields": list(_MEDIA_FIELDS),
}
_ACCOUNT_FIELDS = ("protected", "subscription_type")

# At DEBUG these log the Authorization header, tokens and whole bodies.
for _name in ("tweepy", "oauthlib", "requests_oauthlib"):
    logging.getLogger(_name).setLevel(logging.INFO)


@dataclass(frozen=True, slots=True)
class Page:
    """What X lists, newest first, and the token of the next page, "" where there is none."""

    rows: tuple[Json, ...]
    token: str


class Credentials(Protocol):
    """How an account signs in."""

    signs: bool

    def client(self) -> tweepy.Client:
        """A client of tweepy's with the secrets in it."""

    def renewed(self) -> bool:
        """Whether other secrets could be got after these were refused."""


class Api:
    """The calls; each raises a ConnectorError and nothing else.

    `windows` is told what the headers say; a route of which nothing is left is not asked at all.
    A call lasts `timeout` at the most, and the seconds that are `left` before it.
    """

    def __init__(
        self,
        credentials: Credentials,
        api_url: str,
        timeout: timedelta,
        windows: Windows,
        clock: Clock,
        left: Callable[[], float] = lambda: math.inf,
    ) -> None:
        self._credentials = credentials
        self._url = api_url
        self._timeout = timeout
        self._windows = windows
        self._clock = clock
        self._left = left
        self._status = 0
        self._headers: Mapping[str, str] = {}
        self._client = self._connected()

    def close(self) -> None:
        """Hang up."""
        self._client.session.close()

    @property
    def headers(self) -> Mapping[str, str]:
        """Those of the last answer; they ignore case. Empty where none came."""
        return self._headers

    def earlier(self, now: datetime) -> datetime:
        """That moment, or an earlier one where X's last answer says that our clock is ahead."""
        return now + min(ahead(self._headers, now) or _NO_TIME, _NO_TIME)

    def account(self) -> Json:
        """Who is signed in, with what else X says of this account."""
        return self._me(list(_ACCOUNT_FIELDS))[0]

    def me(self) -> Person:
        """Who is signed in."""
        return self._me(None)[1]

    def _me(self, fields: list[str] | None) -> tuple[Json, Person]:
        found = self._ask("me", lambda c, signed: c.get_me(user_auth=signed, user_fields=fields))
        row = found.get("data")
        person = _person(row)
        if person is None:
            raise NoAnswer("X does not say who is signed in")
        return cast("Json", row), person

    def users(self, ids: Iterable[str]) -> list[Person]:
        """Those of the users, a hundred at the most, that X still has."""
        given = list(ids)
        found = self._ask("users", lambda c, signed: c.get_users(ids=given, user_auth=signed))
        return [person for row in with_media(found) if (person := _person(row))]

    def mentions(self, user: str, since: int, until: int, token: str) -> Page:
        """Posts that mention the user, with ids between the two."""
        return self._listed(
            "mentions",
            lambda c, signed: c.get_users_mentions(
                user, user_auth=signed, pagination_token=token or None, **_between(since, until)
            ),
        )

    def posts_of(self, user: str, since: int, until: int, token: str) -> Page:
        """The user's own posts, with ids between the two."""
        return self._listed(
            "own posts",
            lambda c, signed: c.get_users_tweets(
                user, user_auth=signed, pagination_token=token or None, **_between(since, until)
            ),
        )

    def search(self, query: str, since: int, until: int, token: str) -> Page:
        """Posts of the last seven days that a query finds, with ids between the two."""
        return self._listed(
            "search",
            lambda c, signed: c.search_recent_tweets(
                query, user_auth=signed, next_token=token or None, **_between(since, until)
            ),
        )

    def messages(self, most: int, token: str = "", participant: str = "") -> Page:
        """Direct messages of all conversations, or of the one with a participant."""
        return self._listed(
            "messages with" if participant else "messages",
            lambda c, signed: c.get_direct_message_events(
                participant_id=participant or None, user_auth=signed, max_results=most,
                pagination_token=token or None, dm_event_fields=list(_MESSAGE_FIELDS),
                event_types="MessageCreate", **_MEDIA,
            ),
        )  # fmt: skip

    def post(self, number: str) -> Json | None:
        """One post as it is now, None where it is gone."""
        found = self._ask(
            "post",
            lambda c, signed: c.get_tweet(
                number, user_auth=signed, tweet_fields=list(_POST_FIELDS), **_MEDIA
            ),
        )
        return next(iter(with_media(found)), None)

    def posts(self, ids: Iterable[str]) -> tuple[list[Json], list[str]]:
        """Those of the posts, a hundred at the most, that are there, and the ids of those gone.

        A post that is hidden from us is neither.
        """
        given = list(ids)
        found = self._ask(
            "posts",
            lambda c, signed: c.get_tweets(
                given, user_auth=signed, tweet_fields=list(_POST_FIELDS), **_MEDIA
            ),
        )
        return list(with_media(found)), [n for n in _lost(found) if n in given]

    def publish(self, text: str, answers: str) -> str:
        """Answer a post in public; the answer's id."""
        made = self._ask(
            "publish",
            lambda c, signed: c.create_tweet(
                text=text, in_reply_to_tweet_id=answers, user_auth=signed
            ),
        )
        return _id_in(made, "id")

    def write(self, text: str, participant: str) -> str:
        """Write to a user privately; the message's id."""
        made = self._ask(
            "write",
            lambda c, signed: c.create_direct_message(
                participant_id=participant, text=text, user_auth=signed
            ),
        )
        return _id_in(made, "dm_event_id")

    def _listed(self, route: str, call: Callable[[tweepy.Client, bool], Any]) -> Page:
        found = self._ask(route, call)
        meta = found.get("meta")
        token = meta.get("next_token") if isinstance(meta, dict) else None
        return Page(tuple(with_media(found)), token if isinstance(token, str) else "")

    def _ask(self, route: str, call: Callable[[tweepy.Client, bool], Any]) -> Json:
        if wait := self._windows.wait(route, self._clock()):
            raise RateLimited(f"nothing is left of X's limit for '{route}'", retry_after=wait)
        try:
            return self._asked(route, call)
        except RateLimited as error:
            if not isinstance(error, Exhausted):
                self._windows.rest(route, error.retry_after or 0.0, self._clock())
            raise
        except AuthError:
            if not self._credentials.renewed():
                raise
        self.close()
        self._client = self._connected()
        return self._asked(route, call)

    def _asked(self, route: str, call: Callable[[tweepy.Client, bool], Any]) -> Json:
        self._status, self._headers = 0, {}
        try:
            with speaking_to("X"):
                found = call(self._client, self._credentials.signs)
        except tweepy.HTTPException as error:
            raise refusal(self._failure(error)) from None
        except (AttributeError, TypeError, KeyError):
            # Errors whose body is JSON, and none that tweepy expects.
            raise refusal(self._failure(None)) from None
        finally:
            self._windows.heard(route, self._headers, self._clock())
        if not isinstance(found, dict):
            raise NoAnswer("X answers with something else than it should")
        return found

    def _failure(self, error: tweepy.HTTPException | None) -> Failure:
        try:
            body = error.response.json() if error else None
        except (ValueError, RecursionError):
            body = None
        return Failure(self._status or 500, self._headers, body, self._clock())

    def _connected(self) -> tweepy.Client:
        client = self._credentials.client()
        client.session = api_session(
            HOST, self._heard, api_url=self._url, timeout=self._timeout, left=self._left
        )
        return client

    def _heard(self, status: int, headers: Mapping[str, str]) -> None:
        self._status, self._headers = status, headers


def _between(since: int, until: int) -> dict[str, Any]:
    return {
        "since_id": str(since),
        "until_id": str(until) if until else None,
        "max_results": PAGE,
        "tweet_fields": list(_POST_FIELDS),
        **_MEDIA,
    }


def _lost(found: Json) -> Iterator[str]:
    """What X says that there is none of; what it only doesn't show us has another type."""
    errors = found.get("errors")
    for error in errors if isinstance(errors, list) else ():
        if isinstance(error, dict) and str(error.get("type")).endswith(_NOT_FOUND):
            yield str(error.get("resource_id") or error.get("value"))


def _person(row: object) -> Person | None:
    if not isinstance(row, dict) or not is_id(row.get("id")):
        return None
    return Person(row["id"], str(row.get("username") or ""), str(row.get("name") or ""))


def _id_in(made: Json, name: str) -> str:
    data = made.get("data")
    number = data.get(name) if isinstance(data, dict) else None
    if not is_id(number):
        raise NoAnswer("X took it, or not: its answer names no id")
    return str(number)
