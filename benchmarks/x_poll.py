"""An account at X, side by side with tweepy."""

from __future__ import annotations

from functools import cached_property
from typing import Any, ClassVar

import tweepy

from benchmarks.api_poll import PAGE, ApiBench
from connectors._http import api_session
from connectors.twitter.api import HOST
from connectors.twitter.settings import Prices

_KEYS = ("consumer_key", "consumer_secret", "access_token", "access_token_secret")
_FIELDS = (
    "author_id", "conversation_id", "created_at", "edit_history_tweet_ids", "entities",
    "in_reply_to_user_id", "note_tweet", "referenced_tweets",
)  # fmt: skip
_NOTHING_NEW = {"since_id": "2" * 19}


class XBench(ApiBench):
    """Mentions, of which X itself lists 800 at the most."""

    platform: ClassVar[str] = "twitter"
    title: ClassVar[str] = "X"
    most: ClassVar[int] = 1_000
    price: ClassVar[float] = Prices().post
    first_is_against: ClassVar[str] = "tweepy, pages of 100, nothing kept"
    idle_is_against: ClassVar[str] = "tweepy, the same two requests"

    def section(self) -> str:
        """Its four keys."""
        return "".join(f'{name} = "file:{name}"\n' for name in _KEYS)

    def page_through(self) -> int:
        """All mentions."""
        page = self._mentions(None)
        found = len(page["data"])
        while token := page["meta"].get("next_token"):
            page = self._mentions(token)
            found += len(page["data"])
        return found

    def look(self) -> None:
        """Mentions and our own posts, of which there are none."""
        self._mentions(None, **_NOTHING_NEW)
        self._client.get_users_tweets(self.there.facts["account"], user_auth=True, **_NOTHING_NEW)

    def _mentions(self, token: str | None, **more: str) -> Any:
        return self._client.get_users_mentions(
            self.there.facts["account"], max_results=PAGE, tweet_fields=list(_FIELDS),
            pagination_token=token, user_auth=True, **more,
        )  # fmt: skip

    @cached_property
    def _client(self) -> tweepy.Client:
        facts = self.there.facts
        client = tweepy.Client(None, *(facts[name] for name in _KEYS), return_type=dict)
        client.session = api_session(HOST, lambda *heard: None, api_url=facts["url"])
        return client
