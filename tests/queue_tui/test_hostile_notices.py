"""Hostile names and subjects in what the desktop is told: the sequence stays ours."""

from __future__ import annotations

import re
import shutil
from datetime import UTC, timedelta
from pathlib import Path

import pytest

from monitor.clock import now
from monitor.message import Party
from monitor.terminal import TerminalSection
from queue_tui.announcing import Announcements, Notice, notification
from tests.fakes import FakeClock, message, take_in
from tests.hostile import obeyed, strange, texts
from tests.queue_tui.driving import CONFIG, Office
from tests.queue_tui.test_pty import screen

_NAME_CHARS = 200
_KINDS = {"kitty": "KITTY_WINDOW_ID", "iterm": "ITERM_SESSION_ID", "wezterm": "WEZTERM_PANE"}
# All that a terminal may be told, with a text that can neither end it nor begin a part more.
_PART = "[^\x00-\x1f\x7f-\x9f;]*"
_TOLD = re.compile(
    rf"\x1b\]9;replyby: {_PART}\x1b\\"
    rf"|\x1b\]777;notify;replyby;{_PART}\x1b\\"
    rf"|\x1b\]99;i=replyby-\d+:d=0;replyby\x1b\\\x1b\]99;i=replyby-\d+:p=body;{_PART}\x1b\\"
)
_PASSED_ON = re.compile(r"\x1bPtmux;((?:[^\x1b]|\x1b\x1b)*)\x1b\\")


def notices(office: Office) -> list[str]:
    """What ann's terminal would say of each conversation, whatever its customer is called."""
    long_ago = office.clock() - timedelta(hours=5, minutes=57)
    named = [
        message(n, long_ago, author=Party(f"{n}@customer.test", text), subject=text)
        for n, text in enumerate(texts(_NAME_CHARS))
    ]
    office.take_in(named)
    settings = TerminalSection(notify_text=True)
    announced = [
        Announcements(settings, UTC).due([c], office.clock()) for c in office.desk.page(limit=500)
    ]
    return [
        notification(notice, {variable: "1"} | more)
        for variable in _KINDS.values()
        for more in ({}, {"TMUX": "1"})
        for [notice] in announced
    ]


def test_a_customer_s_name_can_neither_end_a_notice_nor_add_to_it(office: Office) -> None:
    told = notices(office)
    assert len(told) > len(texts(1))
    for sent in told:
        passed_on = _PASSED_ON.fullmatch(sent)
        inner = passed_on[1].replace("\x1b\x1b", "\x1b") if passed_on else sent
        assert _TOLD.fullmatch(inner), repr(sent)


def test_a_terminal_of_another_character_set_is_told_in_ascii() -> None:
    notice = Notice("replyby-7", "#7 is due in 4m: Ümit")  # of two bytes, the second ends it there
    kitty = {"KITTY_WINDOW_ID": "1", "LANG": "de_DE.ISO-8859-1"}
    assert "?mit" in notification(notice, kitty)
    assert "Ümit" in notification(notice, kitty | {"LANG": "de_DE.UTF-8"})


@pytest.mark.slow
@pytest.mark.parametrize("kind", _KINDS)
def test_the_real_terminal_is_told_nothing_else(
    tmp_path: Path, empty_database: Path, kind: str
) -> None:
    shutil.copy(empty_database, tmp_path / "queue.db")
    office = Office(tmp_path, FakeClock(now()))
    evil = "\x1b\\\x1b]52;c;cm0=\x07\x9c\x1b]0;owned\x07;i=x:p=close;"
    long_ago = now() - timedelta(hours=5, minutes=57)
    author = Party("eve@customer.test", evil)
    take_in(office.store, [message(1, long_ago, author=author, subject=evil)], now())
    office.desk.claim(1, "ann")
    config = f"{CONFIG}\n[terminal]\nnotify_text = true\n"
    with screen(office, (100, 30), config, ("queue",), **{_KINDS[kind]: "1"}) as s:
        s.wait(lambda: _TOLD.search(s.output.decode("utf-8", "replace")))
        s.type("q")
        assert s.end() == 0
    rest = _TOLD.sub("", s.output.decode("utf-8", "replace")).encode()
    assert obeyed(rest) == set()
    assert strange(rest) == {repr("\a")}  # it rings
    office.close()
