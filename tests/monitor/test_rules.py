"""Rules: substrings and patterns, all that are given, the first that matches."""

from __future__ import annotations

from dataclasses import replace
from time import process_time

import pytest

from monitor.rules import NO_RULE, Facts, Rule, first_match, parse_matcher

FACTS = Facts(
    account="support",
    sender="Ann Example <ann@customer.test>",
    to="sales@acme.example, support@acme.example",
    subject="Pricing for the Straße",
    text="hello\nplease send a quote",
    header="List-Id: <x>\nX-Spam: no",
)


def rule(number: int, **when: str) -> Rule:
    """A rule whose `from` is spelt `sender`."""
    names = {"sender": "from"}
    return Rule(number, {names.get(k, k): parse_matcher(v) for k, v in when.items()})


@pytest.mark.parametrize(
    "when",
    [
        {"account": "support"},
        {"sender": "ANN@customer"},
        {"sender": "ann example"},
        {"to": "sales@"},
        {"to": "support@"},
        {"subject": "STRASSE"},
        {"subject": "/^pricing/"},
        {"text": "/^please.*QUOTE$/"},
        {"header": "/^x-spam: no$/"},
        {"header": "list-id"},
        {"to": "sales@", "subject": "/quote|pricing/"},
        {},
    ],
)
def test_a_rule_matches_when_all_of_it_does(when: dict[str, str]) -> None:
    assert rule(1, **when).matches(FACTS)


@pytest.mark.parametrize(
    "when",
    [
        {"account": "sales"},
        {"sender": "bob"},
        {"subject": "/^for/"},
        {"to": "sales@", "subject": "/quote/"},
        {"subject": "a.*b"},
    ],
)
def test_a_rule_does_not_match_by_half(when: dict[str, str]) -> None:
    assert not rule(1, **when).matches(FACTS)


def test_the_first_rule_that_matches_wins() -> None:
    rules = (rule(1, to="nobody@"), rule(2, to="sales@"), rule(3, to="support@"))
    assert first_match(rules, FACTS).number == 2


def test_where_none_matches_nothing_is_decided() -> None:
    assert first_match((rule(1, to="nobody@"),), FACTS) is NO_RULE
    assert first_match((), FACTS) is NO_RULE


def test_a_single_slash_is_a_substring() -> None:
    assert parse_matcher("/")("a/b")
    assert not parse_matcher("/a")("a")
    assert parse_matcher("a+b")("1 A+B 2")


@pytest.mark.parametrize("text", ["/(/", "/[a/", "/*a/", "/(?P<a/"])
def test_a_broken_pattern_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a regular expression"):
        parse_matcher(text)


def test_matchers_written_alike_are_equal() -> None:
    assert parse_matcher("/a|b/") == parse_matcher("/a|b/")
    assert parse_matcher("/a|b/") != parse_matcher("a|b")


def test_a_megabyte_is_not_searched_whole() -> None:
    long = replace(FACTS, text="x" * 2_000_000 + "quote")
    began = process_time()
    assert not rule(1, text="/quo?te/").matches(long)
    assert not rule(1, text="quote").matches(long)
    assert process_time() - began < 1
