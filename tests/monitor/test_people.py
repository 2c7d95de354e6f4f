"""Who sits here: by --as, by login, as configured, and only who is known."""

from __future__ import annotations

import getpass
from pathlib import Path

import pytest

from monitor.command import Shell
from monitor.config import parse_config
from monitor.errors import ConfigError, UsageError
from monitor.people import Person, sitting_here
from tests.replyby import replyby_inside

PEOPLE = '[[people]]\nname = "ann"\nlogin = "a.jones"\n[[people]]\nname = "Bob Stone"\n'
ANN, BOB = Person(name="ann", login="a.jones"), Person(name="Bob Stone")


def shell(folder: Path, text: str, who: str | None = None) -> Shell:
    (folder / "config.toml").write_text(text)
    return Shell(str(folder / "config.toml"), who)


def test_without_people_any_name_will_do(tmp_path: Path) -> None:
    assert shell(tmp_path, "", "zoe").who == "zoe"


def test_without_anything_it_is_the_login_name(tmp_path: Path) -> None:
    assert shell(tmp_path, "").who == getpass.getuser()


def test_the_configuration_says_who_it_is_else(tmp_path: Path) -> None:
    assert shell(tmp_path, '[desk]\nme = "ann"\n').who == "ann"
    assert shell(tmp_path, '[desk]\nme = "ann"\n', "zoe").who == "zoe"


def test_a_login_stands_for_its_person() -> None:
    assert sitting_here([ANN, BOB], "Bob Stone", "a.jones") == "ann"
    assert sitting_here([ANN, BOB], "Bob Stone", "root") == "Bob Stone"
    assert sitting_here([BOB], "", "root") == "root"


def test_once_people_are_named_only_they_are_known(tmp_path: Path) -> None:
    assert shell(tmp_path, PEOPLE, "Bob Stone").who == "Bob Stone"
    with pytest.raises(UsageError, match=r"did you mean 'ann'\? there are: ann, Bob"):
        _ = shell(tmp_path, PEOPLE, "anne").who


def test_an_unknown_login_name_is_asked_for_a_name(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(PEOPLE)
    done = replyby_inside(("claim",), tmp_path, {"LOGNAME": "stranger"})
    assert (done.returncode, done.stdout) == (2, "")
    assert "there are: ann, Bob Stone" in done.stderr


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (PEOPLE + '[[people]]\nname = "ann"\n', r"two people have the name 'ann'"),
        (PEOPLE + '[[people]]\nname = "c"\nlogin = "a.jones"\n', "two people have the login"),
        ('[desk]\nme = "zoe"\n' + PEOPLE, "key 'me' of \\[desk\\] is 'zoe', who is none of them"),
        ('[[people]]\nname = " ann"\n', r"\[\[people\]\] number 1: key 'name'"),
        ('[[people]]\nname = "ann, bob"\n', "without a comma"),
        ('[[people]]\nname = "ann"\nphone = "1"\n', "unknown key 'phone'"),
    ],
)
def test_what_can_t_be_is_said_with_its_place(text: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        parse_config(text, Path("/etc/replyby/config.toml"), {})


def test_the_names_are_there_for_assigning() -> None:
    assert parse_config(PEOPLE, Path("/c.toml"), {}).people == ("ann", "Bob Stone")
    assert parse_config("", Path("/c.toml"), {}).people == ()
