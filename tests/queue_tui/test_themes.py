"""What goes out to the terminal in each theme, without colour, in few colours, and in ASCII."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from textual.app import App
from textual.color import Color
from textual.theme import Theme

from monitor.clock import now
from monitor.command import Shell
from monitor.errors import UsageError
from monitor.terminal import TerminalSection
from queue_tui.app import QueueApp
from queue_tui.capability import Charset, charset, need_full_screen, no_colour
from queue_tui.themes import DARK, HIGH_CONTRAST, LIGHT, in_ascii
from tests.fakes import FakeClock
from tests.queue_tui.driving import CONFIG, Office, screen_text, sync, wait_until
from tests.queue_tui.test_pty import screen

pytestmark = pytest.mark.slow

_SGR = re.compile(rb"\x1b\[([0-9;:]*)m")
_HARMLESS = {"", "0", "1", "2", "3", "4", "7", "9", "22", "23", "24", "27", "29"}
_READABLE = 4.5
_ENHANCED = 7.0


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory, empty_database: Path) -> Iterator[Office]:
    """One office for all of these, in the time of the real processes: nothing is written in it."""
    folder = tmp_path_factory.mktemp("themes")
    with Office.on(empty_database, folder, FakeClock(now())) as opened:
        opened.writes(1, 2, subject="héllo “you”")
        yield opened


def written(office: Office, config: str = "", **environment: str) -> bytes:
    """All that the queue writes until it has shown an answer being written."""
    with screen(office, (100, 30), CONFIG + config, **environment) as s:
        s.see("llo")
        s.type("r")
        s.see("Answer to")
        return s.output


def colours(output: bytes) -> set[str]:
    """Every parameter of an SGR sequence that sets a colour, in groups as they are written."""
    found = {match.decode() for match in _SGR.findall(output)}
    return {sgr for sgr in found if not set(sgr.split(";")) <= _HARMLESS}


def test_no_colour_reaches_a_terminal_that_wants_none(office: Office) -> None:
    output = written(office, NO_COLOR="1", COLORTERM="truecolor")
    assert colours(output) == set()
    assert b"\x1b[1;7m" in output, "nothing shows where the cursor is"


def test_a_terminal_of_16_colours_gets_no_others_and_ascii_where_that_is_asked_for(
    office: Office,
) -> None:
    ascii_too = "[terminal]\nascii = true\n"
    output = written(office, ascii_too, TERM="xterm", COLORTERM="", NO_COLOR="")
    assert colours(output)
    assert not any("8;2;" in sgr or "8;5;" in sgr for sgr in colours(output))
    assert set(output.decode()) - set(map(chr, range(128))) <= set("é“”")


def test_256_colours_and_another_charset_get_nothing_that_is_read_otherwise(office: Office) -> None:
    output = written(office, COLORTERM="", NO_COLOR="", LC_ALL="de_DE.ISO-8859-1")
    assert any("8;5;" in sgr for sgr in colours(output))
    assert not any("8;2;" in sgr for sgr in colours(output))
    assert output.isascii()
    assert b"h?llo" in output


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, Charset.UTF8),
        ({"LANG": "C.UTF-8"}, Charset.UTF8),
        ({"LANG": "en_GB.utf8"}, Charset.UTF8),
        ({"LC_ALL": "", "LANG": "de_DE.UTF-8@euro"}, Charset.UTF8),
        ({"LC_ALL": "C", "LANG": "en_GB.UTF-8"}, Charset.ASCII),
        ({"LC_CTYPE": "C.UTF-8", "LANG": "C"}, Charset.ASCII),
        ({"LC_CTYPE": "C.UTF-8", "LANG": "de_DE.UTF-8"}, Charset.UTF8),
        ({"LANG": "de_DE.ISO-8859-1"}, Charset.OTHER),
        ({"LANG": "de_DE"}, Charset.OTHER),
    ],
)
def test_the_locale_says_which_characters_can_be_shown(
    environment: dict[str, str], expected: Charset
) -> None:
    assert charset(environment) is expected


@pytest.mark.parametrize(
    ("environment", "tty"), [({"TERM": "dumb"}, True), ({"TERM": "xterm"}, False)]
)
def test_where_no_full_screen_can_be_drawn_another_way_is_named(
    environment: dict[str, str], tty: bool
) -> None:
    with pytest.raises(UsageError, match="`replyby work` does the same line by line"):
        need_full_screen(environment, tty=tty)


def test_a_terminal_may_be_any_but_a_dumb_one() -> None:
    need_full_screen({"TERM": "xterm"}, tty=True)
    assert [no_colour({"NO_COLOR": value}) for value in ("", "0")] == [False, True]


def test_marks_in_ascii_are_as_wide_as_before() -> None:
    assert in_ascii("≥ 4 waiting │ … ╭─╮ é") == ">=4 waiting | . +-+ é"
    assert in_ascii("王 é", strict=True) == "?? ?"


@pytest.mark.parametrize("theme", [DARK, LIGHT, HIGH_CONTRAST], ids=lambda t: t.name)
def test_every_theme_can_be_read(theme: Theme) -> None:
    """WCAG 2.2: 4.5:1 for text (AA), 7:1 (AAA) where high contrast was asked for."""
    least = _ENHANCED if theme is HIGH_CONTRAST else _READABLE
    text = [theme.foreground, theme.error, theme.warning, theme.success, theme.accent]
    for ground in (theme.background, theme.surface, theme.panel):
        ratios = {t: contrast(Color.parse(t), Color.parse(ground)) for t in text}
        assert min(ratios.values()) >= least, (ground, ratios)


@pytest.mark.parametrize("theme", ["dark", "light", "high-contrast"])
@sync
async def test_everything_on_the_screen_can_be_read(
    theme: str, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLORTERM", "truecolor")
    monkeypatch.delenv("NO_COLOR", raising=False)
    least = _ENHANCED if theme == "high-contrast" else _READABLE
    office.house.config.terminal = TerminalSection(theme=theme)  # type: ignore[arg-type] # by name
    app = QueueApp(Shell.at(office.house, "ann"))
    async with app.run_test(size=(100, 30)) as pilot:
        await wait_until(pilot, lambda: "llo" in screen_text(pilot))
        await pilot.press("r")
        await wait_until(pilot, lambda: "Answer to" in screen_text(pilot))
        await pilot.press("h")
        await pilot.pause()
        assert {text: ratio for text, ratio in ratios(app) if ratio < least} == {}


def ratios(app: App[None]) -> Iterator[tuple[str, float]]:
    """Each piece of text on the screen, and how it stands out from its ground."""
    for strip in app.screen._compositor.render_strips():
        for text, style, _ in strip:
            pair = (style.color, style.bgcolor) if style else (None, None)
            if any(c.isalnum() for c in text) and pair[0] and pair[1]:
                one, other = (Color.from_rich_color(c) for c in pair if c)
                yield text.strip(), contrast(one, other)


def contrast(one: Color, other: Color) -> float:
    """The ratio of https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(color: Color) -> float:
    parts = (c / 255 for c in color.rgb)
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
