"""How long commands take from start to end, against a bare interpreter."""

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
    """`--version`, `list` and `when`."""
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


def _run(*command: str) -> Call:
    return lambda: subprocess.run(command, check=True, capture_output=True)
