"""Hostile names in config.toml and on the command line: refused or shown, and clean both ways."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from monitor.clean import keepable
from monitor.store import open_store
from tests.fakes import message, take_in
from tests.hostile import obeyed, strange, texts
from tests.replyby import COMMAND, replyby_inside

pytestmark = pytest.mark.slow

_CHARS = 50
_ALLOWED_LEAST = 15
_ACCOUNT = """
[[accounts]]
name = {}
channel = "email"
address = "help@desk.test"
imap = "imap://127.0.0.1:1"
smtp = "smtp://127.0.0.1:1"
password = "env:PASSWORD"
timeout = "1s"
"""
_SUPPORT = _ACCOUNT.format('"support"')
# Where a name may stand in the file, and a command that shows it.
_PLACES = {
    "account": (_ACCOUNT, ("accounts",)),
    "account's channel": ('[[accounts]]\nname = "a"\nchannel = {}', ("accounts",)),
    "account's address": (_SUPPORT + "[[accounts]]\nname = 'b'\naddress = {}", ("accounts",)),
    "person": ("[[people]]\nname = {}\n", ("claim", "1")),
    "two people": ("[[people]]\nname = 'a'\nlogin = {0}\n[[people]]\nname = 'b'\nlogin = {0}\n",
                   ("claim", "1")),
    "me": ("[[people]]\nname = 'a'\n[desk]\nme = {}\n", ("claim", "1")),
    "view": ("[views.{}]\nsearch = 'x'\n", ("list",)),
    "view's search": ("[views.a]\nsearch = {}\n", ("list",)),
    "canned reply": (_SUPPORT + "[canned.texts]\n{0} = {0}\n", ("canned",)),
    "canned folder": ("[canned]\nfolder = {}\n", ("canned",)),
    "rule": ("[[rules]]\nwhen = {{ text = {0} }}\nthen = {{ tags = [{0}] }}\n", ("accounts",)),
    "hours": ("[hours.{}]\nmonday = ['09:00-08:00']\n", ("accounts",)),
    "zone": ("[desk]\ntimezone = {}\n", ("accounts",)),
    "database": ("[desk]\ndatabase = {}\n", ("list",)),
    "key": ("{} = 1\n", ("list",)),
    "section": ("[{}]\n", ("list",)),
    "window": ("[windows]\n{} = '1h'\n", ("list",)),
    "keys": ("[keys]\n{} = 'x'\n", ("list",)),
}  # fmt: skip


def toml(text: str) -> str:
    """The string in TOML's quotes; lone surrogates have no place in a file."""
    return json.dumps(keepable(text)).replace("\x7f", "\\u007f")


def judge(outputs: Iterable[str]) -> None:
    """Nothing of all this is obeyed, and none of it was a fault of ours."""
    output = "\n".join(outputs)
    assert "Traceback" not in output
    assert "a fault in replyby" not in output
    written = output.encode("utf-8", "surrogatepass")
    assert obeyed(written) == set()
    assert strange(written) == set()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """With a database in which somebody waits."""
    moment = datetime.now(UTC)
    store = open_store(f"sqlite:///{tmp_path}/replyby.db", moment)
    take_in(store, [message(1, moment)], moment)
    store.close()
    return tmp_path


def said(folder: Path, *words: str) -> str:
    """What a command says, on either stream; it is done, fails, or is refused."""
    env = {"HOME": str(folder), "XDG_CONFIG_HOME": str(folder), "PASSWORD": "none"}
    done = replyby_inside(words, folder, env)
    assert done.returncode in (0, 1, 2, 3)
    return done.stdout + done.stderr


@pytest.mark.parametrize("place", _PLACES)
def test_a_hostile_name_is_refused_or_shown_clean(folder: Path, place: str) -> None:
    form, words = _PLACES[place]
    outputs = []
    for text in texts(_CHARS):
        (folder / "config.toml").write_text(form.format(toml(text)))
        outputs.append(said(folder, *words))
    judge(outputs)


def test_a_file_full_of_control_characters_is_refused_cleanly(folder: Path) -> None:
    outputs = []
    for text in texts(_CHARS):
        (folder / "config.toml").write_bytes(
            f'[desk]\nname = "{text}"\n'.encode("utf-8", "replace")
        )
        outputs.append(said(folder, "list"))
        (folder / "config.toml").write_bytes(text.encode("utf-8", "surrogatepass"))
        outputs.append(said(folder, "list"))
    judge(outputs)


@pytest.mark.parametrize(
    "words",
    [
        ("{}",), ("{}", "list"), ("list", "{}"), ("list", "--{}"), ("list", "--limit={}"),
        ("show", "{}"), ("search", "{}"), ("--as", "{}", "claim", "1"), ("when", "{}"),
        ("--config", "{}", "list"), ("poll", "{}"), ("check", "{}"), ("note", "1", "{}"),
        ("tag", "1", "{}"), ("snooze", "1", "{}"), ("canned", "{}"), ("inspect", "{}"),
        ("status", "--account", "{}"), ("status", "--{}"), ("status", "--prompt={}"),
        ("board", "--once", "--{}"), ("login", "{}"),
    ],
    ids=" ".join,
)  # fmt: skip
def test_hostile_words_of_a_command_come_back_clean(folder: Path, words: Sequence[str]) -> None:
    (folder / "config.toml").write_text(_SUPPORT)
    hostile = [keepable(text).replace("\ufffd", "") for text in texts(_CHARS)]
    judge(said(folder, *(word.replace("{}", text) for word in words)) for text in hostile)


def test_names_that_are_allowed_stand_in_every_overview(folder: Path) -> None:
    """Together, for it is the same store that all of them are written to."""
    allowed = "".join(_ACCOUNT.format(toml(name)) for name in shown_names(folder))
    assert allowed.count("[[accounts]]") > _ALLOWED_LEAST
    (folder / "config.toml").write_text(allowed)
    commands = (
        ("accounts",), ("accounts", "--json"), ("status",), ("status", "--json"), ("check",),
        ("status", "--prompt"), ("board", "--once"), ("list",), ("poll", "--verbose"),
        ("check", "--json"),
    )  # fmt: skip
    judge(said(folder, *words) for words in commands)


def shown_names(folder: Path) -> list[str]:
    """Of the hostile strings those that may be the name of an account."""
    names = []
    for text in dict.fromkeys(texts(_CHARS)):
        (folder / "config.toml").write_text(_ACCOUNT.format(toml(text)))
        if "blind" in said(folder, "accounts"):
            names.append(text)
    return names


def test_the_log_of_run_stays_clean(folder: Path) -> None:
    names = shown_names(folder)
    (folder / "config.toml").write_text("".join(_ACCOUNT.format(toml(name)) for name in names))
    environment = {"HOME": str(folder), "PASSWORD": "none"}
    with subprocess.Popen([*COMMAND, "run", "--verbose"], cwd=folder, env=os.environ | environment,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as daemon:  # fmt: skip
        assert daemon.stdout
        log = [daemon.stdout.readline() for _ in range(len(names))]
        daemon.terminate()
        log += daemon.stdout.readlines()
    assert daemon.returncode == 0
    judge([b"".join(log).decode()])
