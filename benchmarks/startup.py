"""How long commands take from start to end, against a bare interpreter and a bare count."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.data import Worlds
from benchmarks.race import Call, race
from benchmarks.table import Row, Target

_REPLYBY = Path(sys.executable).with_name("replyby")
_BARE = (sys.executable, "-c", "import sqlite3, argparse, tomllib")
_COUNT = (
    "import sqlite3, time; now = time.time_ns() // 1000;"
    " connection = sqlite3.connect('file:{path}?mode=ro', uri=True); print(connection.execute("
    "'SELECT (SELECT count(*) FROM conversation WHERE state = 0 AND reply_by < :now)"
    " + (SELECT count(*) FROM conversation WHERE state IN (1, 2) AND reply_by < :now),"
    " (SELECT min(reply_by) FROM conversation WHERE state = 0 AND reply_by >= :now)',"
    " {{'now': now}}).fetchall())"
)
_CONFIG = """
[[accounts]]
name = "support"
channel = "email"
address = "support@acme.example"
imap = "imaps://imap.acme.example"
smtp = "smtps://smtp.acme.example"
password = "env:SUPPORT_PASSWORD"
"""


def measure(worlds: Worlds) -> Iterator[Row]:
    """`--version`, `list` and `when`, and what a prompt asks every few seconds."""
    yield from _commands(worlds)
    for size in worlds.sizes:
        yield _prompt(worlds, size)


def _commands(worlds: Worlds) -> Iterator[Row]:
    config = worlds.folder / "startup.toml"
    config.write_text(_CONFIG)
    here = (str(_REPLYBY), "--config", str(config))
    commands = {
        "replyby --version": (str(_REPLYBY), "--version"),
        "replyby list": (*here, "list"),
        "replyby when": (*here, "when", "support", "--at", "2026-11-20T18:40:00Z"),
    }
    contenders = {name: _run(*command) for name, command in commands.items()}
    contenders["replyby list"]()  # makes the database
    took = race(contenders | {"bare": _run(*_BARE)}, calls=1, rounds=5 if worlds.quick else 20)
    for name in commands:
        yield Row(
            name, "-", "-", "ms", took[name] * 1000, "python: sqlite3, argparse, tomllib",
            took["bare"] * 1000, Target(4) if name.endswith("--version") else None,
        )  # fmt: skip


def _prompt(worlds: Worlds, size: int) -> Row:
    path = worlds.filled("sqlite", size).removeprefix("sqlite:///")
    config = worlds.folder / f"prompt-{size}.toml"
    config.write_text(f'[desk]\ndatabase = "sqlite:///{path}"\n{_CONFIG}')
    contenders = {
        "ours": _run(str(_REPLYBY), "--config", str(config), "status", "--prompt"),
        "bare": _run(sys.executable, "-c", _COUNT.format(path=path)),
    }
    took = race(contenders, calls=1, rounds=10 if worlds.quick else 30)
    return Row(
        "replyby status --prompt", f"{size:,}", "sqlite", "ms", took["ours"] * 1000,
        "python -c: count with sqlite3", took["bare"] * 1000, Target(2),
    )  # fmt: skip


def _run(*command: str) -> Call:
    return lambda: subprocess.run(command, check=True, capture_output=True)
