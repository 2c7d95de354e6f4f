"""An account at X taken into the queue, side by side with tweepy paging the same."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import count
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import Any

import tweepy

from benchmarks.data import Worlds, say
from benchmarks.race import race
from benchmarks.table import Row
from benchmarks.x_far_side import MOST, FarSide, far_side
from connectors._http import api_session
from connectors.twitter.api import HOST
from monitor.poller import Pass
from monitor.wiring import House, read_config

_ROUNDS, _PAGE = 5, 100
_FIELDS = (
    "author_id", "conversation_id", "created_at", "edit_history_tweet_ids", "entities",
    "in_reply_to_user_id", "note_tweet", "referenced_tweets",
)  # fmt: skip
_CONFIG = """
[[accounts]]
name = "x"
channel = "twitter"
api_url = "{url}"
"""


def measure(worlds: Worlds) -> Iterator[Row]:
    """First polls and idle ones."""
    with far_side(200 if worlds.quick else MOST) as there:
        yield from _Bench(worlds.folder / "x", there, 200 if worlds.quick else MOST).rows()


class _Bench:
    def __init__(self, folder: Path, there: FarSide, mentions: int) -> None:
        self._folder = folder
        self._there = there
        self._mentions = mentions
        self._numbers = count()

    def rows(self) -> Iterator[Row]:
        """A first poll, then one that finds nothing new."""
        self._folder.mkdir()
        rounds = [(self._first_poll(), self._bare_pages()) for _ in range(_ROUNDS)]
        ours, bare = (median(taken) for taken in zip(*rounds, strict=True))
        size = f"{self._mentions:,}"
        yield Row(
            "first poll of X", size, "sqlite", "/s", self._mentions / ours,
            "tweepy, pages of 100, nothing kept", self._mentions / bare,
        )  # fmt: skip
        yield self._idle(size)

    def _first_poll(self) -> float:
        house = self._house()
        begin = perf_counter()
        done = house.poller.poll(house.accounts["x"])
        house.close()
        took = perf_counter() - begin
        assert done.accounted == self._mentions, done.problem
        return took

    def _bare_pages(self) -> float:
        client = self._client()
        begin = perf_counter()
        token, found = None, 0
        while token is not None or not found:
            page = self._mentions_page(client, token)
            found += len(page["data"])
            token = page["meta"].get("next_token")
        assert found == self._mentions
        return perf_counter() - begin

    def _idle(self, size: str) -> Row:
        house, client = self._house(), self._client()
        _fine(house.poller.poll(house.accounts["x"]))
        listed = {"since_id": "2" * 19}

        def look() -> None:
            self._mentions_page(client, None, **listed)
            client.get_users_tweets(self._there.user, user_auth=True, **listed)

        def again() -> None:
            _fine(house.poller.poll(house.accounts["x"]))

        # What was just read is listed once more for an hour; later polls list nothing.
        begin, rounds = process_time(), 20
        for _ in range(rounds):
            again()
        say(f"a poll that lists {size} known posts: {(process_time() - begin) / rounds:.3f} CPU s")
        self._an_hour_later(house)
        begin = process_time()
        for _ in range(rounds):
            again()
        cpu = (process_time() - begin) / rounds * 1000
        say(f"an idle poll of X: 2 requests, {cpu:.1f} ms of CPU, 0 posts read: $0.00 a day")
        found = race({"ours": again, "bare": look}, rounds=21, calls=1)
        house.close()
        return Row(
            "idle poll of X", size, "sqlite", "ms", found["ours"] * 1000,
            "tweepy, the same two requests", found["bare"] * 1000,
        )  # fmt: skip

    @staticmethod
    def _an_hour_later(house: House) -> None:
        """Let the account's clock run ahead, and poll once more, as a quiet hour would have."""
        clock = house.clock
        house.clock = lambda: clock() + timedelta(hours=2)
        house.__dict__.pop("poller", None)
        house.__dict__.pop("accounts", None)
        _fine(house.poller.poll(house.accounts["x"]))

    def _mentions_page(self, client: tweepy.Client, token: str | None, **more: str) -> Any:
        return client.get_users_mentions(
            self._there.user, max_results=_PAGE, tweet_fields=list(_FIELDS),
            pagination_token=token, user_auth=True, **more,
        )  # fmt: skip

    def _client(self) -> tweepy.Client:
        keys = self._there.keys
        client = tweepy.Client(
            None, keys.consumer_key, keys.consumer_secret, keys.access_token,
            keys.access_token_secret, return_type=dict,
        )  # fmt: skip
        client.session = api_session(HOST, lambda *heard: None, api_url=self._there.url)
        return client

    def _house(self) -> House:
        folder = self._folder / str(next(self._numbers))
        folder.mkdir()
        lines = [_CONFIG.format(url=self._there.url)]
        for name in ("consumer_key", "consumer_secret", "access_token", "access_token_secret"):
            (folder / name).write_text(getattr(self._there.keys, name))
            lines.append(f'{name} = "file:{name}"\n')
        (folder / "config.toml").write_text("".join(lines))
        house = House(read_config(folder / "config.toml"))
        house.accounts  # noqa: B018 # opens the store
        return house


def _fine(done: Pass) -> None:
    assert not done.problem, done.problem
