"""`replyby work`: the queue worked off line by line, through plain standard input and output."""

from __future__ import annotations

import argparse
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import pytest

from monitor.clock import now
from monitor.command import Shell
from monitor.message import Party, State
from queue_tui.lines.attendance import Attendance
from queue_tui.lines.command import WorkCommand
from queue_tui.lines.session import Session, understood
from queue_tui.lines.talk import Talk
from queue_tui.lines.words import span
from tests.fakes import START, FakeClock, Step, Typed, message, take_in
from tests.queue_tui.driving import CONFIG, Office


@pytest.fixture
def work(
    office: Office, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., str]:
    """Ann says these lines; all that she is told."""

    def run(*steps: Step) -> str:
        monkeypatch.setattr(sys, "stdin", Typed(*steps))
        Session(Shell.at(office.house, "ann"), Talk(bell=True)).run()
        return capsys.readouterr().out

    return run


def interrupt() -> None:
    raise KeyboardInterrupt


def test_the_next_conversation_is_said_in_words(office: Office, work: Callable[..., str]) -> None:
    office.writes(1)
    office.clock.forward(hours=6, minutes=12)
    said = work("next", "quit")
    assert "You are ann. ≥ 1 waiting  ≥ 1 overdue  support blind: not polled for 6h 12m." in said
    assert "Conversation 1, e-mail, account support." in said
    assert "Subject: subject 1" in said
    assert "Overdue by 12 minutes. Claimed by ann until" in said
    assert "Customer 1 wrote, Fri 20 Nov 09:00" in said
    assert "\n  text 1\n" in said


def test_an_answer_is_written_and_sent(office: Office, work: Callable[..., str]) -> None:
    office.writes(1)
    said = work("", "answer", "Hello,", "..and thanks", ".", "send", "quit")
    assert [a.text for a in office.answers()] == ["Hello,\n.and thanks"]
    assert "It is on its way" in said
    assert office.of(1).state is State.SENDING


def test_what_will_happen_is_said_before_it_is_sent(
    office: Office, work: Callable[..., str]
) -> None:
    office.writes(1)
    said = work("", "answer", "Hello", ".", "keep", "quit")
    before, _, after = said.partition("Say: send")
    assert "customer1@customer.test" in before.rpartition("This will be")[2]
    assert "The draft is kept." in after
    assert office.answers() == []


def test_a_draft_is_kept_after_each_line(office: Office, work: Callable[..., str]) -> None:
    office.writes(1)
    kept: list[str] = []
    work("", "answer", "Hello,", lambda: kept.append(office.draft(1)), "there")
    assert kept == ["Hello,"]
    assert office.draft(1) == "Hello,\nthere"
    assert office.of(1).assignee is None, "who has gone holds nothing"


def test_who_sits_before_the_prompt_stays_in_sight_of_colleagues(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.writes(1)
    seen: list[tuple[int | None, bool]] = []

    def a_while() -> None:
        office.clock.forward(minutes=5)
        ends = time.monotonic() + 20
        while not (there := office.desk.present()) and time.monotonic() < ends:
            pass
        seen.extend((p.conversation_id, p.typing) for p in there)

    monkeypatch.setattr(sys, "stdin", Typed("", a_while, "answer", a_while, "Hello", "."))
    shell = Shell.at(office.house, "ann")
    Session(shell, Talk(), Attendance(shell.house.desk, "ann", every=0.01)).run()
    assert seen == [(1, False), (1, True)]
    assert office.desk.present() == []


def test_a_draft_is_gone_on_with(office: Office, work: Callable[..., str]) -> None:
    office.writes(1)
    work("", "answer", "Hello,", ".", "keep")
    said = work("", "answer", "Ann", ".", "send")
    assert "Your draft so far:\n  Hello,\n" in said
    assert office.answers()[0].text == "Hello,\nAnn"


def test_ctrl_c_while_writing_keeps_the_draft_and_goes_on(
    office: Office, work: Callable[..., str]
) -> None:
    office.writes(1)
    said = work("", "answer", "Hello,", interrupt, "show", "quit")
    assert "You have a draft of an answer." in said
    assert office.draft(1) == "Hello,"


def test_a_customer_who_writes_again_stops_the_answer(
    office: Office, work: Callable[..., str]
) -> None:
    office.writes(1)
    again = lambda: office.writes_again(1, "I found it, thanks")  # noqa: E731
    said = work("", "answer", "Hello", again, ".", "send", "keep", "quit")
    assert "NOT sent.\nAttention: the customer wrote again.\n" in said
    assert "\n  I found it, thanks\n" in said
    assert "\a" in said
    assert office.answers() == []


def test_an_answer_goes_out_all_the_same_once_the_news_was_read(
    office: Office, work: Callable[..., str]
) -> None:
    office.writes(1)
    work("", "answer", "Hello", lambda: office.writes_again(1), ".", "send", "send", "quit")
    assert len(office.answers()) == 1


def test_news_are_said_at_the_next_prompt(office: Office, work: Callable[..., str]) -> None:
    office.writes(1)
    said = work("", lambda: office.writes_again(1, "one more thing"), "help", "quit")
    assert said.count("one more thing") == 1


def test_skipped_ones_come_again_after_all_others(office: Office, work: Callable[..., str]) -> None:
    office.writes(1)
    office.writes(2, minutes=1)
    said = work("next", "skip", "skip", "quit")
    assert re.findall(r"Conversation (\d)", said) == ["1", "2", "1"]
    assert "Those that you skipped come again." in said


def test_what_a_colleague_holds_is_passed_over(office: Office, work: Callable[..., str]) -> None:
    office.writes(1)
    office.writes(2, minutes=1)
    office.desk.claim(1, "bob")
    assert re.findall(r"Conversation (\d)", work("next", "quit")) == ["2"]


def test_leaving_gives_back_what_was_claimed_here(office: Office, work: Callable[..., str]) -> None:
    office.writes(1, 2)
    office.desk.claim(2, "ann")
    office.desk.claim(1, "ann")
    office.desk.release(1, "ann")
    assert "Given back: 2." in work("next", "quit")
    assert office.of(2).assignee is None


@pytest.mark.parametrize(
    ("lines", "state"),
    [
        (("no reply needed", "a thank-you"), State.NO_REPLY_NEEDED),
        (("no reply needed spam",), State.NO_REPLY_NEEDED),
        (("close", ""), State.CLOSED),
        (("snooze 2h",), State.SNOOZED),
        (("snooze", "tomorrow 9", "yes"), State.SNOOZED),
        (("snooze tomorrow 9", "no"), State.WAITING),
        (("outside",), State.ANSWERED),
    ],
)
def test_a_word_says_what_becomes_of_it(
    office: Office, work: Callable[..., str], lines: tuple[str, ...], state: State
) -> None:
    office.writes(1)
    work("next", *lines, "quit")
    assert office.of(1).state is state


def test_where_none_is_open_no_reason_is_asked_for(
    office: Office, work: Callable[..., str]
) -> None:
    said = work("close", "no reply needed", "quit")
    assert said.count("no conversation is open") == 2
    assert "The reason" not in said


def test_an_answer_can_be_taken_back(office: Office, work: Callable[..., str]) -> None:
    office.writes(1)
    said = work("", "answer", "Hello", ".", "send", "undo", "quit")
    assert "its text is your draft again" in said
    assert (office.answers(), office.draft(1)) == ([], "Hello")


def test_one_is_passed_on_and_tagged(office: Office, work: Callable[..., str]) -> None:
    office.writes(1)
    said = work("", "tag vip delivery", "show", "pass bob", "yes", "quit")
    assert "Tags: vip, delivery." in said
    assert office.of(1).assignee == "bob"
    assert "Given back" not in said


def test_a_note_is_written(office: Office, work: Callable[..., str]) -> None:
    office.writes(1)
    said = work("", "note", "ask the depot", ".", "show more", "quit")
    assert "ann noted, in private" in said
    assert "  ask the depot\n" in said


def test_lists_are_read_ten_at_a_time(office: Office, work: Callable[..., str]) -> None:
    office.writes(*range(1, 13))
    said = work("list", "list more", "list mine", "list everything", "quit")
    assert (
        "10: due in 6 hours, unclaimed, Customer 10, customer10@customer.test: subject 10" in said
    )
    assert "2 more; say: list more." in said
    assert "12: due in" in said
    assert "Nothing in this list." in said
    assert "Not done: say: list, and mine," in said


def test_an_empty_queue_says_when_the_next_poll_is(
    office: Office, work: Callable[..., str]
) -> None:
    office.writes(1)
    office.desk.close(1, "bob")
    office.clock.forward(seconds=-30)
    assert "Nobody waits; the next poll is" in work("next", "quit")


def test_what_is_not_understood_does_nothing(office: Office, work: Callable[..., str]) -> None:
    office.writes(1)
    said = work("", "anser", "sned", "open x", "open 99", "quit")
    assert said.count("That is not understood") == 2
    assert "Not done: say: open, and the number" in said
    assert office.of(1).state is State.WAITING


def test_a_lost_database_is_said_and_work_goes_on(office: Office, work: Callable[..., str]) -> None:
    office.writes(1)
    lost = ExitStack()
    said = work(
        "", lambda: lost.enter_context(office.broken()), "show", "help", lost.close, "show", "quit"
    )
    assert said.count("Conversation 1, e-mail") == 2
    assert "Not done: " in said
    assert "says what can be said" in said


def test_a_text_outlives_a_lost_database(office: Office, work: Callable[..., str]) -> None:
    office.writes(1)
    lost = ExitStack()
    lose = lambda: lost.enter_context(office.broken("draft"))  # noqa: E731
    said = work("", "answer", "Hello,", lose, "Ann", lost.close, "bye", ".", "send", "quit")
    assert "What you write is NOT kept now: " in said
    assert [a.text for a in office.answers()] == ["Hello,\nAnn\nbye"]


def test_who_else_is_there_is_said_and_seen(office: Office, work: Callable[..., str]) -> None:
    office.writes(1)
    office.desk.here("bob", 1, typing=True)
    seen: list[tuple[str, bool]] = []
    look = lambda: seen.extend((p.person, p.typing) for p in office.desk.present())  # noqa: E731
    said = work("", "answer", "Hello", look, ".", "keep", "quit")
    assert "bob writes here too." in said
    assert sorted(seen) == [("ann", True), ("bob", True)]
    assert [p.person for p in office.desk.present()] == ["bob"]


def test_who_has_to_wait_for_new_deadlines_is_told_so(
    office: Office, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", Typed("quit"))
    office.writes(*range(1, 451))
    office.config = CONFIG.replace('email = "6h"', 'email = "5h"')
    shell = Shell.at(office.other_house(), "ann")
    assert WorkCommand().run(argparse.Namespace(bell=False), shell) == 0
    shell.close()
    said = capsys.readouterr().out
    assert "Please wait; windows, hours or rules changed: 200 of 450 deadlines done." in said
    assert "400 of 450" not in said
    assert "\x1b" not in said


def test_a_verb_may_be_several_words() -> None:
    verb, rest = understood("No Reply Needed  they said thanks")
    assert (verb and verb.said[0], rest) == ("no reply needed", "they said thanks")
    assert understood("nothing") == (None, "")


def test_spans_are_said_in_words() -> None:
    assert span(timedelta(seconds=59)) == "less than a minute"
    assert span(timedelta(minutes=-61)) == "1 hour 1 minute"
    assert span(timedelta(days=2, hours=3, minutes=4)) == "2 days 3 hours"


def test_customers_can_neither_act_on_the_terminal_nor_speak_for_us(
    office: Office, work: Callable[..., str]
) -> None:
    text = "\x1b]0;owned\x07\x1b[2J\nIt is on its way.\n\x9b31m"
    author = Party("eve@customer.test", "Eve\x1b[31m\nConversation 9")
    take_in(office.store, [message(1, START, subject=text, text=text, author=author)], START)
    said = work("next", "show more", "list", "quit").replace("\a", "")
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f]", said)
    assert "\nIt is on its way" not in said
    assert "\nConversation 9" not in said


def test_the_command_itself_by_pipes_ends_cleanly(real_folder: Path) -> None:
    done = run(real_folder, b"next\nanswer\nhello\n.\nsend\nhelp\nquit\n")
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"It is on its way" in done.stdout
    assert b"\x1b" not in done.stdout


def test_a_lost_line_gives_back_what_was_held(real_folder: Path) -> None:
    process = start(real_folder)
    assert process.stdin
    assert process.stdout
    process.stdin.write(b"next\n")
    process.stdin.flush()
    while b"Conversation 1" not in process.stdout.readline():
        pass
    process.send_signal(signal.SIGHUP)
    rest = process.communicate(timeout=60)[0]
    assert b"Given back: 1" in rest
    assert process.returncode == 128 + signal.SIGHUP


@pytest.fixture
def real_folder(tmp_path: Path, empty_database: Path) -> Path:
    with Office.on(empty_database, tmp_path, FakeClock(now())) as opened:
        take_in(opened.store, [message(1, now())], now())
    (tmp_path / "config.toml").write_text(CONFIG)
    return tmp_path


def start(folder: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "monitor", "--as", "ann", "work"]
    return subprocess.Popen(
        command, cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


def run(folder: Path, lines: bytes) -> subprocess.CompletedProcess[bytes]:
    process = start(folder)
    out, err = process.communicate(lines, timeout=60)
    return subprocess.CompletedProcess([], process.returncode, out, err)
