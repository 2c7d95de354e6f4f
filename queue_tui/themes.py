"""How the terminal looks: themes, no colour where none is wanted, ASCII where it must be."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import lru_cache
from typing import Protocol

from rich.segment import Segment
from rich.style import Style
from textual.app import App
from textual.color import Color
from textual.filter import LineFilter, Monochrome
from textual.theme import Theme

from monitor.width import width
from queue_tui.capability import Charset, charset, no_colour

_SIXTEEN = "standard"
_ANSI = "ansi-dark"

DARK = Theme(
    "replyby-dark",
    primary="#4ea1ff", secondary="#7c9cc4", accent="#ffb454", foreground="#e4e6ea",
    background="#14171c", surface="#1b1f26", panel="#262c36",
    success="#7ec97e", warning="#f0b849", error="#ff7b85",
    variables={"primary-darken-2": "#16304d", "warning-darken-2": "#5c4310",
               "success-darken-2": "#1f4a26"},
)  # fmt: skip
LIGHT = Theme(
    "replyby-light", dark=False,
    primary="#0b57a4", secondary="#41617f", accent="#8a4b00", foreground="#1b1d21",
    background="#fbfbf9", surface="#f1f1ed", panel="#e3e4df",
    success="#1b6b2d", warning="#7d4e00", error="#a3121f",
    variables={  # grounds of the style sheet, which darken on a dark screen
        "primary-darken-2": "#cfe0f3", "warning-darken-2": "#ffe3ae", "success-darken-2": "#cdeccf",
        "panel-lighten-2": "#8a8f98",
    },
)  # fmt: skip
HIGH_CONTRAST = Theme(
    "replyby-high-contrast",
    primary="#ffffff", secondary="#ffffff", accent="#ffff00", foreground="#ffffff",
    background="#000000", surface="#000000", panel="#000000",
    success="#00ff66", warning="#ffff00", error="#ff9a9a",
    text_alpha=1.0,
    variables={"text-muted": "#ffffff", "text-disabled": "#e0e0e0", "border": "#ffffff"},
)  # fmt: skip
THEMES = {
    "dark": DARK.name, "light": LIGHT.name, "high-contrast": HIGH_CONTRAST.name, "ansi": _ANSI,
}  # fmt: skip

_TRUE_COLOURS = ("dark", "light")
_STARK = ("ansi", "high-contrast")
_REVERSE = "background: $background; color: $foreground; text-style: bold reverse;"
# What a background alone would show has to be shown by something else where there are few colours.
_REVERSED = (
    "#headline", "#keys", "#undo", "#board-head", "#board-keys",
    "QueueList > .queue-list--thumb", "QueueList > .queue-list--cursor",
    "BoardList > .board-list--cursor",
    "TextArea .text-area--cursor", "TextArea .text-area--selection",
    "Input .input--cursor", "Input .input--selection",
    "OptionList > .option-list--option-highlighted",
)  # fmt: skip


class Look(Protocol):
    """What of `[terminal]` is needed to draw anything."""

    @property
    def theme(self) -> str: ...
    @property
    def ascii(self) -> bool: ...


class Dressed(App[None]):
    """An app that looks as `[terminal]`, the environment and the terminal itself say."""

    CSS = "\n".join(f"App.-reversed {part} {{ {_REVERSE} }}" for part in _REVERSED)

    def dress(self, terminal: Look) -> None:
        """Put the theme on; to be called once, before the app runs."""
        for theme in (DARK, LIGHT, HIGH_CONTRAST):
            self.register_theme(theme)
        self.no_color = no_colour(os.environ)
        self._net = line_filters(terminal, self.no_color)
        wanted = terminal.theme
        if wanted in _TRUE_COLOURS and self.console.color_system == _SIXTEEN:
            # 24-bit colours brought down to 16 leave no contrast that one can rely on.
            wanted = "ansi"
        self.theme = THEMES[wanted]
        self.set_class(self.no_color or wanted in _STARK, "-reversed")

    def get_line_filters(self) -> Sequence[LineFilter]:
        theirs = super().get_line_filters()
        return [*(f for f in theirs if not isinstance(f, Monochrome)), *self._net]


def line_filters(terminal: Look, colourless: bool) -> list[LineFilter]:
    """What every line passes on its way to this terminal."""
    there = charset(os.environ)
    filters: list[LineFilter] = [Colourless()] if colourless else []
    if terminal.ascii or there is not Charset.UTF8:
        filters.append(Ascii(strict=there is Charset.OTHER))
    return filters


class Colourless(LineFilter):
    """Takes every colour off and leaves bold, underlined and reversed text."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        return [
            Segment(text, style and _plain(style), control) for text, style, control in segments
        ]


@lru_cache(1024)
def _plain(style: Style) -> Style:
    return Style(
        bold=style.bold, underline=style.underline, reverse=style.reverse, italic=style.italic,
        strike=style.strike, meta=style.meta or None,
    )  # fmt: skip


class Ascii(LineFilter):
    """Draws our marks and lines in ASCII, each as wide as before.

    A `strict` one leaves nothing else either: a terminal of another character set would read the
    bytes of a customer's letter as controls.
    """

    def __init__(self, *, strict: bool) -> None:
        super().__init__()
        self._strict = strict

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        return [
            Segment(in_ascii(text, strict=self._strict), style, control)
            for text, style, control in segments
        ]


def in_ascii(text: str, *, strict: bool = False) -> str:
    """The text with our marks and lines in ASCII; `strict` also everything else, as `?`."""
    if text.isascii():
        return text
    drawn = text.replace("≥ ", ">=").translate(_DRAWN)
    return "".join(map(_question, drawn)) if strict else drawn


def _question(char: str) -> str:
    return char if char.isascii() else "?" * width(char)


def _drawings() -> dict[int, str]:
    """Box drawing, blocks and the marks of ours."""
    lines = dict.fromkeys(range(9472, 9600), "+")
    blocks = dict.fromkeys(range(9600, 9632), "#")
    flat = dict.fromkeys(map(ord, "─━┄┅┈┉╌╍═╴╶╸╺╼╾▁▔"), "-")
    upright = dict.fromkeys(map(ord, "│┃┆┇┊┋╎╏║╵╷╹╻╽╿▏▕▎▊▌▐"), "|")
    ours = {"≥": ">", "…": ".", "→": ">", "←": "<", "↑": "^", "↓": "v", "·": ".", "•": "*",
            "–": "-", "—": "-", "“": '"', "”": '"', "’": "'", "×": "x", "✓": "+", "✗": "x",
            "\N{REPLACEMENT CHARACTER}": "?", "▲": "^", "▼": "v", "▶": ">", "◀": "<"}  # fmt: skip
    return lines | blocks | flat | upright | {ord(mark): plain for mark, plain in ours.items()}


_DRAWN = _drawings()
