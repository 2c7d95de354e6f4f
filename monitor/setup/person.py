"""The person who is asked: one question at a time on standard output, answers by line."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Callable, Mapping

from monitor.clean import clean_block, clean_line

_LONGEST = 4000
_BACK = ("back", "<")


class Back(Exception):
    """The person wants the question before this one."""


class Left(Exception):
    """The person has gone, or wants to: nothing more is asked."""


class Person:
    """Standard input and output, with or without a terminal behind them."""

    def say(self, text: str = "") -> None:
        """A line, or several."""
        sys.stdout.write(clean_block(text) + "\n")

    def ask(self, question: str, default: str = "", hint: str = "") -> str:
        """One line; a mere Enter means the default."""
        known = f" [{default}]" if default else ""
        while True:
            said = self._line(f"{question}{known}: ")
            if said.lower() in _BACK:
                raise Back
            if said.lower() == "quit":
                raise Left
            if said != "?":
                return said or default
            self.say(hint or "Nothing more is known of this one.")

    def must(self, question: str, default: str, check: Callable[[str], str], hint: str = "") -> str:
        """The first answer that `check` finds nothing wrong with ("" where nothing is)."""
        while True:
            said = self.ask(question, default, hint)
            wrong = check(said)
            if not wrong:
                return said
            self.say(f"  {wrong}")

    def choose(
        self, question: str, choices: Mapping[str, str], default: str = "", hint: str = ""
    ) -> str:
        """One of the choices, by its number or its name."""
        names = list(choices)
        self.say(f"{question}:")
        for number, name in enumerate(names, 1):
            self.say(f"  {number}  {name}: {choices[name]}")
        numbered = dict(zip(map(str, range(1, len(names) + 1)), names, strict=True))
        given = self.must(
            "Number or name", default,
            lambda said: "" if numbered.get(said, said) in choices else "None of these.", hint,
        )  # fmt: skip
        return numbered.get(given, given)

    def yes(self, question: str, *, default: bool = True) -> bool:
        """Yes or no."""
        said = self.must(
            f"{question} (yes or no)", "yes" if default else "no",
            lambda said: "" if said.lower() in ("y", "yes", "n", "no") else "yes or no",
        )  # fmt: skip
        return said.lower().startswith("y")

    def secret(self, question: str) -> str:
        """Something that isn't shown while it is typed, where there is a terminal."""
        if not (sys.stdin.isatty() and sys.stdout.isatty()):
            return self._line(f"{question}: ")
        sys.stdout.flush()
        try:
            return getpass.getpass(f"{question} (not shown): ").strip()
        except EOFError:
            raise Left from None

    def _line(self, prompt: str) -> str:
        sys.stdout.write(clean_line(prompt, 500))
        sys.stdout.flush()
        line = sys.stdin.readline()
        if not line:
            self.say()
            raise Left
        if not sys.stdin.isatty():
            self.say()
        return clean_line(line.rstrip("\r\n"), _LONGEST).strip()
