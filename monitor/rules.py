"""The rules of config.toml: which message is a lead, is tagged, or is ignored; first match wins."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

Matcher = Callable[[str], bool]

_LOOKED_AT = 20_000
"""Characters of a text that a rule looks at: a pattern must not meet a megabyte."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """A substring or /regex/, both without regard to case; equal where written alike."""

    text: str
    regex: re.Pattern[str] | None

    def __call__(self, value: str) -> bool:
        value = value[:_LOOKED_AT]
        if self.regex:
            return bool(self.regex.search(value))
        return self.text.casefold() in value.casefold()


def parse_matcher(text: str) -> Pattern:
    """ValueError says where a /regex/ is broken."""
    if len(text) > 1 and text.startswith("/") and text.endswith("/"):
        try:
            return Pattern(text, re.compile(text[1:-1], re.IGNORECASE | re.MULTILINE))
        except re.error as error:
            raise ValueError(f"'{text[:60]}' is not a regular expression: {error}") from None
    return Pattern(text, None)


@dataclass(frozen=True, slots=True)
class Facts:
    """What rules may look at: values by the names that `when` uses."""

    account: str
    sender: str
    to: str
    subject: str
    text: str
    header: str

    def of(self, name: str) -> str:
        return self.sender if name == "from" else str(getattr(self, name))


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: every matcher given must match."""

    number: int
    matchers: Mapping[str, Matcher]
    lead: bool = False
    window: timedelta | None = None
    tags: tuple[str, ...] = ()
    ignore: str = ""

    def matches(self, facts: Facts) -> bool:
        return all(matcher(facts.of(name)) for name, matcher in self.matchers.items())


NO_RULE = Rule(0, {})


def first_match(rules: tuple[Rule, ...], facts: Facts) -> Rule:
    """The rule that decides, `NO_RULE` where none matches."""
    return next((rule for rule in rules if rule.matches(facts)), NO_RULE)
