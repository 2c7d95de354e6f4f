"""What a check of a page finds out of its token, without reading or writing anything there."""

from __future__ import annotations

import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.facebook.channel import FacebookChannel
from connectors.sandbox.graph import GraphServer
from connectors.sandbox.graph_token import ALL_SCOPES, Permit
from tests.connectors.checks import check, everything, fine, missing, notes, remedies
from tests.connectors.facebook_fixtures import platform as platform
from tests.connectors.facebook_page import APP_SECRET, TOKEN, CommentPlatform, facebook_settings
from tests.connectors.mails import surroundings
from tests.connectors.platforms import SHORT, WRONG
from tests.fakes import START, FakeClock

HOSTILE = "\x1b[2J\u202eevil\n"


@pytest.fixture
def permit(platform: CommentPlatform) -> Permit:
    return platform.server.permit


def test_a_good_token_is_named_in_two_calls_that_are_free(platform: CommentPlatform) -> None:
    checked = check(platform.connect())
    assert checked.ok
    assert checked.who == "Acme (100200300400)"
    assert not checked.cost
    assert [call.path for call in platform.server.asked] == ["me", "debug_token"]
    for said in ("does not end", "v25.0", "3 %", "pages_messaging", "Acme desk (900800700)"):
        assert said in fine(checked)
    assert "Human Agent" in notes(checked)


def test_the_token_of_another_page_is_found_out(platform: CommentPlatform) -> None:
    checked = check(platform.connect(given={"page": "999"}))
    assert missing(checked) == ["the token is not for page 999, but for 100200300400"]
    assert 'page = "100200300400"' in remedies(checked)


@pytest.mark.parametrize(
    "scope", [s for s in ALL_SCOPES if s.startswith("pages_") and "show" not in s]
)
def test_a_missing_permission_is_named_with_what_needs_it(
    platform: CommentPlatform, permit: Permit, scope: str
) -> None:
    permit.scopes = tuple(s for s in ALL_SCOPES if s != scope)
    checked = check(platform.connect())
    assert [scope in said for said in missing(checked)] == [True]
    assert "App Review" in remedies(checked)


def test_a_permission_for_what_is_switched_off_is_not_missed(
    platform: CommentPlatform, permit: Permit
) -> None:
    permit.scopes = tuple(s for s in ALL_SCOPES if s != "pages_messaging")
    checked = check(platform.connect(given={"messages": False}))
    assert checked.ok
    assert "Human Agent" not in notes(checked)


def test_permissions_for_other_pages_only_are_found_out(
    platform: CommentPlatform, permit: Permit
) -> None:
    permit.only = ("5", "6")
    assert all("is for others" in said for said in missing(check(platform.connect())))
    permit.only = ("5", "100200300400")
    assert check(platform.connect()).ok


def test_a_users_token_is_found_out(platform: CommentPlatform, permit: Permit) -> None:
    permit.kind = "USER"
    checked = check(platform.connect())
    assert missing(checked) == ["the token is none of a page's: its type is USER"]
    assert "/me/accounts" in remedies(checked)


@pytest.mark.parametrize(
    ("days", "ok", "said"), [(-1, False, "2026-11-19"), (5, True, "in 5 days")]
)
def test_the_end_of_a_token_is_told(
    platform: CommentPlatform, permit: Permit, days: int, ok: bool, said: str
) -> None:
    permit.ends = START + timedelta(days=days)
    checked = check(platform.connect())
    assert checked.ok == ok
    assert said in everything(checked)


def test_the_end_of_the_access_to_data_is_told(platform: CommentPlatform, permit: Permit) -> None:
    permit.data_ends = START + timedelta(days=60)
    assert "its access to people's data ends on 2027-01-19" in fine(check(platform.connect()))


def test_an_expired_token_is_said_as_a_poll_would_say_it(platform: CommentPlatform) -> None:
    platform.server.expired = True
    checked = check(platform.connect())
    assert ["Session has expired" in said for said in missing(checked)] == [True]
    assert "new page access token" in remedies(checked)


def test_the_app_asks_where_the_token_may_not_ask_about_itself(
    platform: CommentPlatform, permit: Permit
) -> None:
    permit.tells_of_itself = False
    assert check(platform.connect()).ok
    assert [call.path for call in platform.server.asked][-2:] == ["app", "debug_token"]


def test_without_the_apps_secret_it_is_said_that_nothing_is_told(
    tmp_path: Path, clock: FakeClock
) -> None:
    with GraphServer(TOKEN, clock=clock) as server:
        server.permit.tells_of_itself = False
        settings = facebook_settings(tmp_path, server.url, TOKEN, 5, {"app_secret": None})
        checked = check(FacebookChannel().connect(settings, surroundings(clock)))
    assert checked.ok
    assert "You must provide an app access token" in notes(checked)


def test_a_version_that_facebook_does_not_speak_is_told(platform: CommentPlatform) -> None:
    assert "answers as v25.0" in notes(check(platform.connect(given={"version": "v19.0"})))


def test_no_secret_is_shown(platform: CommentPlatform) -> None:
    checked = check(platform.connect(secret=WRONG))
    assert not checked.ok
    assert not [s for s in (TOKEN, APP_SECRET, WRONG) if s in everything(checked)]


def test_a_token_in_facebooks_own_words_is_hidden(
    platform: CommentPlatform, permit: Permit
) -> None:
    permit.changed = {"is_valid": False, "error": {"message": f"Malformed token {TOKEN}"}}
    checked = check(platform.connect())
    assert missing(checked) == ["the token is not valid: Malformed token [hidden]"]


def test_a_silent_facebook_is_given_up_after_the_time_out(platform: CommentPlatform) -> None:
    platform.server.troubles.silent = True
    platform.patience = SHORT
    begun = time.monotonic()
    assert "no answer in time" in missing(check(platform.connect()))[0]
    assert time.monotonic() - begun < 2 * SHORT + 1


@pytest.mark.parametrize(
    "changed",
    [
        {"scopes": "pages_messaging", "granular_scopes": {"a": 1}},
        {"scopes": [5, None, {}], "granular_scopes": [5, {"scope": 5, "target_ids": "all"}]},
        {"expires_at": 10**30, "data_access_expires_at": -(10**30)},
        {"expires_at": "soon", "type": ["PAGE"], "is_valid": "true"},
        {"application": HOSTILE, "app_id": HOSTILE, "error": {"message": 5}},
    ],
)
def test_nonsense_about_a_token_is_survived(
    platform: CommentPlatform, permit: Permit, changed: dict[str, Any]
) -> None:
    permit.changed = changed
    assert check(platform.connect()).findings
