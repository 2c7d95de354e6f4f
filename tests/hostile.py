"""The hostile strings of ../shared, and the bytes of theirs that no terminal may ever be sent."""

from __future__ import annotations

import json
import re
from ast import literal_eval
from functools import cache
from typing import Any

import pytest

from tests.conftest import SHARED

_PATH = SHARED / "data" / "hostile-strings.json"
# All that Textual itself needs: colours, the cursor's place, modes and their questions, the
# keyboard's protocol, and the pointer's shape.
_OURS = re.compile(
    rb"\x1b\[[0-9;]*[mHABCDG]"
    rb"|\x1b\[\?(?:7|25|1000|1002|1003|1004|1006|1015|1049|2004|2026|2048)[hl]"
    rb"|\x1b\[\?(?:2026|2048)\$p"
    rb"|\x1b\[[<>=][0-9;]*u"
    rb"|\x1b\]22;default\x07"
)
_CONTROL = re.compile("[\x00-\x09\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_OVERWRITTEN = re.compile("\r(?!\n)")


@cache
def by_name() -> dict[str, dict[str, Any]]:
    """All of them by their names; none where they are not there."""
    if not _PATH.exists():
        return {}
    return {string["id"]: string for string in json.loads(_PATH.read_text("utf-8"))["strings"]}


def strings() -> tuple[dict[str, Any], ...]:
    """All of them; skips where they are not there."""
    if not by_name():
        pytest.skip(f"{_PATH} is not there: hostile strings NOT tested")
    return tuple(by_name().values())


def text_of(string: dict[str, Any]) -> str:
    """The string itself, or what its generator says: `'a'+'b'*1_000`."""
    if not string["generator"]:
        return str(string["text"])
    units, _, times = string["generator"].rpartition("*")
    *first, unit = [literal_eval(part) for part in units.split("+")]
    return "".join([*first, str(unit) * int(times)])


def texts(most: int) -> list[str]:
    """Of each so many characters."""
    return [text_of(string)[:most] for string in strings()]


def forbidden(string: dict[str, Any]) -> list[bytes]:
    """What of the string may never be written; what is printable by itself, behind no ESC."""
    given = [bytes.fromhex(x) for x in string["never_hex"]]
    return [b"\x1b" + x if all(32 <= byte < 127 for byte in x) else x for x in given]


def obeyed(output: bytes) -> set[str]:
    """The hostile strings of which a terminal has been sent what it obeys, by their names."""
    return {x["id"] for x in strings() for bad in forbidden(x) if bad in output}


def strange(output: bytes) -> set[str]:
    """The control characters in what was written, besides whole lines and Textual's own words."""
    left = _OURS.sub(b"", output).decode("utf-8", "replace")
    return set(map(repr, [*_CONTROL.findall(left), *_OVERWRITTEN.findall(left)]))
