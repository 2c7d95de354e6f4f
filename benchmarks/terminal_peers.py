"""Other programs in a terminal: bare Textual apps, and mail readers on 10,000 mails."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.data import say
from benchmarks.terminal_tty import Tty
from benchmarks.terminal_world import TEXT

MAILS = 10_000
_ROOT = Path(__file__).parent.parent
_MAIL = (
    "From: Customer {n} <customer{n}@customer.test>\nTo: desk@acme.example\n"
    "Subject: Where is my order {n}?\nMessage-ID: <{n}@customer.test>\n"
    "Date: Fri, {day:02} Nov 2025 {hour:02}:{minute:02}:{second:02} +0000\n\n"
    "Hello, I ordered something two weeks ago and it has not come.\n\nIt is a " + TEXT + " one.\n"
)
_NEOMUTT = """
set mbox_type=Maildir folder="{folder}" spoolfile="{folder}/maildir"
set header_cache="{folder}/cache" sort=reverse-date-sent quit=yes wait_key=no
set realname="ann" from="ann@acme.example" mark_old=no
set index_format="%Z %[%d %b] %-20.20F %s"
"""
_AERC = """
[bench]
source = maildir://{folder}
default = maildir
from = ann <ann@acme.example>
"""


@dataclass(frozen=True, slots=True)
class Peer:
    """A program with its name, where and how it is started, and a word of its first frame.

    `keys` are what is pressed for what ours does too, `FIND` where the words sought stand.
    """

    name: str
    command: tuple[str, ...]
    folder: Path
    word: str
    keys: Mapping[str, str] = field(default_factory=dict)
    env: Mapping[str, str] = field(default_factory=dict)

    def start(self) -> Tty:
        """Start it."""
        return Tty(self.command, self.folder, self.env)


def hello(what: str) -> Peer:
    """A bare app of `terminal_hello`."""
    command = (sys.executable, "-m", "benchmarks.terminal_hello", what)
    word = "customer" if what == "ticks" else "hello"
    return Peer(f"bare Textual app that {what}", command, _ROOT, word, {"j": "j"})


def readers(folder: Path, mails: int) -> Iterator[Peer]:
    """neomutt and aerc, as far as they are installed."""
    if any([_there("neomutt"), _there("aerc")]):
        _maildir(folder, mails)
    if shutil.which("neomutt"):
        yield _neomutt(folder, mails)
    if shutil.which("aerc"):
        yield _aerc(folder, mails)


def _there(program: str) -> bool:
    if shutil.which(program):
        return True
    say(f"SKIPPED: all rows beside {program}, which is not installed: apt-get install {program}")
    return False


def _neomutt(folder: Path, mails: int) -> Peer:
    (folder / "neomuttrc").write_text(_NEOMUTT.format(folder=folder))
    keys = {
        "j": "j", "k": "k", "page": "\x1b[6~", "end": "*", "top": "=", "open": "\r", "back": "i",
        "find": "l~s 'order FIND'\r", "leave": "l~A\r",
    }  # fmt: skip
    command = ("neomutt", "-n", "-F", str(folder / "neomuttrc"))
    return Peer(f"neomutt, {mails:,} mails", command, folder, f"Msgs:{mails}", keys)


def _aerc(folder: Path, mails: int) -> Peer:
    settings = folder / "config" / "aerc"
    settings.mkdir(parents=True)
    (settings / "accounts.conf").write_text(_AERC.format(folder=folder))
    (settings / "accounts.conf").chmod(0o600)
    env = {"XDG_CONFIG_HOME": str(folder / "config"), "XDG_RUNTIME_DIR": str(folder)}
    env |= {"XDG_CACHE_HOME": str(folder / "cache"), "XDG_DATA_HOME": str(folder / "data")}
    keys = {
        "j": "j", "k": "k", "page": "\x1b[6~", "end": "G", "top": "g", "open": "\r", "back": "q",
        "find": ":filter order FIND\r", "leave": ":clear\r",
    }  # fmt: skip
    return Peer(f"aerc, {mails:,} mails", ("aerc",), folder, "Where is my order", keys, env)


def _maildir(folder: Path, mails: int) -> None:
    for part in ("cur", "new", "tmp"):
        (folder / "maildir" / part).mkdir(parents=True)
    for n in range(1, mails + 1):
        text = _MAIL.format(
            n=n, day=1 + n * 28 // (mails + 1), hour=n // 60 % 24, minute=n % 60, second=n % 59
        )
        (folder / "maildir" / "cur" / f"17{n:08}.{n}.bench:2,S").write_text(text)
