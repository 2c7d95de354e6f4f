"""`replyby inspect`, as people and scripts run it."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.replyby import COMMAND, replyby, replyby_inside

KEYS = {
    "from_addr", "from_name", "to", "cc", "subject", "message_id", "text", "html_text", "new_text",
    "attachments", "auto", "bounce", "delay", "suppress_ack", "mailing_list", "reason", "lead",
}  # fmt: skip
MAIL = (
    "From: Mira Foo <mira@customer.test>\r\nTo: desk@acme.test\r\nSubject: Grüße\r\n"
    "Message-ID: <1@customer.test>\r\n\r\nDo you have blue ones?\r\n"
).encode()
CONFIG = """
[[accounts]]
name = "support"
channel = "email"
address = "desk@acme.test"
imap = "imap://127.0.0.1"
smtp = "smtp://127.0.0.1"
password = "env:NO_SUCH_PASSWORD"

[[rules]]
when = { subject = "Grüße" }
then = { lead = true, tags = ["sales"], window = "2h" }
"""


def inspected(folder: Path, *words: str) -> tuple[int, list[dict[str, Any]]]:
    done = replyby_inside(["inspect", "--json", *words], folder, {"XDG_CONFIG_HOME": str(folder)})
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture
def mail(tmp_path: Path) -> Path:
    path = tmp_path / "mail.eml"
    path.write_bytes(MAIL)
    return path


def test_a_mail_is_one_object_with_every_key(tmp_path: Path, mail: Path) -> None:
    code, [found] = inspected(tmp_path, mail.name)
    assert code == 0
    assert found.keys() == KEYS | {"file"}
    assert (found["from_addr"], found["from_name"]) == ("mira@customer.test", "Mira Foo")
    assert (found["to"], found["cc"], found["subject"]) == (["desk@acme.test"], [], "Grüße")
    assert (found["message_id"], found["lead"]) == ("1@customer.test", False)
    assert found["text"] == found["new_text"] == "Do you have blue ones?"


def test_every_file_has_its_line_in_order_whatever_it_is(tmp_path: Path, mail: Path) -> None:
    (tmp_path / "empty").write_bytes(b"")
    (tmp_path / "bytes").write_bytes(bytes(range(256)) * 9)
    names = ["missing", mail.name, "empty", str(tmp_path), "bytes", mail.name]
    code, found = inspected(tmp_path, *names)
    assert code == 1
    assert [one["file"] for one in found] == names
    assert [bool(one.get("error")) for one in found] == [True, False, True, True, False, False]
    assert all(one.keys() >= KEYS for one in found)


def test_lone_surrogates_leave_it_json_that_every_reader_takes(tmp_path: Path) -> None:
    raw = b"Subject: =?utf-7?Q?a+2AA-b?=\r\nFrom: x@y.test\r\n\r\n\xed\xa0\x80\x7f"
    (tmp_path / "mail").write_bytes(raw)
    done = replyby(["inspect", "--json", "mail"], tmp_path, {"LC_ALL": "C"})
    assert done.returncode == 0
    assert "\\ud8" not in done.stdout
    json.loads(done.stdout)


def test_a_mail_on_standard_input_is_read(tmp_path: Path) -> None:
    words = [*COMMAND, "inspect", "--json", "-"]
    env = os.environ | {"XDG_CONFIG_HOME": str(tmp_path)}
    done = subprocess.run(words, input=MAIL, cwd=tmp_path, env=env, capture_output=True, check=True)
    assert json.loads(done.stdout)["subject"] == "Grüße"


def test_the_rules_of_a_configuration_say_what_is_a_lead(tmp_path: Path, mail: Path) -> None:
    (tmp_path / "config.toml").write_text(CONFIG)
    assert inspected(tmp_path, mail.name)[1][0]["lead"] is True
    assert inspected(tmp_path, "--account", "support", mail.name)[1][0]["lead"] is True


def test_an_account_that_is_not_there_is_an_error(tmp_path: Path, mail: Path) -> None:
    (tmp_path / "config.toml").write_text(CONFIG)
    assert inspected(tmp_path, "--account", "nobody", mail.name) == (2, [])


def test_a_wrong_configuration_that_nobody_named_stops_nothing(tmp_path: Path, mail: Path) -> None:
    (tmp_path / "config.toml").write_text("nonsense")
    code, [found] = inspected(tmp_path, mail.name)
    assert (code, found["lead"]) == (0, False)


def explained(folder: Path, raw: bytes) -> str:
    (folder / "mail.eml").write_bytes(raw)
    env = {"XDG_CONFIG_HOME": str(folder)}
    return replyby_inside(["inspect", "mail.eml"], folder, env).stdout


def test_people_are_told_who_wrote_and_by_when_an_answer_is_due(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(CONFIG)
    told = explained(tmp_path, MAIL)
    assert "Mira Foo <mira@customer.test>" in told
    assert "expected within 2h of its arrival (account 'support')" in told
    assert "number 1 matches: a lead, tag sales" in told
    assert "  | Do you have blue ones?" in told


def test_people_are_told_which_field_made_a_mail_automatic(tmp_path: Path) -> None:
    told = explained(tmp_path, b"Auto-Submitted: auto-replied\r\n" + MAIL)
    assert "Auto-Submitted: auto-replied" in told
    assert "none is expected" in told


def test_what_a_mail_says_cannot_reach_the_terminal(tmp_path: Path) -> None:
    told = explained(tmp_path, b"Subject: \x1b]0;evil\x07\r\nFrom: a@x.test\r\n\r\n\x1b[2Jx")
    assert "\x1b" not in told
    assert "evil" in told


def test_it_starts_without_what_it_does_not_need(tmp_path: Path, mail: Path) -> None:
    code = (
        "import sys; from monitor.cli import main; main(['inspect', '--json', sys.argv[1]]);"
        "sys.exit(','.join({'pydantic', 'sqlalchemy', 'imaplib'} & sys.modules.keys()) or 0)"
    )
    words = [COMMAND[0], "-c", code, str(mail)]
    env = os.environ | {"XDG_CONFIG_HOME": str(tmp_path)}
    done = subprocess.run(words, cwd=tmp_path, env=env, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
