"""X as the sandbox plays it: who may call, what its rules forbid, and what a second client sees."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import oauthlib.oauth1
import pytest
import requests

from connectors.sandbox.x import XServer
from connectors.sandbox.x_auth import Keys
from connectors.sandbox.x_world import DELETED, DUPLICATE, NOT_MENTIONED, User
from tests.fakes import START, FakeClock

REAL = "https://api.twitter.com"


@pytest.fixture
def server(clock: FakeClock) -> Iterator[XServer]:
    with XServer(clock) as server:
        yield server


@pytest.fixture
def acme(server: XServer) -> User:
    return server.world.add_user("acme", "Acme Tools")


@pytest.fixture
def mira(server: XServer) -> User:
    return server.world.add_user("mira", "Mira")


def signed(keys: Keys, method: str, url: str) -> dict[str, str]:
    """The header of a request, signed by another library than any of ours."""
    client = oauthlib.oauth1.Client(
        keys.consumer_key, keys.consumer_secret, keys.access_token, keys.access_token_secret
    )
    return dict(client.sign(url, method)[1])


def bearer(server: XServer, user: User) -> dict[str, str]:
    return {"Authorization": f"Bearer {server.door.give_tokens(user)[0]}"}


def get(server: XServer, path: str, headers: dict[str, str]) -> requests.Response:
    return requests.get(server.url + path, headers=headers, timeout=5)


def reply(server: XServer, user: User, text: str, to: str) -> requests.Response:
    body: dict[str, Any] = {"text": text, "reply": {"in_reply_to_tweet_id": to}}
    headers = bearer(server, user)
    return requests.post(f"{server.url}/2/tweets", json=body, headers=headers, timeout=5)


def test_a_signature_for_the_real_host_lets_in(server: XServer, acme: User) -> None:
    path = "/2/users?ids=7000000000%2C12&user.fields=name%20%C3%A4"
    headers = signed(server.door.give_keys(acme), "GET", REAL + path)
    assert get(server, path, headers).json()["data"] == [
        {"id": acme.id, "name": "Acme Tools", "username": "acme"}
    ]


def test_a_signature_counts_once(server: XServer, acme: User) -> None:
    headers = signed(server.door.give_keys(acme), "GET", f"{REAL}/2/users/me")
    assert [get(server, "/2/users/me", headers).status_code for _ in range(2)] == [200, 401]


@pytest.mark.parametrize(
    ("method", "url"),
    [
        ("GET", "http://127.0.0.1/2/users/me"),
        ("POST", f"{REAL}/2/users/me"),
        ("GET", f"{REAL}/2/users"),
        ("GET", f"{REAL}/2/users/me?user.fields=name"),
    ],
)
def test_a_signature_for_something_else_lets_nobody_in(
    server: XServer, acme: User, method: str, url: str
) -> None:
    headers = signed(server.door.give_keys(acme), method, url)
    assert get(server, "/2/users/me", headers).status_code == 401


def test_keys_that_do_not_belong_together_let_nobody_in(
    server: XServer, acme: User, mira: User
) -> None:
    one, other = server.door.give_keys(acme), server.door.give_keys(mira)
    mixed = Keys(one.consumer_key, one.consumer_secret, other.access_token, one.access_token_secret)
    headers = signed(mixed, "GET", f"{REAL}/2/users/me")
    assert get(server, "/2/users/me", headers).status_code == 401


def test_a_refresh_token_is_good_for_once(server: XServer, acme: User) -> None:
    _, refresh = server.door.give_tokens(acme)
    server.door.clients["public"] = ""
    form = {"grant_type": "refresh_token", "refresh_token": refresh, "client_id": "public"}
    url = f"{server.url}/2/oauth2/token"
    first, second = (requests.post(url, data=form, timeout=5) for _ in range(2))
    assert (first.status_code, second.status_code) == (200, 400)
    headers = {"Authorization": f"Bearer {first.json()['access_token']}"}
    assert get(server, "/2/users/me", headers).json()["data"]["username"] == "acme"


def test_programs_answer_only_who_mentioned_them(server: XServer, acme: User, mira: User) -> None:
    silent = server.world.post(mira, "are acme's links broken?")
    loud = server.world.post(mira, "@Acme are your links broken?")
    quote = server.world.post(mira, "look", quotes=server.world.post(acme, "All is well"))
    assert reply(server, acme, "no", silent.id).json()["detail"] == NOT_MENTIONED
    assert reply(server, acme, "no", loud.id).status_code == 201
    assert reply(server, acme, "yes", quote.id).status_code == 201
    assert reply(server, acme, "no", "123").json()["detail"] == DELETED


def test_the_same_words_twice_are_a_duplicate(server: XServer, acme: User, mira: User) -> None:
    post = server.world.post(mira, "@acme hello")
    assert reply(server, acme, "hi", post.id).status_code == 201
    assert reply(server, acme, "hi", post.id).json()["detail"] == DUPLICATE


def test_limits_count_down_and_begin_anew(server: XServer, acme: User, clock: FakeClock) -> None:
    server.limits.most["GET /2/users/me"] = 2
    headers = bearer(server, acme)
    answers = [get(server, "/2/users/me", headers) for _ in range(3)]
    left = [a.headers["x-rate-limit-remaining"] for a in answers]
    assert ([a.status_code for a in answers], left) == ([200, 200, 429], ["1", "0", "0"])
    assert 0 < int(answers[0].headers["x-rate-limit-reset"]) - START.timestamp() <= 900
    clock.forward(minutes=15)
    assert get(server, "/2/users/me", headers).status_code == 200


def test_ids_hold_the_moment_and_are_never_equal(server: XServer, mira: User) -> None:
    early = server.world.post(mira, "early", at=START - timedelta(hours=1))
    same = [server.world.post(mira, "now", at=START) for _ in range(3)]
    ids = [int(post.id) for post in (early, *same)]
    assert ids == sorted(set(ids))


def second_client(server: XServer, user: User) -> Any:
    """X's own client library, which nobody here wrote."""
    xdk = pytest.importorskip("xdk", reason="the second client (xdk) is not installed")
    token = bearer(server, user)["Authorization"].removeprefix("Bearer ")
    return xdk.Client(base_url=server.url, bearer_token=token, access_token=token)


def test_a_second_client_reads_the_same(server: XServer, acme: User, mira: User) -> None:
    texts = [f"@acme question {number}" for number in range(12)]
    for text in texts:
        server.world.post(mira, text)
    client = second_client(server, acme)
    pages = client.users.get_mentions(acme.id, max_results=5)
    read = [post.text for page in pages for post in page.data or ()]
    assert sorted(read) == sorted(texts)


def test_a_second_client_learns_who_it_is(server: XServer, acme: User) -> None:
    fields = ["protected", "subscription_type"]
    told = second_client(server, acme).users.get_me(user_fields=fields).data
    assert (told.id, told.username) == (acme.id, "acme")
    assert (told.protected, told.subscription_type) == (False, "None")


def test_what_a_program_may_do_stands_in_a_header_where_it_signs(
    server: XServer, acme: User
) -> None:
    server.door.level = "read"
    headers = signed(server.door.give_keys(acme), "GET", f"{REAL}/2/users/me")
    assert get(server, "/2/users/me", headers).headers["x-access-level"] == "read"
    assert "x-access-level" not in get(server, "/2/users/me", bearer(server, acme)).headers
