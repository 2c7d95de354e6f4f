"""HTML from anyone taken apart into tags and text, in time that grows with its length alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from typing import NamedTuple

_TAG = re.compile(r"<(/?)([a-zA-Z][^\s/>]*+)((?:[^>\"']++|\"[^\"]*+\"|'[^']*+')*+)>")
_LENIENT_TAG = re.compile(r"<(/?)([a-zA-Z][^\s/>]*+)([^>]*+)>")
_ATTRIBUTE = re.compile(r"""([^\s"'=<>/]++)\s*+=\s*+(?:"([^"]*+)"|'([^']*+)'|([^\s"'>]++))""")
_OPENING = re.compile(r"<([a-zA-Z/!?])")
_ANY_TAG = re.compile(r"<[^<>]*+>")
_RAW = frozenset({"script", "style", "title", "textarea", "xmp"})
_TAGS_MOST = 100_000
_ATTRIBUTES_CHARS = 4000


class Tag(NamedTuple):
    """A start or end tag, its name in lower case, its attributes as they stand."""

    name: str
    ends: bool
    rest: str

    def attributes(self) -> dict[str, str]:
        """Names in lower case, values without references (&amp;)."""
        found = _ATTRIBUTE.finditer(self.rest[:_ATTRIBUTES_CHARS])
        return {m[1].lower(): characters(m[2] or m[3] or m[4] or "") for m in found}


class _Source:
    """The page and what is known to be missing in it, so that nothing is looked for twice."""

    def __init__(self, html: str) -> None:
        self.html = html
        self.missing: set[str] = set()
        self.tag = _TAG

    def after(self, mark: str, start: int) -> int:
        """The position after the next `mark`, -1 where there is none (for good)."""
        if mark in self.missing:
            return -1
        found = self.html.find(mark, start)
        if found < 0:
            self.missing.add(mark)
            return -1
        return found + len(mark)

    def raw_end(self, name: str, start: int) -> int:
        """Where the end tag of a script or style starts, `start` itself where there is none."""
        if name in self.missing:
            return start
        end = re.compile(rf"</{name}(?![\w-])", re.IGNORECASE).search(self.html, start)
        if end:
            return end.start()
        self.missing.add(name)
        return start

    def tag_at(self, start: int) -> re.Match[str] | None:
        """The tag that starts there; quotes are not respected any more once one stayed open."""
        found = self.tag.match(self.html, start)
        if found is None and self.tag is _TAG:
            self.tag = _LENIENT_TAG
            found = self.tag.match(self.html, start)
        return found


def characters(text: str) -> str:
    """The text with its character references resolved."""
    try:
        return unescape(text) if "&" in text else text
    except ValueError:
        return text


def tokens(html: str) -> Iterator[Tag | str]:
    """Tags and texts in their order; comments, declarations, scripts and styles are left out.

    After a hundred thousand tags the rest is one text.
    """
    source, position = _Source(html), 0
    for _ in range(_TAGS_MOST):
        opening = _OPENING.search(html, position)
        if not opening:
            break
        if opening.start() > position:
            yield characters(html[position : opening.start()])
        found = None if opening[1] in "!?" else source.tag_at(opening.start())
        if found is None:
            position = _skip(source, opening.start())
            if position == opening.start():
                break
            continue
        name = found[2].lower()
        yield Tag(name, bool(found[1]), found[3])
        position = found.end()
        if name in _RAW and not found[1]:
            position = source.raw_end(name, position)
    yield characters(_ANY_TAG.sub(" ", html[position:]))


def _skip(source: _Source, less: int) -> int:
    """The end of the comment, declaration or broken tag at `less`; `less` where no ">" follows."""
    if source.html.startswith("<!--", less):
        end = source.after("-->", less + 2)
        return end if end > 0 else less + 4
    return max(less, source.after(">", less))
