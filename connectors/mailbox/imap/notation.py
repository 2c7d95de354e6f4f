"""IMAP's own ways of writing names, sets of UIDs and dates (RFC 3501)."""

from __future__ import annotations

import binascii
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from monitor.errors import ConnectorError

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_SHIFTED = re.compile(r"&([A-Za-z0-9+,]*)-")


def uid_set(uids: Sequence[int]) -> str:
    """`1:5,7` for sorted UIDs."""
    runs: list[list[int]] = []
    for uid in uids:
        if runs and uid == runs[-1][1] + 1:
            runs[-1][1] = uid
        else:
            runs.append([uid, uid])
    return ",".join(str(a) if a == b else f"{a}:{b}" for a, b in runs)


def set_size(uids: bytes, last: int) -> int:
    """How many UIDs up to `last` a set like `1:5,7` has; ValueError for what is none."""
    size = 0
    for part in uids.split(b","):
        first, _, end = part.partition(b":")
        low, high = sorted((int(first), int(end or first)))
        size += max(0, min(high, last) - low + 1)
    return size


def parse_internal_date(text: bytes) -> datetime:
    """`17-Jul-1996 02:44:25 -0700` (RFC 3501) in UTC; ConnectorError on anything else."""
    try:
        date, time, zone = text.decode("ascii").split()
        day, month, year = date.split("-")
        hour, minute, second = time.split(":")
        number = MONTHS.index(month.title()) + 1
        local = datetime(
            int(year), number, int(day), int(hour), int(minute), int(second), tzinfo=UTC
        )
        return local - _offset(zone)
    except (ValueError, IndexError, OverflowError):
        raise ConnectorError("the server gives a date that is none") from None


@lru_cache(maxsize=64)
def _offset(zone: str) -> timedelta:
    sign = -1 if zone[0] == "-" else 1
    return sign * timedelta(hours=int(zone[1:3]), minutes=int(zone[3:5]))


def in_quotes(text: str) -> str:
    """A quoted string."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def unquoted(text: str) -> str:
    """What a quoted string says; anything else as it is."""
    return re.sub(r"\\(.)", r"\1", text[1:-1]) if text[:1] == '"' else text


def wire_name(folder: str) -> str:
    """A folder's name in modified UTF-7 (RFC 3501, 5.1.3)."""
    out, run = [], ""
    for char in folder + "\0":
        if " " <= char <= "~" or char == "\0":
            if run:
                out.append("&" + _base64(run.encode("utf-16-be")) + "-")
                run = ""
            out.append("&-" if char == "&" else char)
        else:
            run += char
    return "".join(out)[:-1]


def plain_name(wire: str) -> str:
    """A folder's name as people read it; one that is no modified UTF-7 stays as it is."""
    try:
        return _SHIFTED.sub(lambda found: _shifted(found[1]), wire)
    except ValueError:
        return wire


def _shifted(code: str) -> str:
    padded = code.replace(",", "/") + "=" * (-len(code) % 4)
    return binascii.a2b_base64(padded).decode("utf-16-be") if code else "&"


def _base64(data: bytes) -> str:
    return binascii.b2a_base64(data, newline=False).decode().rstrip("=").replace("/", ",")
