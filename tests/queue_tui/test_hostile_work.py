"""`replyby work` over hostile text: what it says, and what is pasted into its questions."""

from __future__ import annotations

import os
import re
import subprocess
import termios
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from monitor.clean import clean_block
from tests.hostile import obeyed, strange, texts
from tests.queue_tui.driving import CONFIG, Office
from tests.queue_tui.hostile_office import LISTS, opened, watched
from tests.queue_tui.test_pty import Screen
from tests.replyby import COMMAND

pytestmark = pytest.mark.slow

_BREAKS = re.compile(r"[\r\n]")
_PASTED = 200
_ASKED = ("note", "tag", "pass", "snooze", "open", "list", "close", "no reply", "")


@pytest.fixture
def office(tmp_path: Path, hostile_folder: Path) -> Iterator[Office]:
    office = opened(tmp_path, hostile_folder)
    (office.folder / "config.toml").write_text(CONFIG + LISTS)
    yield office
    office.close()


def without_echo(s: Screen) -> None:
    """What is typed comes back from the terminal itself; here only the program is looked at."""
    modes = termios.tcgetattr(s.handle)
    modes[3] &= ~termios.ECHO
    termios.tcsetattr(s.handle, termios.TCSANOW, modes)


def said(office: Office, lines: Iterable[bytes], **environment: str) -> bytes:
    """What is written, on both streams, to who pipes these lines in; it ends well."""
    done = subprocess.run(
        [*COMMAND, "--as", "ann", "work"],
        cwd=office.folder,
        input=b"".join(line + b"\n" for line in lines),
        env=os.environ | environment,
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    return done.stdout


def lines() -> list[bytes]:
    """The strings as bytes that a terminal may send, one line each; some are no UTF-8."""
    cut = (_BREAKS.sub(" ", text) for text in texts(_PASTED))
    return [text.encode("utf-8", "surrogatepass") for text in cut]


def test_all_that_is_read_out_obeys_no_hostile_text(office: Office) -> None:
    waiting = office.desk.page(limit=500)
    with watched(office, "work") as s:
        s.see("what else there is.")
        without_echo(s)
        for words in ("list", "next", *(f"open {c.id}" for c in waiting)):
            s.type(f"{words}\n")
        s.type(f"open {waiting[-1].id}\nshow more\nlist more\nlist more\nquit\n")
        assert s.end() == 0
        assert s.output.count(b"Conversation") > len(waiting)


def test_nobody_can_speak_for_the_program(office: Office) -> None:
    last = office.desk.page(limit=500)[-1].id
    heard = said(office, [b"open %d" % last, b"show more", b"quit"]).decode()
    assert "[ Agent ann ] refund" in heard
    assert not re.search(r"^ ?\[ Agent ann \]", heard, re.MULTILINE)


@pytest.mark.parametrize("errors", ["strict", "surrogateescape"])
def test_whatever_is_pasted_into_its_questions_is_cleaned(office: Office, errors: str) -> None:
    given = [b" ".join(filter(None, (verb.encode(), line))) for line in lines() for verb in _ASKED]
    heard = said(office, [*given, b"quit"], PYTHONIOENCODING=f"utf-8:{errors}")
    assert obeyed(heard) == set()
    assert strange(heard) == set()
    assert b"a fault" not in heard


def test_whatever_is_pasted_into_an_answer_is_kept_cleaned(office: Office) -> None:
    number = office.of(0).id
    heard = said(office, [b"open %d" % number, b"answer", *lines(), b".", b"show", b"keep"])
    kept = office.draft(0)
    assert "formula" in kept or "cmd|" in kept
    assert clean_block(kept, 10**6, 10**6) == kept
    assert strange(heard) == set()
    assert office.answers() == []
