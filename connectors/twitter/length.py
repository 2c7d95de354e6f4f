"""How long X thinks a text is: by weight, with links and emoji counted as X counts them.

The rules are those of the published configuration v3: https://docs.x.com/fundamentals/counting-characters.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

LONGEST = 280
_LINK_LENGTH = 23
_EMOJI_LENGTH = 2
_HEAVY = re.compile("[^\\u0000-\\u10ff\\u2000-\\u200d\\u2010-\\u201f\\u2032-\\u2037]")

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

_DOTTED = re.compile(r"(?<!\S)[^\s.]*+\.+[^\s.]\S*+")

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
    return sum(weights(unicodedata.normalize("NFC", text)))


def weights(text: str) -> list[int]:
    """What each character of a text in NFC counts; of a link or an emoji only the first does."""
    found = [1] * len(text)
    for heavy in _HEAVY.finditer(text):
        found[heavy.start()] = 2
    for matches, length in ((_EMOJI.finditer(text), _EMOJI_LENGTH), (_links(text), _LINK_LENGTH)):
        for match in matches:
            start, end = match.span()
            found[start:end] = [length, *[0] * (end - start - 1)]
    return found


def _links(text: str) -> Iterator[re.Match[str]]:
    """A link has a dot within; other words needn't be looked at for long."""
    for word in _DOTTED.finditer(text):
        yield from _LINK.finditer(text, *word.span())


def has_link(text: str) -> bool:
    """Whether X makes a link of anything in it: such a post costs far more than a plain one."""
    return any(_links(text))


def without_links(text: str) -> str:
    """The rest of it: X gives links back in another form than they were sent in."""
    return _LINK.sub("", text)
