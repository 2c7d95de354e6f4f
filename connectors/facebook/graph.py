"""The Graph API through facebook-sdk: three calls of it, bounded, with every failure translated."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from connectors._http import NoAnswer, api_session, speaking_to
from connectors.facebook.failures import GraphFailure, Kind, failure
from connectors.facebook.sdk import GraphAPI, GraphAPIError
from connectors.facebook.settings import FacebookSettings
from connectors.facebook.usage import Usage
from connectors.facebook.values import Node, child, nodes, text
from monitor.errors import ConnectorError

HOST = "graph.facebook.com"
_PAGES_MOST = 400
_PLACES = ("after", "until", "__paging_token", "offset")
_HIDDEN = "[hidden]"


class Graph:
    """One page's view of the API; not for several threads at once.

    `left` says how many seconds are left for a call. Each raises GraphFailure where Facebook names
    an error, NotReached and NoAnswer where none or nothing sensible comes back.
    """

    def __init__(self, settings: FacebookSettings, left: Callable[[], float]) -> None:
        token = settings.token.resolve()
        secret = settings.app_secret.resolve() if settings.app_secret else ""
        proof = _proof(secret, token) if secret else ""
        self._token, self._app_secret = token, secret
        self._secrets = tuple(filter(None, (token, secret, proof)))
        self.usage = Usage()
        self._session = api_session(
            HOST, self.usage, api_url=settings.api_url, timeout=settings.timeout, ca=settings.ca,
            left=left,
        )  # fmt: skip
        if proof:
            self._session.params = {"appsecret_proof": proof}
        # 3.1.0 knows versions up to v3.1 only, but reads the attribute on every call.
        self._sdk = GraphAPI(token, session=self._session)
        self._sdk.version = settings.version

    def get(self, name: str, **args: str) -> Node:
        """One object, or one page of an edge: `name` is `ID` or `ID/edge`."""
        return self._called(f"{self._sdk.version}/{name}", args, None)

    def token(self) -> Node:
        """What Facebook tells of our token, asked for by the token itself or, else, by its app."""
        try:
            return self._told()
        except GraphFailure:
            if not self._app_secret:
                raise
        app = f"{text(self.get('app', fields='id'), 'id')}|{self._app_secret}"
        return self._told(access_token=app, appsecret_proof=_proof(self._app_secret, app))

    def _told(self, **by: str) -> Node:
        return child(self.get("debug_token", input_token=self._token, **by), "data")

    def pages(self, name: str, **args: str) -> Iterator[list[Node]]:
        """An edge, page by page, to its end; a page may be empty and still not be the last."""
        return self.following(self.page(name, args), name, args)

    def following(self, page: Node, name: str, args: dict[str, str]) -> Iterator[list[Node]]:
        """The same from a first page on that is there already."""
        been: list[dict[str, str]] = []
        while True:
            yield nodes(page.get("data"))
            place = _next_place(page)
            if place is None:
                return
            if place in been or len(been) >= _PAGES_MOST:
                raise NoAnswer(f"{HOST}: its pages have no end")
            been.append(place)
            page = self.page(name, args | place)

    def page(self, name: str, args: dict[str, str]) -> Node:
        """A page of an edge; a smaller one where Facebook finds it too much at once."""
        try:
            return self.get(name, **args)
        except GraphFailure as error:
            smaller = int(args.get("limit", "1")) // 5
            if error.kind is not Kind.TOO_MUCH or not smaller:
                raise
        return self.page(name, args | {"limit": str(smaller)})

    def post(self, name: str, **values: object) -> Node:
        """Write; objects and lists among the values go as JSON."""
        form = {k: v if isinstance(v, str) else json.dumps(v) for k, v in values.items()}
        return self._called(f"{self._sdk.version}/{name}", None, form)

    def _called(self, path: str, args: dict[str, str] | None, form: dict[str, str] | None) -> Node:
        self.usage.status = 0
        with speaking_to(HOST):
            try:
                result: Any = self._sdk.request(path, args, form)
            except GraphAPIError as error:
                raise self._failure(error.result) from None
        if not isinstance(result, dict) or self.usage.status >= 400:
            raise NoAnswer(f"{HOST}: it answers with something that is no object")
        return result

    def _failure(self, result: object) -> ConnectorError:
        status = self.usage.status
        if not isinstance(result, dict) and status != 429:
            return NoAnswer(f"{HOST}: it answers with something else than JSON (status {status})")
        return failure(result, status, self.usage.regain, self.redact)

    def redact(self, said: str) -> str:
        """The same without any of our secrets."""
        for secret in self._secrets:
            said = said.replace(secret, _HIDDEN)
        return said

    def close(self) -> None:
        """Hang up."""
        self._session.close()


def _proof(secret: str, token: str) -> str:
    """https://developers.facebook.com/docs/graph-api/guides/secure-requests."""
    return hmac.new(secret.encode(), token.encode(), hashlib.sha256).hexdigest()


def _next_place(page: Node) -> dict[str, str] | None:
    """Where the next page begins: there is one only if it is linked, whatever the cursors say."""
    link = text(child(page, "paging"), "next")
    if not link:
        return None
    # The link itself is not followed: the token stands in it, and it may lead anywhere.
    place = {k: v for k, v in parse_qsl(urlsplit(link).query) if k in _PLACES}
    if not place:
        raise NoAnswer(f"{HOST}: it links a page that can't be asked for")
    return place
