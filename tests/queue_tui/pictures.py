"""The README's pictures, drawn by the real screen over the demo's customers: `make pictures`."""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from connectors.sandbox.crowd import Crowd
from connectors.sandbox.crowd_mail import MailPlace
from connectors.sandbox.mail import MailServer
from monitor import plugins
from monitor.command import Shell
from monitor.config import parse_config
from monitor.wiring import House
from queue_tui.app import QueueApp
from queue_tui.widgets.composer import Composer
from tests.fakes import FakeClock

FOLDER = Path(__file__).parent.parent.parent / "docs"
SIZES = {"queue-80x24": (80, 24), "queue-160x45": (160, 45)}
_CONFIG = """
[desk]
name = "Acme support"
timezone = "Europe/Berlin"
database = "sqlite:///picture.db"

[[accounts]]
name = "support"
channel = "email"
address = "support@acme.example"
imap = "{imap}"
smtp = "{smtp}"
password = "env:REPLYBY_PICTURE"

[[rules]]
when = {{ subject = "/quote|pricing|offer/" }}
then = {{ lead = true, tags = ["sales"] }}
"""


def draw() -> None:
    """Write an SVG for each size."""
    os.environ["REPLYBY_PICTURE"] = "sandbox"
    clock = FakeClock()
    with MailServer() as server, tempfile.TemporaryDirectory() as folder:
        server.add_mailbox("support@acme.example", "sandbox")
        house = _house(server, Path(folder), clock)
        _fill(server, clock, lambda: house.poller.poll(house.accounts["support"]))
        for name, size in SIZES.items():
            asyncio.run(_picture(house, name, size))
        house.close()


def _house(server: MailServer, folder: Path, clock: FakeClock) -> House:
    text = _CONFIG.format(imap=server.imap_url, smtp=server.smtp_url)
    models = {name: channel.settings for name, channel in plugins.channels().items()}
    return House(parse_config(text, folder / "config.toml", models), clock)


def _fill(server: MailServer, clock: FakeClock, poll: Callable[[], object]) -> None:
    """Mails of the last hours, each found in its minute."""
    now = clock()
    with MailServer() as elsewhere:
        elsewhere.add_mailbox("support@acme.example", "sandbox")
        place = MailPlace(elsewhere, "support@acme.example", seed=3, clock=clock)
        crowd = Crowd([place], seed=3, clock=clock)
        for _ in range(22):
            crowd.step()
        mails = elsewhere.inbox("support@acme.example")
    for number, raw in enumerate(mails):
        age = timedelta(hours=6, minutes=24) * (1 - number / len(mails)) ** 2
        clock.now = now - age
        server.deliver("support@acme.example", raw, clock())
        poll()
    clock.now = now


async def _picture(house: House, name: str, size: tuple[int, int]) -> None:
    app = QueueApp(Shell.at(house, "ann"))
    async with app.run_test(size=size) as pilot:
        for key in ("space", "r"):
            await pilot.pause(0.5)
            await pilot.press(key)
        await pilot.pause(0.5)
        for char in "Hello, thank you for waiting. ":
            await pilot.press("space" if char == " " else "comma" if char == "," else
                              "full_stop" if char == "." else char)  # fmt: skip
        await pilot.pause(0.3)
        bound = app.screen.query_one(Composer).bound
        assert bound is not None
        (FOLDER / f"{name}.svg").write_text(app.export_screenshot(title="replyby queue"), "utf-8")
        await pilot.press("escape")
        await pilot.pause(0.5)
        house.desk.release(bound.conversation, "ann")
        house.desk.save_draft(bound.conversation, "ann", "", 0)


if __name__ == "__main__":
    draw()
