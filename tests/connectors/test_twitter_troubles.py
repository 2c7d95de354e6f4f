"""What goes wrong at X: what errors mean, limits in headers, slow and strange answers."""

from __future__ import annotations

import time
from collections import Counter

import pytest

from connectors.sandbox.x import NONSENSE
from connectors.sandbox.x_routes import Answer, problem
from monitor.errors import AuthError, ConnectorError, RateLimited
from tests.connectors.desk import SINCE, Desk
from tests.connectors.platforms import SHORT, WRONG
from tests.connectors.x_desk import XPlatform
from tests.connectors.x_fixtures import desk as desk
from tests.connectors.x_fixtures import x as x
from tests.fakes import START

RESET = int(START.timestamp()) + 600


def limited(**left: int) -> Answer:
    """A 429 with headers, underscores for hyphens: what is left, and the end in ten minutes."""
    headers = {name.replace("_", "-"): str(value) for name, value in left.items()}
    headers |= {name.replace("remaining", "reset"): str(RESET) for name in headers}
    return Answer(429, problem(429, "Too Many Requests", "").body, headers)


def failed(x: XPlatform, answer: Answer, path: str = "/2/users/me") -> ConnectorError:
    """How a poll fails at that answer."""
    x.server.faults.plan("GET", path, answer)
    connector = x.connect()
    with pytest.raises(ConnectorError) as caught:
        list(connector.poll(None, START - SINCE))
    connector.close()
    x.exchanges.clear()  # X's document would rightly complain of some
    return caught.value


@pytest.mark.parametrize(
    ("answer", "kind", "said"),
    [
        (problem(400, "Invalid Request", "`query` is wrong"), ConnectorError, "`query` is wrong"),
        (problem(401, "Unauthorized", "Unauthorized"), AuthError, "keys"),
        (problem(402, "Payment Required", "no credit"), RateLimited, "credit"),
        (problem(429, "Cap", "Monthly cap", "usage-capped"), RateLimited, "Monthly cap"),
        (Answer(500, NONSENSE), ConnectorError, "trouble"),
        (Answer(503, "[1, 2]"), ConnectorError, "trouble"),
        (Answer(418, '["tea"]'), ConnectorError, "418"),
        (Answer(400, '{"errors": [1, {"message": 5}]}'), ConnectorError, "400"),
        (Answer(200, NONSENSE), ConnectorError, "JSON"),
        (Answer(200, "[]"), ConnectorError, "something else"),
        (Answer(200, '{"data": []}'), ConnectorError, "who is signed in"),
        (Answer(302, "", {"Location": "https://elsewhere.test/"}), ConnectorError, "not followed"),
    ],
)
def test_each_error_has_its_meaning(
    x: XPlatform, answer: Answer, kind: type[ConnectorError], said: str
) -> None:
    error = failed(x, answer)
    assert isinstance(error, kind)
    assert said in str(error)


def test_no_access_to_a_listing_says_what_x_says(x: XPlatform) -> None:
    answer = problem(403, "Forbidden", "You must use keys from an App attached to a Project.")
    error = failed(x, answer, "/2/users/")
    assert "attached to a Project" in str(error)
    assert error.remedy


@pytest.mark.parametrize(
    "left",
    [
        {"x_rate_limit_remaining": 0},
        {"x_rate_limit_remaining": 7, "x_user_limit_24hour_remaining": 0},
        {"x_app_limit_24hour_remaining": 0},
    ],
)
def test_a_limit_pauses_until_the_time_that_x_names(x: XPlatform, left: dict[str, int]) -> None:
    error = failed(x, limited(**left))
    assert isinstance(error, RateLimited)
    assert error.retry_after == 600


@pytest.mark.parametrize("reset", ["soon", "-5", "9" * 40, ""])
def test_a_limit_that_names_no_time_pauses_shortly(x: XPlatform, reset: str) -> None:
    headers = {"x-rate-limit-remaining": "0", "x-rate-limit-reset": reset}
    error = failed(x, Answer(429, problem(429, "Too Many Requests", "").body, headers))
    assert not error.permanent
    assert error.retry_after is None or error.retry_after <= 60


def test_a_listing_at_its_limit_holds_up_no_other(x: XPlatform, desk: Desk) -> None:
    x.world.post(x.customer(), "acme is down")
    x.mention("hello")
    x.server.faults.plan("GET", f"/2/users/{x.acme.id}/mentions", limited(x_rate_limit_remaining=0))
    batches = x.connect(search="acme").poll(None, START - SINCE)
    found: list[str] = []
    with pytest.raises(RateLimited):
        found.extend(m.text for batch in batches for m in batch.messages)
    assert sorted(found) == ["acme is down", "hello"]


def test_a_poll_never_asks_beyond_a_limit(x: XPlatform, desk: Desk) -> None:
    x.server.limits.most[""] = 3
    for number in range(5):
        x.customer_writes(f"question {number}")
        desk.clock.forward(minutes=1)
        desk.polled()
    desk.clock.forward(minutes=15)
    desk.polled()
    assert desk.texts() == Counter(f"question {number}" for number in range(5))
    assert all(e.answer.status == 200 for e in x.exchanges)


def test_a_trickle_ends_at_the_time_out(x: XPlatform, desk: Desk) -> None:
    x.customer_writes("slow")
    x.server.faults.trickle = 0.05
    x.patience = SHORT
    begun = time.monotonic()
    assert "time" in desk.poll().problem
    assert time.monotonic() - begun < 2 * SHORT + 1


def test_keys_stay_out_of_the_log(x: XPlatform, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    x.customer_writes("hello")
    list(x.connect().poll(None, START - SINCE))
    with pytest.raises(AuthError):
        list(x.connect(secret=WRONG).poll(None, START))
    for secret in (*x.secrets, WRONG):
        assert secret not in caplog.text
