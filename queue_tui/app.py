"""The Textual application around the queue screen."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.app import SystemCommand
from textual.await_complete import AwaitComplete
from textual.command import Provider
from textual.screen import Screen

from monitor.command import Shell
from queue_tui.opening import OpeningScreen, glimpse
from queue_tui.paint_guard import PaintGuard
from queue_tui.themes import Dressed

if TYPE_CHECKING:
    from textual.widget import AwaitMount

    from monitor.wiring import House
    from queue_tui.clerk import Clerk
    from queue_tui.keys import Key


def _commands() -> type[Provider]:
    from queue_tui.palette import Commands

    return Commands


@dataclass(frozen=True, slots=True)
class Seat:
    """Who sits at which desk, with which keys."""

    house: House
    clerk: Clerk
    who: str
    keys: Sequence[Key]


def take_seat(shell: Shell) -> Seat:
    """Check the configuration, and load all that the screens need; ConfigError, UsageError."""
    house, who = shell.house, shell.who
    from queue_tui.clerk import Clerk
    from queue_tui.keys import remapped

    return Seat(house, Clerk(house), who, remapped(house.config.keys))


class QueueApp(Dressed):
    """One screen, and a clerk who goes to the store for it.

    What is slow to load (the configuration, the store, our own widgets) is loaded on a thread
    behind the first frame; where that fails the app ends, and `failure` is the reason.
    `loaded` is called once the store has answered the first screen of ours.
    """

    CSS_PATH = "queue.tcss"
    TITLE = "replyby"
    COMMANDS: ClassVar = {_commands}

    def __init__(self, shell: Shell) -> None:
        super().__init__()
        self.failure: Exception | None = None
        self.loaded: Callable[[], object] | None = None
        self._shell = shell
        self._seat = take_seat(shell) if shell.opened else None
        self._glimpse = glimpse(shell)
        self.dress(self._glimpse)

    async def on_mount(self) -> None:
        self._filters.append(PaintGuard())
        if self._seat:
            await self._sit_down(self._seat, self.push_screen)
        else:
            opening = OpeningScreen(self._glimpse.keys)
            await self.push_screen(opening)
            # What is loaded earlier holds up the frame: Python runs one thread at a time.
            opening.call_after_refresh(self.run_worker, self._open, thread=True)

    def _open(self) -> None:
        try:
            seat = take_seat(self._shell)
            self.load()
        except Exception as error:  # noqa: BLE001 # raised again by whoever runs the app
            self.failure = error
            self.call_from_thread(self.exit)
        else:
            self.call_from_thread(lambda: self.run_worker(self._opened(seat)))

    async def _opened(self, seat: Seat) -> None:
        if self.return_code is not None:
            return  # somebody has quit meanwhile
        self._seat = seat
        opening = self.screen
        first = await self._sit_down(seat, self.switch_screen)
        if isinstance(opening, OpeningScreen) and opening.typed:
            key = events.Key(opening.typed.key, opening.typed.character)
            first.call_after_refresh(self.post_message, key)

    async def _sit_down(
        self, seat: Seat, show: Callable[[Screen[None]], AwaitMount | AwaitComplete]
    ) -> Screen[None]:
        from queue_tui.keys import keymap
        from queue_tui.notices import Notices

        self.set_keymap(keymap(seat.keys))
        await self.screen_stack[0].mount(Notices(seat.house, seat.clerk, seat.who))
        first = self.first(seat)
        await show(first)
        if loaded := self.loaded:

            def then(_: object) -> None:
                loaded()

            # Asked behind what the screen asks first, which loads the store.
            first.call_after_refresh(seat.clerk.ask, first, lambda desk: None, then, then)
        return first

    def load(self) -> None:
        """Import what `first` needs, on another thread."""
        import queue_tui.notices
        import queue_tui.screens.queue_screen  # noqa: F401 # to have it at hand

    def first(self, seat: Seat) -> Screen[None]:
        """The screen that it opens with."""
        from queue_tui.screens.queue_screen import QueueScreen

        return QueueScreen(seat.house, seat.clerk, seat.who, seat.keys)

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """None of Textual's own: ours are all that staff need."""
        return ()

    async def action_quit(self) -> None:
        for screen in self.screen_stack:
            if keep := getattr(screen, "keep_draft", None):
                keep()
        self.exit()

    def on_unmount(self) -> None:
        if self._seat:
            self._seat.clerk.finish()
