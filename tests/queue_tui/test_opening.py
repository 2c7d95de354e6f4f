"""The first frame, which is there before the configuration has been read."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from datetime import timedelta
from functools import cached_property
from pathlib import Path

import pytest

from monitor.command import Shell
from monitor.config import Config
from monitor.errors import ConfigError
from queue_tui.app import QueueApp
from queue_tui.dialogs.help import HelpScreen
from queue_tui.opening import Glimpse, OpeningScreen, glimpse
from tests.queue_tui.driving import CONFIG, DEADLINE, Office, screen_text, sync, wait_until

# The desk is asked for as soon as the first frame is there: what has been imported until then?
_FIRST_FRAME = """
import sys
from monitor.command import Shell
from monitor.errors import UsageError
from queue_tui.app import QueueApp

HEAVY = ("pydantic", "sqlmodel", "sqlalchemy", "monitor.store", "monitor.wiring",
         "textual.widgets._text_area")

class Asked(Shell):
    @property
    def house(self):
        strips = app.screen._compositor.render_strips()
        shown = "painted" if any("quit" in strip.text for strip in strips) else "blank"
        raise UsageError(f"{shown}, with {[name for name in HEAVY if name in sys.modules]}")

app = QueueApp(Asked("config.toml", "ann"))
app.run(headless=True)
print(app.failure)
"""

# A day of work: it ends once what was loaded is set aside.
_DAY = """
import gc
from functools import partial
from monitor.command import Shell
from queue_tui.app import QueueApp
from queue_tui.process import run

async def leave(pilot):
    while not gc.get_freeze_count():
        await pilot.pause(0.01)
    await pilot.press("q")

app = QueueApp(Shell("config.toml", "ann"))
app.run = partial(app.run, headless=True, auto_pilot=leave)
print(run(app), gc.get_freeze_count(), gc.get_threshold()[0])
"""


class SlowShell(Shell):
    """Whose configuration takes until it is let go."""

    def __init__(self, path: str, who: str) -> None:
        super().__init__(path, who)
        self.let_go = threading.Event()

    @cached_property
    def config(self) -> Config:
        assert self.let_go.wait(DEADLINE)
        return super().config


def shell(folder: Path, config: str = CONFIG) -> SlowShell:
    (folder / "config.toml").write_text(config)
    return SlowShell(str(folder / "config.toml"), "ann")


def said(program: str, folder: Path) -> str:
    (folder / "config.toml").write_text(CONFIG)
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=folder, capture_output=True, check=True,
        timeout=DEADLINE, env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )  # fmt: skip
    return done.stdout.decode().splitlines()[-1]


def test_nothing_heavy_is_imported_before_the_first_frame(tmp_path: Path) -> None:
    assert said(_FIRST_FRAME, tmp_path) == "painted, with []"


def test_garbage_is_looked_for_often_once_it_is_shown_but_not_among_what_stays(
    tmp_path: Path,
) -> None:
    code, kept, created_between = map(int, said(_DAY, tmp_path).split())
    assert code == 0
    assert kept > 50_000
    assert created_between < 10_000


@sync
async def test_a_key_pressed_while_it_opens_is_for_the_queue(office: Office) -> None:
    office.writes(1)
    slow = shell(office.folder)
    app = QueueApp(slow)
    async with app.run_test(size=(100, 30)) as pilot:
        await wait_until(pilot, lambda: "space next" in screen_text(pilot))
        await pilot.press("question_mark", "j")
        assert isinstance(app.screen, OpeningScreen)
        slow.let_go.set()
        await wait_until(pilot, lambda: isinstance(app.screen, HelpScreen))


@sync
async def test_q_quits_it_while_it_opens(office: Office) -> None:
    slow = shell(office.folder)
    app = QueueApp(slow)
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press("q")
        await wait_until(pilot, lambda: app.return_code is not None)
        slow.let_go.set()
    assert (app.return_code, app.failure) == (0, None)


@sync
async def test_ones_own_keys_hold_while_it_opens(office: Office) -> None:
    slow = shell(office.folder, f'{CONFIG}\n[keys]\nquit = "Q"\nreply = "q"\n')
    app = QueueApp(slow)
    async with app.run_test(size=(100, 30)) as pilot:
        await wait_until(pilot, lambda: "q reply" in screen_text(pilot))
        await pilot.press("q")
        assert app.return_code is None
        await pilot.press("Q")
        await wait_until(pilot, lambda: app.return_code is not None)
        slow.let_go.set()


@pytest.mark.parametrize(
    "mistake",
    [
        "[terminal]\ntheme = ['dark']",
        "[terminal]\ntheme = 7",
        "[keys]\nreply = 7",
        "[keys]\nreply = [[]]",
        "[keys]\nfly = 'x'",
        "terminal = 7\nkeys = 7",
    ],
)
def test_a_mistake_in_what_the_first_frame_needs_waits_for_the_check(
    tmp_path: Path, mistake: str
) -> None:
    (tmp_path / "config.toml").write_text(mistake)
    assert glimpse(Shell(str(tmp_path / "config.toml"), "ann")) == Glimpse()


@sync
async def test_what_is_wrong_with_the_configuration_ends_it(office: Office) -> None:
    slow = shell(office.folder, CONFIG.replace("every =", "evry ="))
    slow.let_go.set()
    app = QueueApp(slow)
    async with app.run_test(size=(100, 30)) as pilot:
        await wait_until(pilot, lambda: app.failure)
    assert "evry" in str(app.failure)


def test_a_file_that_is_no_toml_is_refused_before_any_screen(tmp_path: Path) -> None:
    bad = shell(tmp_path, "[desk")
    bad.let_go.set()
    with pytest.raises(ConfigError):
        QueueApp(bad)


def test_how_far_new_deadlines_have_come_is_told_in_batches(office: Office) -> None:
    office.writes(*range(1, 451))
    office.config = CONFIG.replace('email = "6h"', 'email = "5h"')
    heard: list[str] = []
    house = office.other_house()
    house.tell = heard.append
    assert house.desk.page(limit=1)[0].window == timedelta(hours=5)
    house.close()
    changed = "windows, hours or rules changed"
    counts = [f"{changed}: {done} of 450 deadlines done" for done in (200, 400, 450)]
    assert heard == [*counts, ""]
    assert list(office.store.archive.differences()) == []


@sync
async def test_what_a_terminal_waits_for_is_said_on_its_screen(office: Office) -> None:
    office.writes(1)
    async with office.terminal() as t:
        house, slow = t.main.place.house, threading.Event()
        house.tell("200 of 450 done")
        await t.see("200 of 450 done")
        t.main.place.ask(lambda desk: slow.wait(20))
        await t.wait(lambda: t.main.place.waited() > 2.5)
        t.main.reading.tick()
        assert "200 of 450 done" in t.status
        house.tell("")
        await t.wait(lambda: "has not answered" in t.status)
        slow.set()
