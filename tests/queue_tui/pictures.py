"""The README's pictures, drawn by the real screen over the demo's customers: `make pictures`."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from operator import itemgetter
from pathlib import Path

from connectors.sandbox.crowd import Crowd
from connectors.sandbox.crowd_case import Letter
from connectors.sandbox.crowd_mail import MailPlace
from connectors.sandbox.demo_stage import INBOX, Platforms, platforms
from monitor import plugins
from monitor.command import Shell
from monitor.config import parse_config
from monitor.wiring import House
from queue_tui.app import QueueApp
from queue_tui.widgets.composer import Composer
from tests.fakes import FakeClock

FOLDER = Path(__file__).parent.parent.parent / "docs"
SIZES = {"queue-80x24": (80, 24), "queue-160x45": (160, 45)}
_SEED = 3
# How many wait at X, on the page and by mail, and the longest of them for how long.
_WAITING = (
    (11, timedelta(minutes=62)),
    (10, timedelta(hours=5, minutes=20)),
    (15, timedelta(hours=5, minutes=50)),
)
_NAMED = {" ": "space", ",": "comma", ".": "full_stop"}


class _MailPlace(MailPlace):
    """Its mails arrive in the minute that the clock shows."""

    def write(self, letter: Letter) -> None:
        """Deliver it at once."""
        letter.at = letter.at or self._clock()
        super().write(letter)


def draw() -> None:
    """Write an SVG for each size."""
    clock = FakeClock()
    with (
        tempfile.TemporaryDirectory() as name,
        platforms(Path(name), clock) as stage,
        _house(stage, Path(name), clock) as house,
    ):
        _fill(stage, house, clock)
        for picture, size in SIZES.items():
            asyncio.run(_picture(house, picture, size))


@contextmanager
def _house(stage: Platforms, folder: Path, clock: FakeClock) -> Iterator[House]:
    stage.start_mail(folder / "secrets")
    text = stage.config("30s").replace("[desk]", '[desk]\ntimezone = "Europe/Berlin"')
    models = {name: channel.settings for name, channel in plugins.channels().items()}
    house = House(parse_config(text, folder / "config.toml", models), clock)
    yield house
    house.close()


def _fill(stage: Platforms, house: House, clock: FakeClock) -> None:
    """What customers wrote in the last hours, each found in its minute."""
    assert stage.mail
    now = clock()
    clock.now = now - timedelta(days=1)
    *social, _ = stage.places(_SEED, asides=False)
    mail = _MailPlace(stage.mail, INBOX, _SEED, clock)
    crowds = [Crowd([place], _SEED, clock=clock, orderly=True) for place in (*social, mail)]
    waits = [
        (longest * (1 - number / count) ** 1.5, crowd)
        for crowd, (count, longest) in zip(crowds, _WAITING, strict=True)
        for number in range(count)
    ]
    for age, crowd in sorted(waits, key=itemgetter(0), reverse=True):
        clock.now = now - age
        crowd.step()
        for account in house.accounts.values():
            house.poller.poll(account)
    clock.now = now


async def _picture(house: House, name: str, size: tuple[int, int]) -> None:
    app = QueueApp(Shell.at(house, "ann"))
    async with app.run_test(size=size) as pilot:
        for key in ("space", "r"):
            await pilot.pause(0.5)
            await pilot.press(key)
        await pilot.pause(0.5)
        await pilot.press(*(_NAMED.get(c, c) for c in "Hello, thank you for waiting. "))
        await pilot.pause(0.5)
        bound = app.screen.query_one(Composer).bound
        assert bound is not None
        (FOLDER / f"{name}.svg").write_text(app.export_screenshot(title="replyby queue"), "utf-8")
        await pilot.press("escape")
        await pilot.pause(0.5)
        house.desk.release(bound.conversation, "ann")
        house.desk.save_draft(bound.conversation, "ann", "", 0)


if __name__ == "__main__":
    draw()
