# ruff: noqa: E501
"""What is new in a mail, and what its program put below."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.mailbox.quotes import folds
from monitor.message import new_text
from tests.connectors.quoted_headers import HEADED, SIGNED
from tests.connectors.quoted_mails import ATTRIBUTED, MORE, NEW

BELOW = ATTRIBUTED | HEADED | SIGNED


def new_of(text: str) -> str:
    return new_text(text, folds(text))


@pytest.mark.parametrize("below", BELOW.values(), ids=BELOW.keys())
def test_what_a_mail_program_adds_below_an_answer_is_folded(below: str) -> None:
    assert new_of(f"{NEW}\n\n{below}") == NEW


@pytest.mark.parametrize("below", BELOW.values(), ids=BELOW.keys())
def test_carriage_returns_change_no_fold(below: str) -> None:
    text = f"{NEW}\n\n{below}"
    assert folds(text.replace("\n", "\r\n")) == folds(text)


@pytest.mark.parametrize("below", MORE)
def test_rarer_manners_of_quoting_are_folded_too(below: str) -> None:
    assert new_of(f"{NEW}\n\n{below}") == NEW


BOTTOM_POSTS = {
    "attribution": "On 3 March 2020 at 09:15, Ann wrote:\n> please restart.\nDone, thanks.",
    "blank line": "On 3 March 2020 at 09:15, Ann wrote:\n\n> please restart.\n\nDone, thanks.",
    "greeting": "Hi Ann,\n\nOn 3 March 2020 at 09:15, Ann wrote:\n> restart.\n\nDone, thanks.",
    "german": "Am 03.03.2020 um 09:15 schrieb Hilfe:\n> neu starten\n> bitte\n\nDone, thanks.",
    "signed": "Ann wrote:\n> please restart.\n\nDone, thanks.\n\n-- \nJo",
}


@pytest.mark.parametrize("text", BOTTOM_POSTS.values(), ids=BOTTOM_POSTS.keys())
def test_an_answer_below_the_quote_is_what_is_new(text: str) -> None:
    assert new_of(text).removeprefix("Hi Ann,").strip() == "Done, thanks."


INTERLEAVED = """Hello Ann,

On 3 March 2020 at 09:15, Ann <ann@example.org> wrote:

> Which router is it?

The white one.

> Did you restart it?

Twice.

> Regards
> Ann
"""


def test_answers_between_quotes_stay_with_the_short_quotes_they_are_about() -> None:
    new = new_of(INTERLEAVED)
    assert "On 3 March" not in new
    assert "Regards" not in new
    assert [line for line in new.split("\n") if line][1:] == [
        "> Which router is it?", "The white one.", "> Did you restart it?", "Twice."
    ]  # fmt: skip


def test_a_long_quote_between_answers_is_folded() -> None:
    quote = "\n".join(f"> line {number}" for number in range(40))
    assert new_of(f"First.\n\n{quote}\n\nSecond.\n\n> short\n\nThird.").split() == [
        "First.", "Second.", ">", "short", "Third."
    ]  # fmt: skip


FORWARD = """---------- Forwarded message ---------
From: Eve Moe <eve@example.com>
Date: Tue, Mar 3, 2020 at 9:15 AM
Subject: My order
To: <jo@example.org>

Where is my order?
"""


def test_a_forward_with_nothing_before_it_keeps_what_is_forwarded() -> None:
    assert new_of(FORWARD) == "Where is my order?"


def test_a_forward_below_a_word_of_ones_own_is_folded() -> None:
    assert new_of(f"Please see to this.\n\n{FORWARD}") == "Please see to this."


@pytest.mark.parametrize(
    "text",
    [
        "> only\n> a quote",
        "On 3 March 2020 at 09:15, Ann wrote:\n> x",
        "-- \n",
        "Sent from my iPhone",
        "",
    ],
)
def test_a_mail_without_a_word_of_its_own_has_no_folds(text: str) -> None:
    assert folds(text) == ()


WHOLE = {
    "said in a text": "On Monday he wrote:\nI will send it tomorrow.\nBut nothing came.",
    "dated saying": "On 12 March your colleague wrote:\n\n\"We refund you\"\n\nBut nothing came.",
    "sentence with wrote": "On 3 March 2020 I wrote to you about the refund:\nno answer so far.",
    "list": "I need:\n- a cable\n- a plug\n* a case\n\nThanks",
    "numbered": "1. He wrote to me\n2. I wrote back\n3. Silence",
    "heading": "My problem\n==========\n\nIt does not start.\n\nWhat I tried\n------------\n\nEverything.",
    "table": "| a | b |\n|---|---|\n| 1 | 2 |\n\nThat is the table.",
    "boxed table": "+---+---+\n| a | b |\n+---+---+\n| 1 | 2 |\n+---+---+\nThat is it.",
    "dashes inside": "We sell A -- and B -- and C.\nWhich one is better?",
    "travel form": "Name: Jo\nFrom: Berlin\nTo: Paris\nDate: 3 May\nPassengers: 2\n\nPlease book.",
    "web form": "Name: Jo\nE-mail: jo@example.org\nSubject: Order\nMessage: Where is it?",
    "log": "It says:\nMar 3 09:15:01 mail postfix: from=<a@example.org>\nMar 3 09:15:02 mail: to=<b@x.org>",
    "two headers": "The mail had this:\nFrom: bad@example.org\nSubject: You won\n\nIs it yours?",
    "sent from in a sentence": "Sent from my desk, this will reach you later, I hope.\nRegards",
    "sent from a place": "Here it is.\n\nSent from our office, where nobody has a mobile phone.",
    "rule inside a line": "I tried that -- it did not help.\n\nWhat now?",
    "on your": "On your site 3 links lead to:\n\n    https://example.org:8080\n\nIs that right?",
    "sent from, going on": "The parcel was\nsent from my office in Rome\nand never came to you.",
    "time": "At 09:15 the router stopped.\nI restarted it at 10:20:\nnothing happened.",
    "colons": "Hello:\nmy number: 12\nmy name: Jo\naddress: 1 Main Road\n\nThanks:\nJo",
    "fenced": "Look:\n\n```\n> quoted?\n-- \nFrom: a@b.c\nSent: x\nSubject: y\n```\n\nWhat is it?",
    "greater": "if a\n is 3 > 2 then b",
    "mbox from": "Hello,\n>From now on I pay by card.\nJo",
    "price": "The price was\n-20 % on Monday\n+5 today.",
    "name dash": "Please call me.\n\n-Jo",
    "german prose": "Am Montag schrieb er mir.\nIch habe nichts bekommen:\nkein Paket.",
    "french prose": "Le 3 mars j'ai écrit à votre service :\naucune réponse.",
    "spanish prose": "El lunes me escribió su colega:\nnada más.",
    "confidential": "Is this email confidential? I would like to know.",
    "unsubscribe": "To unsubscribe from your service, what must I do?",
    "original": "I sent the original message on Friday.\nDid you get it?",
    "phone": "From my phone I can't log in, from my laptop I can.\nPlease help.",
    "chinese": "你好，\n我的订单没有到。\n请帮我查一下：订单号 12345",
    "japanese": "お世話になっております。\n注文番号：12345\nよろしくお願いします。",
    "arabic": "مرحبا،\nلم يصل طلبي: 12345\nشكرا",
    "code": "for x in y:\n    print(x)\nelse:\n    raise",
    "ratio": "The scores were 3:2 and 4:1\nand on 3.3.2020 10:15: 5:0.",
}  # fmt: skip


@pytest.mark.parametrize("text", WHOLE.values(), ids=WHOLE.keys())
def test_a_text_that_only_looks_like_a_quote_comes_back_whole(text: str) -> None:
    assert folds(text) == ()


_TEXT = """I my order never came please call 3 March 2020 10:15 wrote to you: Anna said, from sent on
the a@example.org (yes) question? thanks! price 12.50 schrieb am le a écrit Subject: To Date"""
_WORDS = st.sampled_from(_TEXT.split())
_LINE = st.lists(_WORDS, min_size=1, max_size=9).map(" ".join)


@given(st.lists(_LINE, min_size=1, max_size=8), st.text("abc xyz.\n", max_size=60))
def test_no_word_is_lost_where_no_line_is_quoted_or_dated(lines: list[str], more: str) -> None:
    text = "\n".join(line.replace(":", "").replace("@", " ") for line in lines) + "\n" + more
    assert new_of(text) == text.strip()


@given(st.text())
def test_folds_are_in_order_and_never_all(text: str) -> None:
    found = folds(text)
    lines = text.split("\n")
    edges = [edge for fold in found for edge in fold]
    assert edges == sorted(edges)
    assert all(start < end <= len(lines) for start, end in found)
    assert bool(new_of(text)) == bool(text.strip()) or not found
