"""The end points of the X API v2 that the sandbox plays, each as a function of a request."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import unquote

from connectors.sandbox.x_json import Json, media_json, message_json, post_json, user_json
from connectors.sandbox.x_world import EPOCH_MS, DirectMessage, Forbidden, Post, User, World

_PROBLEMS = "https://api.twitter.com/2/problems"
_SEARCH_REACH = timedelta(days=7)
_POST_CHARS = 280
_TOKEN_DIGITS = 20


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked: by whom, where, and with what."""

    caller: User
    world: World
    path: Sequence[str]
    query: Mapping[str, str]
    body: Json
    renamed: bool = False
    blank_page: bool = False

    def fields(self, kind: str) -> list[str]:
        """The fields asked for, under the parameter's old name or its new one."""
        names = (f"{kind}.fields", "post.fields") if kind == "tweet" else (f"{kind}.fields",)
        return [f for name in names for f in self.query.get(name, "").split(",") if f]


@dataclass(frozen=True, slots=True)
class Answer:
    """A status and a body: JSON, or text as it stands."""

    status: int
    body: Json | str
    headers: Mapping[str, str] = field(default_factory=dict)


def problem(status: int, title: str, detail: str, kind: str = "") -> Answer:
    """An error as X words them (RFC 7807)."""
    about = f"{_PROBLEMS}/{kind}" if kind else "about:blank"
    return Answer(status, {"title": title, "detail": detail, "type": about, "status": status})


def _forbidden(detail: str) -> Answer:
    return problem(403, "Forbidden", detail)


def _invalid(detail: str) -> Answer:
    return problem(400, "Invalid Request", detail, "invalid-request")


def _mentions(request: Request) -> Answer:
    user = request.world.users.get(request.path[0])
    if user is None:
        return gone("user", "id", request.path[0])
    listed = request.world.mentions(user)[: request.world.mentions_most]
    return _timeline(request, listed, smallest=5)


def _posts_of(request: Request) -> Answer:
    user = request.world.users.get(request.path[0])
    if user is None:
        return gone("user", "id", request.path[0])
    return _timeline(request, request.world.written_by(user), smallest=5)


def _search(request: Request) -> Answer:
    query, since = request.query.get("query", ""), request.query.get("since_id", "")
    reach = request.world.clock() - _SEARCH_REACH
    oldest = (int(reach.timestamp() * 1000) - EPOCH_MS) << 22
    if since and int(since) < oldest:
        return _invalid(f"'since_id' must be a tweet id created after {reach.isoformat()}.")
    if since and "start_time" in request.query:
        return _invalid("'since_id' and 'start_time' can't be used together.")
    if not query or len(query) > 512:
        return _invalid("The length of 'query' must be between 1 and 512.")
    found = [p for p in request.world.search(query) if p.at > reach]
    return _timeline(request, found, smallest=10)


def _timeline(request: Request, posts: Sequence[Post], smallest: int) -> Answer:
    most = int(request.query.get("max_results", "10"))
    if not smallest <= most <= 100:
        return _invalid(f"The `max_results` query parameter value [{most}] is out of range.")
    wanted = _between(request, posts)
    page, token = _page(request, wanted, most)
    fields = request.fields("tweet")
    data = [post_json(p, fields, request.world, renamed=request.renamed) for p in page]
    meta: Json = {"result_count": len(data)}
    if data:
        meta |= {"newest_id": data[0]["id"], "oldest_id": data[-1]["id"]}
    return _listed(data, meta, token, _included(request, page))


def _between(request: Request, posts: Sequence[Post]) -> list[Post]:
    since, until = (int(request.query.get(name, "0")) for name in ("since_id", "until_id"))
    return [p for p in posts if int(p.id) > since and (not until or int(p.id) < until)]


def _page(request: Request, found: Sequence[Any], most: int) -> tuple[Sequence[Any], str]:
    """A page of what is newest first, and the token of the next one; tokens name an id."""
    given = request.query.get("pagination_token") or request.query.get("next_token") or ""
    if given:
        before = int(given)
        found = [item for item in found if int(item.id) < before]
    if request.blank_page and found:
        return [], str(int(found[0].id) + 1).rjust(_TOKEN_DIGITS, "0")
    page = found[:most]
    more = len(found) > most
    return page, page[-1].id.rjust(_TOKEN_DIGITS, "0") if more else ""


def _listed(data: list[Json], meta: Json, token: str, included: Json) -> Answer:
    if token:
        meta["next_token"] = token
    return Answer(200, {"meta": meta} | ({"data": data} if data else {}) | included)


def _included(request: Request, items: Sequence[Post | DirectMessage]) -> Json:
    """The pictures and films of what is listed, where they are asked for."""
    if "attachments.media_keys" not in request.query.get("expansions", "").split(","):
        return {}
    fields = request.fields("media")
    found = [media_json(media, fields) for item in items for media in item.media]
    return {"includes": {"media": found}} if found else {}


def _one_post(request: Request) -> Answer:
    found = _by_any_version(request.world, request.path[0])
    if found is None:
        return gone("tweet", "id", request.path[0])
    fields = request.fields("tweet")
    shown = post_json(found, fields, request.world, renamed=request.renamed)
    return Answer(200, {"data": shown} | _included(request, [found]))


def _by_any_version(world: World, number: str) -> Post | None:
    return next((p for p in list(world.posts.values()) if number in p.versions), None)


def gone(kind: str, parameter: str, value: str) -> Answer:
    """X says so with 200 and nothing but errors."""
    error = {
        "title": "Not Found Error",
        "detail": f"Could not find {kind} with {parameter}: [{value}].",
        "type": f"{_PROBLEMS}/resource-not-found",
        "parameter": parameter,
        "value": value,
        "resource_id": value,
        "resource_type": kind,
    }
    return Answer(200, {"errors": [error]})


def _users(request: Request) -> Answer:
    ids = request.query.get("ids", "").split(",")
    if len(ids) > 100:
        return _invalid("The number of values in `ids` is out of range.")
    known = [user for number in ids if (user := request.world.users.get(number))]
    lost = [number for number in ids if number not in request.world.users]
    return _looked_up("user", [user_json(user) for user in known], lost, {})


def _looked_up(kind: str, data: list[Json], lost: list[str], included: Json) -> Answer:
    """What is there, and an error for each that isn't."""
    answer: Json = {"data": data} | included if data else {}
    if lost:
        answer["errors"] = [gone(kind, "ids", n).body["errors"][0] for n in lost]  # type: ignore[index]
    return Answer(200, answer)


def _some_posts(request: Request) -> Answer:
    ids = request.query.get("ids", "").split(",")
    if len(ids) > 100:
        return _invalid("The number of values in `ids` is out of range.")
    found = {number: _by_any_version(request.world, number) for number in ids}
    fields = request.fields("tweet")
    there = [
        post_json(post, fields, request.world, renamed=request.renamed)
        for post in found.values()
        if post
    ]
    lost = [number for number, post in found.items() if not post]
    included = _included(request, [post for post in found.values() if post])
    return _looked_up("tweet", there, lost, included)


def _me(request: Request) -> Answer:
    more = {"protected": False, "subscription_type": "None"}
    asked = {name: value for name, value in more.items() if name in request.fields("user")}
    return Answer(200, {"data": user_json(request.caller) | asked})


def _create_post(request: Request) -> Answer:
    text = str(request.body.get("text", ""))
    if not text.strip():
        return _invalid("Requires either text or media.")
    if len(text) > _POST_CHARS:
        return _forbidden("Your Tweet text is too long. For more information, see the docs.")
    target = (request.body.get("reply") or {}).get("in_reply_to_tweet_id", "")
    try:
        if target:
            post = request.world.reply_by_program(request.caller, text, target)
        else:
            post = request.world.post(request.caller, text)
    except Forbidden as forbidden:
        return _forbidden(str(forbidden))
    return Answer(201, {"data": {"id": post.id, "text": post.text}})


def _messages(request: Request) -> Answer:
    return _message_list(request, "")


def _messages_with(request: Request) -> Answer:
    return _message_list(request, request.path[0])


def _message_list(request: Request, other: str) -> Answer:
    most = int(request.query.get("max_results", "100"))
    if not 1 <= most <= 100:
        return _invalid(f"The `max_results` query parameter value [{most}] is out of range.")
    page, token = _page(request, request.world.messages_of(request.caller, other), most)
    fields = request.fields("dm_event")
    data = [message_json(message, fields) for message in page]
    return _listed(data, {"result_count": len(data)}, token, _included(request, page))


def _send_message(request: Request) -> Answer:
    recipient = request.world.users.get(request.path[0])
    wrote = request.world.messages_of(request.caller, request.path[0])
    if recipient is None or not wrote:
        return _forbidden("You cannot send messages to this user.")
    message = request.world.message(request.caller, recipient, str(request.body.get("text", "")))
    data = {"dm_conversation_id": message.conversation, "dm_event_id": message.id}
    return Answer(201, {"data": data})


@dataclass(frozen=True, slots=True)
class Route:
    """An end point: how it is called, by what it is answered, and how often in 15 minutes."""

    method: str
    name: str
    answer: Callable[[Request], Answer]
    most: int

    def match(self, method: str, path: str) -> list[str] | None:
        """The values in the path, None where this is not the end point."""
        pattern = re.sub(r"\{\w+\}", "([^/]+)", self.name)
        found = re.fullmatch(pattern, path) if method == self.method else None
        return [unquote(value) for value in found.groups()] if found else None


ROUTES = (
    Route("GET", "/2/users/me", _me, 75),
    Route("GET", "/2/users/{id}/mentions", _mentions, 300),
    Route("GET", "/2/users/{id}/tweets", _posts_of, 900),
    Route("GET", "/2/users", _users, 900),
    Route("GET", "/2/tweets/search/recent", _search, 300),
    Route("GET", "/2/tweets", _some_posts, 900),
    Route("GET", "/2/tweets/{id}", _one_post, 900),
    Route("POST", "/2/tweets", _create_post, 100),
    Route("GET", "/2/dm_events", _messages, 15),
    Route("GET", "/2/dm_conversations/with/{id}/dm_events", _messages_with, 15),
    Route("POST", "/2/dm_conversations/with/{id}/messages", _send_message, 15),
)


def parsed(body: bytes) -> Json:
    """The JSON object of a request, {} where it is none."""
    try:
        value = json.loads(body or b"{}")
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
