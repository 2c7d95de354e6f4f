"""`status --prompt`: a count as cheap as a start of Python with sqlite3 allows."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterable, Sequence

from monitor.cli.alarm import UNKNOWN, verdict
from monitor.cli.plain_toml import plain
from monitor.countdown import countdown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Read = Callable[[str, dict[str, int]], list[Sequence[Any]]]

DATABASE = "sqlite:///replyby.db"
EVERY = "1m"
_PATIENCE = 120
_WAIT_SECONDS = 0.2
_OPTIONS = ("--config", "--as", "--channel", "--account", "--warn", "--fail-over")
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
# The only SQL outside the store: importing that costs five times what the whole prompt may. A
# test holds it against the store's own figures.
_LATE = (
    "(SELECT count(*) FROM conversation c WHERE c.{state} AND c.account_id = a.id"
    " AND c.reply_by < :now)"
)
_NEXT = (
    "(SELECT min(c.reply_by) FROM conversation c WHERE c.{state} AND c.account_id = a.id"
    " AND c.reply_by >= :now)"
)
_WAITING, _ASIDE = "state = 0", "state IN (1, 2)"
_COUNT = (
    f"SELECT a.name, a.channel, p.state, p.last_poll, {_LATE.format(state=_WAITING)}"
    f" + {_LATE.format(state=_ASIDE)}, {_NEXT.format(state=_WAITING)}, {_NEXT.format(state=_ASIDE)}"
    " FROM account a LEFT JOIN poll p ON p.account_id = a.id"
)


class Question:
    """What is asked; a dataclass would cost more to import than the database takes to answer."""

    def __init__(
        self,
        config: str | None = None,
        channels: Sequence[str] = (),
        accounts: Sequence[str] = (),
        warn: int | None = None,
        fail_over: int | None = None,
    ) -> None:
        self.config = config
        self.channels = channels
        self.accounts = accounts
        self.warn = warn
        self.fail_over = fail_over


def asked(words: Sequence[str]) -> Question | None:
    """The question of a plain `status --prompt`; None for what wants a real parser to read it."""
    given: dict[str, list[str]] = {name: [] for name in _OPTIONS}
    rest: list[str] = []
    left = iter(words)
    for word in left:
        name, equals, value = word.partition("=")
        if name not in given:
            rest.append(word)
        elif equals:
            given[name].append(value)
        else:
            given[name].append(next(left, ""))
    numbers = [given[name][-1:] for name in ("--warn", "--fail-over")]
    if sorted(rest) != ["--prompt", "status"] or not all(map(_fine, [*given.values(), *numbers])):
        return None
    if not all(n[0].isascii() and n[0].isdigit() and len(n[0]) < 18 for n in numbers if n):
        return None
    warn, fail_over = (int(n[0]) if n else None for n in numbers)
    config = given["--config"][-1] if given["--config"] else None
    return Question(config, given["--channel"], given["--account"], warn, fail_over)


def _fine(values: Sequence[str]) -> bool:
    """Whether none is missing, or looks like the next option."""
    return all(value and not value.startswith("-") for value in values)


class _Account:
    """What is known of an account: its row, and how often config.toml has it polled."""

    def __init__(self, row: Sequence[Any], every: str | None, now: int) -> None:
        self.name, self.channel, state, last_poll, self.overdue = row[:5]
        self.nexts = [moment for moment in row[5:] if moment is not None]
        self.blind = every is not None and (state != "ok" or _stale(last_poll, every, now))


def prompt(question: Question) -> int:
    """Print the count, or `?` where it can't be had; never more than a line, never an error."""
    try:
        text, code = _answer(question)
    except Exception:  # noqa: BLE001 (the edge of a prompt: `replyby status` says what is wrong)
        text, code = "?", UNKNOWN
    sys.stdout.write(text + "\n")
    return code


def _answer(question: Question) -> tuple[str, int]:
    path = question.config or _config()
    config = _settings(path)
    url = config.get("desk", {}).get("database", DATABASE)
    now = time.time_ns() // 1000
    every = {a["name"]: a.get("every", EVERY) for a in config.get("accounts", ())}
    rows = _reader(url, os.path.dirname(os.path.abspath(path)))(_COUNT, {"now": now})
    found = [_Account(row, every.get(row[0]), now) for row in rows]
    chosen = [a for a in found if _wanted(a, question)]
    if (question.accounts or question.channels) and not chosen:
        return "?", UNKNOWN
    overdue, blind = sum(a.overdue for a in chosen), any(a.blind for a in chosen)
    code = verdict(overdue, lower_bound=blind, warn=question.warn, fail_over=question.fail_over)
    return said(overdue, chosen, now, lower_bound=blind), code


def _settings(path: str) -> dict[str, Any]:
    with open(path, encoding="utf-8", newline="") as file:
        text = file.read()
    if (settings := plain(text)) is not None:
        return settings
    import tomllib

    return tomllib.loads(text)


def _config() -> str:
    if os.path.exists("config.toml"):
        return "config.toml"
    from monitor.location import find_config

    return str(find_config(None))


def said(overdue: int, accounts: Iterable[_Account], now: int, *, lower_bound: bool) -> str:
    """`2! next 04:12`, `≥2! …` where an account is not ok, `ok` where nobody is late or next."""
    nexts = [moment for account in accounts for moment in account.nexts]
    parts = [f"{_at_least() if lower_bound else ''}{overdue}!"] if overdue or lower_bound else []
    if nexts:
        parts.append(f"next {countdown((min(nexts) - now) / 1_000_000)}")
    return " ".join(parts) or "ok"


def _at_least() -> str:
    try:
        "≥".encode(sys.stdout.encoding or "utf-8")
    except (UnicodeEncodeError, LookupError):
        return ">="
    return "≥"


def _wanted(account: _Account, question: Question) -> bool:
    return (not question.accounts or account.name in question.accounts) and (
        not question.channels or account.channel in question.channels
    )


def _stale(last_poll: int | None, every: str, now: int) -> bool:
    """`health.stale`, in seconds."""
    return last_poll is not None and now - last_poll > (3 * seconds(every) + _PATIENCE) * 1_000_000


def seconds(text: str) -> int:
    """A length of time as config.toml writes it; `duration.parse_duration` says what is wrong."""
    total, number = 0, ""
    for char in text.lower():
        if char in _UNITS:
            total, number = total + int(number) * _UNITS[char], ""
        elif char != " ":
            number += char
    return total


def _reader(url: str, folder: str) -> Read:
    if url.startswith("sqlite:///"):
        return _sqlite(os.path.join(folder, os.path.expanduser(url.removeprefix("sqlite:///"))))
    return _postgres(url)


def _sqlite(path: str) -> Read:
    """Read only: a prompt makes no file, and waits for nobody."""
    import sqlite3

    name = path.replace("%", "%25").replace("?", "%3f").replace("#", "%23")
    connection = sqlite3.connect(f"file:{name}?mode=ro", timeout=_WAIT_SECONDS, uri=True)
    return lambda sql, params: connection.execute(sql, params).fetchall()


def _postgres(url: str) -> Read:
    import psycopg

    connection = psycopg.connect(url, connect_timeout=2, options="-c statement_timeout=2000")
    return lambda sql, params: list(
        connection.execute(sql.replace(":now", "%(now)s").encode(), params)
    )
