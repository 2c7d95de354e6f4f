"""Which list is shown: a view by its name, or what a search found."""

from __future__ import annotations

from queue_tui.flows.place import Place
from queue_tui.flows.reading import Reading


class Finding:
    """Goes from list to list."""

    def __init__(self, place: Place, reading: Reading) -> None:
        self._place = place
        self._reading = reading

    def view(self, name: str) -> None:
        """Show a view."""
        self._place.say("")
        self._reading.show(name)

    def search(self) -> None:
        """Ask for words, and show what holds them."""

        def then(query: str | None) -> None:
            if query is not None:
                self._reading.show(self._reading.view, query.strip())

        question = "Search everything ever received"
        self._place.ask_text(question, then, "words", self._reading.query)

    def leave(self) -> None:
        """Go back from a search to the view before it."""
        if self._reading.query:
            self.view(self._reading.view)
