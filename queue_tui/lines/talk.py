"""A conversation with a person in plain lines: said, asked, and read; no escape is ever written."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator

from monitor.clean import clean_block, clean_line
from queue_tui.typed import CHARS, clean_typed

_TOLD_SECONDS = 10
_END = "."
_BELL = "\a"


class Gone(Exception):
    """Whoever typed has gone: the end of standard input."""


class Talk:
    """Standard input and output; what is said is cleaned, what is read is cleaned too."""

    def __init__(self, *, bell: bool = False) -> None:
        self._bell = bell
        self._tell_again = 0.0

    def say(self, text: str = "") -> None:
        """A line, or several."""
        sys.stdout.write(clean_typed(text) + "\n")

    def under_way(self, text: str) -> None:
        """How far something long has come, every ten seconds."""
        if text and time.monotonic() >= self._tell_again:
            self._tell_again = time.monotonic() + _TOLD_SECONDS
            self.say(f"Please wait; {text}.")

    def ring(self) -> None:
        """Ring, where that was asked for."""
        if self._bell:
            sys.stdout.write(_BELL)

    def ask(self, prompt: str) -> str:
        """One line; Gone at the end of the input."""
        sys.stdout.write(clean_line(prompt, 200) + " ")
        return self._line().strip()

    def yes(self, question: str) -> bool:
        """Yes or no; asked until it is one of them."""
        while True:
            said = self.ask(f"{question} yes or no?").lower()
            if said in ("y", "yes", "n", "no"):
                return said.startswith("y")

    def lines(self, keep: Callable[[list[str]], None]) -> list[str]:
        """Lines up to one with a single dot; `keep` gets all of them after each.

        A line that begins with two dots begins with one (as in RFC 5321, 4.5.2).
        """
        given: list[str] = []
        for line in iter(self._line, _END):
            given.append(line[1:] if line.startswith("..") else line)
            keep(given)
        return given

    def _line(self) -> str:
        sys.stdout.flush()
        line = sys.stdin.readline()
        if not line:
            raise Gone
        return clean_block(line.rstrip("\r\n"), lines=1, chars=CHARS)


def indented(text: str) -> Iterator[str]:
    """Somebody else's lines, set in: they can't be taken for ours."""
    return (f"  {line}".rstrip() for line in text.splitlines())
