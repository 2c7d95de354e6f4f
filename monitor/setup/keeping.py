"""Where secrets are put that somebody types: never into config.toml, and away again if unwanted."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Collection
from pathlib import Path

from monitor.errors import ConfigError
from monitor.secret import Secret
from monitor.setup.person import Person

_PLACES = {
    "file": "a file of its own beside config.toml, which only you can read",
    "keyring": "the system's keyring",
    "env": "nowhere: the environment variable that you name holds it",
    "reference": "it is kept somewhere already: env:NAME, file:PATH or keyring:SERVICE/USER",
}
_NOT_IN_FILE_NAMES = re.compile(r"[^\w.-]+")


class Kept:
    """Secrets put somewhere during one set-up; `undo` takes back what isn't wanted after all."""

    def __init__(self, folder: Path, person: Person) -> None:
        self._folder = folder
        self._person = person
        self._undo: dict[str, Callable[[], object]] = {}
        self._last = "file"

    def ask(self, account: str, key: str, question: str, *, optional: bool) -> str:
        """The secret asked for and put away; the reference to it, "" where it was left out."""
        if optional and not self._person.yes(f"{question}: is there one", default=False):
            return ""
        self._person.say(f"{question}.")
        place = self._person.choose("Where is it to be kept", _PLACES, self._last)
        self._last = place
        name = f"{account}.{key.rpartition('.')[2]}"
        return {
            "file": self._in_file, "keyring": self._in_keyring,
            "env": self._in_environment, "reference": self._reference,
        }[place](name, question)  # fmt: skip

    def keep(self, wanted: Collection[str]) -> None:
        """Leave what these references are to, and remove what was typed and then changed."""
        for reference in self._undo.keys() & set(wanted):
            del self._undo[reference]
        self.undo()

    def undo(self) -> None:
        """Remove what was put away here; what was there before stays as it is."""
        for undo in self._undo.values():
            undo()
        self._undo.clear()

    def _typed(self, question: str) -> str:
        while not (secret := self._person.secret(question)):
            self._person.say("  It is empty.")
        return secret

    def _in_file(self, name: str, question: str) -> str:
        path = self._free(_NOT_IN_FILE_NAMES.sub("_", name))
        reference = f"file:./{path.name}"
        secret = self._typed(question)
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except OSError as error:
            raise ConfigError(f"can't write {path}: {error.strerror}") from None
        self._undo[reference] = lambda: path.unlink(missing_ok=True)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(secret + "\n")
        return reference

    def _free(self, name: str) -> Path:
        numbers = ("", *(f".{number}" for number in range(2, 1000)))
        paths = (self._folder / f"{name}{number}" for number in numbers)
        return next(path for path in paths if not path.exists())

    def _in_keyring(self, name: str, question: str) -> str:
        import keyring
        import keyring.errors

        try:
            before = keyring.get_password("replyby", name)
            keyring.set_password("replyby", name, self._typed(question))
        except keyring.errors.KeyringError as error:
            raise ConfigError(
                f"there is no keyring that can be used ({error}); keep it in a file"
            ) from None
        reference = f"keyring:replyby/{name}"
        self._undo.setdefault(reference, lambda: _restore(name, before))
        return reference

    def _in_environment(self, name: str, question: str) -> str:
        usual = re.sub(r"\W+", "_", name).upper()
        variable = self._person.must(
            "Name of the variable",
            usual,
            lambda n: "" if n.isidentifier() else "Letters, digits, _.",
        )
        if not os.environ.get(variable):
            given = self._person.secret("It isn't set here; its value for the trial now, or Enter")
            if given:
                os.environ[variable] = given
                self._undo[f"env:{variable}"] = lambda: os.environ.pop(variable, None)
        return f"env:{variable}"

    def _reference(self, name: str, question: str) -> str:
        return self._person.must("The reference", "", self._wrong_reference)

    def _wrong_reference(self, text: str) -> str:
        try:
            Secret.parse(text, self._folder)
        except ValueError as error:
            return str(error)
        return ""


def _restore(name: str, before: str | None) -> None:
    import keyring

    if before is None:
        keyring.delete_password("replyby", name)
    else:
        keyring.set_password("replyby", name, before)
