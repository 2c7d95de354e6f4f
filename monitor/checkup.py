"""A check of everything: each account in a thread of its own, and what belongs to no account."""

from __future__ import annotations

import contextlib
import logging
import queue
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from monitor.checked import Checked, Findings
from monitor.duration import format_duration
from monitor.errors import ConfigError, StoreError
from monitor.migrations import HEAD
from monitor.wiring import House

PATIENCE = timedelta(seconds=90)
"""How long an account may take: each call of a channel's own has its `timeout` besides."""
CLOCK_MOST = timedelta(minutes=1)
_POLL_ENDS = 5.0
_PAUSE = 0.1

_UNCHARGED = "what this check cost could not be counted in the sum of the day"

log = logging.getLogger("replyby.check")

_Done = tuple[str, Checked]


@dataclass(frozen=True, slots=True)
class Stored:
    """How far each account was read; `trouble` is why the database doesn't say so."""

    cursors: Mapping[str, str | None]
    trouble: str = ""


def ask_database(house: House) -> Stored:
    """Asked once for the whole check: a server that is out of reach takes ten seconds to be it."""
    try:
        accounts = house.store.accounts
        return Stored({name: accounts.cursor(number) for name, number in accounts.ids().items()})
    except (StoreError, ConfigError) as error:
        return Stored({}, str(error))


def check_accounts(
    house: House,
    names: Sequence[str],
    stored: Stored,
    patience: timedelta = PATIENCE,
    waiting: Callable[[Sequence[str]], None] = lambda names: None,
) -> dict[str, Checked]:
    """Every named account side by side, in the order of the names.

    None takes longer than `patience`, whatever its server does. `waiting` is told now and again,
    and whenever one is done, which are still out.
    """
    done = queue.Queue[_Done]()
    for name in dict.fromkeys(names):
        run = threading.Thread(
            target=_check, args=(house, name, stored.cursors.get(name), done), daemon=True
        )
        run.start()
    found = dict(_collected(list(dict.fromkeys(names)), done, patience, waiting))
    late = Findings()
    late.missing(f"no end in {format_duration(patience)}", "see whether the platform is up")
    each = {name: found.get(name) or late.checked() for name in names}
    return {
        name: checked if _charged(house, name, checked, stored) else checked.with_note(_UNCHARGED)
        for name, checked in each.items()
    }


def _charged(house: House, name: str, checked: Checked, stored: Stored) -> bool:
    """Count its cost with that of polls, after one that is under way; False where it can't."""
    if checked.charged is None:
        return True
    if stored.trouble:
        return False
    ends = time.monotonic() + _POLL_ENDS
    with contextlib.suppress(StoreError, ConfigError):
        accounts = house.store.accounts
        while not accounts.charge(accounts.ids()[name], checked.charged, house.clock()):
            if time.monotonic() > ends:
                return False
            time.sleep(_PAUSE)
        return True
    return False


def _check(house: House, name: str, cursor: str | None, done: queue.Queue[_Done]) -> None:
    findings = Findings()
    try:
        checked = house.check(name, cursor)
    except Exception as error:
        # The edge of a check: a fault in one account's connector must not stop the others.
        log.exception("%s: a fault in the connector", name)
        findings.missing(f"a fault in replyby: {type(error).__name__}", "report it")
        checked = findings.checked()
    done.put((name, checked))


def _collected(
    names: list[str],
    done: queue.Queue[_Done],
    patience: timedelta,
    waiting: Callable[[Sequence[str]], None],
) -> Iterable[_Done]:
    ends = time.monotonic() + patience.total_seconds()
    while names:
        waiting(names)
        try:
            name, checked = done.get(timeout=max(ends - time.monotonic(), 0))
        except queue.Empty:
            return
        names.remove(name)
        yield name, checked


def check_desk(house: House, stored: Stored) -> Checked:
    """What every account depends on: the configuration, the database, the key."""
    findings, config = Findings(), house.config
    accounts = len(config.accounts)
    findings.fine(f"{config.path}: {accounts} account{'s' if accounts != 1 else ''}")
    if not accounts:
        findings.missing("there is no account", "add a section [[accounts]] to config.toml")
    with findings.trying():
        config.check_holidays()
    if stored.trouble:
        findings.missing(
            stored.trouble, "mend the key `database` of [desk], or the server it names"
        )
    else:
        findings.fine(f"{house.database_url}: reachable, schema {HEAD}")
    with findings.trying():
        house.signing_key()
        findings.fine("the key for our own message ids can be read")
    return findings.checked()


def check_clock(accounts: Iterable[Checked]) -> Checked:
    """Our clock against those of the platforms: by ours the reply-by times are told."""
    findings = Findings()
    told = sorted((c.ahead for c in accounts if c.ahead is not None), key=abs)
    if not told:
        return findings.checked()
    off = told[0]
    if abs(off) <= CLOCK_MOST:
        findings.fine("this machine's clock is right")
    else:
        way = "behind" if off > timedelta() else "ahead of"
        findings.missing(
            f"this machine's clock is {format_duration(off)} {way} the platforms'",
            "set it, and keep it right: `timedatectl set-ntp true`",
        )
    return findings.checked()
