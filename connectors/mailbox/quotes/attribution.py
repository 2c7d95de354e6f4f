"""Attribution lines, with which mail programs open a quote: "On ... wrote:" in all languages."""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import IntEnum
from itertools import chain

from connectors.mailbox.quotes import languages

_WINDOW_LINES = 6
_WINDOW_CHARS = 400
_NAME_WORDS = 8
_CJK = r"[\u0e00-\u0e7f\u0900-\u097f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]"


class Proof(IntEnum):
    """How sure it is that lines are an attribution; a weak one needs a quote right after it."""

    NONE = 0
    WEAK = 1
    STRONG = 2


def _alternatives(words: Sequence[str]) -> str:
    return "|".join(re.escape(word) for word in words)


_VERBS = languages.words("wrote")
_BOUND = [verb for verb in _VERBS if not re.search(_CJK, verb)]
_UNBOUND = [verb for verb in _VERBS if re.search(_CJK, verb)]
_VERB = re.compile(rf"(?<!\w)(?:{_alternatives(_BOUND)})(?!\w)|{_alternatives(_UNBOUND)}")
_CJK_VERB = re.compile(_alternatives(_UNBOUND))
_WORD = re.compile(r"\w+")
_VERB_WORDS = frozenset(chain.from_iterable(_WORD.findall(verb) for verb in _BOUND))
_VERB_TAILS = frozenset(verb[-4:] for verb in _VERBS if len(verb) > 3)
_DAYS = (
    "mon tue wed thu fri sat sun monday tuesday wednesday thursday friday saturday sunday "
    "mo di mi do fr sa so montag dienstag mittwoch donnerstag freitag samstag sonntag "
    "lun mar mer jeu ven sam dim lundi mardi mercredi jeudi vendredi samedi dimanche "
    "mié jue vie sáb dom lunes martes miércoles jueves viernes sábado domingo "
    "seg ter qua qui sex segunda terça quarta quinta sexta gio lunedì martedì mercoledì giovedì "
    "ma wo vr za zo maandag dinsdag woensdag donderdag vrijdag zaterdag zondag "
    "man tir ons tor fre lør søn mandag tirsdag onsdag torsdag fredag lørdag søndag "
    "mån tis lör sön måndag tisdag lördag söndag ti ke to pe la su "
    "pon wt śr czw pt sob niedz ndz po út st čt pá ne pon uto sri čet pet sub ned "
    "пн вт ср чт пт сб вс нд понедельник вторник среда четверг пятница суббота воскресенье "
    "понеділок вівторок середа четвер пʼятниця субота неділя "
    "δευ τρι τετ πεμ παρ σάβ κυρ pzt sal çar per cum cmt paz luni marți miercuri joi vineri mie joi "
    "hétfő kedd szerda csütörtök péntek szombat vasárnap thứ jan feb mar apr may jun jul aug sep "
    "oct nov dec"
)
_OPENERS = frozenset(
    chain(_WORD.findall(_DAYS), chain.from_iterable(map(_WORD.findall, languages.words("opens"))))
)
_CLOCK = r"\d{1,2}\s?[:.h時时시點点]\s?\d{2}"
_DATE_START = re.compile(
    r"\W*(?:\d{4}\s?[-/.年년]\s?\d|\d{1,2}[./-]\s?\d{1,2}[./-]|\d{1,2}\.?\s(?:de\s)?[^\W\d]{3,}"
    rf"|{_CLOCK})"
)
_STRONG = re.compile(rf"@|(?<!\d)(?:19|20)\d\d(?!\d)|{_CLOCK}|\d[./-]\d{{1,2}}[./-]\d")
_DATED = re.compile(rf"^[^@]*(?:(?:19|20)\d\d|{_CLOCK}|\d[./-]\d)")
_NAME_PARTS = frozenset(
    {"von", "van", "de", "der", "den", "da", "di", "du", "la", "el", "av", "af", "via", "y", "e"}
)
_ADDRESS_END = re.compile(r"[<(\[][^<>()\[\]]*@[^<>()\[\]]*[>)\]]+\)?$|\S@\S+\.\w+$")
UNSEEN = str.maketrans(
    dict.fromkeys("\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
    | dict.fromkeys("\xa0\u202f\u2009\u2007\t\r", " ")
)  # fmt: skip
_SENTENCE_END = re.compile(r"[!?]$|\w{4,}\.$")
_COMMON_STARTS = frozenset({"a", "i", "at", "in", "on", "an", "so", "to", "la", "no", "do", "man"})


def plain(line: str) -> str:
    """The line without characters that nobody sees, with ordinary spaces."""
    return line.translate(UNSEEN).strip()


def may_end(line: str) -> bool:
    """Whether an attribution could end with this line: a cheap look, for every line."""
    return line[-1] in ":：>-–—*" or line[-4:].lower() in _VERB_TAILS


def find(lines: Sequence[str], end: int) -> tuple[int, Proof]:
    """The first line of the attribution whose last is `end`, and how sure that is."""
    if not _worth_it(lines, end):
        return end, Proof.NONE
    windows = list(_windows(lines, end))
    for start, text in windows:
        if _opens(text) and (proof := _proof(text)):
            return start, proof
    for start, text in windows:
        if proof := _proof_by_name(text):
            return start, proof
    for start, text in windows:
        if (start == 0 or not lines[start - 1].strip()) and _proof(text) is Proof.STRONG:
            return start, Proof.STRONG
    return windows[0][0] if windows else end, _proof_by_address(
        windows[0][1]
    ) if windows else Proof.NONE


def _worth_it(lines: Sequence[str], end: int) -> bool:
    near = plain(lines[end])
    low = f"{plain(lines[end - 1])} {near}".lower() if end else near.lower()
    if len(low) > _WINDOW_CHARS:
        return False
    if not _VERB_WORDS.isdisjoint(_WORD.findall(low)):
        return True
    if "@" in low:
        return True
    return not low.isascii() and _CJK_VERB.search(low) is not None


def _windows(lines: Sequence[str], end: int) -> list[tuple[int, str]]:
    """Runs of lines that end at `end`, the shortest first, each joined to one line."""
    windows, text = [], ""
    for start in range(end, max(-1, end - _WINDOW_LINES), -1):
        line = plain(lines[start])
        if start < end and (line.startswith(">") or _SENTENCE_END.search(line)):
            break
        text = f"{line} {text}".strip() if line else text
        if len(text) > _WINDOW_CHARS:
            break
        if line:
            windows.append((start, text))
    return windows


def _opens(text: str) -> bool:
    if text.startswith(("在", "于", "於")) or _DATE_START.match(text):
        return True
    first = _WORD.search(text)
    if not first or first[0].lower() not in _OPENERS:
        return False
    if first[0].lower() in _COMMON_STARTS and first[0].islower():
        return False
    return re.search(r"\d", text[: first.end() + 60]) is not None


def _bare(text: str) -> str:
    return text.strip(" *_-–—=>|").rstrip(":： *_-–—")


def _strength(text: str, evidence: str) -> Proof:
    """Strong where somebody's address or a moment is named, and a colon or a dash ends it."""
    closed = text.rstrip(" *_")[-1:] in ":：-–—"
    return Proof.STRONG if closed and _STRONG.search(evidence) else Proof.WEAK


def _last_verb(text: str) -> re.Match[str] | None:
    last = None
    for last in _VERB.finditer(text):
        pass
    return last


def _proof(text: str) -> Proof:
    """For lines that open like an attribution: a verb near the end, or an address."""
    bare = _bare(text)
    verb = _last_verb(bare.lower())
    if verb and _may_follow(bare[verb.end() :]):
        return _strength(text, bare)
    closes = text.rstrip(" *_").endswith((":", "：")) or _DATE_START.match(text)
    if closes and _ADDRESS_END.search(text.strip(" *_").rstrip(":： *")) and _DATED.search(text):
        return Proof.STRONG
    return Proof.NONE


def _may_follow(tail: str) -> bool:
    """After the verb a name, an address, a date or "the following" may stand, no sentence."""
    if len(tail) > 100:
        return False
    if len(tail) <= 12 or "@" in tail or _STRONG.search(tail):
        return True
    words = re.findall(r"[^\W\d_][\w.'-]*", tail)
    return len(words) <= 6 and all(word[0].isupper() or word in _NAME_PARTS for word in words)


def _proof_by_name(text: str) -> Proof:
    """For "Name <address> wrote on date:", and the bare "Name wrote:"."""
    bare = _bare(text)
    verb = _VERB.search(bare.lower())
    if not verb or bare.count("<") != bare.count(">"):
        return Proof.NONE
    before, after = bare[: verb.start()].strip(), bare[verb.end() :]
    if not before or len(before.split()) > _NAME_WORDS or not _may_follow(after):
        return Proof.NONE
    if not re.match(r"[^\W\d_]", before.lstrip("\"'([ ")):
        return Proof.NONE
    return _strength(text, before if "@" in before else after)


def _proof_by_address(text: str) -> Proof:
    """For a language that isn't known: somebody's address or a time, and a colon."""
    if not text.rstrip(" *_").endswith((":", "：")):
        return Proof.NONE
    return Proof.WEAK if "@" in text or re.search(_CLOCK, text) else Proof.NONE
