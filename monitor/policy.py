"""An account's clock: which rule meets a message, how long its sender may wait, and until when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.rules import Facts, Rule, first_match
from monitor.windows import Hours, due


@dataclass(frozen=True, slots=True)
class Policy:
    """Everything of config.toml that decides when a message of one account is due."""

    account: str
    window: timedelta
    lead_window: timedelta
    hours: Hours | None
    rules: tuple[Rule, ...]
    fingerprint: str = ""

    def rule(self, facts: Facts) -> Rule:
        """The first rule that matches."""
        return first_match(self.rules, facts)

    def window_of(self, rule: Rule) -> timedelta:
        """The rule's own window, else the lead's or the channel's."""
        return rule.window or (self.lead_window if rule.lead else self.window)

    def reply_by(self, at: datetime, window: timedelta) -> datetime:
        """When something that arrived at `at` is due."""
        return due(at, window, self.hours)
