"""Lists by name and what a search finds while it is typed."""

from __future__ import annotations

import threading

import pytest
from textual.widgets import Input

from monitor.errors import ConfigError
from queue_tui.dialogs.choose import Choose
from tests.queue_tui.driving import CONFIG, Office, sync

VIEWS = """
[[rules]]
when = { subject = "quote" }
then = { lead = true, tags = ["sales"] }

[views.hot]
leads = true
assignee = ""

[views."her mails"]
search = "from:customer2"
"""


@sync
async def test_what_is_found_is_shown_while_it_is_typed(office: Office) -> None:
    office.writes(1)
    office.writes(2, text="the zebra arrived broken")
    async with office.terminal() as t:
        await t.press("slash")
        await t.type("zeb")
        await t.wait(lambda: t.rows == [office.of(2).id])
        await t.see("[search: zeb] 1 found")
        await t.press("down", "escape")
        await t.see("[all]", "subject 1", "subject 2")


@sync
async def test_the_headline_names_the_list_whose_rows_are_shown(office: Office) -> None:
    office.writes(1, 2)
    office.desk.claim(office.of(1).id, "bob")
    async with office.terminal() as t:
        slow = threading.Event()
        t.main.place.ask(lambda desk: slow.wait(20))
        await t.press("2")
        t.main.reading.headline()
        await t.pilot.pause()
        assert "[all]" in t.headline
        slow.set()
        await t.see("[unclaimed] 1 here")
        assert t.rows == [office.of(2).id]


@sync
async def test_a_search_that_cannot_be_meant_says_what_can(office: Office) -> None:
    office.writes(1)
    async with office.terminal() as t:
        await t.press("slash")
        await t.type("is:lat")
        await t.see("is: takes overdue, lead")
        assert t.rows == [office.of(1).id]


@sync
async def test_the_little_language_narrows_a_search_down(office: Office) -> None:
    office.writes(1, 2, 3, text="parcel")
    office.desk.claim(office.of(2).id, "ann")
    office.desk.close(office.of(3).id, "bob")
    async with office.terminal() as t:
        for text, customers in (
            ("parcel is:mine", [2]), ("parcel is:closed", [3]), ("from:customer1", [1]),
        ):  # fmt: skip
            await t.press("slash")
            t.main.query_one(Input).value = text
            await t.press("enter")
            await t.see(f"[search: {text}]")
            assert t.rows == [office.of(n).id for n in customers]


@sync
async def test_keys_typed_into_the_search_do_nothing_else(office: Office) -> None:
    office.writes(1)
    async with office.terminal() as t:
        await t.press("slash")
        await t.type("axe r")
        await t.settle()
        assert t.composing is None
        assert office.of(1).assignee is None


@sync
async def test_leads_and_overdue_have_lists(office: Office) -> None:
    office.writes(1, minutes=-400)
    office.writes(2)
    with office.store.database.write() as tx:
        tx.run("UPDATE conversation SET lead = 1 WHERE id = :id", {"id": office.of(2).id})
    async with office.terminal() as t:
        await t.press("5")
        await t.see("[leads] 1 here")
        assert t.rows == [office.of(2).id]
        await t.press("6")
        await t.see("[overdue] 1 here")
        assert t.rows == [office.of(1).id]


@sync
async def test_a_saved_list_is_chosen_from_the_menu(office: Office) -> None:
    office.config = CONFIG + VIEWS
    office.writes(1, 2)
    async with office.terminal() as t:
        with office.store.database.write() as tx:
            tx.run("UPDATE conversation SET lead = 1 WHERE id = :id", {"id": office.of(2).id})
        await t.press("v")
        await t.wait(lambda: isinstance(t.pilot.app.screen, Choose))
        await t.see("unclaimed", "hot", "her mails", "account support", "tag sales")
        await t.press(*["j"] * 6, "enter")
        await t.see("[hot] 1 here")
        assert t.rows == [office.of(2).id]
        t.main.finding.view("her mails")
        await t.see("[her mails]")
        await t.wait(lambda: t.rows == [office.of(2).id])


@pytest.mark.parametrize(
    ("view", "complaint"),
    [
        ('search = "is:late"', "is: takes overdue"),
        ("colour = 1", "unknown key 'colour'"),
        ("leads = 3", "true or false"),
    ],
)
def test_a_saved_list_that_cannot_be_is_refused_by_name(
    office: Office, view: str, complaint: str
) -> None:
    office.config = f"{CONFIG}\n[views.mine_too]\n{view}\n"
    with pytest.raises(ConfigError, match=complaint) as refused:
        office.other_house()
    assert "views.mine_too" in str(refused.value)
