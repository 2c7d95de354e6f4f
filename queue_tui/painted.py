"""What Textual 8 keeps of widgets that are gone, for as long as the program runs."""

from __future__ import annotations

from typing import Any

from textual._styles_cache import StylesCache
from textual.widget import Widget


def forget_painted() -> None:
    """Let go of their lines (Textualize/textual#6665); for when a box over a screen closes."""
    clear = getattr(StylesCache.get_inner_outer, "cache_clear", None)
    if clear is not None:  # a later Textual may keep them no more
        clear()


def forget_watching(widget: Widget) -> None:
    """Let go of a text area, which waits to hear of another theme; for when it is unmounted.

    Textual does so itself, but only when there is another theme.
    """
    watchers: dict[str, list[Any]] = getattr(widget.app, "__watchers", {})
    for watching in watchers.values():
        watching[:] = [(who, call) for who, call in watching if who is not widget]
