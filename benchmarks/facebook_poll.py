"""A page on Facebook, side by side with facebook-sdk."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from functools import cached_property
from typing import Any, ClassVar

from benchmarks.api_poll import PAGE, ApiBench
from connectors._http import api_session
from connectors.facebook.graph import HOST
from connectors.facebook.sdk import GraphAPI
from connectors.facebook.settings import FacebookSettings


class FacebookBench(ApiBench):
    """Comments below one post; Facebook takes no money, it counts calls."""

    platform: ClassVar[str] = "facebook"
    title: ClassVar[str] = "Facebook"
    most: ClassVar[int] = 1000
    price: ClassVar[float] = 0.0
    first_is_against: ClassVar[str] = "facebook-sdk, 100 a page, nothing kept"
    idle_is_against: ClassVar[str] = "facebook-sdk, the same requests"

    def section(self) -> str:
        """Its page, its token and its app's secret."""
        page = self.there.facts["account"]
        return f'page = "{page}"\ntoken = "file:token"\napp_secret = "file:app_secret"\n'

    def page_through(self) -> int:
        """All comments, by the cursors in the answers."""
        page = self._comments()
        found = len(page["data"])
        while page["paging"].get("next"):
            page = self._comments(after=page["paging"]["cursors"]["after"])
            found += len(page["data"])
        return found

    def look(self) -> None:
        """The same calls once more."""
        for path, args in self._idle_calls:
            self._client.request(f"{self._client.version}/{path}", args)

    def _comments(self, **more: str) -> Any:
        return self._client.get_connections(
            self.there.facts["post"], "comments", fields=self._fields, limit=PAGE,
            filter="stream", order="reverse_chronological", **more,
        )  # fmt: skip

    @cached_property
    def _idle_calls(self) -> Sequence[tuple[str, dict[str, str]]]:
        """What the last poll asked, an idle one."""
        return self.there.tally().asked[-self.idle_requests :]

    @cached_property
    def _fields(self) -> str:
        """Those of a comment that a poll has asked for."""
        calls = self.there.tally().asked
        return next(args["fields"] for path, args in calls if path.endswith("/comments"))

    @cached_property
    def _client(self) -> GraphAPI:
        facts = self.there.facts
        session = api_session(HOST, lambda *heard: None, api_url=facts["url"])
        secret, token = facts["app_secret"].encode(), facts["token"]
        proof = hmac.new(secret, token.encode(), hashlib.sha256).hexdigest()
        session.params = {"appsecret_proof": proof}
        client = GraphAPI(token, session=session)
        client.version = FacebookSettings.model_fields["version"].default
        return client
