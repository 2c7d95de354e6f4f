"""The conversation as it is read: what came of it, links, files, paging, the log, the customer."""

from __future__ import annotations

from datetime import timedelta
from time import process_time

import pytest
from textual.widgets import Input, OptionList, Static

from monitor.message import Attachment, Party, Sent
from queue_tui.dialogs.choose import Choose
from queue_tui.dialogs.leaf import Leaf
from queue_tui.widgets.transcript import PAGE
from tests.fakes import START, message
from tests.queue_tui.driving import Office, Terminal, sync


@sync
async def test_an_answer_says_after_how_long_and_whether_in_time(office: Office) -> None:
    office.writes(1)
    answered(office, 1, after=timedelta(minutes=34))
    async with office.terminal() as t:
        await t.go_to(office.of(1).id)
        await t.see("answered after 34m, in time", "text 1")


@sync
async def test_a_late_answer_says_so(office: Office) -> None:
    office.writes(1)
    answered(office, 1, after=timedelta(hours=7))
    async with office.terminal() as t:
        await t.go_to(office.of(1).id)
        await t.see("answered after 7h, LATE")


@sync
async def test_a_wait_that_ended_without_an_answer_stands_in_its_place(office: Office) -> None:
    office.writes(1)
    office.clock.forward(minutes=5)
    office.desk.no_reply_needed(office.of(1).id, "bob", "")
    office.clock.forward(minutes=5)
    office.writes_again(1, "but I do need one")
    async with office.terminal() as t:
        await t.see("no reply needed after 5m", "but I do need one")
        ended = t.text.index("no reply needed after 5m")
        assert t.text.index("text 1") < ended < t.text.index("but I do need one")


@sync
async def test_an_edit_and_a_deletion_by_the_customer_are_said(office: Office) -> None:
    office.writes(1, 2)
    with office.store.database.write() as tx:
        now = {"now": 1_795_000_000_000_000}
        tx.run("UPDATE message SET edited_at = :now WHERE ext_id LIKE '<1@%'", now)
        tx.run("UPDATE message SET deleted_at = :now WHERE ext_id LIKE '<2@%'", now)
    async with office.terminal() as t:
        await t.see("edited, found")
        await t.press("j")
        await t.see("deleted by its author")


@sync
async def test_links_are_numbered_and_one_is_copied(office: Office) -> None:
    office.writes(1, text="see https://shop.example/a, http://bücher.example/b and ftp://x.example")
    async with office.terminal() as t:
        await t.see("https://shop.example/a [1]", "[2: xn--bcher-kva.example]")
        await t.press("L")
        await t.see("[2] xn--bcher-kva.example   http://xn--bcher-kva.example/b")
        await t.press("j", "enter")
        await t.see("copied: http://xn--bcher-kva.example/b")
        assert t.pilot.app.clipboard == "http://xn--bcher-kva.example/b"


@sync
async def test_a_link_keeps_its_number_when_more_is_read(office: Office) -> None:
    office.writes(1, text="https://first.example/")
    async with office.terminal() as t:
        await t.see("[1]")
        office.writes_again(1, "https://second.example/ and https://first.example/")
        await t.see("https://second.example/ [2]", "https://first.example/ [1]")


@sync
async def test_a_conversation_without_links_says_so(office: Office) -> None:
    office.writes(1)
    async with office.terminal() as t:
        await t.press("L")
        await t.see("no links in what is shown")


@sync
async def test_one_of_several_files_is_saved(office: Office) -> None:
    office.writes(1, raw=TWO_FILES, attachments=ATTACHED)
    folder = office.folder / "saved"
    folder.mkdir()
    async with office.terminal() as t:
        await t.press("f")
        await t.see("a.txt  3 B", "b.txt  3 B", "a save all")
        await t.press("j", "enter")
        await t.see("in which folder?")
        await t.press("backspace")
        await t.type(str(folder))
        await t.press("enter")
        await t.see("saved /")
    assert [p.name for p in folder.iterdir()] == ["b.txt"]


@pytest.mark.parametrize("folder", ["~nobody.of.this.name", "a" * 300])
@sync
async def test_files_are_not_saved_in_a_folder_that_cannot_be(office: Office, folder: str) -> None:
    office.writes(1, raw=TWO_FILES, attachments=ATTACHED)
    async with office.terminal() as t:
        await t.press("f", "a")
        await t.see("in which folder?")
        t.pilot.app.screen.query_one(Input).value = folder
        await t.press("enter")
        await t.see("there is no folder")


@sync
async def test_the_log_tells_in_words_what_happened(office: Office) -> None:
    office.writes(1)
    number = office.of(1).id
    office.desk.claim(number, "bob")
    office.desk.snooze(number, "bob", START + timedelta(hours=1))
    office.desk.tag(number, "bob", ("vip",))
    async with office.terminal() as t:
        await t.go_to(number)
        await t.press("h")
        await t.wait(lambda: isinstance(t.pilot.app.screen, Leaf))
        await t.see(
            "the customer wrote; due Fri 20 Nov 15:00",
            "claimed by bob until Fri 20 Nov 09:30",
            "snoozed by bob until Fri 20 Nov 10:00",
            "tagged by bob: vip",
        )
        await t.press("escape")
        await t.wait(lambda: t.pilot.app.screen is t.main)


@sync
async def test_i_goes_to_the_customers_other_conversation_and_backspace_back(
    office: Office,
) -> None:
    first = Party("kim@customer.test", "Kim")
    office.writes(1, author=first)
    office.writes(2, author=Party("KIM@customer.test", "K. Lee"))
    office.writes(3, author=Party("kim2@customer.test", "Kim"))
    here, there = (office.found(subject) for subject in ("subject 1", "subject 2"))
    async with office.terminal() as t:
        await t.on(here)
        await t.see("1 more of theirs: i")
        await t.press("i")
        await t.wait(lambda: isinstance(t.pilot.app.screen, Choose))
        assert "subject 2" in t.text
        assert "subject 3" not in choices(t)
        await t.press("enter")
        await t.on(there)
        await t.press("backspace")
        await t.on(here)


@sync
async def test_the_customer_stands_at_the_side_where_there_is_room(office: Office) -> None:
    office.writes(1, author=Party("kim@customer.test", "Kim"))
    office.writes(2, author=Party("kim@customer.test", "Kim"))
    office.desk.tag(office.found("subject 1"), "bob", ("vip",))
    async with office.terminal(size=(160, 45)) as t:
        await t.see("Customer", "window 6h", "Others (1): i", "subject 2", " vip")
        await t.pilot.resize_terminal(100, 30)
        await t.wait(lambda: "Others (1)" not in t.text)


@sync
async def test_a_long_conversation_is_read_backwards_page_by_page(office: Office) -> None:
    thread(office, 100)
    async with office.terminal() as t:
        await t.see("said 99")
        assert "said 0\n" not in t.text
        await t.press("enter", "home")
        await t.see(f"[{100 - PAGE} before: Home or PgUp]")
        for _ in range(100 // PAGE * 2):
            await t.press("home")
            await t.pilot.pause()
        await t.see("said 0\n")
        await t.press("end")
        await t.see("said 99")


@sync
async def test_paging_through_the_text_does_not_move_the_list(office: Office) -> None:
    office.writes(1, 2, 3)
    async with office.terminal() as t:
        await t.press("j")
        await t.on(office.of(2).id)
        await t.press("enter", "end", "home", "pagedown", "pageup", "down", "up")
        await t.settle()
        assert t.cursor == office.of(2).id
        await t.press("escape", "end")
        await t.on(office.of(3).id)


@sync
async def test_a_megabyte_and_five_hundred_messages_are_shown_quickly(office: Office) -> None:
    office.writes(1, text="退款" * 500_000)
    thread(office, 500)
    async with office.terminal() as t:
        began = process_time()
        await t.go_to(office.found("the long one"))
        await t.go_to(office.of(1).id)
        await t.press("enter", "end")
        await t.see("cut here")
        assert process_time() - began < 3


@sync
async def test_a_conversation_that_has_not_changed_is_not_written_out_again(
    office: Office,
) -> None:
    office.writes(1)
    async with office.terminal() as t:
        await t.on(office.of(1).id)
        latest = t.main.query_one("#latest", Static).content
        await t.read_again()
        assert t.main.query_one("#latest", Static).content is latest


@sync
async def test_w_copies_where_a_conversation_stands_on_its_platform(office: Office) -> None:
    office.writes(1, url="https://x.example/kim/status/1")
    office.writes(2, minutes=1, url="javascript:alert(1)")
    async with office.terminal() as t:
        await t.press("w", "enter")
        await t.see("copied: https://x.example/kim/status/1")
        await t.press("j")
        await t.on(office.of(2).id)
        await t.press("w")
        await t.see("no page to open")


ATTACHED = (Attachment(1, "a.txt", "text/plain", 3), Attachment(2, "b.txt", "text/plain", 3))
TWO_FILES = b"""MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=x

--x
Content-Disposition: attachment; filename=a.txt

aaa
--x
Content-Disposition: attachment; filename=b.txt

bbb
--x--
"""


def answered(office: Office, customer: int, *, after: timedelta) -> None:
    """We answered once so much time had passed, and the platform took it."""
    office.clock.forward(seconds=after.total_seconds())
    number = office.desk.reply(office.of(customer).id, "bob", "sorry", seen=None)
    assert office.store.outgoing.lease("sender", office.clock(), timedelta(minutes=1), number)
    assert office.store.outgoing.sent(number, Sent(f"<answer{number}@acme.test>"), office.clock())


def thread(office: Office, length: int) -> None:
    """One customer writes so many mails in one thread, the first of them 'the long one'."""
    keys = "<root@customer.test>"
    office.take_in(
        [
            message(
                900, START + timedelta(seconds=n), ext_id=f"<long{n}@customer.test>",
                keys=(f"<long{n}@customer.test>", keys), text=f"said {n}\n" + "words " * 30,
                subject="" if n else "the long one",
            )
            for n in range(length)
        ]
    )  # fmt: skip


def choices(t: Terminal) -> str:
    """What the box offers."""
    screen = t.pilot.app.screen
    assert isinstance(screen, Choose)
    return "\n".join(str(option.prompt) for option in screen.query_one(OptionList).options)
