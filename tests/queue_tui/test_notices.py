"""The bell and the desktop's notifications: of whose, when, how often, and in which bytes."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, timedelta
from pathlib import Path

import pytest

from monitor.clock import now
from monitor.message import Conversation, Party
from monitor.terminal import TerminalSection
from queue_tui.announcing import Announcements, Notice, notification
from tests.fakes import FakeClock, message, take_in
from tests.queue_tui.driving import CONFIG, Office
from tests.queue_tui.test_pty import screen

NOTICE = Notice("replyby-7", "#7 is due in 4m")
Due = Callable[[], list[str]]


def announcements(office: Office, **settings: object) -> Due:
    """What is announced of ann's conversations at the moment of each call."""
    told = Announcements(TerminalSection.model_validate(settings), UTC)

    def due() -> list[str]:
        page = office.desk.page()
        mine = [c for c in page if c.assignee == "ann"]
        return [notice.text for notice in told.due(mine, office.clock())]

    return due


def claimed(office: Office, *customers: int, **left: float) -> None:
    """These wait for ann, and so much time is left to answer them."""
    office.writes(*customers)
    office.clock.forward(hours=6)
    office.clock.now -= timedelta(**left)
    for customer in customers:
        office.desk.claim(office.of(customer).id, "ann")


def test_one_of_ours_is_announced_once_when_it_is_about_to_go_over(office: Office) -> None:
    claimed(office, 1, minutes=11)
    due = announcements(office)
    assert due() == []
    office.clock.forward(minutes=2)
    assert due() == ["#1 is due in 9m"]
    office.clock.forward(minutes=3)
    assert due() == []


def test_what_nobody_or_somebody_else_has_is_not_announced(office: Office) -> None:
    office.writes(1, 2)
    office.clock.forward(hours=5, minutes=55)
    office.desk.claim(1, "bob")
    assert announcements(office)() == []


def test_what_is_overdue_when_the_screen_opens_is_said(office: Office) -> None:
    claimed(office, 1, minutes=-3)
    assert announcements(office)() == ["#1 is overdue by 3m"]


def test_in_quiet_hours_nothing_is_said_and_nothing_forgotten(office: Office) -> None:
    claimed(office, 1, minutes=5)
    due = announcements(office, quiet="14:00-14:57")
    assert due() == []
    office.clock.forward(minutes=3)
    assert due() == ["#1 is due in 2m"]


def test_many_at_once_are_one_notice(office: Office) -> None:
    claimed(office, 1, 2, 3, 4, minutes=5)
    assert announcements(office)() == ["4 of yours are about to go over"]


def test_a_new_wait_of_the_same_conversation_is_announced_anew(office: Office) -> None:
    claimed(office, 1, minutes=5)
    row = office.of(1)
    later = row._replace(reply_by_us=(row.reply_by_us or 0) + 1_000_000)
    told = Announcements(TerminalSection(), UTC)
    assert told.due([row], office.clock())
    assert told.due([later], office.clock())


def test_the_customer_s_words_stand_in_it_only_if_they_are_asked_for(office: Office) -> None:
    author = Party("eve@customer.test", "Eve\x1b]0;x\x07")
    office.writes(1, author=author, subject="Refund; now")
    row = office.store.lists.conversation(1)
    office.clock.forward(hours=5, minutes=55)
    assert words(row, office, notify_text=False) == ["#1 is due in 5m"]
    assert words(row, office, notify_text=True) == ["#1 is due in 5m: Eve�]0;x�, Refund; now"]


def words(row: Conversation, office: Office, **settings: object) -> list[str]:
    told = Announcements(TerminalSection.model_validate(settings), UTC)
    return [notice.text for notice in told.due([row], office.clock())]


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"TERM": "xterm-256color"}, ""),
        ({"TERM_PROGRAM": "iTerm.app"}, "\x1b]9;replyby: #7 is due in 4m\x1b\\"),
        ({"TERM": "foot"}, "\x1b]777;notify;replyby;#7 is due in 4m\x1b\\"),
        ({"TERM": "rxvt-unicode-256color"}, "\x1b]777;notify;replyby;#7 is due in 4m\x1b\\"),
        ({"TERM": "footless"}, ""),
        (
            {"KITTY_WINDOW_ID": "1"},
            "\x1b]99;i=replyby-7:d=0;replyby\x1b\\\x1b]99;i=replyby-7:p=body;#7 is due in 4m\x1b\\",
        ),
        (
            {"TMUX": "/tmp/x", "TERM_PROGRAM": "tmux", "WEZTERM_PANE": "0"},
            "\x1bPtmux;\x1b\x1b]777;notify;replyby;#7 is due in 4m\x1b\x1b\\\x1b\\",
        ),
        ({"TMUX": "/tmp/x", "TERM_PROGRAM": "tmux"}, ""),
    ],
)
def test_each_terminal_is_told_in_its_own_words(environment: dict[str, str], expected: str) -> None:
    assert notification(NOTICE, environment) == expected


def test_no_notice_can_end_its_own_sequence() -> None:
    hostile = Notice("replyby-7", "x\x1b\\\x1b]52;c;cm0=\x07\x9c; y")
    for kind in ("iTerm.app", "WezTerm", "kitty"):
        sent = notification(hostile, {"TERM_PROGRAM": kind})
        assert set(re.findall("\x1b.", sent)) == {"\x1b]", "\x1b\\"}
        assert sent.count("\x1b]") == (2 if kind == "kitty" else 1)
        assert not re.search("[\x07\x80-\x9f]", sent)


def test_the_terminal_rings_and_the_desktop_is_told(tmp_path: Path, empty_database: Path) -> None:
    long_ago = now() - timedelta(hours=5, minutes=57)
    with Office.on(empty_database, tmp_path, FakeClock(now())) as office:
        take_in(office.store, [message(1, long_ago)], now())
        office.desk.claim(1, "ann")
        with screen(office, config=CONFIG, KITTY_WINDOW_ID="1") as s:
            s.wait(lambda: b"\x1b]99;i=replyby-1:p=body;#1 is due in " in s.output)
            assert b"\x07" in s.output.replace(b"\x1b]22;default\x07", b"")
