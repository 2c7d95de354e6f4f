"""What the command line promises to people and to scripts."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.sandbox.mail import MailServer
from monitor.cli import _COMMANDS
from monitor.message import Party
from monitor.store import open_store
from tests.fakes import message, take_in
from tests.replyby import COMMAND, Done, replyby, replyby_inside

DESK, SECRET = "help@desk.test", "s3cret-of-the-desk"
CONFIG = """
[desk]
timezone = "Europe/Berlin"
[[accounts]]
name = "support"
channel = "email"
address = "help@desk.test"
imap = "{imap}"
smtp = "{smtp}"
password = "env:PASSWORD"
"""
HOSTILE = "\x1b]0;owned\x07\x1b[2J\x9b31m\u202egnp\u200b\r\nx\x7f"
ENDLESS = str(10**30)


@dataclass
class Place:
    """A folder with a configuration and a database of its own."""

    folder: Path

    def __post_init__(self) -> None:
        self.env = {"HOME": str(self.folder), "XDG_CONFIG_HOME": str(self.folder / "none"),
                    "PASSWORD": SECRET}  # fmt: skip
        self.write("imap://127.0.0.1:1", "smtp://127.0.0.1:1")

    def write(self, imap: str, smtp: str) -> None:
        (self.folder / "config.toml").write_text(CONFIG.format(imap=imap, smtp=smtp))

    def __call__(self, *words: str, code: int = 0) -> Done:
        done = replyby_inside(("--as", "ann", *words), self.folder, self.env)
        assert done.returncode == code, done.stdout + done.stderr
        assert "Traceback" not in done.stderr
        return done

    def process(self, *words: str, **env: str) -> Done:
        return replyby(("--as", "ann", *words), self.folder, self.env | env)

    def start(self, *words: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [*COMMAND, *words],
            cwd=self.folder,
            env=os.environ | self.env,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def json(self, *words: str, code: int = 0) -> Any:
        return json.loads(self(*words, "--json", code=code).stdout)

    def take_in(self, number: int = 1, **changes: object) -> None:
        """Store the number's message, an hour old."""
        now = datetime.now(UTC)
        store = open_store(f"sqlite:///{self.folder}/replyby.db", now)
        given = {"at": now - timedelta(hours=1)} | changes
        take_in(store, [message(number, **given)], now)  # type: ignore[arg-type] # by name
        store.close()


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


@pytest.fixture
def asked(place: Place) -> Place:
    """A place where one customer waits."""
    place.take_in()
    return place


# Asking wrongly


@pytest.mark.parametrize("command", _COMMANDS)
def test_every_command_explains_itself(place: Place, command: str) -> None:
    shown = place(command, "--help").stdout
    assert shown.startswith(f"usage: replyby {command}")
    assert "--config PATH" in shown


def test_help_lists_every_command(place: Place) -> None:
    shown = place("--help").stdout
    assert [c for c in _COMMANDS if not re.search(rf"^  {c} ", shown, re.MULTILINE)] == []
    assert place().stdout == shown


@pytest.mark.parametrize("words", [["--version"], ["--as", "ann", "--version"]])
def test_the_version_is_told(tmp_path: Path, words: list[str]) -> None:
    assert re.fullmatch(r"replyby \d+\.\d+\.\d+\n", replyby_inside(words, tmp_path, {}).stdout)


def test_an_unknown_command_suggests_the_nearest(place: Place) -> None:
    assert "unknown command 'lsit'; did you mean 'list'?" in place("lsit", code=2).stderr
    assert "`replyby --help`" in place("zzzzz", code=2).stderr


@pytest.mark.parametrize("number", ["x", "0", "-1", "1.5", "\u0661", "", ENDLESS, "9" * 5000])
@pytest.mark.parametrize("command", ["show", "claim", "close", "explain"])
def test_what_is_no_number_of_a_conversation_is_a_mistake_of_use(
    place: Place, command: str, number: str
) -> None:
    assert place(command, "--", number, code=2).stdout == ""


@pytest.mark.parametrize(
    "words",
    [
        ["show", "7"],
        ["claim", "7"],
        ["release", "7"],
        ["reply", "7", "--text", "x"],
        ["note", "7", "--text", "x"],
        ["snooze", "7", "2h"],
        ["no-reply", "7"],
        ["close", "7"],
        ["tag", "7", "x"],
        ["explain", "7"],
        ["settle", "7", "--arrived"],
        ["undo", "7"],
    ],
    ids=lambda words: words[0],
)
def test_what_is_not_there_is_said_in_a_sentence(asked: Place, words: list[str]) -> None:
    done = asked(*words, code=1)
    assert done.stdout == ""
    assert re.fullmatch(r"replyby: [^\n]{10,200}\n", done.stderr)


@pytest.mark.parametrize(
    "words",
    [
        ["list", "--limit", "0"],
        ["list", "--limit", "many"],
        ["list", "--account", "nobody"],
        ["list", "--state", "odd"],
        ["reply", "1", "--text", " "],
        ["snooze", "1", "some", "day"],
        ["when", "support", "--at", "noonish"],
        ["poll", "nobody"],
        ["list", "--frobnicate"],
        ["--as", " ", "claim"],
    ],
    ids=" ".join,
)
def test_a_mistake_of_use_is_exit_2(asked: Place, words: list[str]) -> None:
    assert asked(*words, code=2).stderr


@pytest.mark.slow
@pytest.mark.parametrize(
    "words",
    [
        ["list", "--limit", ENDLESS],
        ["search", "text", "--limit", ENDLESS],
        ["show", "1", "--raw", ENDLESS],
        ["reply", "1", "--text", "x", "--seen", ENDLESS],
    ],
    ids=" ".join,
)
def test_a_number_beyond_all_bounds_is_no_fault_of_replybys(asked: Place, words: list[str]) -> None:
    done = asked.process(*words)
    assert done.returncode in (0, 1, 2)
    assert "Traceback" not in done.stderr
    assert "a fault in replyby" not in done.stderr


@pytest.mark.slow
@pytest.mark.parametrize(
    "words",
    [
        ["reply", "1", "--text", "gr\udcfc\udcdfe"],
        ["note", "1", "--text", "gr\udcfc\udcdfe"],
        ["tag", "1", "gr\udcfcn"],
        ["search", "gr\udcfcn"],
        ["close", "1", "--reason", "gr\udcfcn"],
        ["claim", "--account", "gr\udcfcn"],
    ],
    ids=lambda words: words[0],
)
def test_words_that_are_not_utf8_are_no_fault_of_replybys(asked: Place, words: list[str]) -> None:
    done = asked.process(*words)
    assert done.returncode in (0, 1, 2)
    assert "Traceback" not in done.stderr
    assert "a fault in replyby" not in done.stderr


@pytest.mark.parametrize("words", ["AND", "a:b", "NEAR(", "x'; --", "a" * 500])
def test_any_words_can_be_searched_for(asked: Place, words: str) -> None:
    assert asked("search", "--", words).stdout == "found nothing\n"


@pytest.mark.parametrize(
    ("words", "said"),
    [('"', "no word"), ("*", "no word"), ("^ '; --", "no word"), ("a" * 501, "at most 500")],
)
def test_a_search_for_nothing_is_told_so(asked: Place, words: str, said: str) -> None:
    done = asked("search", "--", words, code=2)
    assert done.stdout == ""
    assert said in done.stderr


# Where the configuration is


def test_config_is_understood_before_and_after_the_command(asked: Place, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    path = str(tmp_path / "config.toml")
    for words in (["--config", path, "list", "--json"], ["list", "--json", "--config", path]):
        done = replyby_inside(words, elsewhere, asked.env)
        assert len(json.loads(done.stdout)) == 1


def test_without_a_configuration_the_way_out_is_told(tmp_path: Path) -> None:
    done = replyby_inside(["list"], tmp_path, {"HOME": str(tmp_path), "XDG_CONFIG_HOME": "/nope"})
    assert done.returncode == 2
    assert "--config PATH" in done.stderr
    assert "replyby demo" in done.stderr


def test_a_database_in_nobodys_home_is_said_with_its_path(place: Place) -> None:
    config = place.folder / "config.toml"
    config.write_text('[desk]\ndatabase = "sqlite:///~nobody-here/queue.db"\n')
    said = place("list", code=1).stderr
    assert f"can't open the database {place.folder}/~nobody-here/queue.db" in said


def test_a_configuration_that_is_not_there_is_exit_2(place: Place) -> None:
    assert "nowhere.toml" in place("--config", "nowhere.toml", "list", code=2).stderr


# What scripts get


def test_list_json_has_the_promised_shape(asked: Place) -> None:
    [one] = asked.json("list")
    assert list(one) == [
        "id", "account", "channel", "kind", "customer", "subject", "preview", "awaiting_since",
        "window_seconds", "reply_by", "overdue", "state", "assignee", "lead", "tags", "url",
        "linked",
    ]  # fmt: skip
    assert one["customer"] == {"name": "Customer 1", "address": "customer1@customer.test"}
    assert (one["account"], one["channel"], one["kind"]) == ("support", "email", "email")
    assert (one["window_seconds"], one["overdue"], one["lead"]) == (21600, False, False)
    assert (one["state"], one["assignee"], one["tags"], one["url"]) == ("waiting", None, [], "")
    since, reply_by = map(datetime.fromisoformat, (one["awaiting_since"], one["reply_by"]))
    assert since.utcoffset() is not None
    assert reply_by - since == timedelta(hours=6)


def test_list_json_is_in_queue_order_and_empty_is_an_array(place: Place) -> None:
    assert place.json("list") == []
    now = datetime.now(UTC)
    for number, hours in ((1, 1), (2, 5), (3, 3)):
        place.take_in(number, at=now - timedelta(hours=hours))
    assert [c["subject"] for c in place.json("list")] == ["subject 2", "subject 3", "subject 1"]


def test_a_list_that_is_cut_says_so_beside_it(place: Place) -> None:
    for number in (1, 2, 3):
        place.take_in(number)
    assert "the first 2 of 3; --limit N shows more" in place("list", "--limit", "2").stderr
    assert "of 3" in place("list", "--limit", "2", "--json").stderr
    assert not place("list", "--limit", "3").stderr


def test_explain_tells_the_log_in_words_and_with_full_as_it_is_stored(asked: Place) -> None:
    asked("claim", "1")
    told = asked("explain", "1").stdout
    assert "the customer wrote" in told
    assert "claimed by ann until" in told
    assert "window_us" not in told
    assert "window_us" in asked("explain", "1", "--full").stdout


@pytest.mark.parametrize(("hours", "said"), [(2, False), (4, True)])
def test_found_late_is_said_where_half_of_the_window_was_over(
    place: Place, hours: int, said: bool
) -> None:
    place.take_in(at=datetime.now(UTC) - timedelta(hours=hours))
    assert ("found " in place("show", "1").stdout) is said


def test_json_is_pure_ascii_and_keeps_every_character(place: Place) -> None:
    place.take_in(
        subject=f"\u6ce8\u6587 {HOSTILE}", author=Party("a@b.test", "M\u00fcller \U0001f600")
    )
    done = place("list", "--json")
    assert re.fullmatch(r"[ -~\n]*", done.stdout)
    assert json.loads(done.stdout)[0]["customer"]["name"] == "M\u00fcller \U0001f600"
    assert json.loads(done.stdout)[0]["subject"] == f"\u6ce8\u6587 {HOSTILE}"


@pytest.mark.parametrize("command", ["list", "show 1", "search word", "explain 1", "claim 1"])
def test_nothing_a_customer_writes_reaches_the_terminals_controls(
    place: Place, command: str
) -> None:
    place.take_in(
        subject=f"word {HOSTILE}", text=f"word {HOSTILE}", author=Party("a@b.test", HOSTILE)
    )
    shown = place(*command.split()).stdout
    assert "word" in shown or command.startswith("claim")
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b\u202e]", shown)


def test_a_raw_mail_comes_byte_for_byte(place: Place) -> None:
    place.take_in(raw=b"raw\r\n\xff")
    done = subprocess.run(
        [*COMMAND, "show", "1", "--raw", "1"],
        cwd=place.folder, env=os.environ | place.env, capture_output=True, check=True,
    )  # fmt: skip
    assert done.stdout == b"raw\r\n\xff"


def test_text_comes_from_standard_input(asked: Place) -> None:
    done = subprocess.run(
        [*COMMAND, "--as", "ann", "note", "1", "--text", "-"],
        cwd=asked.folder, env=os.environ | asked.env, input="Gr\u00fc\u00dfe\n".encode(),
        check=False,
    )  # fmt: skip
    assert done.returncode == 0
    assert asked.json("show", "1")["messages"][1]["text"].strip() == "Gr\u00fc\u00dfe"


def test_a_reader_who_goes_away_makes_no_noise(asked: Place) -> None:
    read_end, write_end = os.pipe()
    os.close(read_end)
    with os.fdopen(write_end, "wb") as gone:
        done = subprocess.run(
            [*COMMAND, "list"], cwd=asked.folder, env=os.environ | asked.env, stdout=gone,
            stderr=subprocess.PIPE, check=False,
        )  # fmt: skip
    assert done.stderr == b""
    assert done.returncode == 1


def test_a_terminal_that_knows_ascii_only_gets_something(place: Place) -> None:
    place.take_in(subject="Gr\u00fc\u00dfe")
    done = place.process("list", PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert done.returncode == 0, done.stderr


# Work, from outside


def test_a_claim_a_note_and_an_end(asked: Place) -> None:
    assert asked("claim").stdout.startswith("#1  Customer 1")
    assert asked.json("list", "--mine")[0]["assignee"] == "ann"
    assert asked.json("list", "--unclaimed") == []
    assert "nobody waits" in asked("claim", code=1).stderr
    asked("note", "#1", "--text", "call back")
    asked("no-reply", "1", "--reason", "spam")
    assert asked.json("list") == []
    assert asked.json("list", "--state", "no-reply-needed")[0]["id"] == 1


def test_when_needs_no_database_and_no_secret(place: Place) -> None:
    del place.env["PASSWORD"]
    told = place.json("when", "support", "--at", "2026-11-20T18:40:00Z")
    assert list(told) == ["account", "at", "window_seconds", "reply_by", "steps"]
    assert datetime.fromisoformat(told["reply_by"]) == datetime(2026, 11, 21, 0, 40, tzinfo=UTC)
    assert not (place.folder / "replyby.db").exists()


def test_a_missing_secret_is_said_by_its_name(place: Place) -> None:
    del place.env["PASSWORD"]
    done = place("poll", code=1)
    assert "PASSWORD is not set" in done.stderr
    assert place.json("accounts", code=1)[0]["state"] == "signed out"


# In the background


@pytest.fixture
def mail(place: Place) -> Iterator[MailServer]:
    with MailServer() as server:
        server.add_mailbox(DESK, SECRET)
        place.write(server.imap_url, server.smtp_url)
        yield server


@contextmanager
def running(process: subprocess.Popen[str]) -> Iterator[subprocess.Popen[str]]:
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def wait_for(true: Callable[[], bool], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.slow
def test_two_polls_at_once_do_not_get_in_each_others_way(place: Place, mail: MailServer) -> None:
    mail.deliver(DESK, b"From: mira@customer.test\r\n\r\nhello\r\n")
    mail.imap_hang = True
    with running(place.start("poll")) as first:
        wait_for(lambda: holder(place) is not None)
        second = place("poll")
        mail.imap_hang = False
        told, _ = first.communicate(timeout=30)
    assert second.stdout == "support: another process is polling it just now\n"
    assert told == "support: 1 listed = 1 new\n"
    assert first.returncode == 0


def holder(place: Place) -> str | None:
    if not (place.folder / "replyby.db").exists():
        return None
    store = open_store(f"sqlite:///{place.folder}/replyby.db", datetime.now(UTC))
    try:
        ids = store.accounts.ids()
        return store.accounts.holder(ids["support"]) if ids else None
    finally:
        store.close()


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_run_polls_until_it_is_told_to_stop(
    place: Place, mail: MailServer, number: signal.Signals
) -> None:
    mail.deliver(DESK, b"From: mira@customer.test\r\n\r\nhello\r\n")
    with running(place.start("run")) as daemon:
        assert daemon.stderr is not None
        polled = next(line for line in daemon.stderr if " = " in line)
        daemon.send_signal(number)
        _, log = daemon.communicate(timeout=30)
    assert daemon.returncode == 0
    assert polled.endswith("support: 1 listed = 1 new\n")
    assert f"stopping ({number.name})" in log
    assert "Traceback" not in log
    assert len(place.json("list")) == 1


@pytest.mark.slow
def test_a_poll_that_was_killed_holds_up_nobody(place: Place, mail: MailServer) -> None:
    mail.imap_hang = True
    with running(place.start("poll")) as first:
        wait_for(lambda: holder(place) is not None)
        first.kill()
        first.wait()
    mail.imap_hang = False
    assert place("poll").stdout == "support: 0 listed = 0 new\n"


def test_the_database_and_the_key_are_nobody_elses(asked: Place) -> None:
    modes = {p.name: p.stat().st_mode & 0o077 for p in asked.folder.glob("replyby.*")}
    assert modes
    assert set(modes.values()) == {0}


# What scripts read after they have acted


@pytest.mark.parametrize(
    ("words", "state"),
    [
        (("release", "1"), "waiting"),
        (("note", "1", "--text", "carrier says lost"), "waiting"),
        (("snooze", "1", "5m"), "snoozed"),
        (("no-reply", "1"), "no reply needed"),
        (("close", "1", "--reason", "spam"), "closed"),
        (("tag", "1", "vip"), "waiting"),
    ],
)
def test_a_script_that_acts_reads_the_conversation_as_it_is_then(
    asked: Place, words: tuple[str, ...], state: str
) -> None:
    asked("claim", "1")
    after = asked.json(*words)
    assert (after["id"], after["state"]) == (1, state)


def test_a_script_that_answers_reads_what_became_of_it(asked: Place) -> None:
    after = asked.json("reply", "1", "--text", "hello")
    assert after["state"] == "sending"
    assert after["answer"] == {"id": 1, "state": "queued", "error": ""}
    assert asked.json("undo", "1")["state"] == "waiting"
