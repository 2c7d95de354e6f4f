"""`status --prompt`: a count as cheap as a start of Python with sqlite3 allows."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from monitor.cli.status import UNKNOWN, verdict
from monitor.countdown import countdown

if TYPE_CHECKING:
    import argparse

Read = Callable[[str, dict[str, int]], list[Sequence[Any]]]
DATABASE = "sqlite:///replyby.db"
EVERY = "1m"
_PATIENCE = 120
_WAIT_SECONDS = 0.2
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


class _Account:
    """What is known of an account: its row, and how often config.toml has it polled."""

    def __init__(self, row: Sequence[Any], every: str | None, now: int) -> None:
        self.name, self.channel, state, last_poll, self.overdue = row[:5]
        self.nexts = [moment for moment in row[5:] if moment is not None]
        self.blind = every is not None and (state != "ok" or _stale(last_poll, every, now))


def prompt(args: argparse.Namespace) -> int:
    """Print the count, or `?` where it can't be had; never more than a line, never an error."""
    try:
        said, code = _count(args)
    except Exception:
        # The edge of a prompt: whatever is wrong, `replyby status` says it in words.
        said, code = "?", UNKNOWN
    sys.stdout.write(said + "\n")
    return code


def _count(args: argparse.Namespace) -> tuple[str, int]:
    import tomllib

    from monitor.location import find_config

    path = find_config(args.config)
    config = tomllib.loads(path.read_text("utf-8"))
    url = config.get("desk", {}).get("database", DATABASE)
    now = time.time_ns() // 1000
    every = {a["name"]: a.get("every", EVERY) for a in config.get("accounts", ())}
    rows = _reader(url, path.absolute().parent)(_COUNT, {"now": now})
    found = [_Account(row, every.get(row[0]), now) for row in rows]
    chosen = [a for a in found if _wanted(a, args)]
    if (args.account or args.channel) and not chosen:
        return "?", UNKNOWN
    overdue, blind = sum(a.overdue for a in chosen), any(a.blind for a in chosen)
    return said(overdue, chosen, now, lower_bound=blind), verdict(args, overdue, lower_bound=blind)


def said(overdue: int, accounts: Iterable[_Account], now: int, *, lower_bound: bool) -> str:
    """`2! next 04:12`, `≥2! …` where an account is not ok, `ok` where nobody is late or next."""
    nexts = [moment for account in accounts for moment in account.nexts]
    parts = [f"{_at_least() if lower_bound else ''}{overdue}!"] if overdue or lower_bound else []
    if nexts:
        parts.append(f"next {countdown((min(nexts) - now) / 1_000_000)}")
    return " ".join(parts) or "ok"


def _at_least() -> str:
    try:
        "≥".encode(sys.stdout.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return ">="
    return "≥"


def _wanted(account: _Account, args: argparse.Namespace) -> bool:
    return (not args.account or account.name in args.account) and (
        not args.channel or account.channel in args.channel
    )


def _stale(last_poll: int | None, every: str, now: int) -> bool:
    """`health.stale`, in seconds."""
    return last_poll is not None and now - last_poll > (3 * seconds(every) + _PATIENCE) * 1_000_000


def seconds(text: str) -> int:
    """A length of time as config.toml writes it; `duration.parse_duration` says what is wrong."""
    import re

    found = re.findall(r"(\d+)\s*([smhdw])", text.lower())
    return sum(int(count) * _UNITS[unit] for count, unit in found)


def _reader(url: str, folder: Any) -> Read:
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
