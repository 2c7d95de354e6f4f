"""A subject is the same however mail programs dress it."""

from __future__ import annotations

import time

import pytest

from monitor.subject import answers_automatically, answers_or_forwards, base_subject


@pytest.mark.parametrize(
    "subject",
    [
        "My order",
        "  My \t order ",
        "MY ORDER",
        "Re: My order",
        "RE: re: Re:My order",
        "Re : My order",
        "Re[2]: My order",
        "Re(3): My order",
        "Re^4: My order",
        "Fwd: My order",
        "FW: RE: My order",
        "My order (fwd)",
        "[Fwd: My order]",
        "[Fwd: Re: My order (fwd)] (Fwd)",
        "[desk] My order",
        "Re: [desk] Re: My order",
        "[desk][urgent] My order",
        "AW: My order",
        "Antw: My order",
        "SV: VS: My order",
        "WG: My order",
        "TR : My order",
        "Odp: PD: My order",
        "RES: ENC: My order",
        "R: I: My order",
        "RIF: My order",
        "RV: My order",
        "YNT: My order",
        "Doorst: My order",
        "НА: My order",
        "回复：My order",
        "答复: 转发: My order",
        "返信：My order",
        "회신: My order",
        "השב: My order",
        "Automatic reply: My order",
        "Automatic reply: Re: My order",
        "Out of Office: My order",
        "Out of Office AutoReply: My order",
        "Automatische Antwort: AW: My order",
        "Réponse automatique : My order",
        "自动回复: My order",
        "[Auto-Reply] My order",
        "Auto: Re: My order",
    ],
)
def test_what_mail_programs_add_is_taken_away(subject: str) -> None:
    assert base_subject(subject) == "my order"


@pytest.mark.parametrize(
    ("subject", "base"),
    [
        ("", ""),
        ("Re:", ""),
        ("Re: Fwd: ", ""),
        ("[desk]", "[desk]"),
        ("Re: [desk]", "[desk]"),
        ("Regarding: my order", "regarding: my order"),
        ("Order: 7", "order: 7"),
        ("Reorder", "reorder"),
        ("12:30 lunch", "12:30 lunch"),
        ("Straße", "strasse"),
        ("My order [7]", "my order [7]"),
        ("Out of office chairs", "out of office chairs"),
    ],
)
def test_what_a_person_wrote_stays(subject: str, base: str) -> None:
    assert base_subject(subject) == base


def test_a_base_is_its_own_base() -> None:
    once = base_subject("Re: [a] Fwd: [b] Aw: c (fwd)")
    assert base_subject(once) == once == "c"


@pytest.mark.parametrize("subject", ["Re: x", "FWD: x", "[desk] Re: x", "AW[2]: x", "转发：x"])
def test_an_answer_or_a_forward_is_known_by_its_prefix(subject: str) -> None:
    assert answers_or_forwards(subject)


@pytest.mark.parametrize("subject", ["x", "Return: x", "Undeliverable: x", "[desk] x", ""])
def test_a_new_subject_is_no_answer(subject: str) -> None:
    assert not answers_or_forwards(subject)


def test_an_automatic_answer_is_known_by_its_prefix_alone() -> None:
    assert answers_automatically("Automatic reply: My order")
    assert not answers_automatically("RE: Automatic reply: My order")
    assert not answers_automatically("Out of office chairs")


@pytest.mark.parametrize(
    "piece", ["Re: ", "[", "[a]", "(fwd)", "[fwd:", "re[", "Re[1", " ", "自", "out of office "]
)
def test_no_subject_takes_long(piece: str) -> None:
    began = time.perf_counter()
    base_subject(piece * 100_000)
    assert time.perf_counter() - began < 0.1
