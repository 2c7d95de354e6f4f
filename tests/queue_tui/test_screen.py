"""What the queue screen shows at every size, in every list, and when something is wrong."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from textual.widgets import Input

from monitor.health import Health, Trouble
from monitor.message import Party
from queue_tui.dialogs.help import HelpScreen
from tests.fakes import START, FakeClock
from tests.queue_tui.driving import CONFIG, Office, Terminal, sync


@pytest.mark.parametrize("size", [(80, 24), (160, 45)])
@sync
async def test_the_first_screen_shows_the_queue_and_its_first_conversation(
    office: Office, size: tuple[int, int]
) -> None:
    office.writes(1, minutes=3)
    office.writes(2, minutes=1)
    async with office.terminal(size=size) as t:
        await t.see("2 waiting", "0 overdue", "subject 1", "subject 2", "text 2", "r reply")
        assert t.rows == [2, 1]
        assert t.cursor == t.shown == 2
        assert max(len(line) for line in t.text.splitlines()) <= size[0]


@pytest.mark.parametrize("size", [(40, 10), (20, 5), (8, 3), (1, 1), (300, 60)])
@sync
async def test_no_size_of_the_terminal_is_too_small(office: Office, size: tuple[int, int]) -> None:
    office.writes(*range(1, 30))
    async with office.terminal(size=size) as t:
        await t.compose("hi")
        await t.press("escape", "j", "s", "escape", "question_mark", "q", "slash", "escape")
        await t.settle()
        assert t.cursor == t.rows[1]


@sync
async def test_resizing_keeps_the_cursor_and_the_text(office: Office) -> None:
    office.writes(*range(1, 30))
    async with office.terminal(size=(80, 24)) as t:
        await t.press("j", "j")
        await t.compose("half a")
        for size in ((8, 3), (160, 45), (1, 1), (80, 24)):
            await t.pilot.resize_terminal(*size)
            await t.settle()
        await t.see("half a")
        assert t.cursor == t.composing == t.rows[2]


@sync
async def test_at_80_columns_the_key_line_says_how_to_quit(office: Office) -> None:
    async with office.terminal(size=(80, 24)) as t:
        assert "q quit" in t.text


@sync
async def test_the_composer_always_says_how_to_leave_it(office: Office) -> None:
    office.writes(1)
    office.writes(2, author=Party("a" * 40 + "@customer.test", "Somebody With A Long Name"))
    async with office.terminal(size=(80, 24)) as t:
        await t.press("j")
        await t.compose()
        assert "Esc keep draft" in t.text


@sync
async def test_the_views_show_mine_unclaimed_all_and_snoozed(office: Office) -> None:
    office.writes(1, 2, 3, 4)
    office.desk.claim(office.of(1).id, "ann")
    office.desk.claim(office.of(2).id, "bob")
    office.desk.snooze(office.of(3).id, "bob", START + timedelta(hours=1))
    async with office.terminal() as t:
        for key, name, customers in (
            ("1", "mine", [1]),
            ("2", "unclaimed", [4]),
            ("4", "snoozed", [3]),
            ("3", "all", [1, 2, 4]),
        ):
            await t.press(key)
            await t.see(f"[{name}]")
            assert t.rows == [office.of(n).id for n in customers]


@sync
async def test_what_is_snoozed_comes_back_by_itself(office: Office) -> None:
    office.writes(1)
    office.desk.snooze(office.of(1).id, "ann", START + timedelta(hours=1))
    async with office.terminal() as t:
        assert t.rows == []
        office.clock.forward(hours=1, seconds=1)
        await t.read_again()
        assert t.rows == [office.of(1).id]


@sync
async def test_help_shows_every_key_and_closes_again(office: Office) -> None:
    async with office.terminal(size=(80, 24)) as t:
        for leave in ("escape", "q", "question_mark"):
            await t.press("question_mark")
            await t.wait(lambda: isinstance(t.pilot.app.screen, HelpScreen))
            assert "claim the next one" in t.text
            assert "ctrl+s send" in t.text
            await t.press(leave)
            await t.wait(lambda: t.pilot.app.screen is t.main)


@sync
async def test_an_arrival_appears_without_a_key(office: Office) -> None:
    office.writes(1)
    async with office.terminal() as t:
        office.writes(2)
        await t.see("subject 2", "2 waiting")


@sync
async def test_what_is_overdue_is_marked_and_counted(office: Office) -> None:
    office.writes(1)
    office.writes(2, minutes=120)
    office.clock.forward(hours=6, minutes=5)
    async with office.terminal() as t:
        await t.see("1 overdue", "!!  -05:00")
        assert t.cursor_row.startswith(">!!")


@sync
async def test_an_empty_queue_says_so_and_when_the_next_poll_is(office: Office) -> None:
    office.writes(1)
    office.desk.close(office.of(1).id, "ann")
    lease = office.store.accounts.lease(1, "test", office.clock(), timedelta(minutes=1), "test")
    assert lease
    later = office.clock() + timedelta(seconds=40)
    assert office.store.accounts.succeeded(lease, office.clock(), later, {})
    async with office.terminal() as t:
        await t.see("nobody waits; the next poll is in 40s")


@sync
async def test_an_empty_queue_stops_saying_so_when_somebody_writes(office: Office) -> None:
    office.writes(1)
    office.desk.close(office.of(1).id, "ann")
    async with office.terminal() as t:
        await t.see("nobody waits")
        office.writes(2)
        await t.see("subject 2")
        await t.settle()
        assert "nobody waits" not in t.status


@sync
async def test_a_blind_account_makes_every_count_a_lower_bound(office: Office) -> None:
    office.writes(1)
    blind(office, "no answer from imap.acme.test")
    async with office.terminal(size=(120, 30)) as t:
        await t.see("≥ 1 waiting", "≥ 0 overdue", "support blind: no answer from imap.acme.test")


@sync
async def test_an_empty_queue_with_a_blind_account_claims_nothing(office: Office) -> None:
    office.writes(1)
    office.desk.close(office.of(1).id, "ann")
    blind(office, "no answer")
    async with office.terminal(size=(120, 30)) as t:
        await t.see("nobody is known to wait, but support is blind: call somebody")


@sync
async def test_a_silent_poller_is_noticed_by_the_open_terminal(office: Office) -> None:
    office.writes(1)
    async with office.terminal(size=(120, 30)) as t:
        assert "≥" not in t.headline
        office.clock.forward(minutes=30)
        await t.read_again()
        assert "≥ 1 waiting" in t.headline
        assert "not polled for 30m" in t.headline


@sync
async def test_an_error_of_the_store_is_said_and_the_screen_lives_on(office: Office) -> None:
    office.writes(1)
    async with office.terminal() as t:
        with office.broken():
            await t.press("a")
            await t.wait(lambda: "no such table" in t.status)
            await t.press("j", "k")
        await t.press("a")
        await t.see("claimed")
        assert office.of(1).assignee == "ann"


@sync
async def test_an_error_of_the_store_goes_away_when_it_is_over(office: Office) -> None:
    office.writes(1)
    async with office.terminal() as t:
        with office.broken():
            t.main.reading.reload()
            await t.wait(lambda: "no such table" in t.status)
        office.writes(2)
        await t.see("subject 2")
        await t.read_again()
        assert "no such table" not in t.status


@sync
async def test_search_finds_what_was_answered_and_closed_and_esc_leaves_it(office: Office) -> None:
    office.writes(1, 2)
    office.writes(3, text="the zebra arrived broken")
    office.desk.close(office.of(3).id, "bob")
    async with office.terminal() as t:
        await search(t, "zebra")
        await t.see("[search: zebra]", "subject 3")
        assert t.rows == [office.of(3).id]
        await t.press("escape")
        await t.see("[all]", "subject 2")
        assert office.of(3).id not in t.rows


@sync
async def test_a_search_for_nothing_known_says_how_to_go_back(office: Office) -> None:
    office.writes(1)
    async with office.terminal() as t:
        await search(t, "unicorn")
        await t.see("nothing found; Esc goes back")


@pytest.mark.parametrize("words", ['"', "a AND (", "*", "-x", "subject:1 NEAR", "%_'"])
@sync
async def test_no_search_is_an_error(office: Office, words: str) -> None:
    office.writes(1)
    async with office.terminal() as t:
        await t.press("slash")
        await t.settle()
        t.main.query_one(Input).value = words
        await t.press("enter")
        await t.see("[search:")
        assert "database" not in t.status


@sync
async def test_a_list_longer_than_a_page_is_read_on(office: Office) -> None:
    office.writes(*range(1, 251))
    async with office.terminal() as t:
        assert len(t.rows) == 200
        await t.press("G")
        await t.on(office.of(250).id)


async def search(t: Terminal, words: str) -> None:
    await t.press("slash")
    await t.see("Search everything")
    await t.type(words)
    await t.press("enter")


def blind(office: Office, reason: str) -> None:
    lease = office.store.accounts.lease(1, "test", office.clock(), timedelta(minutes=1), "test")
    assert lease
    trouble = Trouble(Health.BLIND, reason, "call somebody")
    assert office.store.accounts.failed(lease, office.clock(), office.clock(), trouble)


# What a channel never shows

_X = """
[[accounts]]
name = "x"
channel = "twitter"
direct_messages = {messages}
consumer_key = "env:A"
consumer_secret = "env:B"
access_token = "env:C"
access_token_secret = "env:D"
"""


@pytest.fixture(params=[True, False], ids=["with direct messages", "without"])
def office_at_x(
    request: pytest.FixtureRequest, tmp_path: Path, clock: FakeClock
) -> Iterator[tuple[Office, bool]]:
    messages = str(request.param).lower()
    opened = Office(tmp_path, clock, CONFIG + _X.format(messages=messages))
    yield opened, request.param
    opened.close()


@sync
async def test_the_queue_says_that_encrypted_chat_is_not_read(
    office_at_x: tuple[Office, bool],
) -> None:
    office, messages = office_at_x
    office.writes(1)
    async with office.terminal(size=(120, 30)) as t:
        await t.see("1 waiting")
        assert ("X's encrypted chat is not read" in t.text) == messages


@sync
async def test_every_countdown_moves_with_the_seconds_of_the_clock(office: Office) -> None:
    office.writes(1, minutes=-350 - 0.5 / 60)  # due in ten minutes but half a second
    async with office.terminal() as t:
        seen = []
        for tenths in (9, 11, 19, 21):
            office.clock.now = START + timedelta(milliseconds=100 * tenths)
            t.queue.draw_changes()
            await t.settle()
            seen.append(next(word for word in t.cursor_row.split() if ":" in word))
        assert seen == ["09:59", "09:58", "09:58", "09:57"]
