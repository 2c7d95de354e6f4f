"""What a check of an account at X finds out, for the price of one user."""

from __future__ import annotations

import time
from datetime import timedelta
from pathlib import Path

import pytest

from connectors.oauth.tokens import FileTokens, Tokens
from connectors.sandbox.x import NONSENSE
from connectors.sandbox.x_routes import Answer, problem
from connectors.twitter.channel import TwitterChannel
from connectors.twitter.sign_in import client_of
from connectors.twitter.state import State
from monitor.checked import Checked
from monitor.errors import RateLimited
from tests.connectors.checks import check, everything, fine, missing, notes, remedies
from tests.connectors.desk import SINCE, read
from tests.connectors.mails import surroundings
from tests.connectors.platforms import SHORT, WRONG
from tests.connectors.x_desk import XPlatform
from tests.connectors.x_fixtures import x as x
from tests.fakes import START

HOSTILE = "\x1b[2J\u202eevil\n"


def test_a_good_account_is_named_and_costs_one_user(x: XPlatform) -> None:
    checked = check(x.connect(search="acme down", daily_cap=2))
    assert checked.ok
    assert checked.who == f"@acme (Acme Tools, {x.acme.id})"
    assert checked.cost == "$0.01, for one user read"
    assert x.asked == ["GET /2/users/me"]
    for said in (
        "may answer",
        "9 of 512 characters",
        "$0.50",
        "$0.01 of today's $2.00",
        "74 of 75",
    ):
        assert said in fine(checked)


def test_an_app_that_may_only_read_is_found_out(x: XPlatform) -> None:
    x.server.door.level = "read"
    checked = check(x.connect())
    assert "may only read" in missing(checked)[0]
    assert "Read and write" in remedies(checked)


@pytest.mark.parametrize(
    ("level", "lacks"), [("read-write", True), ("read-write-directmessages", False)]
)
def test_direct_messages_need_a_permission_of_their_own(
    x: XPlatform, level: str, lacks: bool
) -> None:
    x.server.door.level = level
    checked = check(x.connect(direct_messages=True))
    assert any("direct messages" in said for said in missing(checked)) == lacks


def test_what_was_spent_today_is_told_from_the_last_poll(x: XPlatform) -> None:
    x.customer_writes("hello")
    x.customer_writes("anybody?")
    connector = x.connect()
    cursor = [batch.cursor for batch in connector.poll(None, START - SINCE)][-1]
    connector.close()
    assert "$0.05 of today's" in fine(check(x.connect(daily_cap=1), cursor))
    assert "spent: it rests" in notes(check(x.connect(daily_cap=0.01), cursor))


@pytest.mark.parametrize("polled_before", [True, False])
def test_what_a_check_costs_is_counted_with_what_polls_cost(
    x: XPlatform, polled_before: bool
) -> None:
    x.customer_writes("hello")
    before = read(x.connect(), None)[1] if polled_before else None
    charged = check(x.connect()).charged
    assert charged
    spent = State.load(before).spent.reads.get("user", 0)
    after = State.load(charged(before))
    assert after.spent.reads["user"] == spent + 1
    assert after.places == State.load(before).places


def test_a_day_whose_money_is_spent_by_checks_is_not_polled(x: XPlatform) -> None:
    charged = check(x.connect()).charged
    assert charged
    with pytest.raises(RateLimited, match="are spent"):
        read(x.connect(daily_cap=0.01), charged(None))


def test_an_account_that_reads_nothing_is_found_out(x: XPlatform) -> None:
    checked = check(x.connect(mentions=False))
    assert missing(checked) == ["nothing is read that customers write"]


def test_long_posts_need_a_subscription(x: XPlatform) -> None:
    assert "X Premium" in missing(check(x.connect(longest=4000)))[0]


def with_tokens(x: XPlatform, folder: Path, scope: str) -> Checked:
    """A check of an account that signs in by OAuth 2.0, and was granted this."""
    none = dict.fromkeys(["consumer_key", "consumer_secret", "access_token", "access_token_secret"])
    oauth = {"client_id": "replyby", "tokens": "file:kept"}
    settings = x.settings(**none, oauth=oauth, direct_messages=True)
    access, refresh = x.server.door.give_tokens(x.acme)
    ends, source = START + timedelta(hours=2), client_of(settings).source
    FileTokens(folder / "kept").save(Tokens(access, refresh, ends, source, scope=scope))
    return check(TwitterChannel().connect(settings, surroundings(lambda: START)))


def test_tokens_that_are_good_for_all_of_it_are_told(x: XPlatform, tmp_path: Path) -> None:
    scope = "users.read tweet.read tweet.write dm.read dm.write offline.access"
    checked = with_tokens(x, tmp_path, scope)
    assert checked.ok
    assert "ends in 2h, and is renewed by itself" in fine(checked)
    assert "good for tweet.read, tweet.write" in fine(checked)


def test_a_scope_that_was_not_agreed_to_is_missing(x: XPlatform, tmp_path: Path) -> None:
    checked = with_tokens(x, tmp_path, "users.read tweet.read tweet.write offline.access")
    assert missing(checked) == ["its token is not good for dm.read, dm.write"]
    assert "replyby login support" in remedies(checked)


def test_scopes_that_were_not_kept_are_a_note(x: XPlatform, tmp_path: Path) -> None:
    checked = with_tokens(x, tmp_path, "")
    assert checked.ok
    assert "covers direct messages is not known" in notes(checked)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (problem(402, "Payment Required", "no credit"), "credit"),
        (problem(403, "Forbidden", "attach the App to a Project"), "attach the App to a Project"),
        (Answer(200, NONSENSE), "JSON"),
        (Answer(200, '{"data": {"id": "../1"}}'), "who is signed in"),
        (Answer(503, "[1, 2]"), "trouble"),
    ],
)
def test_a_failure_is_one_sentence(x: XPlatform, answer: Answer, said: str) -> None:
    x.server.faults.plan("GET", "/2/users/me", answer)
    checked = check(x.connect())
    x.exchanges.clear()  # X's document would rightly complain of some
    assert said in missing(checked)[0]
    assert not checked.who
    assert not checked.cost


def test_wrong_keys_are_said_and_not_shown(x: XPlatform) -> None:
    checked = check(x.connect(secret=WRONG))
    assert "(401)" in missing(checked)[0]
    assert not [secret for secret in (*x.secrets, WRONG) if secret in everything(checked)]


def test_a_wrong_clock_is_told_even_where_the_keys_are_refused(x: XPlatform) -> None:
    x.server.world.clock = lambda: START + timedelta(hours=1)
    checked = check(x.connect(secret=WRONG))
    assert checked.ahead == timedelta(hours=1)


def test_a_silent_x_is_given_up_after_the_time_out(x: XPlatform) -> None:
    x.server.faults.silent = True
    x.patience = SHORT
    begun = time.monotonic()
    assert "no answer in time" in missing(check(x.connect()))[0]
    assert time.monotonic() - begun < 2 * SHORT + 1


def test_a_hostile_name_is_taken_as_it_is(x: XPlatform) -> None:
    body = {"data": {"id": "7", "username": HOSTILE, "name": 5, "protected": "yes"}}
    headers = {"x-access-level": "\x1b]0;x\x07", "x-rate-limit-remaining": "\u00b2", "date": "soon"}
    x.server.faults.plan("GET", "/2/users/me", Answer(200, body, headers))
    checked = check(x.connect())
    x.exchanges.clear()
    assert checked.who.startswith(f"@{HOSTILE}")
    assert len(missing(checked)) == 1
