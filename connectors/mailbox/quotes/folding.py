"""Which lines of a mail its author did not write for it: decided from the lines' classes."""

from __future__ import annotations

import re
from typing import NamedTuple

from connectors import _text
from connectors.mailbox.quotes.lines import classify
from monitor.message import Fold

_SIGNATURE_LINES = 6
_REST_LINES = 25
_CONTEXT_LINES = 20
_FOLDED = "."
_WRITTEN = re.compile("[tg]")
_ENDS = re.compile("[dDhc]")
_TEXT_OR_QUOTE = re.compile("[tbhq]")
_TOP_QUOTE = re.compile(r"[e.sdD]*b[^tg]*(?=[tg])")
_GREETED_QUOTE = re.compile(r"[e.]*g[e.]*(b[^tg]*q[^tg]*)(?=t)")
_ONLY_TEXT = re.compile(r"[tge.s]*$")
_QUOTE_THEN_END = re.compile(r"[bqhe.s]*([tge.s]*)$")
_QUOTE_RUN = re.compile(r"q(?:[qe.]*q)?")


class HtmlText(NamedTuple):
    """An HTML body as text, with the lines of it that its author did not write for this mail."""

    text: str
    folds: tuple[Fold, ...]


def folds(text: str) -> tuple[Fold, ...]:
    """The lines of a plain text mail that are quotes, their headers, or a signature.

    Never all that is written: a mail of nothing but quotes has no folds.
    """
    return _as_folds(_decide(classify(text.split("\n"))))


def html_with_folds(html: str) -> HtmlText:
    """The HTML as text and its folds, from the marks of mail programs and then from the lines."""
    text, marks = _text.marked_text(html)
    codes = list(classify(text.split("\n")))
    for at, mark in enumerate(marks):
        if mark and codes[at] != "e":
            codes[at] = _marked(mark, codes, at)
    return HtmlText(text, _as_folds(_decide("".join(codes))))


def _marked(mark: _text.Mark, codes: list[str], at: int) -> str:
    if mark is not _text.Mark.INDENTED:
        return mark.value
    above = "".join(codes[max(0, at - 3) : at]).rstrip("e")
    return "q" if above.endswith(("b", "q")) else codes[at]


def _decide(codes: str) -> str:
    if not re.search("[^etg]", codes):
        return codes
    for step in (_cut_end, _cut_bottom_post, _cut_quoted_mail, _cut_trailing, _fold_leftovers):
        codes = step(codes)
    return codes if _WRITTEN.search(codes) else ""


def _fold(codes: str, start: int, end: int) -> str:
    return codes[:start] + _FOLDED * (end - start) + codes[end:]


def _cut_end(codes: str) -> str:
    """All from the first rule, signature or header block that stands below a text.

    A rule with much text below it parts a long text; a short rest is a signature.
    """
    written = _WRITTEN.search(codes)
    if not written:
        return codes
    short_rest = _start_of_last(codes, _REST_LINES)
    for end in _ENDS.finditer(codes, written.end()):
        if end[0] in "hD" or end.start() >= short_rest or _leads_to_quote(codes, end.end()):
            return _fold(codes, end.start(), len(codes))
    return codes


def _start_of_last(codes: str, count: int) -> int:
    """From where on the text has no more than `count` lines."""
    start = len(codes)
    for _ in range(count + 1):
        start = codes.rfind("t", 0, start)
        if start < 0:
            return 0
    return start + 1


def _leads_to_quote(codes: str, at: int) -> bool:
    following = _TEXT_OR_QUOTE.search(codes, at)
    return following is not None and following[0] != "t"


def _cut_bottom_post(codes: str) -> str:
    """A quote on top, with its attribution, and the answer below it."""
    for shape, group in ((_TOP_QUOTE, 0), (_GREETED_QUOTE, 1)):
        top = shape.match(codes)
        if top and _ONLY_TEXT.match(codes, top.end()):
            return _fold(codes, *top.span(group))
    return codes


def _cut_quoted_mail(codes: str) -> str:
    """All from the attribution below which nothing more than a signature is new."""
    written = _WRITTEN.search(codes)
    if not written:
        return codes
    for opening in re.finditer("b+", codes):
        if opening.start() > written.start() and _closes_with_quote(codes, opening.start()):
            return _fold(codes, opening.start(), len(codes))
    return codes


def _closes_with_quote(codes: str, at: int) -> bool:
    if re.match("[bhe.s]*(?:[tg]|$)", codes[at:]):
        return True
    rest = _QUOTE_THEN_END.match(codes, at)
    return rest is not None and len(_WRITTEN.findall(rest[1])) <= _SIGNATURE_LINES


def _cut_trailing(codes: str) -> str:
    kept = codes.rstrip("qbesh.dD") if _WRITTEN.search(codes) else codes
    return kept + _FOLDED * (len(codes) - len(kept))


def _fold_leftovers(codes: str) -> str:
    """Attributions, headers, device lines, and quotes too long to be what an answer is about.

    A short quote above an answer stays: without it the answer can't be understood.
    """
    codes = re.sub("[dDc](?=[e.]*[hb])", _FOLDED, codes)
    codes = re.sub("[bhs]", _FOLDED, codes)
    return _QUOTE_RUN.sub(_fold_long, codes)


def _fold_long(run: re.Match[str]) -> str:
    return _FOLDED * len(run[0]) if run[0].count("q") > _CONTEXT_LINES else run[0]


def _as_folds(codes: str) -> tuple[Fold, ...]:
    """Runs of folded lines, with the blank ones between two of them."""
    return tuple(run.span() for run in re.finditer(r"\.(?:[e.]*\.)?", codes))
