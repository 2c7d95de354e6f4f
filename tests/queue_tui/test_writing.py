"""What helps while an answer is written: canned replies, the platform's word, undo, an editor."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from time import process_time

import pytest
from textual import events
from textual.widgets import Input

from monitor.intake import decide
from monitor.message import Party
from queue_tui.widgets.canned_popup import CannedPopup
from queue_tui.widgets.undo_line import UndoLine
from tests.fakes import START, message
from tests.queue_tui.driving import CONFIG, Office, Terminal, sync

_CANNED = """
[canned.texts]
thanks = "Thank you, {customer}!\\n{agent} of {desk}"
refund = "We sent {amount} back, see {link}"
"""
_PLATFORMS = """
[[accounts]]
name = "x"
channel = "twitter"
consumer_key = "env:NONE"
consumer_secret = "env:NONE"
access_token = "env:NONE"
access_token_secret = "env:NONE"

[[accounts]]
name = "page"
channel = "facebook"
page = "1"
token = "env:NONE"
"""


@pytest.fixture
def three(office: Office) -> Iterator[Office]:
    """An office with all three channels and canned replies, on the same store."""
    office.close()
    opened = Office(office.folder, office.clock, CONFIG + _CANNED + _PLATFORMS)
    yield opened
    opened.close()


@sync
async def test_a_code_finds_a_canned_reply_and_enter_puts_it_in(three: Office) -> None:
    three.writes(1)
    async with three.terminal() as t:
        await t.compose("hi ;th")
        await t.wait(lambda: popup(t).open)
        await t.see("thanks", "Thank you, {customer}!")
        await t.press("enter")
        assert t.draft == "hi Thank you, Customer 1!\nann of Acme support"
        assert not popup(t).open
        await t.press("ctrl+z")
        assert t.draft == "hi ;th"


@sync
async def test_esc_comes_back_from_what_tab_went_to(three: Office) -> None:
    three.writes(1)
    async with three.terminal() as t:
        await t.compose("hello")
        await t.press("tab", "x", "escape")
        await t.type(" there")
        assert (t.draft, t.composing) == ("hello there", three.of(1).id)


@sync
async def test_ctrl_t_offers_all_and_the_first_blank_is_selected(three: Office) -> None:
    three.writes(1, url="https://shop.example/1")
    async with three.terminal() as t:
        await t.compose()
        await t.press("ctrl+t")
        await t.see("refund", "thanks")
        await t.press("tab")
        assert t.draft == "We sent {amount} back, see https://shop.example/1"
        await t.type("5 euro")
        assert t.draft == "We sent 5 euro back, see https://shop.example/1"


@sync
async def test_an_open_blank_is_not_sent(three: Office) -> None:
    three.writes(1)
    async with three.terminal() as t:
        await t.compose(";refund\n")
        await t.press("ctrl+s")
        await t.see("NOT sent: {amount}, {link} is still to be filled in")
        assert three.answers() == []
        await t.type("5")
        assert t.draft == "We sent 5 back, see {link}"


@sync
async def test_esc_leaves_the_code_as_it_is_and_the_composer_open(three: Office) -> None:
    three.writes(1)
    async with three.terminal() as t:
        await t.compose(";re")
        await t.wait(lambda: popup(t).open)
        await t.press("escape")
        assert not popup(t).open
        await t.type("f\n")
        assert t.draft == ";ref\n"
        assert t.composing


@sync
async def test_a_semicolon_in_a_sentence_offers_nothing(three: Office) -> None:
    three.writes(1)
    async with three.terminal() as t:
        await t.compose("so;thanks\n")
        assert t.draft == "so;thanks\n"


@sync
async def test_without_canned_replies_ctrl_t_says_where_they_go(office: Office) -> None:
    office.writes(1)
    async with office.terminal() as t:
        await t.compose()
        await t.press("ctrl+t")
        await t.see("[canned] in config.toml")


@sync
async def test_a_canned_folder_that_is_gone_is_said_and_in_nobodys_way(office: Office) -> None:
    office.close()
    opened = Office(office.folder, office.clock, f'{CONFIG}\n[canned]\nfolder = "gone"\n')
    opened.writes(1)
    async with opened.terminal() as t:
        await t.compose()
        await t.see("canned replies:")
        await t.type("hello")
        assert t.draft == "hello"
    opened.close()


@sync
async def test_what_will_happen_is_said_while_typing(three: Office) -> None:
    mention(three)
    async with three.terminal() as t:
        await t.compose()
        await t.see("a public reply to @kim", "yours for 15m")
        await t.type("see https://acme.test/x")
        await t.see("27/280", "$0.20 for its link")


@sync
async def test_what_is_too_long_is_not_sent_and_another_way_is_chosen(
    three: Office,
) -> None:
    mention(three)
    async with three.terminal() as t:
        await t.compose()
        t.pilot.app.post_message(events.Paste("A sentence of words. " * 20))
        await t.see("TOO LONG", "ctrl+r: [in one post] as a thread of 2 posts")
        await t.press("ctrl+s")
        await t.see("NOT sent: 140 too long: 420 of 280; ctrl+r")
        assert three.answers() == []
        await t.press("ctrl+r")
        await t.see("[as a thread", "in 2 posts")
        await t.press("ctrl+s")
        await t.see("on its way")
    [way] = three.store.database.read("SELECT way FROM outbox")
    assert way == ("thread",)


@sync
async def test_a_comment_can_be_answered_in_private(three: Office) -> None:
    comment(three)
    async with three.terminal() as t:
        await t.compose()
        await t.see("[as a public comment]")
        await t.press("ctrl+r")
        await t.see("a private message to Kim", "[in private,")


@sync
async def test_what_was_meant_in_private_is_a_private_draft(three: Office) -> None:
    comment(three)
    async with three.terminal() as t:
        await t.compose("card 1234")
        await t.press("ctrl+r")
        await t.see("a private message to Kim")
        await t.press("escape")
        await t.see("the draft is kept")
        await t.compose()
        await t.see("a private message to Kim", "[in private,")
        await t.press("ctrl+s")
        await t.see("takes it back")
    assert three.store.database.read("SELECT way FROM outbox") == [("private",)]


@sync
async def test_a_private_answer_that_is_taken_back_does_not_become_a_public_one(
    three: Office,
) -> None:
    comment(three)
    async with three.terminal() as t:
        await t.compose()
        await t.press("ctrl+r")
        await t.see("a private message to Kim")
        await t.type("card 1234")
        await t.press("ctrl+s")
        await t.see("takes it back")
        await t.press("z")
        await t.see("is taken back")
        await t.compose()
        await t.see("a private message to Kim")


@sync
async def test_a_way_that_is_not_open_any_more_is_said_and_ctrl_r_leaves_it(
    three: Office,
) -> None:
    comment(three)
    [(number,)] = three.store.database.read("SELECT id FROM conversation")
    three.desk.save_draft(number, "ann", "card 1234", 0, way="private")
    three.clock.forward(days=8)
    async with three.terminal() as t:
        await t.compose()
        await t.see("NOT possible", "ctrl+r: the usual way")
        await t.press("ctrl+r")
        await t.see("a public comment")


@sync
async def test_who_types_on_where_nothing_can_be_answered_gives_no_commands(
    three: Office,
) -> None:
    mention(three, source="search", mentioned=False)
    async with three.terminal() as t:
        await t.settle()
        await t.press("r")
        await t.wait(lambda: "no answer from here" in t.status)
        await t.type("hello, ex")
        assert len(t.pilot.app.screen_stack) == 2
        await t.wait(lambda: t.queue.typed_ahead is None)
        await t.press("question_mark")
        await t.see("all keys")


@sync
async def test_where_one_way_is_there_ctrl_r_says_so(office: Office) -> None:
    office.writes(1)
    async with office.terminal() as t:
        await t.compose()
        await t.press("ctrl+r")
        await t.see("there is one way of answering here")


@sync
async def test_who_cannot_be_answered_opens_no_composer_and_is_not_claimed(
    three: Office,
) -> None:
    mention(three, source="search", mentioned=False)
    async with three.terminal() as t:
        await t.see("no answer from here: w opens it there, A marks it answered")
        await t.press("r")
        await t.wait(lambda: "no answer from here" in t.status)
        await t.wait(lambda: t.queue.typed_ahead is None)
        assert t.composing is None
        [kept] = three.desk.page()
        assert kept.assignee is None
        await t.compose(key="n")
        await t.see("Note on")


@sync
async def test_until_when_an_answer_is_taken_stands_beside_the_countdown(
    three: Office,
) -> None:
    comment(three, kind="message")
    async with three.terminal() as t:
        await t.see("takes an answer until Sat 21 Nov 09:00, 1d left")


@sync
async def test_a_channel_without_files_says_so_at_once(three: Office) -> None:
    mention(three)
    async with three.terminal() as t:
        await t.compose()
        assert "ctrl+e editor" in t.text
        assert "ctrl+o" not in t.text
        await t.press("ctrl+o")
        await t.see("no files can be sent along here")
        assert t.pilot.app.screen is t.main


@pytest.mark.parametrize("path", ["~nobody.of.this.name/a.txt", "a" * 300, "/nowhere/a.txt"])
@sync
async def test_a_path_that_leads_to_no_file_is_said(office: Office, path: str) -> None:
    office.writes(1)
    async with office.terminal() as t:
        await t.compose()
        await t.press("ctrl+o")
        await t.see("Send which file along?")
        t.pilot.app.screen.query_one(Input).value = path
        await t.press("enter")
        await t.see("there is no file")
        assert t.composing


@sync
async def test_after_sending_the_time_to_take_it_back_is_counted_down(office: Office) -> None:
    office.writes(1, 2)
    async with office.terminal() as t:
        await t.compose("hello")
        await t.press("ctrl+s")
        await t.see("the answer to #1 leaves in 10 s: z takes it back")
        office.clock.forward(seconds=4)
        t.main.writing.tick()
        await t.see("leaves in 6 s")
        await t.press("z")
        await t.wait(lambda: not t.main.query_one(UndoLine).display)
        assert office.answers() == []


@sync
async def test_close_to_the_deadline_undo_takes_a_quarter_of_what_is_left(
    office: Office,
) -> None:
    office.writes(1)
    async with office.terminal() as t:
        await t.compose("hello")
        office.clock.forward(hours=5, minutes=59, seconds=40)
        await t.press("ctrl+s")
        await t.see("leaves in 5 s")
        office.clock.forward(seconds=6)
        t.main.writing.tick()
        await t.wait(lambda: "leaves in" not in t.text)


@sync
async def test_the_claims_time_is_shown_while_writing(office: Office) -> None:
    office.writes(1)
    async with office.terminal() as t:
        await t.compose()
        await t.see("yours for 30m")
        office.clock.forward(minutes=10)
        t.main.writing.tick()
        await t.see("yours for 20m")


@sync
async def test_an_edit_by_the_customer_stops_sending_once(office: Office) -> None:
    office.writes(1)
    async with office.terminal() as t:
        await t.compose("hello")
        with office.store.database.write() as tx:
            later = {"at": int((START + timedelta(minutes=1)).timestamp() * 1e6)}
            tx.run("UPDATE message SET body = 'blue, not red', edited_at = :at", later)
        await t.press("ctrl+s")
        await t.see("NOT sent: a message was edited", "blue, not red")
        assert office.answers() == []
        await t.press("ctrl+s")
        await t.see("on its way")


@sync
async def test_without_a_terminal_of_its_own_no_editor_is_opened(office: Office) -> None:
    office.writes(1)
    async with office.terminal() as t:
        await t.compose("hello")
        await t.press("ctrl+e")
        await t.see("no editor can be opened")
        assert t.draft == "hello"


@sync
async def test_typing_waits_for_nobody(three: Office) -> None:
    mention(three)
    async with three.terminal() as t:
        await t.compose()
        began = process_time()
        await t.type("quick brown foxes jump " * 4)
        assert process_time() - began < 92 * 0.05
        assert t.draft == "quick brown foxes jump " * 4


def popup(t: Terminal) -> CannedPopup:
    return t.main.query_one(CannedPopup)


def put(office: Office, account: str, kind: str, name: str, source: object) -> None:
    """One message comes in at this account."""
    number, policy = office.store.accounts.ids()[account], office.house.policies[account]
    now, short = office.clock(), timedelta(minutes=1)
    lease = office.store.accounts.lease(number, "test", now, short, "test")
    assert lease is not None
    came = message(
        7, START, author=Party("77", name), kind=kind, raw=json.dumps(source).encode(),
        url="https://x.example/kim/status/1",
    )  # fmt: skip
    office.store.ingest.batch(
        lease, [came], "cursor", lambda known: decide([came], known, policy), now, short
    )
    assert office.store.accounts.succeeded(lease, now, now, {})


def mention(office: Office, *, source: str = "mentions", mentioned: bool = True) -> None:
    """@kim writes to us at X, or about us where we are not `mentioned`."""
    entities = {"mentions": [{"id": "1", "username": "acme"}]} if mentioned else {}
    row = {
        "id": "5", "author_id": "77", "text": "@acme where is it?", "entities": entities,
        "conversation_id": "5", "created_at": "2026-11-20T09:00:00.000Z",
    }  # fmt: skip
    us = {"id": "1", "handle": "acme", "name": "Acme"}
    put(office, "x", "post", "Kim @kim", {"row": row, "us": us, "from": source})


def comment(office: Office, *, kind: str = "comment") -> None:
    """Kim comments on our page, or writes a message."""
    kim = {"id": "77", "name": "Kim"}
    node = {"id": "1_2", "created_time": "2026-11-20T09:00:00+0000", "from": kim}
    source = {"kind": kind, "post": "1_1", "conversation": "t_1", "node": node}
    put(office, "page", kind, "Kim", source)
