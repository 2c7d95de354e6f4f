"""The links in a text: http and https alone, with the host that a browser would really go to."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import SplitResult, quote, urlsplit

MOST = 200
_LONGEST = 2000
_HOST_MOST = 253
_URL = re.compile(r"\bhttps?://[^\s<>\"\\^`{|}\ufffd]+", re.IGNORECASE)
_HOST = re.compile(r"(?=.*[a-z0-9])[a-z0-9_-]+(\.[a-z0-9_-]+)*\.?|\[[0-9a-f:.]+\]")
_TRAILING = ".,;:!?'\"*_~…。、，）」』】»”’"
_BRACKETS = {")": "(", "]": "["}
_KEPT = "%/:=&?~#+!$,;'@()*[]-._"
# IDNA 2003 turns these into other letters, browsers don't any more (UTS 46, "deviation").
_DEVIATING = re.compile("[ßς]")


@dataclass(frozen=True, slots=True)
class Link:
    """Where it stands in the text, and where it leads: `url` and `host` are plain ASCII.

    A host of other scripts is in punycode, so that none looks like one that it isn't.
    """

    start: int
    end: int
    url: str
    host: str


def find_links(text: str, most: int = MOST) -> list[Link]:
    """The first `most` links of a text, as they stand.

    What names a person before the host (https://bank.example@evil.example) is no link: such are
    written to be misread. Nor is what has no host that could be looked up.
    """
    found: list[Link] = []
    for match in _URL.finditer(text):
        if match.end() - match.start() > _LONGEST:
            continue  # what is cut short would lead somewhere else
        url = _without_trailing(match.group())
        resolved = _resolved(url)
        if resolved:
            found.append(Link(match.start(), match.start() + len(url), *resolved))
        if len(found) == most:
            break
    return found


def _without_trailing(url: str) -> str:
    """The URL without the sentence's own full stop, or a bracket that was opened before it."""
    while url:
        last = url[-1]
        opened = _BRACKETS.get(last)
        if last not in _TRAILING and not (opened and url.count(last) > url.count(opened)):
            break
        url = url[:-1]
    return url


def _resolved(url: str) -> tuple[str, str] | None:
    try:
        parts = urlsplit(url)
        port = parts.port
        host = _ascii_host(parts)
    except ValueError:  # UnicodeError is one
        return None
    if not host or "@" in parts.netloc:
        return None
    place = f"{host}:{port}" if port is not None else host
    rest = quote(parts.path or "/", safe=_KEPT)
    for mark, part in (("?", parts.query), ("#", parts.fragment)):
        rest += mark + quote(part, safe=_KEPT) if part else ""
    return f"{parts.scheme.lower()}://{place}{rest}", place


def _ascii_host(parts: SplitResult) -> str:
    host = (parts.hostname or "").lower()
    if ":" in host:
        host = f"[{host}]"
    if len(host) > _HOST_MOST:
        return ""
    if not host.isascii():
        host = ".".join(_labels(host))
    return host if _HOST.fullmatch(host) else ""


def _labels(host: str) -> Iterator[str]:
    for label in re.split("[.。．｡]", host):
        if _DEVIATING.search(label):
            yield "xn--" + unicodedata.normalize("NFC", label).encode("punycode").decode()
        else:
            yield label.encode("idna").decode() if label else label
