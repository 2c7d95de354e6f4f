"""A long text cut into posts, where a reader would pause."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate

from connectors.twitter.length import LONGEST, weighted_length, weights

POSTS_MOST = 25
"""Posts of a thread at the most; X's own composer takes no more at once."""

# A white space, or the end of a sentence in a script that writes none after it.
_BORDER = re.compile(r"\s+|(?<=[。！？])(?=[^\s。！？])")
_SENTENCE = re.compile(r"[.!?…。！？][\"')\]»”’」]{0,3}\Z")
_GOOD_ENOUGH = 0.5


def thread(text: str, longest: int = LONGEST) -> list[str]:
    """The text cut into posts, each with its number, e.g. `(1/3)`; one that fits stays as it is.

    A post ends where a paragraph does, else a sentence, else a word, and is at least half full but
    for the last case. No link or emoji is cut; a word only where it fits into no post. The numbers
    say that more follows, since each post reaches its reader alone, and no two posts are the same.
    """
    if weighted_length(text) <= longest:
        return [text]
    whole = unicodedata.normalize("NFC", text).strip()
    for digits in (1, 2, 3, 4):
        room = longest - len(f" ({'9' * digits}/{'9' * digits})")
        parts = list(_cut(whole, room))
        if len(str(len(parts))) <= digits:
            break
    return [f"{part} ({number}/{len(parts)})" for number, part in enumerate(parts, 1)]


def joined(parts: Sequence[str]) -> str:
    """The words of a whole thread without its numbers; of other posts the first one's."""
    numbers = [f" ({number}/{len(parts)})" for number in range(1, len(parts) + 1)]
    if len(parts) == 1 or not all(map(str.endswith, parts, numbers)):
        return parts[0]
    return " ".join(map(str.removesuffix, parts, numbers))


def _cut(rest: str, room: int) -> Iterator[str]:
    while rest:
        stretch = _Stretch(rest, room)
        yield from stretch.parts()
        rest = stretch.rest


class _Stretch:
    """A text that is cut at borders, up to its end or to a word that fits into no post.

    That word's cut changes what counts as a link behind it, so that another stretch begins there.
    """

    def __init__(self, text: str, room: int) -> None:
        self._text = text
        self._room = room
        self._weights = weights(text)
        self._reach = [0, *accumulate(self._weights)]
        self._borders = _borders(text)
        self.rest = ""

    def parts(self) -> Iterator[str]:
        at = 0
        while self._reach[-1] - self._reach[at] > self._room:
            furthest = bisect_right(self._reach, self._reach[at] + self._room) - 1
            end = self._border(at, furthest)
            if not end:
                end = self._within_word(at, furthest)
                self.rest = self._text[end:].lstrip()
                yield self._text[at:end].rstrip()
                return
            yield self._text[at:end].rstrip()
            at = len(self._text) - len(self._text[end:].lstrip())
        yield self._text[at:]

    def _border(self, at: int, furthest: int) -> int:
        """Where to end a part that begins there, 0 where there is no border at all."""
        enough = self._reach[at] + self._room * _GOOD_ENOUGH
        *good, words = self._borders
        for ends in good:
            end = ends[bisect_right(ends, furthest) - 1] if ends else 0
            if at < end <= furthest and self._reach[end] >= enough:
                return end
        end = words[bisect_right(words, furthest) - 1] if words else 0
        return end if at < end <= furthest else 0

    def _within_word(self, at: int, furthest: int) -> int:
        """As far as it fits: a link's beginning may count as a whole link, once it is cut off."""
        end = self._beginning(furthest)
        while end > at + 1 and weighted_length(self._text[at:end]) > self._room:
            end = self._beginning(end - 1)
        return end if end > at else furthest

    def _beginning(self, at: int) -> int:
        """Where the character begins that a reader sees there: marks belong to their letter."""
        while at and not (self._weights[at] and unicodedata.category(self._text[at])[0] != "M"):
            at -= 1
        return at


def _borders(text: str) -> tuple[list[int], list[int], list[int]]:
    """Where paragraphs end; where these or sentences or lines do; where these or words do."""
    paragraphs, sentences, words = [], [], []
    for border in _BORDER.finditer(text):
        at, lines = border.start(), border[0].count("\n")
        words.append(at)
        if lines or _SENTENCE.search(text[max(at - 4, 0) : at]):
            sentences.append(at)
        if lines > 1:
            paragraphs.append(at)
    return paragraphs, sentences, words
