"""How long X thinks a text is: by weight, with links and emoji counted as X counts them.

The rules are those of the published configuration v3: https://docs.x.com/fundamentals/counting-characters.
"""

from __future__ import annotations

import re
import unicodedata

LONGEST = 280
_LINK_LENGTH = 23
_EMOJI_LENGTH = 2
_LIGHT = ((0x0000, 0x10FF), (0x2000, 0x200D), (0x2010, 0x201F), (0x2032, 0x2037))

# What X makes links of without a scheme; of the many top-level domains those in wide use.
_TOP_LEVEL = (
    "com|org|net|edu|gov|info|biz|name|mobi|app|dev|shop|store|blog|online|site|tech|cloud|page|"
    "xyz|zip|museum|a[cdefgilmoqrstuwxz]|b[abdefghijmnorstvwyz]|c[acdfghiklmnoruvwxyz]|d[ejkmoz]|"
    "e[ceghrstu]|f[ijkmor]|g[abdefghilmnpqrstuwy]|h[kmnrtu]|i[delmnoqrst]|j[emop]|"
    "k[eghimnprwyz]|l[abcikrstuvy]|m[acdeghklmnopqrstuvwxyz]|n[acefgilopruz]|om|"
    "p[aefghklmnrstwy]|qa|r[eosuw]|s[abcdeghiklmnorstuvxyz]|t[cdfghjklmnortvwz]|u[agksyz]|"
    "v[aceginu]|w[fs]|y[et]|z[amw]"
)
_LETTER = "a-z0-9\\u00c0-\\u024f\\u0400-\\u04ff"
_LABELS = (
    rf"(?:[{_LETTER}](?:[{_LETTER}_-]{{0,61}}[{_LETTER}])?\.){{0,7}}"
    rf"[{_LETTER}](?:[{_LETTER}-]{{0,61}}[{_LETTER}])?\."
)
_PART = rf"[{_LETTER}!*';:=+,.$/%#\[\]_~@|&?-]"
_END = rf"(?:[/?](?:(?:{_PART}|\({_PART}{{1,200}}\))*[{_LETTER}=_#/+-])?)?"
_LINK = re.compile(
    rf"(?<![{_LETTER}_@$#./-])(?:"
    rf"https?://{_LABELS}[a-z]{{2,63}}(?![{_LETTER}_])(?::\d{{1,5}})?{_END}"
    rf"|{_LABELS}(?:{_TOP_LEVEL})(?!@|[.-]?[{_LETTER}_]){_END}"
    r")",
    re.IGNORECASE,
)

_BASE = (
    "\U0001f000-\U0001f1e5\U0001f200-\U0001f3fa\U0001f400-\U0001faff\u231a\u231b\u2328\u23cf"
    "\u23e9-\u23f3\u23f8-\u23fa\u25aa\u25ab\u25b6\u25c0\u25fb-\u25fe\u2600-\u27bf\u2934\u2935"
    "\u2b05-\u2b07\u2b1b\u2b1c\u2b50\u2b55\u3030\u303d\u3297\u3299"
)
_ONE = f"[{_BASE}]\ufe0f?[\U0001f3fb-\U0001f3ff]?[\U000e0020-\U000e007f]*"
_EMOJI = re.compile(
    f"[\U0001f1e6-\U0001f1ff]{{2}}|[0-9#*]\ufe0f?\u20e3|[\xa9\xae\u203c\u2049\u2122\u2139\u2194-\u21aa]\ufe0f"
    f"|{_ONE}(?:\u200d(?:{_ONE}|[\u2640\u2642\u2695\u2696\u2708\u2764]\ufe0f?))*"
)


def weighted_length(text: str) -> int:
    """What X counts: most of Latin, Greek, Cyrillic and the like is 1, all else 2, a link 23."""
    normal = unicodedata.normalize("NFC", text)
    rest, links = _LINK.subn("", normal)
    rest, emoji = _EMOJI.subn("", rest)
    return links * _LINK_LENGTH + emoji * _EMOJI_LENGTH + sum(map(_weight, rest))


def has_link(text: str) -> bool:
    """Whether X makes a link of anything in it: such a post costs far more than a plain one."""
    return bool(_LINK.search(text))


def thread(text: str, longest: int = LONGEST) -> list[str]:
    """The text cut between words into posts, each with its number, e.g. `(1/3)`.

    A text that fits stays as it is; a word that fits nowhere is cut.
    """
    if weighted_length(text) <= longest:
        return [text]
    for digits in (1, 2, 3):
        room = longest - len(f" ({'9' * digits}/{'9' * digits})")
        parts = list(_cut(text, room))
        if len(str(len(parts))) <= digits:
            break
    return [f"{part} ({number}/{len(parts)})" for number, part in enumerate(parts, 1)]


def _cut(text: str, room: int) -> list[str]:
    parts, rest = [], text.strip()
    while rest and weighted_length(rest) > room:
        end = _fitting(rest, room)
        space = max(rest.rfind(" ", 0, end + 1), rest.rfind("\n", 0, end + 1))
        at = space if space > 0 else end
        parts.append(rest[:at].rstrip())
        rest = rest[at:].lstrip()
    return [*parts, rest] if rest else parts


def _fitting(text: str, room: int) -> int:
    """How many characters of the text's beginning fit, at least one."""
    low, high = 1, min(len(text), room * 12)
    while low < high:
        middle = (low + high + 1) // 2
        if weighted_length(text[:middle]) <= room:
            low = middle
        else:
            high = middle - 1
    return low


def _weight(character: str) -> int:
    code = ord(character)
    return 1 if any(first <= code <= last for first, last in _LIGHT) else 2
