"""How tokens are got: the device's code, the browser that comes back, and who may interfere."""

from __future__ import annotations

import socket
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from connectors.oauth import browser, device
from connectors.oauth.grant import Client, tokens_in
from connectors.oauth.post import Answer, Way
from connectors.oauth.providers import PROVIDERS, Provider
from connectors.oauth.tokens import Tokens
from monitor.errors import AuthError, ConnectorError
from monitor.secret import Secret
from tests.fakes import START, FakeClock
from tests.servers.oauth import CLIENT, CLIENT_SECRET, OAuthServer

SOON = timedelta(seconds=10)


@pytest.fixture
def provider() -> Iterator[OAuthServer]:
    with OAuthServer() as server:
        server.user = "help@desk.test"
        yield server


@pytest.fixture
def client(provider: OAuthServer, tmp_path: Path) -> Client:
    (tmp_path / "secret").write_text(CLIENT_SECRET)
    token, authorize, dev = (f"{provider.url}/{n}" for n in ("token", "authorize", "device"))
    secret = Secret("file:secret", tmp_path)
    return Client(
        Provider(token, authorize, dev, ("mail", "more")), CLIENT, secret, Way(timedelta(seconds=5))
    )


# Any answer

LIFE = {
    "as said": (1800, 1800),
    "as text": ("1800", 1800),
    "missing": (None, 3600),
    "none": (0, 3600),
    "below": (-5, 3600),
    "nonsense": ("soon", 3600),
    "true": (True, 3600),
    "for ever": (10**9, 30 * 86400),
    "beyond": (10**30, 3600),
}


@pytest.mark.parametrize(("said", "seconds"), LIFE.values(), ids=LIFE)
def test_a_token_ends_when_its_answer_says_or_in_an_hour(
    client: Client, said: object, seconds: int
) -> None:
    fields = {"access_token": "a", "token_type": "bearer", "expires_in": said}
    tokens = tokens_in(client, Answer(200, fields), START)
    assert tokens.ends - START == timedelta(seconds=seconds)


# By device


class Person:
    """Lets time pass for the device, and does what a test wants after so many seconds."""

    def __init__(self, clock: FakeClock) -> None:
        self.clock = clock
        self.waits: list[float] = []
        self.then: dict[int, Callable[[], None]] = {}

    def wait(self, seconds: float) -> None:
        self.clock.forward(seconds=seconds)
        self.waits.append(seconds)
        self.then.get(len(self.waits), lambda: None)()


@pytest.fixture
def person(clock: FakeClock) -> Person:
    return Person(clock)


def by_device(client: Client, person: Person) -> Tokens:
    code = device.begin(client, person.clock())
    assert (code.user_code, urlsplit(code.address).path) == ("WDJB-MJHT", "/activate")
    return device.finish(client, code, person.clock, person.wait, lambda left: None)


def answers(provider: OAuthServer, agreed: bool | None) -> None:
    for grant in provider.devices.values():
        grant.agreed = agreed


def test_a_device_gets_tokens_once_the_person_agrees(
    provider: OAuthServer, client: Client, person: Person
) -> None:
    provider.interval = 3
    person.then = {
        1: lambda: answers(provider, None),
        3: lambda: answers(provider, True),
    }
    tokens = by_device(client, person)
    assert person.waits == [3, 3, 3]
    assert tokens.ends == person.clock() + timedelta(hours=1)
    assert provider.access[tokens.access] == "help@desk.test"


def test_a_device_without_an_interval_asks_every_five_seconds(
    provider: OAuthServer, client: Client, person: Person
) -> None:
    provider.interval = None
    by_device(client, person)
    assert person.waits == [5]


def test_slow_down_adds_five_seconds_for_good(
    provider: OAuthServer, client: Client, person: Person
) -> None:
    provider.interval = 5
    pending, slow = (400, {"error": "authorization_pending"}), (400, {"error": "slow_down"})
    provider.faults += [pending, slow, pending, slow]
    by_device(client, person)
    assert person.waits == [5, 5, 10, 10, 15]


def test_a_provider_in_trouble_is_asked_again_more_slowly(
    provider: OAuthServer, client: Client, person: Person
) -> None:
    provider.interval = 5
    provider.faults += [(503, {}), (500, b"<html>"), (200, b"\xff")]
    with pytest.raises(ConnectorError, match="no token"):
        by_device(client, person)
    assert person.waits == [5, 10, 20]


REFUSALS = {
    "denied": ({"error": "access_denied"}, "refused in the browser"),
    "declined, as Microsoft says": ({"error": "authorization_declined"}, "refused in the browser"),
    "ended": ({"error": "expired_token"}, "the code has ended"),
    "an unknown code": ({"error": "invalid_grant"}, "invalid_grant"),
    "a wrong client": ({"error": "unauthorized_client"}, "unauthorized_client"),
}


@pytest.mark.parametrize(("answer", "said"), REFUSALS.values(), ids=REFUSALS)
def test_a_device_that_is_refused_stops_asking(
    provider: OAuthServer, client: Client, person: Person, answer: object, said: str
) -> None:
    provider.faults.append((400, answer))
    with pytest.raises(AuthError, match=said):
        by_device(client, person)
    assert len(provider.asked) == 1


def test_a_code_that_nobody_types_ends(
    provider: OAuthServer, client: Client, person: Person
) -> None:
    provider.interval = 50
    person.then = {1: lambda: answers(provider, None)}
    with pytest.raises(AuthError, match="the code has ended"):
        by_device(client, person)
    assert sum(person.waits) == 600


# By browser


def visit(address: str) -> int:
    """Open an address as a browser does, redirections and all; the status of the last page."""
    try:
        with urllib.request.urlopen(address, timeout=5) as page:
            assert CLIENT_SECRET not in page.read().decode()
            return int(page.status)
    except urllib.error.HTTPError as error:
        return error.code


def test_the_browser_brings_tokens(provider: OAuthServer, client: Client, clock: FakeClock) -> None:
    with browser.listening(client) as attempt:
        assert visit(attempt.address) == 200
        tokens = browser.finish(client, attempt, clock, SOON)
    assert provider.access[tokens.access] == "help@desk.test"
    asked = parse_qs(urlsplit(attempt.address).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert attempt.verifier not in attempt.address


def test_a_code_is_worth_nothing_without_the_verifier(
    provider: OAuthServer, client: Client, clock: FakeClock
) -> None:
    with browser.listening(client) as attempt, browser.listening(client) as another:
        code = parse_qs(urlsplit(provider.authorize(_query(another.address))).query)["code"][0]
        assert visit(f"{attempt.redirect}/?code={code}&state={attempt.state}") == 200
        with pytest.raises(AuthError, match="invalid_grant"):
            browser.finish(client, attempt, clock, SOON)


def _query(address: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


@pytest.mark.parametrize(
    "path",
    ["/?code=theirs", "/?code=theirs&state=x", "/?code=theirs&state=%ff", "/?error=access_denied",
     "/favicon.ico", "/elsewhere?code=theirs&state={state}", "//?%00"],
)  # fmt: skip
def test_what_does_not_bear_the_state_is_passed_over(
    client: Client, clock: FakeClock, path: str
) -> None:
    with browser.listening(client) as attempt:
        assert visit(attempt.redirect + path.format(state=attempt.state)) == 404
        assert visit(attempt.address) == 200
        assert browser.finish(client, attempt, clock, SOON).access


def test_a_browser_that_says_nothing_is_in_nobodys_way(client: Client, clock: FakeClock) -> None:
    with browser.listening(client) as attempt:
        where = urlsplit(attempt.redirect)
        with socket.create_connection(("127.0.0.1", where.port or 0), timeout=5):
            assert visit(attempt.address) == 200
            assert browser.finish(client, attempt, clock, SOON).access


def test_a_refusal_in_the_browser_is_said(
    provider: OAuthServer, client: Client, clock: FakeClock
) -> None:
    with browser.listening(client) as attempt:
        visit(f"{attempt.redirect}/?error=access_denied&state={attempt.state}")
        with pytest.raises(AuthError, match="refused in the browser"):
            browser.finish(client, attempt, clock, SOON)
    assert provider.asked == []


def test_nobody_who_comes_back_is_waited_for_in_vain(client: Client, clock: FakeClock) -> None:
    with browser.listening(client) as attempt, pytest.raises(AuthError, match="nobody came back"):
        browser.finish(client, attempt, clock, timedelta(seconds=0.1))


def test_only_this_machine_can_come_back(client: Client) -> None:
    with browser.listening(client) as attempt:
        port = urlsplit(attempt.redirect).port or 0
        with pytest.raises(OSError, match="refused"):
            socket.create_connection(("127.0.0.2", port), timeout=5)


def test_a_port_in_use_is_said(client: Client) -> None:
    with browser.listening(client) as attempt:
        port = urlsplit(attempt.redirect).port or 0
        with (
            pytest.raises(ConnectorError, match="can't listen on 127"),
            browser.listening(client, port),
        ):
            pass


# The known providers


@pytest.mark.parametrize("name", PROVIDERS)
def test_a_known_provider_is_reached_encrypted_and_gives_something_to_renew(name: str) -> None:
    known = PROVIDERS[name].at_tenant("acme.example")
    ends = [known.token_url, known.authorization_url, known.device_url]
    assert all(end.startswith("https://") and "{" not in end for end in ends if end)
    assert known.extra.get("access_type") == "offline" or "offline_access" in known.scopes
