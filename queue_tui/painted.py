"""Painted lines of widgets that are gone: Textual 8 keeps them in a cache that is never emptied."""

from __future__ import annotations

from textual._styles_cache import StylesCache


def forget_painted() -> None:
    """Let go of them (Textualize/textual#6665); to be called when a box over a screen closes."""
    clear = getattr(StylesCache.get_inner_outer, "cache_clear", None)
    if clear is not None:  # a later Textual may keep them no more
        clear()
