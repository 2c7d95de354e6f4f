"""The README's pictures of the board, drawn by the real screen over a made-up day."""

from __future__ import annotations

import asyncio
import os
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from monitor.store import open_store
from tests.fakes import START, FakeClock
from tests.queue_tui.lead import LeadOffice
from tests.queue_tui.pictures import FOLDER

SIZES = {"board-80x24": (80, 24), "board-160x45": (160, 45)}
_AFTERNOON = datetime(2026, 11, 20, 16, 22, 7, tzinfo=UTC)
_REMEDY = "get a new page access token, then run `replyby poll page`"


def draw() -> None:
    """Write an SVG for each size."""
    os.environ.setdefault("REPLYBY_TEST_PASSWORD", "made up")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        open_store(f"sqlite:///{folder}/queue.db", START).close()
        office = LeadOffice(folder, FakeClock(_AFTERNOON))
        office.a_day()
        office.at_work()
        office.blind("page", "the page's token has ended", _REMEDY)
        for picture, size in SIZES.items():
            asyncio.run(_picture(office, picture, size))
        office.close()


async def _picture(office: LeadOffice, name: str, size: tuple[int, int]) -> None:
    async with office.board(size) as board:
        await board.to("page")
        await board.see("What to do")
        svg = board.pilot.app.export_screenshot(title="replyby board")
        (FOLDER / f"{name}.svg").write_text(svg, "utf-8")


if __name__ == "__main__":
    draw()
