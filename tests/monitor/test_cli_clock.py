"""`replyby when`: by when a message would be due, without a secret, a server or a database."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from monitor.cli import main

CONFIG = """
[desk]
timezone = "Europe/Berlin"

[hours.office]
mon = ["09:00-12:30", "13:00-18:00"]
fri = ["09:00-15:00"]
closed = ["2026-12-25"]

[[accounts]]
name = "support"
channel = "email"
hours = "office"
windows = { lead = "10m" }
address = "support@acme.example"
imap = "imaps://imap.acme.example"
smtp = "smtps://smtp.acme.example"
password = "env:REPLYBY_NO_SUCH_SECRET"

[[accounts]]
name = "always"
channel = "email"
address = "always@acme.example"
imap = "imaps://imap.acme.example"
smtp = "smtps://smtp.acme.example"
password = "file:no-such-file"
"""
Capsys = pytest.CaptureFixture[str]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder, with a configuration in it."""
    (tmp_path / "config.toml").write_text(CONFIG)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def as_json(capsys: Capsys, *words: str) -> dict[str, Any]:
    assert main(["when", *words, "--json"]) == 0
    answer: dict[str, Any] = json.loads(capsys.readouterr().out)
    return answer


def refused(capsys: Capsys, *words: str) -> str:
    """The one line on standard error of a command that ends with 2."""
    try:
        code = main(["when", *words])
    except SystemExit as ended:
        code = int(ended.code or 0)
    shown = capsys.readouterr()
    assert (code, shown.out) == (2, "")
    return shown.err


def test_json_holds_the_whole_sum(folder: Path, capsys: Capsys) -> None:
    answer = as_json(capsys, "support", "--at", "2026-11-20T13:00:00Z")
    assert answer == {
        "account": "support",
        "at": "2026-11-20T13:00:00+00:00",
        "window_seconds": 21600,
        "reply_by": "2026-11-23T13:30:00+00:00",
        "steps": [
            {"from": "2026-11-20T13:00:00+00:00", "to": "2026-11-20T14:00:00+00:00",
             "counted_seconds": 3600, "note": "open (office)"},
            {"from": "2026-11-20T14:00:00+00:00", "to": "2026-11-23T08:00:00+00:00",
             "counted_seconds": 0, "note": "closed"},
            {"from": "2026-11-23T08:00:00+00:00", "to": "2026-11-23T11:30:00+00:00",
             "counted_seconds": 12600, "note": "open (office)"},
            {"from": "2026-11-23T11:30:00+00:00", "to": "2026-11-23T12:00:00+00:00",
             "counted_seconds": 0, "note": "closed"},
            {"from": "2026-11-23T12:00:00+00:00", "to": "2026-11-23T13:30:00+00:00",
             "counted_seconds": 5400, "note": "open (office)"},
        ],
    }  # fmt: skip


def test_a_lead_is_due_sooner(folder: Path, capsys: Capsys) -> None:
    answer = as_json(capsys, "support", "--lead", "--at", "2026-11-20T13:00:00Z")
    assert (answer["window_seconds"], answer["reply_by"]) == (600, "2026-11-20T13:10:00+00:00")
    answer = as_json(capsys, "always", "--lead", "--at", "2026-11-20T13:00:00Z")
    assert (answer["window_seconds"], answer["reply_by"]) == (900, "2026-11-20T13:15:00+00:00")


def test_a_moment_without_offset_is_local_to_the_desk(folder: Path, capsys: Capsys) -> None:
    answer = as_json(capsys, "always", "--at", "2026-11-20 13:00")
    assert answer["reply_by"] == "2026-11-20T18:00:00+00:00"


def test_without_a_moment_it_is_now(folder: Path, capsys: Capsys) -> None:
    answer = as_json(capsys, "always")
    waits = datetime.fromisoformat(answer["reply_by"]) - datetime.fromisoformat(answer["at"])
    assert waits.total_seconds() == answer["window_seconds"] == 21600


def test_people_read_the_sum_in_local_time(folder: Path, capsys: Capsys) -> None:
    assert main(["when", "support", "--at", "2026-12-21T16:30:00Z"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "arrives  Mon 2026-12-21 17:30:00 CET",
        "window   6h, counted in hours 'office' (Europe/Berlin)",
        "  Mon 2026-12-21 17:30:00 CET - Mon 2026-12-21 18:00:00 CET  counts 30m     open (office)",
        "  Mon 2026-12-21 18:00:00 CET - Mon 2026-12-28 09:00:00 CET  -              "
        "closed; 2026-12-25 closed",
        "  Mon 2026-12-28 09:00:00 CET - Mon 2026-12-28 12:30:00 CET  counts 3h 30m  open (office)",
        "  Mon 2026-12-28 12:30:00 CET - Mon 2026-12-28 13:00:00 CET  -              closed",
        "  Mon 2026-12-28 13:00:00 CET - Mon 2026-12-28 15:00:00 CET  counts 2h      open (office)",
        "reply by Mon 2026-12-28 15:00:00 CET",
    ]


def test_the_configuration_may_be_named_before_and_after(tmp_path: Path, capsys: Capsys) -> None:
    path = tmp_path / "other.toml"
    path.write_text(CONFIG)
    words = ["when", "always", "--at", "2026-11-20T13:00:00Z", "--json"]
    assert main(["--config", str(path), *words]) == 0
    before = capsys.readouterr().out
    assert main([*words, "--config", str(path)]) == 0
    assert capsys.readouterr().out == before


def test_no_file_appears(folder: Path, capsys: Capsys) -> None:
    before = sorted(folder.rglob("*"))
    as_json(capsys, "support", "--at", "2026-11-20T13:00:00Z")
    assert sorted(folder.rglob("*")) == before


def test_an_unknown_account_is_refused_in_a_line(folder: Path, capsys: Capsys) -> None:
    said = refused(capsys, "suport")
    assert said == "replyby: config.toml: unknown account 'suport'; did you mean 'support'?\n"


@pytest.mark.parametrize("at", ["soon", "2026-13-01", "2026-11-20T18:40:00+99:00", "\x1b[31m"])
def test_what_is_no_moment_is_refused_in_a_line(folder: Path, capsys: Capsys, at: str) -> None:
    said = refused(capsys, "support", "--at", at)
    assert said.startswith("replyby: --at: '")
    assert said.endswith("' is no moment; write it like 2026-11-20T18:40:00Z\n")
    assert "\x1b" not in said


@pytest.mark.parametrize("account", ["support", "always"])
def test_the_end_of_time_is_refused_in_a_line(folder: Path, capsys: Capsys, account: str) -> None:
    said = refused(capsys, account, "--at", "9999-12-31T23:59:59Z")
    assert said.startswith("replyby: ")
    assert said.count("\n") == 1


def test_the_beginning_of_time_is_refused_in_a_line(
    folder: Path, capsys: Capsys, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "config.toml").write_text(CONFIG.replace("Europe/Berlin", "America/New_York"))
    assert refused(capsys, "always", "--at", "0001-01-01T00:00:00Z").count("\n") == 1


def test_an_empty_moment_is_refused(folder: Path, capsys: Capsys) -> None:
    assert "is no moment" in refused(capsys, "support", "--at", "")


@pytest.mark.parametrize(
    "words", [(), ("support", "--leed"), ("support", "two"), ("support", "--at")]
)
def test_wrong_words_are_refused_with_the_usage(
    folder: Path, capsys: Capsys, words: tuple[str, ...]
) -> None:
    said = refused(capsys, *words)
    assert said.startswith("replyby: ")
    assert "usage: replyby when" in said


def test_a_broken_configuration_is_refused_in_a_line(folder: Path, capsys: Capsys) -> None:
    (folder / "config.toml").write_text('[desk]\ntimezon = "UTC"\n')
    said = refused(capsys, "support")
    assert said == (
        "replyby: config.toml, [desk]: unknown key 'timezon'; did you mean 'timezone'?\n"
    )


def test_heavy_rooms_stay_closed(folder: Path) -> None:
    program = (
        "import sys; from monitor.cli import main; main(['when', 'support', '--json']); "
        "heavy = {'sqlalchemy', 'sqlmodel', 'textual', 'alembic', 'psycopg', 'apscheduler'}; "
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program], cwd=folder, capture_output=True, text=True, check=True
    )
    assert json.loads(ran.stdout)["account"] == "support"
    assert ran.stderr.strip() == "[]"
