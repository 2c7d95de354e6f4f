"""What a command of `replyby` has to be, and the shell that it runs in."""

from __future__ import annotations

import argparse
import copy
import logging
import sys
from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

from monitor.clean import clean_block, clean_line
from monitor.errors import UsageError

if TYPE_CHECKING:
    from monitor.config import Config
    from monitor.wiring import House

_NARROWEST = 40


class Shell:
    """What a command works with: the configured desk, who sits at it, and safe output."""

    def __init__(self, config: str | None, who: str | None) -> None:
        self._config = config
        self._who = who

    @classmethod
    def at(cls, house: House, who: str | None) -> Shell:
        """A shell for a desk that is built already."""
        shell = cls(None, who)
        shell.__dict__["config"], shell.__dict__["house"] = house.config, house
        return shell

    @property
    def opened(self) -> bool:
        """Whether the desk is built already, so that asking for it costs nothing."""
        return "house" in self.__dict__

    @property
    def given_config(self) -> str | None:
        """`--config PATH`, None where it isn't given."""
        return self._config

    @property
    def given_who(self) -> str | None:
        """`--as NAME`, None where it isn't given."""
        return self._who

    @cached_property
    def config(self) -> Config:
        """The configuration, found and checked."""
        from monitor.location import find_config
        from monitor.wiring import read_config

        return read_config(find_config(self._config))

    @cached_property
    def house(self) -> House:
        """The desk, its store opened when it is first used."""
        from monitor.wiring import House

        return House(self.config, say=self.complain, tell=self.tell)

    @cached_property
    def who(self) -> str:
        """`--as NAME`, else as the configuration says, else the login name; one of `[[people]]`."""
        from monitor.people import known, sitting_here

        people = self.config.persons
        if self._who is None:
            who = sitting_here(people, self.config.desk.me or "", _login())
        else:
            who = str(clean_line(self._who, 60)).strip()
        if not who:
            raise UsageError("--as wants a name" if self._who else "who are you? say --as NAME")
        return known(who, people)

    def say(self, text: str = "") -> None:
        """A line, or several, on standard output; whatever is in it can be printed."""
        sys.stdout.write(clean_block(text, lines=1_000_000, chars=100_000_000) + "\n")

    def complain(self, text: str) -> None:
        """A line on standard error."""
        sys.stderr.write(clean_line(text) + "\n")

    def tell(self, text: str) -> None:
        """How far something has come, in a line that is written over; on a terminal only."""
        if not sys.stderr.isatty():
            return
        sys.stderr.write(f"\r{clean_line(text, terminal_columns() - 1)}\x1b[K")
        sys.stderr.flush()

    def say_json(self, value: Any) -> None:
        """JSON in pure printable ASCII: it passes a terminal unharmed, and a parser unchanged."""
        import json

        text = json.dumps(value, ensure_ascii=True, indent=2).replace("\x7f", "\\u007f")
        sys.stdout.write(text + "\n")

    def close(self) -> None:
        """Close what was opened."""
        if self.opened:
            self.house.close()


class Command(Protocol):
    """One word after `replyby`."""

    help: str

    def arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare what it takes; `parser.description` may teach at length."""

    def run(self, args: argparse.Namespace, shell: Shell) -> int:
        """Do it; the exit code."""


def log_to_stderr(level: int = logging.INFO) -> None:
    """The log of a program that runs unattended, one printable line for each record."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_CleanFormatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=level, handlers=[handler], force=True)


class _CleanFormatter(logging.Formatter):
    """A record is one line, whatever customers wrote into it; a traceback follows on its own."""

    def format(self, record: logging.LogRecord) -> str:
        record = copy.copy(record)
        record.msg, record.args = clean_line(record.getMessage(), 2000), ()
        return str(clean_block(super().format(record)))


def terminal_columns() -> int:
    """How wide the terminal is; what is narrower than 40 columns counts as 40."""
    import shutil

    return max(shutil.get_terminal_size().columns, _NARROWEST)


def _login() -> str:
    import getpass

    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return ""


def stdin_or(text: str) -> str:
    """The text itself, or what stands on standard input where it is `-`."""
    if text != "-":
        return text
    return sys.stdin.buffer.read().decode("utf-8", "replace")


def columns(rows: Sequence[Sequence[str]]) -> str:
    """Rows as aligned columns, two spaces apart; the last one as long as it likes."""
    if not rows:
        return ""
    from monitor.width import pad, width

    cells = [[str(clean_line(cell)) for cell in row] for row in rows]
    widths = [max(width(row[i]) for row in cells) for i in range(len(cells[0]) - 1)]
    return "\n".join(
        "  ".join([*(pad(c, w) for c, w in zip(row, widths, strict=False)), row[-1]]).rstrip()
        for row in cells
    )
