"""Words that every screen and command says alike."""

from __future__ import annotations

import pytest

from monitor import wording
from monitor.health import Health, Status


def status(name: str, state: Health = Health.BLIND, reason: str = "no route") -> Status:
    return Status(name, "email", state, None, reason, "wait", None, None)


@pytest.mark.parametrize(
    ("names", "said"),
    [
        ("a", "a blind: no route"),
        ("ab", "a and b blind: no route"),
        ("abc", "a and 2 more blind: no route"),
    ],
)
def test_accounts_with_one_trouble_are_named_together(names: str, said: str) -> None:
    assert wording.troubles([status(name) for name in names]) == [said]


def test_each_trouble_is_said_and_who_is_well_is_not_named() -> None:
    found = [status("a"), status("b", Health.OK), status("c", Health.SIGNED_OUT, "refused")]
    assert wording.troubles(found) == ["a blind: no route", "c signed out: refused"]


def test_large_numbers_are_easy_to_read() -> None:
    assert wording.number(100_000, lower_bound=True) == "≥ 100,000"
    assert wording.number(4, lower_bound=False) == "4"
