"""A line of text to be typed; whatever is put into it is cleaned."""

from __future__ import annotations

from textual import events
from textual.widgets import Input

from monitor.clean import Safe, clean_line


class CleanInput(Input):
    """As Textual's, but it never holds anything that acts on a terminal."""

    def _on_paste(self, event: events.Paste) -> None:
        # The base class's own handler is called after this one; called here it would paste twice.
        event.text = clean_line(event.text)

    def validate_value(self, value: str) -> Safe:
        """Of what is set from elsewhere, too."""
        return clean_line(value)
