"""A line of text to be typed; what is pasted into it is cleaned."""

from __future__ import annotations

from textual import events
from textual.widgets import Input

from monitor.clean import clean_line


class CleanInput(Input):
    """As Textual's, but a paste is one line without anything that acts on a terminal."""

    def _on_paste(self, event: events.Paste) -> None:
        # The base class's own handler is called after this one; called here it would paste twice.
        event.text = clean_line(event.text)
