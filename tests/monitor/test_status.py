"""`replyby status`: a line, an object, an exit code, and a prompt that costs next to nothing."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from contextlib import closing, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.cli.alarm import CRITICAL, OK, UNKNOWN, WARNING, verdict
from monitor.cli.plain_toml import plain
from monitor.cli.prompt import DATABASE, asked, seconds
from monitor.clock import now
from monitor.config import Desk as DeskSection
from monitor.desk import Desk
from monitor.duration import parse_duration
from monitor.figures import begin_of_day
from monitor.store import Store, open_store
from tests.fakes import FakeClock, message, policy, take_in
from tests.file_table import ROOT
from tests.monitor.office import raw_sql
from tests.replyby import Done, replyby_inside
from tests.servers.postgres import Postgres

HOSTILE = "[/]\x1b]52;c;cm0K\x07\u202eeve"
CONFIG = """
[desk]
database = "{url}"

[[accounts]]
name = "support"
channel = "email"
address = "support@acme.test"
imap = "imap://127.0.0.1:1"
smtp = "smtp://127.0.0.1:1"
password = "env:REPLYBY_TEST_PASSWORD"

[[accounts]]
name = "page"
channel = "facebook"
page = "1234"
token = "env:REPLYBY_TEST_PASSWORD"
"""
ACCOUNTS = {"support": "email", "page": "facebook"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "config.toml").write_text(CONFIG.format(url="sqlite:///desk.db"))
    return tmp_path


@pytest.fixture
def store(folder: Path) -> Iterator[Store]:
    """Two overdue and one due in ten minutes at support; one in time on the page."""
    opened = open_store(f"sqlite:///{folder}/desk.db", now())
    fill(opened)
    yield opened
    opened.close()


def fill(store: Store) -> None:
    six = timedelta(hours=6)
    store.accounts.ensure(ACCOUNTS, now())
    ages = (8 * 60, 7 * 60, 350)
    mails = [message(n, now() - timedelta(minutes=age)) for n, age in enumerate(ages)]
    take_in(store, mails, now(), "support", policy("support", six))
    take_in(store, [message(9, now())], now(), "page", policy("page", six))
    everything_ok(store)


def everything_ok(store: Store) -> None:
    raw_sql(store, "UPDATE poll SET state = 'ok', last_poll = :t", t=int(now().timestamp() * 1e6))


def status(folder: Path, *words: str) -> Done:
    return replyby_inside(["status", *words], folder, {"REPLYBY_TEST_PASSWORD": "x"})


def test_a_line_and_a_small_table(folder: Path, store: Store) -> None:
    done = status(folder)
    assert done.returncode == 0
    first, *rest = done.stdout.splitlines()
    assert first.startswith("2 overdue  1 due soon  4 waiting  next ")
    assert [line.split() for line in rest[1:3]] == [
        ["email", "2", "1", "3"], ["facebook", "0", "0", "1"],
    ]  # fmt: skip


def test_the_json_has_these_keys_and_no_others(folder: Path, store: Store) -> None:
    claimed = store.claims.next("ann", now())
    assert claimed is not None
    due = store.lists.page(
        limit=3, view=__import__("monitor.store.lists", fromlist=["View"]).View()
    )[-1]
    assert json.loads(status(folder, "--json").stdout) == {
        "waiting": 4,
        "overdue": 2,
        "due_soon": 1,
        "lower_bound": False,
        "next": {"id": due.id, "reply_by": due.reply_by.isoformat() if due.reply_by else ""},
        "channels": {
            "email": {"waiting": 3, "overdue": 2, "due_soon": 1, "blind": False},
            "facebook": {"waiting": 1, "overdue": 0, "due_soon": 0, "blind": False},
        },
        "people": {"ann": {"claimed": 1, "overdue": 1}},
    }


def test_one_channel_or_account_alone(folder: Path, store: Store) -> None:
    raw_sql(store, "UPDATE poll SET state = 'blind' WHERE account_id ="
            " (SELECT id FROM account WHERE name = 'page')")  # fmt: skip
    for words in (("--channel", "email"), ("--account", "support")):
        seen = json.loads(status(folder, "--json", *words).stdout)
        assert (seen["waiting"], seen["lower_bound"]) == (3, False)
        assert list(seen["channels"]) == ["email"]
    whole = json.loads(status(folder, "--json").stdout)
    assert whole["lower_bound"]
    assert whole["channels"]["facebook"]["blind"]
    assert status(folder).stdout.startswith("≥ 2 overdue")


CODES = [
    ((), OK),
    (("--warn", "3"), OK),
    (("--warn", "2"), WARNING),
    (("--warn", "1", "--fail-over", "2"), WARNING),
    (("--warn", "1", "--fail-over", "1"), CRITICAL),
    (("--fail-over", "0", "--channel", "facebook"), OK),
    (("--warn", "many"), UNKNOWN),
    (("--nonsense",), UNKNOWN),
    (("--channel", "carrier-pigeon"), UNKNOWN),
    (("--account", "nobody"), UNKNOWN),
    (("--config", "missing.toml"), UNKNOWN),
]


@pytest.mark.parametrize(("words", "code"), CODES, ids=str)
def test_the_exit_code_is_a_monitoring_plugins(
    folder: Path, store: Store, words: tuple[str, ...], code: int
) -> None:
    done = status(folder, *words)
    assert done.returncode == code
    assert bool(done.stderr) is (code == UNKNOWN)


def test_what_is_blind_is_never_fine() -> None:
    assert verdict(0, lower_bound=True, warn=1, fail_over=5) == WARNING
    assert verdict(6, lower_bound=True, warn=1, fail_over=5) == CRITICAL
    assert verdict(0, lower_bound=True) == OK


def test_hostile_names_are_cleaned_in_text_and_whole_in_json(folder: Path, store: Store) -> None:
    store.claims.next(HOSTILE, now())
    text = status(folder).stdout
    assert not [c for c in text if (c < " " and c != "\n") or c in "\x7f\u202e"]
    printed = status(folder, "--json").stdout
    assert printed.isascii()
    assert list(json.loads(printed)["people"]) == [HOSTILE]


# The prompt


def real(text: str) -> dict[str, Any]:
    """What is wanted of the file, by the real parser."""
    whole = tomllib.loads(text)
    desk = {k: v for k, v in whole.get("desk", {}).items() if k == "database"}
    accounts = whole.get("accounts", [])
    wanted = [{k: a[k] for k in ("name", "every") if k in a} for a in accounts]
    return {"desk": desk, "accounts": wanted}


PLAIN = [
    CONFIG,
    (ROOT / "config.toml").read_text("utf-8"),
    "",
    "# nothing\r\n[desk] # ours\r\ndatabase = 'sqlite:///a#b.db' # there\r\nname = 'x'\r\n",
    '[[accounts]]\nname = "a"\nevery = "2m"\n[accounts.oauth]\nname = "other"\n[[accounts]]\n',
]
NOT_PLAIN = [
    'desk = { database = "sqlite:///x.db" }',
    'desk.database = "sqlite:///x.db"',
    '["desk"]\ndatabase = "sqlite:///x.db"',
    '[ desk ]\ndatabase = "sqlite:///x.db"',
    '[desk]\n"database" = "sqlite:///x.db"',
    '[desk]\ndatabase = "sqlite:///\\u0041.db"',
    '[desk]\ndatabase = """sqlite:///x.db"""',
    '[hours.x]\nclosed = [\n"2026-12-24",\n]\n[desk]\ndatabase = "sqlite:///x.db"',
    '[x]\ny = [\n[1],\n[2]\n]\ndatabase = "no"\n[desk]\ndatabase = "yes"',
    'accounts = [{ name = "a" }]',
]


@pytest.mark.parametrize("text", PLAIN)
def test_a_plain_configuration_is_read_as_the_real_parser_reads_it(text: str) -> None:
    assert plain(text) == real(text)


@pytest.mark.parametrize("text", NOT_PLAIN)
def test_what_is_not_plain_is_left_to_the_real_parser(text: str) -> None:
    real(text)
    assert plain(text) is None


@pytest.mark.parametrize("text", ["[desk", "database", "[desk]\ndatabase = x", "[accounts]\n", "]"])
def test_what_is_wrong_is_left_to_the_real_parser_too(text: str) -> None:
    assert plain(text) is None


@given(st.text("[]desk=\"'.#\n \\,{}accounts", max_size=60))
def test_no_text_is_read_otherwise_than_the_real_parser_reads_it(text: str) -> None:
    with suppress(tomllib.TOMLDecodeError, AttributeError, TypeError):
        assert plain(text) in (None, real(text))


def test_the_prompt_says_how_many_are_late_and_when_the_next_is(folder: Path, store: Store) -> None:
    done = status(folder, "--prompt")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(("2! next 10:", "2! next 09:"))
    facebook = status(folder, "--prompt", "--channel=facebook")
    assert facebook.stdout == "next 5h59\n"


def test_the_prompt_counts_what_the_store_counts(folder: Path, store: Store) -> None:
    store.acts.snooze(1, "ann", now() + timedelta(hours=1), now())
    clock = FakeClock(now())
    seen = Desk(store, clock, dict.fromkeys(ACCOUNTS, timedelta(minutes=1))).figures(
        begin_of_day(clock(), clock().tzinfo)  # type: ignore[arg-type] # UTC
    )
    assert status(folder, "--prompt").stdout.startswith(f"{seen.load.overdue}! next ")


def test_the_prompt_marks_a_lower_bound(folder: Path, store: Store) -> None:
    raw_sql(store, "UPDATE poll SET last_poll = last_poll - 301000000")
    assert status(folder, "--prompt").stdout.startswith("≥2! ")
    assert status(folder, "--prompt", "--warn", "9").returncode == WARNING
    raw_sql(store, "UPDATE poll SET last_poll = last_poll + 2000000")
    assert status(folder, "--prompt").stdout.startswith("2! ")
    raw_sql(store, "UPDATE poll SET state = 'throttled'")
    assert status(folder, "--prompt").stdout.startswith("≥2! ")


def test_nobody_waits_says_ok(folder: Path, store: Store) -> None:
    raw_sql(store, "UPDATE conversation SET state = 5, reply_by = NULL, window_us = NULL")
    assert status(folder, "--prompt").stdout == "ok\n"


def broken_config(folder: Path) -> None:
    (folder / "config.toml").write_text("[desk\n")


def no_config(folder: Path) -> None:
    (folder / "config.toml").unlink()


def no_database(folder: Path) -> None:
    (folder / "desk.db").unlink()


def no_database_at_all(folder: Path) -> None:
    (folder / "desk.db").write_text("not a database" * 1000)


def old_database(folder: Path) -> None:
    with closing(sqlite3.connect(folder / "desk.db")) as connection:
        connection.execute("DROP TABLE poll")
        connection.commit()


@pytest.mark.parametrize(
    "spoil", [broken_config, no_config, no_database, no_database_at_all, old_database]
)
def test_what_can_not_be_counted_is_a_question_mark(
    folder: Path, spoil: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(folder / "nothing"))
    opened = open_store(f"sqlite:///{folder}/desk.db", now())
    opened.close()
    spoil(folder)  # type: ignore[operator] # one of the above
    before = sorted(p.name for p in folder.iterdir())
    done = status(folder, "--prompt")
    assert (done.stdout, done.stderr, done.returncode) == ("?\n", "", UNKNOWN)
    # Whoever reads a WAL database leaves SQLite's own two files beside it.
    made = {p.name for p in folder.iterdir()} - set(before)
    assert made <= {"desk.db-shm", "desk.db-wal"}


def test_a_locked_database_is_not_waited_for(folder: Path, store: Store) -> None:
    store.close()
    with closing(sqlite3.connect(folder / "desk.db", isolation_level=None)) as other:
        other.execute("PRAGMA journal_mode=DELETE")
        other.execute("BEGIN EXCLUSIVE")
        assert status(folder, "--prompt").stdout == "?\n"


def test_the_prompt_counts_on_postgresql_too(tmp_path: Path, postgres: Postgres) -> None:
    url = postgres.new_database()
    (tmp_path / "config.toml").write_text(CONFIG.format(url=url))
    store = open_store(url, now())
    fill(store)
    store.close()
    assert status(tmp_path, "--prompt").stdout.startswith("2! next ")
    (tmp_path / "config.toml").write_text(CONFIG.format(url="postgresql://127.0.0.1:1/x"))
    assert status(tmp_path, "--prompt").stdout == "?\n"


def test_nothing_heavy_is_loaded_for_a_prompt(folder: Path, store: Store) -> None:
    script = (
        "import sys; from monitor.cli import main; main(['status', '--prompt']);"
        " print(*sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=folder, capture_output=True, text=True, check=True
    )
    said, loaded = done.stdout.splitlines()
    assert said.startswith("2! next ")
    heavy = {
        "argparse", "re", "typing", "tomllib", "pydantic", "sqlalchemy", "sqlmodel", "textual",
        "rich", "psycopg", "alembic", "dataclasses", "inspect", "pathlib",
        "monitor.config", "monitor.store", "monitor.clean",
    }  # fmt: skip
    assert heavy.isdisjoint(loaded.split())


UNPLAIN = [
    "status", "list --prompt", "status --prompt --help", "status --prom",
    "status --prompt --warn x", "status --prompt --account", "status --prompt --json",
    "reply 1 --text status --prompt",
]  # fmt: skip


@pytest.mark.parametrize("words", UNPLAIN)
def test_what_is_not_plain_is_read_by_the_real_parser(words: str) -> None:
    assert asked(words.split()) is None


def test_both_readers_of_the_command_line_agree(folder: Path, store: Store) -> None:
    plain = status(folder, "--prompt", "--fail-over=1", "--account", "support")
    parsed = status(folder, "--prom", "--fail-over=1", "--acc", "support")
    assert plain.stdout.split()[0] == parsed.stdout.split()[0] == "2!"
    assert plain.returncode == parsed.returncode == CRITICAL


def test_defaults_are_those_of_the_configuration() -> None:
    from monitor.cli.prompt import EVERY
    from monitor.config import AccountSettings

    assert DeskSection().database == DATABASE
    assert AccountSettings(name="x", channel="email").every == parse_duration(EVERY)


@pytest.mark.parametrize("text", ["90s", "15m", "1h30m", "7d", "2w", "1H 5M"])
def test_lengths_of_time_are_read_as_everywhere(text: str) -> None:
    assert seconds(text) == parse_duration(text).total_seconds()
