"""Hostile strings as everything that a conversation shows: nothing forbidden is drawn."""

from __future__ import annotations

import re

import pytest

from monitor.clean import keepable
from monitor.links import find_links
from monitor.message import Attachment, IncomingMessage, Party
from queue_tui.dialogs.choose import Choose
from queue_tui.dialogs.leaf import Leaf
from tests.fakes import message
from tests.hostile import texts
from tests.queue_tui.driving import CONFIG, Office, Terminal, sync

pytestmark = pytest.mark.slow

_FORBIDDEN = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff\u200b-\u200f\u202a-\u202e]")
_LONGEST = 600


@pytest.mark.parametrize("part", range(4))
@sync
async def test_every_string_is_drawn_harmlessly_wherever_it_stands(
    office: Office, part: int
) -> None:
    given = texts(_LONGEST)[part::4]
    office.take_in([_mail(n, text) for n, text in enumerate(given, 1)])
    office.take_in([_mail(100 + n, text, "<root@test>") for n, text in enumerate(given)])
    number = office.store.lists.conversations([len(given) + 1])[0].id
    for text in given:
        office.desk.note(number, keepable(text[:40]) or "bob", f"note {text}")
    office.desk.tag(number, "bob", tuple(text[:40] or "-" for text in given))
    async with office.terminal(size=(160, 45)) as t:
        await t.go_to(number)
        await t.press("enter")
        for _ in range(8):
            _harmless(t)
            await t.press("pageup")
        for key in ("L", "f", "h", "i"):
            await t.press(key)
            await t.wait(lambda: isinstance(t.pilot.app.screen, Choose | Leaf))
            _harmless(t)
            await t.press("escape")
            await t.wait(lambda: t.pilot.app.screen is t.main)


@sync
async def test_a_hostile_canned_reply_and_a_hostile_customer_are_put_in_cleaned(
    office: Office,
) -> None:
    office.close()
    canned = '[canned.texts]\nbad = "\\u001B]52;c;eA==\\u0007 {customer} [/] \\u202E"\n'
    opened = Office(office.folder, office.clock, f"{CONFIG}\n{canned}")
    opened.writes(1, author=Party("a@customer.test", "\x1b[2J[@click=app.quit]{agent}"))
    async with opened.terminal() as t:
        await t.compose(";bad")
        await t.see("52;c;")
        _harmless(t)
        await t.press("enter")
        assert not _FORBIDDEN.search(t.draft)
        assert "[2J[@click=app.quit](agent)" in t.draft
        _harmless(t)
    opened.close()


def _mail(number: int, text: str, thread: str = "") -> IncomingMessage:
    """One customer writes all of them, so that each is among the others of each."""
    own = f"<{number}@customer.test>"
    return message(
        number,
        keys=(own, thread) if thread else (own,),
        author=Party("eve@customer.test", text),
        subject="" if thread else f"{number} {text}",
        text=f"{text} https://{number}.example/{text} http://b.example/",
        url=f"https://c.example/{text}",
        attachments=(Attachment(1, text, text, 1), Attachment(2, text, text, 2)),
        remark=text,
    )


def _harmless(t: Terminal) -> None:
    assert not _FORBIDDEN.search(t.text)
    for link in t.main.place.conversation.links:
        assert link.url.isascii()
        assert link.url.isprintable()
        [again] = find_links(link.url) or [link]  # written out in ASCII it may be too long
        assert again.url == link.url
