"""The typed model of config.toml: unknown keys refused, every error with its place."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, ClassVar, TypeVar, get_args
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, ValidationError, field_validator

from monitor.calendars import HoursSection, build_hours, holiday_calendar
from monitor.canned import CannedSection
from monitor.clean import shown
from monitor.errors import ConfigError
from monitor.people import Person, check_people, person_name
from monitor.rules import Matcher, Rule, parse_matcher
from monitor.settings import Duration, SecretRef, Section, Zone, account_name
from monitor.terminal import TerminalSection
from monitor.views import ViewSection
from monitor.windows import Hours

LEAD = "lead"
LEAD_WINDOW = timedelta(minutes=15)
_DATABASE = re.compile(r"sqlite:///.+|postgres(?:ql)?://[^\s]*", re.DOTALL)
_WITH_PASSWORD = re.compile(r"//[^/?#]*:[^/?#]*@|[?&](?:password|passfile)=", re.IGNORECASE)


M = TypeVar("M", bound=Section)


class Desk(Section):
    """`[desk]`: who we are, and where things are kept; `me` is whoever sits here without --as."""

    name: str = "Support"
    timezone: Zone = "UTC"
    database: str = "sqlite:///replyby.db"
    signing_key: SecretRef | None = None
    me: Annotated[str, AfterValidator(person_name)] | None = None

    @field_validator("database")
    @classmethod
    def _url(cls, url: str) -> str:
        if _WITH_PASSWORD.search(url):
            raise ValueError(
                "a password can't stand here; PostgreSQL reads it from ~/.pgpass or PGPASSWORD"
            )
        if not _DATABASE.fullmatch(url):
            raise ValueError("starts with sqlite:/// or postgresql://")
        return url


class AccountSettings(Section):
    """`[[accounts]]`: what every channel has; a connector's model adds its own.

    `usual_window` is how long a customer may wait there where nothing is said of it.
    """

    usual_window: ClassVar[timedelta] = timedelta(hours=6)

    name: Annotated[str, AfterValidator(account_name)]
    channel: str
    hours: str = ""
    every: Duration = timedelta(minutes=1)
    since: Duration = timedelta(days=7)
    windows: dict[str, Duration] = Field(default_factory=dict)


class When(Section):
    """`when` of a rule: each is a substring or /regex/, and all that are given must match."""

    account: str = ""
    sender: str = Field("", alias="from")
    to: str = ""
    subject: str = ""
    text: str = ""
    header: str = ""

    @field_validator("*")
    @classmethod
    def _pattern(cls, value: str) -> str:
        parse_matcher(value)
        return value


class Then(Section):
    """`then` of a rule."""

    lead: bool = False
    window: Duration | None = None
    tags: tuple[str, ...] = ()
    ignore: str = ""


class RuleSection(Section):
    """`[[rules]]`: the first that matches wins."""

    when: When = Field(default_factory=lambda: When.model_validate({}))
    then: Then


class File(Section):
    """The whole file, its accounts still untyped: each channel brings its own model."""

    desk: Desk = Desk()
    windows: dict[str, Duration] = Field(default_factory=dict)
    hours: dict[str, HoursSection] = Field(default_factory=dict)
    accounts: tuple[dict[str, Any], ...] = ()
    rules: tuple[RuleSection, ...] = ()
    people: tuple[Person, ...] = ()
    terminal: TerminalSection = TerminalSection()
    canned: CannedSection = CannedSection()
    views: dict[str, ViewSection] = Field(default_factory=dict)
    keys: dict[str, str | tuple[str, ...]] = Field(default_factory=dict)


class Config:
    """config.toml, read and checked: settings by account, and the clock of each."""

    def __init__(self, path: Path, file: File, accounts: tuple[AccountSettings, ...]) -> None:
        self.path = path
        self.desk = file.desk
        self.views = file.views
        self.keys = file.keys
        self.accounts = accounts
        self.canned = file.canned
        self._windows = file.windows
        self._sections = file.hours
        self._hours: dict[str, Hours] = {}
        self.rules = tuple(_rule(number, rule) for number, rule in enumerate(file.rules, 1))
        self.persons = file.people
        self.terminal = file.terminal

    @property
    def people(self) -> tuple[str, ...]:
        """The names of all who work here; none where the file doesn't say."""
        return tuple(person.name for person in self.persons)

    def account(self, name: str) -> AccountSettings:
        """The account's settings; ConfigError names those there are."""
        for settings in self.accounts:
            if settings.name == name:
                return settings
        raise ConfigError(_unknown("account", name, [a.name for a in self.accounts], self.path))

    def hours(self, account: AccountSettings) -> Hours | None:
        """The account's business hours, None where its clock never stops."""
        if not account.hours:
            return None
        if account.hours not in self._hours:
            section = self._sections[account.hours]
            zone = ZoneInfo(section.timezone or self.desk.timezone)
            self._hours[account.hours] = build_hours(account.hours, section, zone)
        return self._hours[account.hours]

    def window(self, account: AccountSettings, *, lead: bool = False) -> timedelta:
        """How long a customer may wait for an answer there: by the account, else by the desk."""
        key, usual = (LEAD, LEAD_WINDOW) if lead else (account.channel, account.usual_window)
        return account.windows.get(key) or self._windows.get(key) or usual

    def check_holidays(self) -> None:
        """ConfigError where some hours name a region that has no holidays."""
        for name, section in self._sections.items():
            try:
                if section.holidays:
                    holiday_calendar(section.holidays)
            except ValueError as error:
                raise ConfigError(f"{self.path}, [hours.{name}]: key 'holidays': {error}") from None

    def fingerprint(self, account: AccountSettings) -> str:
        """Changes whenever anything changes that moves a reply-by time of the account."""
        hours = self._sections.get(account.hours)
        zone = (hours and hours.timezone) or self.desk.timezone
        parts = [self.window(account), self.window(account, lead=True), hours, zone, self.rules]
        return repr(parts)


def load_config(path: Path, models: Mapping[str, type[AccountSettings]]) -> Config:
    """Read and check the file; `models` holds each installed channel's own settings."""
    return parse_config(_read(path), path, models)


def parse_config(text: str, path: Path, models: Mapping[str, type[AccountSettings]]) -> Config:
    """As `load_config`, from text; `path` is where relative paths start and errors point to."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: {_without_value(str(error))}") from None
    except (ValueError, RecursionError):
        raise ConfigError(f"{path}: a number too long or too many brackets to be read") from None
    context = {"base": path.absolute().parent}
    file = _validate(File, data, str(path), context)
    _check_windows(file.windows, f"{path}, [windows]", models)
    accounts = tuple(
        _account(number, raw, path, models, context) for number, raw in enumerate(file.accounts, 1)
    )
    _check_accounts(accounts, file, path, models)
    _check_hours(file, path)
    _check_people(file, path)
    return Config(path, file, accounts)


def _rule(number: int, section: RuleSection) -> Rule:
    when, then = section.when, section.then
    given = {
        "account": when.account, "from": when.sender, "to": when.to,
        "subject": when.subject, "text": when.text, "header": when.header,
    }  # fmt: skip
    matchers: dict[str, Matcher] = {k: parse_matcher(v) for k, v in given.items() if v}
    return Rule(number, matchers, then.lead, then.window, then.tags, then.ignore)


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig")
    except OSError as error:
        raise ConfigError(f"can't read {path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{path} is not UTF-8 text") from None


def _account(
    number: int,
    raw: Mapping[str, Any],
    path: Path,
    models: Mapping[str, type[AccountSettings]],
    context: dict[str, Any],
) -> AccountSettings:
    name = raw.get("name")
    place = f"{path}, [[accounts]] " + (
        f"'{name}'" if isinstance(name, str) else f"number {number}"
    )
    channel = raw.get("channel")
    if not isinstance(channel, str):
        raise ConfigError(f"{place}: key 'channel' is missing; one of: {', '.join(models)}")
    if channel not in models:
        raise ConfigError(_unknown("channel", channel, list(models), place))
    return _validate(models[channel], raw, place, context)


def _check_accounts(
    accounts: tuple[AccountSettings, ...],
    file: File,
    path: Path,
    models: Mapping[str, type[AccountSettings]],
) -> None:
    seen: set[str] = set()
    for account in accounts:
        place = f"{path}, [[accounts]] '{account.name}'"
        if account.name in seen:
            raise ConfigError(f"{place}: there are two accounts of this name; rename one")
        seen.add(account.name)
        if account.hours and account.hours not in file.hours:
            raise ConfigError(f"{place}: " + _unknown_hours(account.hours, file))
        _check_windows(account.windows, f"{place}, key 'windows'", models)


def _unknown_hours(name: str, file: File) -> str:
    if not file.hours:
        return f"hours {shown(name)}: there is no section [hours.NAME] yet"
    return _unknown("hours", name, list(file.hours), "key 'hours'")


def _check_windows(
    windows: Mapping[str, Any], place: str, models: Mapping[str, type[AccountSettings]]
) -> None:
    known = [*models, LEAD]
    for key in windows:
        if key not in known:
            raise ConfigError(_unknown("key", key, known, place))


def _check_hours(file: File, path: Path) -> None:
    for name, section in file.hours.items():
        try:
            build_hours(name, section, ZoneInfo(section.timezone or file.desk.timezone))
        except ConfigError as error:
            raise ConfigError(f"{path}, [hours.{name}]: {error}") from None


def _check_people(file: File, path: Path) -> None:
    try:
        check_people(file.people, file.desk.me or "")
    except ValueError as error:
        raise ConfigError(f"{path}, [[people]]: {error}") from None


def _validate(model: type[M], data: Mapping[str, Any], place: str, context: dict[str, Any]) -> M:
    try:
        return model.model_validate(data, context=context)
    except ValidationError as error:
        raise ConfigError("\n".join(_complaints(error, model, place))) from None


def _complaints(error: ValidationError, model: type[Section], place: str) -> Iterator[str]:
    for problem in error.errors(include_url=False, include_input=False, include_context=False):
        where = [str(part) for part in problem["loc"]]
        if problem["type"] == "extra_forbidden":
            known = _known_keys(model, where[:-1])
            yield _unknown("key", where[-1], known, _section(place, where[:-1]))
        elif problem["type"] == "missing":
            yield f"{_section(place, where[:-1])}: key '{where[-1]}' is missing"
        else:
            message = _PLAIN_WORDS.get(problem["type"]) or problem["msg"]
            message = message.removeprefix("Value error, ")
            yield f"{_section(place, where[:-1])}: key '{where[-1]}': {_lower_first(message)}"


_PLAIN_WORDS = {
    "tuple_type": "is a list in square brackets, like ['09:00-12:30']",
    "dict_type": "is a table in braces, like { lead = '10m' }",
    "model_type": "is a section of its own, or a table in braces",
    "string_type": "is text in quotes",
    "bool_type": "is true or false",
    "bool_parsing": "is true or false",
}


def _section(place: str, where: list[str]) -> str:
    if not where:
        return place
    if where[0] in ("rules", "accounts", "people") and len(where) > 1:
        rest = f", key '{'.'.join(where[2:])}'" if where[2:] else ""
        return f"{place}, [[{where[0]}]] number {int(where[1]) + 1}{rest}"
    return f"{place}, [{'.'.join(where)}]"


def _known_keys(model: type[Section], where: list[str]) -> list[str]:
    """The keys that the section at `where` may have, as they are written in the file."""
    for part in where:
        found = next((f for n, f in model.model_fields.items() if part in (n, f.alias)), None)
        nested = _nested_model(found.annotation) if found else None
        if nested:
            model = nested
    return [f.alias or n for n, f in model.model_fields.items()]


def _nested_model(annotation: Any) -> type[Section] | None:
    if isinstance(annotation, type) and issubclass(annotation, Section):
        return annotation
    for argument in get_args(annotation):
        if (model := _nested_model(argument)) is not None:
            return model
    return None


def _unknown(what: str, name: str, known: list[str], place: object) -> str:
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.0)
    ask = f"did you mean '{near[0]}'?" if near else "there is none yet"
    if near and not difflib.get_close_matches(name, known, n=1, cutoff=0.6):
        ask += f" (known: {', '.join(known)})"
    return f"{place}: unknown {what} {shown(name)}; {ask}"


def _without_value(message: str) -> str:
    """TOML's own errors quote at most a character, which may still be part of a secret."""
    return re.sub(r"\s+", " ", message)


def _lower_first(message: str) -> str:
    return message[:1].lower() + message[1:]
