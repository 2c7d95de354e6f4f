"""What a desk's own configuration makes of a mail: the rules, the windows, the hours."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from connectors.mailbox.mime import Mail
from connectors.mailbox.parsing import Ours, incoming
from connectors.mailbox.settings import EmailSettings
from monitor.config import AccountSettings, Config
from monitor.duration import format_duration
from monitor.errors import ConfigError
from monitor.intake import facts
from monitor.rules import NO_RULE, first_match

_NO_TIME = datetime.fromtimestamp(0, UTC)


@dataclass(frozen=True, slots=True)
class Verdict:
    """The rule that matched (0 where none did) and what follows from it; `expected` in words."""

    account: str
    rule: int
    lead: bool
    tags: tuple[str, ...]
    ignore: str
    expected: str


class Rules:
    """The rules of config.toml as they are applied to one account."""

    def __init__(self, config: Config, account: str | None) -> None:
        self._config = config
        self._account = config.account(account) if account else _first_mailbox(config)

    def verdict(self, mail: Mail) -> Verdict:
        """What the rules decide on the mail, just as when it is polled."""
        account = self._account
        own = account.address if isinstance(account, EmailSettings) else ""
        message = incoming(mail.raw, _NO_TIME, Ours(own, lambda message_id: None))
        rule = first_match(self._config.rules, facts(account.name, message))
        window = rule.window or self._config.window(account, lead=rule.lead)
        hours = f", counted in the hours '{account.hours}'" if account.hours else ""
        expected = f"within {format_duration(window)} of its arrival{hours}"
        number = 0 if rule is NO_RULE else rule.number
        return Verdict(account.name, number, rule.lead, rule.tags, rule.ignore, expected)


def _first_mailbox(config: Config) -> AccountSettings:
    for account in config.accounts:
        if isinstance(account, EmailSettings):
            return account
    raise ConfigError(f"{config.path} has no e-mail account")
