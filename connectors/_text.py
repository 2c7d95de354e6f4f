"""Text from platforms: HTML as lines that can be read, and what mail programs mark in it."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import NamedTuple

from connectors._markup import Tag, tokens

_HTML_CHARS = 1_000_000
_SILENT = frozenset({"script", "style", "head", "title", "template", "noscript"})
_BREAKS = frozenset(
    {
        "address", "article", "blockquote", "br", "dd", "div", "dl", "dt", "fieldset", "figure",
        "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "nav",
        "ol", "p", "pre", "section", "table", "tr", "ul",
    }
)  # fmt: skip
_PARAGRAPHS = frozenset({"p", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "ul", "ol"})


class Mark(StrEnum):
    """What a mail program says of a part of its HTML; INDENTED is a quote where one was opened."""

    QUOTE = "q"
    ATTRIBUTION = "b"
    HEADERS = "h"
    SIGNATURE = "s"
    CUT = "c"
    INDENTED = "i"


class MarkedText(NamedTuple):
    """The text of a page and, for each of its lines, how it was marked."""

    text: str
    marks: tuple[Mark | None, ...]


_NAMES = {
    "gmail_attr": Mark.ATTRIBUTION,
    "moz-cite-prefix": Mark.ATTRIBUTION,
    "olk_src_body_section": Mark.QUOTE,
    "outlookmessageheader": Mark.HEADERS,
    "divrplyfwdmsg": Mark.HEADERS,
    "mail-editor-reference-message-container": Mark.QUOTE,
    "yahoo_quoted": Mark.QUOTE,
    "zmail_extra": Mark.QUOTE,
    "protonmail_quote": Mark.QUOTE,
    "tutanota_quote": Mark.QUOTE,
    "contentquote": Mark.QUOTE,
    "isreplycontent": Mark.QUOTE,
    "quotedmessage": Mark.QUOTE,
    "gmail_signature": Mark.SIGNATURE,
    "moz-signature": Mark.SIGNATURE,
    "applemailsignature": Mark.SIGNATURE,
    "applemailsignatureatbeginningofmessage": Mark.SIGNATURE,
    "ms-outlook-mobile-signature": Mark.SIGNATURE,
    "ms-outlook-ios-signature": Mark.SIGNATURE,
    "protonmail_signature_block": Mark.SIGNATURE,
    "tutanota_signature": Mark.SIGNATURE,
    "yahoo_signature": Mark.SIGNATURE,
    "zmail_signature": Mark.SIGNATURE,
    "signature": Mark.SIGNATURE,
    "appendonsend": Mark.CUT,
    "stopspelling": Mark.CUT,
    "zwchr": Mark.CUT,
    "replysplit": Mark.CUT,
}
_REWRITTEN = re.compile(r"^(?:x_|ecx)+")
_SEPARATOR_STYLE = re.compile(r"border-top:\s*solid\s*#(?:b5c4df|e1e1e1|b5c4f0|cccccc)")
_QUOTE_STYLE = re.compile(r"border-left:[^;]{0,60}?(?:solid|px|pt)")
_MARKABLE = frozenset(
    {"div", "span", "blockquote", "p", "pre", "table", "td", "hr", "section", "a"}
)
_WORTH_A_LOOK = re.compile(r"class|id|style|type|tabindex|name", re.IGNORECASE)


def _mark(tag: Tag) -> Mark | None:
    if tag.name not in _MARKABLE or not (
        tag.name == "blockquote" or _WORTH_A_LOOK.search(tag.rest)
    ):
        return None
    attributes = tag.attributes()
    for name in f"{attributes.get('id', '')} {attributes.get('class', '')}".lower().split():
        if mark := _NAMES.get(_REWRITTEN.sub("", name)):
            return mark
    return _mark_by_kind(tag.name, attributes)


def _mark_by_kind(name: str, attributes: dict[str, str]) -> Mark | None:
    style = attributes.get("style", "").lower()
    if name == "hr":
        return Mark.CUT if attributes.get("tabindex") == "-1" else None
    if name == "blockquote":
        cited = attributes.get("type", "").lower() == "cite" or "cite" in attributes
        named = "quote" in attributes.get("class", "").lower()
        return Mark.QUOTE if cited or named or _QUOTE_STYLE.search(style) else Mark.INDENTED
    if attributes.get("name") == "quote":
        return Mark.QUOTE
    if name == "div" and _SEPARATOR_STYLE.search(style):
        return Mark.HEADERS
    return Mark.INDENTED if name == "div" and _QUOTE_STYLE.search(style) else None


class _Region(NamedTuple):
    tag: str
    depth: int
    mark: Mark | None


class _Page:
    """Lines as they are written one after the other, and the regions that are open."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.marks: list[Mark | None] = []
        self._pieces: list[str] = []
        self._mark: Mark | None = None
        self._cut = False
        self._silent = 0
        self._pre = 0
        self._depth: dict[str, int] = {}
        self._regions: list[_Region] = []

    def start(self, tag: Tag) -> None:
        name = tag.name
        if name in _SILENT:
            self._silent += 1
        elif name == "body":
            self._silent = 0
        elif name == "pre":
            self._pre += 1
        self._break(name)
        self._open(tag)
        if name == "li":
            self._pieces.append("- ")
        elif name in ("td", "th"):
            self._pieces.append(" ")

    def end(self, name: str) -> None:
        if name in _SILENT:
            self._silent = max(0, self._silent - 1)
        elif name == "pre":
            self._pre = max(0, self._pre - 1)
        if name != "br":
            self._break(name)
        self._close(name)

    def data(self, text: str) -> None:
        if self._silent:
            return
        if not self._pre:
            self._write(" ".join(f".{text}.".split())[1:-1])
            return
        for number, line in enumerate(text.split("\n")):
            if number:
                self.flush()
            self._write(line)

    def _write(self, text: str) -> None:
        if self._mark is None and self._regions and not text.isspace():
            self._mark = self._regions[-1].mark
        self._pieces.append(text)

    def _break(self, name: str) -> None:
        if name == "br" and not self._pieces:
            self._blank()
        elif name in _BREAKS:
            self.flush()
            if name in _PARAGRAPHS:
                self._blank()

    def _open(self, tag: Tag) -> None:
        if tag.name not in _MARKABLE:
            return
        depth = self._depth[tag.name] = self._depth.get(tag.name, 0) + 1
        mark = _mark(tag)
        if mark is None:
            return
        self.flush()
        if mark is Mark.CUT:
            self._cut = True
            return
        above = self._regions[-1].mark if self._regions else None
        kept = mark if above in (None, Mark.INDENTED) else above
        self._regions.append(_Region(tag.name, depth, kept))

    def _close(self, name: str) -> None:
        depth = self._depth.get(name, 0)
        if not depth:
            return
        self._depth[name] = depth - 1
        if self._regions and any(r.tag == name and r.depth == depth for r in self._regions[-8:]):
            self.flush()
            while (region := self._regions.pop()).tag != name or region.depth != depth:
                pass

    def _blank(self) -> None:
        if self.lines and self.lines[-1]:
            self.lines.append("")
            self.marks.append(None)

    def flush(self) -> None:
        """End the line; never more than one empty line after another."""
        if not self._pieces:
            return
        line = "".join(self._pieces).replace("\xa0", " ").strip()
        self._pieces = []
        mark, self._mark = self._mark, None
        if not line:
            self._blank()
            return
        if self._cut:
            mark, self._cut = mark or Mark.CUT, False
        self.lines.append(line)
        self.marks.append(mark)


def marked_text(html: str) -> MarkedText:
    """What a reader of the page would see, a line for each block, and the marks of each line."""
    page = _Page()
    for token in tokens(html[:_HTML_CHARS]):
        if isinstance(token, str):
            page.data(token)
        elif token.ends:
            page.end(token.name)
        else:
            page.start(token)
    page.flush()
    while page.lines and not page.lines[-1]:
        page.lines.pop()
        page.marks.pop()
    return MarkedText("\n".join(page.lines), tuple(page.marks))


def html_to_text(html: str) -> str:
    """What a reader of the page would see, a line for each block, never more than one empty."""
    return marked_text(html).text
