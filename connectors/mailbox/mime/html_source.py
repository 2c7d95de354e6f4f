"""HTML made harmless for a reader that goes through it tag by tag, before it is read."""

from __future__ import annotations

TAGS_MOST = 30_000


def tamed(html: str) -> tuple[str, bool]:
    """The source without what makes parsers search it to its end again and again.

    That is: constructs that never close (a browser shows nothing sensible of them either), and
    more tags than a letter has. True where it was cut for their number.
    """
    many = html.count("<") > TAGS_MOST
    if many:
        html = html[: _place_of(html, TAGS_MOST)]
    html = _without_open_comments(html.replace("<![", "<!"))
    closed = html.rfind(">") + 1
    return html[:closed] + html[closed:].replace("<", "&lt;"), many


def _without_open_comments(html: str) -> str:
    closed = html.rfind("-->") + 3 if "-->" in html else 0
    return html[:closed] + html[closed:].replace("<!--", "&lt;!--")


def _place_of(html: str, number: int) -> int:
    """Where the tag after so many begins."""
    place = -1
    for _ in range(number + 1):
        place = html.find("<", place + 1)
    return place
