"""A configuration set up by asking: the desk, then each account, tried before it is written."""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping
from pathlib import Path
from zoneinfo import ZoneInfo

from monitor import plugins
from monitor.asking import Askable
from monitor.checked import Checked, Mark
from monitor.config import Config, parse_config
from monitor.connector import Channel
from monitor.errors import ConfigError, UsageError
from monitor.people import person_name
from monitor.settings import account_name
from monitor.setup.interview import Interview
from monitor.setup.keeping import Kept
from monitor.setup.person import Back, Left, Person
from monitor.setup.writing import account_block, new_file, read_if_there, replace
from monitor.wiring import House

_MARKS = {Mark.OK: "ok", Mark.NOTE: "note", Mark.MISSING: "MISSING"}
_AFTERWARDS = {
    "keep": "write this account as it is",
    "again": "try it once more",
    "change": "go back to the last question",
    "drop": "forget this account",
}
_LOCAL_TIME = Path("/etc/localtime")


class SetUp:
    """One run of `replyby init`. An account is written as soon as it is to be kept."""

    def __init__(self, path: Path, person: Person, channels: Mapping[str, Channel]) -> None:
        self._path = path
        self._person = person
        self._models = {name: channel.settings for name, channel in channels.items()}
        self._askable = {n: c for n, c in channels.items() if isinstance(c, Askable)}
        self._read: str | None = None
        self._to_sign_in: list[str] = []
        self.written = False

    def run(self) -> None:
        """Ask until no account is to follow. Left where the person has enough before that."""
        self._person.say("? explains a question, back returns to the one before, quit leaves.\n")
        text = self._beginning()
        while True:
            text = self._one_account(text)
            self._person.say()
            if not self._person.yes("Is there another account", default=False):
                return

    # The file

    def _beginning(self) -> str:
        self._read = read_if_there(self._path)
        if self._read is None:
            return self._new()
        names = ", ".join(a.name for a in self._parsed(self._read).accounts) or "none"
        self._person.say(f"{self._path} is there; its accounts: {names}.")
        if not self._person.yes("Add an account to it? Nothing else in it is changed"):
            raise Left
        return self._read

    def _new(self) -> str:
        person = self._person
        person.say(f"A new configuration, {self._path.absolute()}; --config names another place.\n")
        name = person.must(
            "What customers see as the sender of answers", "Support", _needed,
            "The name beside your address in their mailbox, like Acme support.",
        )  # fmt: skip
        zone = person.must(
            "Your time zone", local_zone(), _wrong_zone, "A name like Europe/Berlin or UTC."
        )
        hint = "Once somebody is named, nobody else can claim or answer anything."
        people = person.must(
            "Who works here? Names with commas between, or Enter for anybody",
            "",
            _wrong_people,
            hint,
        )
        windows = {name: model.usual_window for name, model in self._models.items()}
        return new_file(name, zone, split_names(people), windows)

    def _write(self, text: str, block: str) -> str:
        """Write the text with the block, to the file as it is by now."""
        there = read_if_there(self._path)
        if there != self._read:
            if there is None:
                raise ConfigError(f"{self._path} has gone meanwhile; nothing is written")
            text = there
            self._parsed(_with(text, block))
        replace(self._path, _with(text, block))
        self._read, self.written = _with(text, block), True
        return self._read

    def _parsed(self, text: str) -> Config:
        return parse_config(text, self._path, self._models)

    # One account

    def _one_account(self, text: str) -> str:
        """Ask for an account and try it; the text with it, or as before if it is dropped."""
        kept = Kept(self._path.absolute().parent, self._person)
        try:
            while True:
                channel = self._channel()
                try:
                    return self._account(text, channel, kept)
                except Back:
                    continue
        finally:
            kept.undo()

    def _channel(self) -> str:
        titles = {name: channel.title for name, channel in self._askable.items()}
        while True:
            try:
                return self._person.choose("\nWhat is it that customers write to", titles)
            except Back:
                self._person.say("This is the first question of an account.")

    def _account(self, text: str, channel: str, kept: Kept) -> str:
        asked = self._askable[channel]
        taken = [a.name for a in self._parsed(text).accounts]
        name = self._person.must(
            "A short name for it", _free(asked.usual_name, taken), lambda n: _wrong_name(n, taken),
            "Your own word for this account, in lists and commands, like support or sales.",
        )  # fmt: skip
        interview = Interview(name, asked.questions(), self._person, kept)
        interview.run()
        while True:
            block = account_block(name, channel, interview.written())
            tokens = any(key.startswith("oauth.") for key in interview.written())
            chosen = self._tried(_with(text, block), name, tokens=tokens)
            if chosen == "keep":
                self._to_sign_in += [name] if tokens else []
                text = self._write(text, block)
                kept.keep([value for value, _ in interview.written().values()])
                self._person.say(f"Written to {self._path}.")
                return text
            if chosen == "drop":
                return text
            if chosen == "change":
                interview.resume()

    def _tried(self, text: str, name: str, *, tokens: bool) -> str:
        """Try it, say what came out, and ask what becomes of it."""
        try:
            house = House(self._parsed(text))
        except ConfigError as error:
            self._person.say(f"That can't be: {error}")
            return "change"
        self._person.say(f"\nTrying {name} …")
        checked = house.check(name)
        self._show(checked)
        if tokens and not checked.ok:
            self._person.say(f"  Tokens come once it is written, by: replyby login {name}")
        usual = "keep" if checked.ok or tokens else "change"
        try:
            return self._person.choose("What now", _AFTERWARDS, usual)
        except Back:
            return "change"

    def _show(self, checked: Checked) -> None:
        if checked.who:
            self._person.say(f"  signed in as {checked.who}")
        for finding in checked.findings:
            self._person.say(f"  {_MARKS[finding.mark]:<8} {finding.what}")
            if finding.remedy:
                self._person.say(f"           what to do: {finding.remedy}")
        self._person.say("  It works." if checked.ok else "  It does not work yet.")

    def next_steps(self, given: str | None) -> str:
        """The commands that come after this one."""
        where = f" --config {shlex.quote(given)}" if given else ""
        steps = [
            (f"replyby{where} check", "looks at every account again"),
            (f"replyby{where} run", "polls and sends until it is stopped"),
            (f"replyby{where} queue", "is the desk, in another terminal"),
        ]
        steps[:0] = [
            (f"replyby{where} login {shlex.quote(name)}", "signs it in, with your browser")
            for name in self._to_sign_in
        ]
        width = max(len(command) for command, _ in steps)
        return "\n".join(["Next:", *(f"  {c:<{width}}  {what}" for c, what in steps)])


def where(given: str | None) -> Path:
    """The configuration that is there, else where a new one goes."""
    from monitor.location import find_config

    try:
        return find_config(given)
    except ConfigError:
        return Path("config.toml")


def set_up(path: Path, person: Person, given: str | None) -> int:
    """Ask, try and write; 0 where an account was written, 1 where nothing was."""
    flow = SetUp(path, person, plugins.channels())
    if path.is_dir():
        raise UsageError(f"{path} is a folder; name the file in it")
    try:
        flow.run()
    except (Left, Back):
        person.say()
    person.say(f"\n{flow.next_steps(given)}" if flow.written else "Nothing is written.")
    return 0 if flow.written else 1


def _with(text: str, block: str) -> str:
    return f"{text.rstrip()}\n{block}"


def _needed(text: str) -> str:
    return "" if text else "This has to be said."


def _wrong_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return "Not known; a name like Europe/Berlin or UTC."
    return ""


def split_names(text: str) -> list[str]:
    """Names with commas between."""
    return list(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))


def _wrong_people(text: str) -> str:
    try:
        for name in split_names(text):
            person_name(name)
    except ValueError as error:
        return f"Each {error}."
    return ""


def _wrong_name(name: str, taken: list[str]) -> str:
    if name in taken:
        return "There is an account of this name."
    try:
        account_name(name)
    except ValueError as error:
        return f"It {error}."
    return ""


def _free(name: str, taken: list[str]) -> str:
    numbers = range(2, len(taken) + 3)
    return next(n for n in (name, *(f"{name}-{i}" for i in numbers)) if n not in taken)


def local_zone() -> str:
    """This machine's time zone by its name, "UTC" where that can't be told."""
    given = os.environ.get("TZ", "")
    found = str(_LOCAL_TIME.resolve()).rpartition("zoneinfo/")[2]
    return next((z for z in (given, found) if z and not _wrong_zone(z)), "UTC")
