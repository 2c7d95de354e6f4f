"""The person's own editor: what it leaves is taken, what fails is said."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.errors import DeskError
from queue_tui.editor import edit, editor_of


def script(folder: Path, body: str) -> str:
    path = folder / "my editor"
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o700)
    return f"'{path}' -x"


def test_what_the_editor_leaves_is_taken(tmp_path: Path) -> None:
    command = script(tmp_path, 'test "$1" = -x && echo more >> "$2"')
    assert edit("Hello,\ngrüß", command) == "Hello,\ngrüß\nmore"
    assert edit("unchanged", "true") == "unchanged"


def test_what_it_leaves_is_cleaned(tmp_path: Path) -> None:
    command = script(tmp_path, r"printf 'a\033]52;c;eA==\007\377\r\nb' > $2")
    assert edit("", command) == "a\ufffd]52;c;eA==\ufffd\ufffd\nb"


def test_only_we_can_read_the_text_meanwhile_and_nothing_of_it_stays(tmp_path: Path) -> None:
    command = script(
        tmp_path, f"ls -ld $(dirname $2) > {tmp_path}/seen; echo $2 >> {tmp_path}/seen"
    )
    edit("secret", command)
    listed, place = (tmp_path / "seen").read_text().splitlines()
    assert listed.startswith("drwx------")
    assert not Path(place).parent.exists()


@pytest.mark.parametrize(
    ("body", "says"), [("exit 3", "ended with 3"), ("rm $2", "can't be read: No such file")]
)
def test_an_editor_that_fails_is_told(tmp_path: Path, body: str, says: str) -> None:
    with pytest.raises(DeskError, match=says):
        edit("text", script(tmp_path, body))


@pytest.mark.parametrize("command", ["/nowhere/vi", "vi 'unclosed"])
def test_an_editor_that_is_none_is_named(command: str) -> None:
    with pytest.raises(DeskError, match=r"can't be run.*set EDITOR"):
        edit("text", command)


def test_the_person_chooses_the_editor() -> None:
    assert editor_of({"VISUAL": "code -w", "EDITOR": "nano"}) == "code -w"
    assert editor_of({"EDITOR": "nano"}) == "nano"
    assert editor_of({"VISUAL": ""}) == "vi"
