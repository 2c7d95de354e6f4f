"""The second net under cleaned text: nothing that acts on the terminal passes the last filter."""

from __future__ import annotations

import re

from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

_ACTS = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")


class PaintGuard(LineFilter):
    """Puts U+FFFD in the place of every control character in what is about to be painted."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        if not any(_ACTS.search(segment.text) for segment in segments if not segment.control):
            return segments
        return [
            segment if segment.control
            else Segment(_ACTS.sub("\ufffd", segment.text), segment.style)
            for segment in segments
        ]  # fmt: skip
