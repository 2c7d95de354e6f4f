"""What can be asked about the conversation shown: its links, files, log, customer, platform."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from monitor.desk import Desk
from monitor.links import Link, find_links
from monitor.message import Attachment, Direction, Message
from monitor.telling import told
from monitor.wording import size
from queue_tui.dialogs.choose import Chosen
from queue_tui.dialogs.leaf import Leaf
from queue_tui.flows.place import Place
from queue_tui.flows.reading import Reading
from queue_tui.study import Study
from queue_tui.typed import typed_path
from queue_tui.widgets.customer_panel import other_line
from queue_tui.widgets.status_line import Tone

_COPY_OPEN = {"enter": "copy", "o": "open"}


class Looking:
    """Looks and never changes anything; who goes to another conversation can come back."""

    def __init__(self, place: Place, reading: Reading) -> None:
        self._place = place
        self._reading = reading
        self._came_from: list[int] = []

    @property
    def _study(self) -> Study | None:
        return self._place.conversation.study

    # Links

    def links(self) -> None:
        """Choose among the links of the conversation."""
        links = self._place.conversation.links
        if links:
            lines = [f"[{n}] {link.host}   {link.url}" for n, link in enumerate(links, 1)]
            self._choose_link("Links", links, lines)
        else:
            self._place.say("no links in what is shown")

    def _choose_link(self, title: str, links: Sequence[Link], lines: Sequence[str]) -> None:
        self._place.choose(
            title, lines, _COPY_OPEN,
            lambda chosen: self._follow(links[chosen.number], chosen.key),
        )  # fmt: skip

    def _follow(self, link: Link, key: str) -> None:
        app = self._place.screen.app
        if key == "o":
            app.open_url(link.url)
            self._place.say(f"opened on {link.host}: {link.url}")
        else:
            app.copy_to_clipboard(link.url)
            self._place.say(f"copied: {link.url}")

    def platform(self) -> None:
        """Open the conversation where it came from, or copy where that is."""
        study = self._study
        found = find_links(study.opened.conversation.url, 1) if study else []
        if found:
            lines = [f"{link.host}   {link.url}" for link in found]
            self._choose_link("On its platform", found, lines)
        else:
            self._place.say("this conversation has no page to open")

    # Files

    def files(self) -> None:
        """Save the files that came, one or all, in a folder that the person names."""
        study = self._study
        there = _received(study.opened.messages) if study else []
        if study is None or not there:
            self._place.say("no files in this conversation")
            return
        number = study.opened.conversation.id
        if len(there) == 1:
            self._save(number, None)
            return

        def then(chosen: Chosen) -> None:
            message, file = there[chosen.number]
            self._save(number, (message.id, file.number) if chosen.key == "enter" else None)

        lines = [f"{f.name or '(no name)'}  {size(f.size)}  {f.type}" for _, f in there]
        keys = {"enter": "save this one", "a": "save all"}
        self._place.choose(f"Files of #{number}", lines, keys, then)

    def _save(self, number: int, only: tuple[int, int] | None) -> None:
        house = self._place.house

        def save(folder: str) -> None:
            if folder:
                where = typed_path(folder)
                self._place.ask(lambda desk: house.save_files(number, where, only), saved)

        def saved(paths: list[Path]) -> None:
            what = str(paths[0]) if len(paths) == 1 else f"{len(paths)} files"
            self._place.say(f"saved {what}")

        self._place.ask_text(f"Save the files of #{number} in which folder?", save, value="~")

    # The log

    def log(self) -> None:
        """Everything that happened to it, in words."""
        study = self._study
        if study is None:
            return
        number, zone = study.opened.conversation.id, self._place.zone

        def call(desk: Desk) -> str:
            return "\n".join(told(event, zone) for event in desk.events(number))

        def then(text: str) -> None:
            self._place.screen.app.push_screen(Leaf(f"Log of #{number}", text))

        self._place.ask(call, then)

    # The customer

    def customer(self) -> None:
        """Choose among the customer's other conversations, and go there."""
        study = self._study
        if study is None:
            return
        others, now = study.around.others, self._place.house.clock()
        if not others:
            self._place.say("nothing else is known of this customer")
            return

        c = study.opened.conversation
        title = f"{c.customer_name}  {c.customer_address}  {c.account} ({c.channel})"
        lines = [other_line(other, now) for other in others]
        keys = {"enter": f"go there ({self._place.shown_keys['back']} comes back)"}
        self._place.choose(
            title, lines, keys, lambda chosen: self._go(c.id, others[chosen.number].id)
        )

    def _go(self, here: int, there: int) -> None:
        self._came_from.append(here)
        self._reading.reload_on(there)

    def back(self) -> None:
        """Go back to the conversation from which one came."""
        if self._came_from:
            self._reading.reload_on(self._came_from.pop())
        else:
            self._place.say("there is nowhere to go back to", Tone.IDLE)


def _received(messages: tuple[Message, ...]) -> list[tuple[Message, Attachment]]:
    """The files that can be saved: those of our own answers are not kept decoded."""
    return [
        (message, file)
        for message in messages
        if message.direction is Direction.IN or message.outside
        for file in message.attachments
    ]
