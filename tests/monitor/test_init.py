"""`replyby init`: a configuration by answering questions, each account tried at once."""

from __future__ import annotations

import stat
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.sandbox.mail import MailServer
from monitor.config import parse_config
from monitor.errors import ConfigError
from monitor.plugins import channels
from monitor.setup.flow import local_zone, set_up
from monitor.setup.interview import Interview
from monitor.setup.keeping import Kept
from monitor.setup.person import Person
from monitor.setup.writing import account_block, quoted, replace
from monitor.wiring import read_config
from tests.fakes import Step, Typed
from tests.replyby import replyby_inside

ADDRESS, SECRET = "support@localhost", "s3cret"
DESK = ("Acme support", "Europe/Berlin", "ann, Bob Stone")
QUIT = "no"


@pytest.fixture(scope="module")
def server() -> Iterator[MailServer]:
    with MailServer() as server:
        server.add_mailbox(ADDRESS, SECRET)
        yield server


class Init:
    """The command in a folder of its own, with lines typed into it."""

    def __init__(
        self, folder: Path, patch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        self.path = folder / "config.toml"
        self._patch = patch
        self._capsys = capsys
        self.code = -1

    def __call__(self, *steps: Step) -> str:
        self._patch.setattr(sys, "stdin", Typed(*steps))
        try:
            self.code = set_up(self.path, Person(), str(self.path))
        finally:
            self.said = self._capsys.readouterr().out
        return self.said

    @property
    def text(self) -> str:
        return self.path.read_text("utf-8")

    @property
    def files(self) -> list[str]:
        return sorted(path.name for path in self.path.parent.iterdir())


@pytest.fixture
def init(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Init:
    return Init(tmp_path, monkeypatch, capsys)


@pytest.fixture
def mailbox(server: MailServer) -> tuple[str, ...]:
    """What is answered about the played mailbox, up to its password."""
    return ("email", "", ADDRESS, "other", server.imap_url, server.smtp_url, "", "file")


def test_a_mailbox_is_set_up_tried_and_written(init: Init, mailbox: tuple[str, ...]) -> None:
    said = init(*DESK, *mailbox, SECRET, "keep", QUIT)
    config = read_config(init.path)
    assert init.code == 0
    assert f"signed in as {ADDRESS}" in said
    assert "It works." in said
    assert (config.desk.name, config.desk.timezone) == ("Acme support", "Europe/Berlin")
    assert config.people == ("ann", "Bob Stone")
    assert [a.name for a in config.accounts] == ["support"]
    assert f"replyby --config {init.path} run" in said


def test_a_secret_is_in_a_file_that_only_we_can_read(init: Init, mailbox: tuple[str, ...]) -> None:
    said = init(*DESK, *mailbox, SECRET, "keep", QUIT)
    kept = init.path.parent / "support.password"
    assert kept.read_text() == f"{SECRET}\n"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert SECRET not in init.text + said


def test_an_account_with_tokens_is_kept_and_its_login_named(init: Init) -> None:
    said = init(*DESK, "email", "", "a@outlook.com", "", "an-id", "", "", QUIT)
    assert (init.code, [a.name for a in read_config(init.path).accounts]) == (0, ["support"])
    assert f"replyby --config {init.path} login support" in said


def test_what_failed_is_said_and_one_can_go_back(init: Init, mailbox: tuple[str, ...]) -> None:
    said = init(*DESK, *mailbox, "wrong", "change", "file", SECRET, "keep", QUIT)
    failed, _, worked = said.partition("It does not work yet.")
    assert "MISSING" in failed
    assert "It works." in worked
    assert init.files == ["config.toml", "support.password.2"], "the wrong one is removed"


def test_an_account_that_does_not_work_may_be_kept(init: Init, mailbox: tuple[str, ...]) -> None:
    init(*DESK, *mailbox, "wrong", "keep", QUIT)
    assert "support.password" in init.text


def test_one_that_is_dropped_leaves_nothing(init: Init, mailbox: tuple[str, ...]) -> None:
    said = init(*DESK, *mailbox, "wrong", "drop", QUIT)
    assert (init.code, init.files) == (1, [])
    assert "Nothing is written." in said


@pytest.mark.parametrize("lines", range(1, 13))
def test_who_goes_away_half_way_leaves_nothing_half_written(
    init: Init, mailbox: tuple[str, ...], lines: int
) -> None:
    init(*(*DESK, *mailbox, "wrong")[:lines])
    assert (init.code, init.files) == (1, [])


def test_ctrl_c_leaves_nothing_half_written(init: Init, mailbox: tuple[str, ...]) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        init(*DESK, *mailbox, "wrong", interrupt)
    assert init.files == []


def test_back_returns_to_the_question_before(init: Init, mailbox: tuple[str, ...]) -> None:
    wrong = ("email", "", "wrong@localhost", "other", "back", "<")
    said = init(*DESK, *wrong, *mailbox[2:], SECRET, "keep", QUIT)
    assert said.count("Its address") == 2
    assert f'address = "{ADDRESS}"' in init.text


def test_a_question_mark_explains(init: Init) -> None:
    assert "A name like Europe/Berlin" in init("Acme", "?", "Atlantis", "quit")
    assert "Not known" in init.said


def test_the_first_questions_of_all_are_explained_too(init: Init) -> None:
    said = init("?", "Acme", "", "", "email", "?", "", "?", ADDRESS, "?", "quit")
    assert "beside your address in their mailbox" in said
    assert "Your own word for this account" in said
    assert "It decides how to sign in" in said


def test_a_second_run_adds_an_account_and_changes_nothing_else(
    init: Init, mailbox: tuple[str, ...]
) -> None:
    init(*DESK, *mailbox, SECRET, "keep", QUIT)
    before = init.text + "# mine\n"
    init.path.write_text(before)
    init.path.chmod(0o640)
    said = init("yes", *mailbox, SECRET, "keep", QUIT)
    assert "its accounts: support." in said
    assert init.text.startswith(before)
    assert [a.name for a in read_config(init.path).accounts] == ["support", "support-2"]
    assert stat.S_IMODE(init.path.stat().st_mode) == 0o640


def test_a_file_that_is_there_is_not_touched_without_asking(init: Init) -> None:
    init.path.write_text("[desk]\n")
    init("no")
    assert (init.code, init.text) == (1, "[desk]\n")


def test_a_file_with_a_mistake_in_it_is_left_alone(init: Init) -> None:
    init.path.write_text("[desk]\nnmae = 1\n")
    with pytest.raises(ConfigError, match="did you mean 'name'"):
        init("yes")
    assert init.files == ["config.toml"]


def test_what_somebody_else_wrote_into_the_file_meanwhile_stays(
    init: Init, mailbox: tuple[str, ...]
) -> None:
    init.path.write_text("[desk]\n")
    meanwhile = lambda: init.path.write_text('[desk]\nname = "New"\n')  # noqa: E731
    init("yes", *mailbox, SECRET, meanwhile, "keep", QUIT)
    assert read_config(init.path).desk.name == "New"
    assert len(read_config(init.path).accounts) == 1


def test_a_link_to_the_file_stays_one(init: Init, tmp_path: Path) -> None:
    real = tmp_path / "real.toml"
    real.write_text("")
    init.path.symlink_to(real)
    replace(init.path, "[desk]\n")
    assert init.path.is_symlink()
    assert real.read_text() == "[desk]\n"


def test_a_variable_that_is_set_is_used_and_not_written_anywhere(
    init: Init, mailbox: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SUPPORT_PASSWORD", SECRET)
    said = init(*DESK, *mailbox[:-1], "env", "", "keep", QUIT)
    assert "It works." in said
    assert 'password = "env:SUPPORT_PASSWORD"' in init.text
    assert init.files == ["config.toml"]


def test_a_value_given_for_the_trial_alone_is_forgotten(
    init: Init, mailbox: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOME_NAME", "")  # and as it was, after this test
    said = init(*DESK, *mailbox[:-1], "env", "SOME_NAME", SECRET, "keep", QUIT)
    assert "It works." in said
    assert SECRET not in init.text
    assert init.files == ["config.toml"]


ACCOUNTS = {
    "gmail by password": ("email", "a@gmail.com", "", "password", "env", "G"),
    "gmail by tokens": ("email", "a@gmail.com", "gmail", "oauth", "id", "env", "G"),
    "microsoft": ("email", "a@acme.example", "microsoft", "id", "acme.example"),
    "x by keys": ("twitter", "keys", *("env", "A", "env", "B", "env", "C", "env", "D"), "", "", ""),
    "x by login": ("twitter", "login", "id", "no", "acme -is:retweet", "yes", "5"),
    "facebook": ("facebook", "100200", "env", "T", "no", "yes"),
    "facebook with a secret": ("facebook", "100200", "env", "T", "yes", "env", "S", "no"),
}


@pytest.mark.parametrize("lines", ACCOUNTS.values(), ids=ACCOUNTS)
def test_what_each_channel_asks_makes_a_configuration_that_can_be_read(
    lines: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in "GABCDTS":
        monkeypatch.setenv(variable, "something")
    channel, *answers = lines
    monkeypatch.setattr(sys, "stdin", Typed(*answers))
    asked = channels()[channel].questions()  # type: ignore[attr-defined] # Askable, as all of ours
    interview = Interview("a", asked, Person(), Kept(tmp_path, Person()))
    interview.run()
    block = account_block("a", channel, interview.written())
    models = {name: c.settings for name, c in channels().items()}
    (account,) = parse_config(block, tmp_path / "config.toml", models).accounts
    assert account.channel == channel


def test_every_string_is_written_so_that_it_is_read_as_it_was() -> None:
    for text in ('a "b" \\ c', "é \u2028 \x7f", "tab\t"):
        block = f"[desk]\nname = {quoted(text)}\n"
        assert parse_config(block, Path("c.toml"), {}).desk.name == text


def test_this_machine_s_zone_is_one_that_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Europe/Paris")
    assert local_zone() == "Europe/Paris"
    monkeypatch.setenv("TZ", "nonsense")
    assert parse_config(f'[desk]\ntimezone = "{local_zone()}"\n', Path("c.toml"), {})


def test_a_folder_is_no_configuration(tmp_path: Path) -> None:
    done = replyby_inside(("--config", str(tmp_path), "init"), tmp_path, {})
    assert (done.returncode, "is a folder" in done.stderr) == (2, True)
