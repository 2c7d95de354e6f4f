"""Which of somebody's conversations are announced now, and in which words and bytes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from monitor.clean import clean_line
from monitor.duration import format_duration
from monitor.message import Conversation, State
from monitor.terminal import TerminalSection
from monitor.urgency import soon
from queue_tui.capability import Charset, charset

AHEAD = timedelta(minutes=10)
"""How long before its reply-by time one is announced at the earliest."""
_AT_ONCE = 3
_TITLE = "replyby"
_CHARS = 120
_OSC, _ST = "\x1b]", "\x1b\\"


@dataclass(frozen=True, slots=True)
class Notice:
    """What is said of one conversation, or of several together."""

    key: str
    text: str


class Announcements:
    """Remembers what was announced: each wait of a conversation once."""

    def __init__(self, settings: TerminalSection, zone: tzinfo) -> None:
        self._settings = settings
        self._zone = zone
        self._done: set[tuple[int, int | None]] = set()

    def due(self, mine: Sequence[Conversation], now: datetime) -> list[Notice]:
        """What to announce now of these; in quiet hours nothing, and it is not forgotten."""
        if self._settings.is_quiet(now, self._zone):
            return []
        near = [c for c in mine if _near(c, now)]
        fresh = [c for c in near if (c.id, c.reply_by_us) not in self._done]
        self._done = {(c.id, c.reply_by_us) for c in near}
        if len(fresh) > _AT_ONCE:
            return [Notice("replyby", f"{len(fresh)} of yours are about to go over")]
        return [Notice(f"replyby-{c.id}", self._words(c, now)) for c in fresh]

    def _words(self, c: Conversation, now: datetime) -> str:
        assert c.reply_by is not None
        left = format_duration(c.reply_by - now)
        said = f"#{c.id} is overdue by {left}" if c.reply_by < now else f"#{c.id} is due in {left}"
        if self._settings.notify_text:
            said += f": {c.customer_name or c.customer_address}, {c.subject or c.preview}"
        return clean_line(said, _CHARS)


def _near(c: Conversation, now: datetime) -> bool:
    if c.reply_by is None or c.state is not State.WAITING:
        return False
    return c.reply_by - now <= min(AHEAD, soon(c.window))


def notification(notice: Notice, environment: Mapping[str, str]) -> str:
    """The bytes that make this terminal show it on the desktop, "" where it can't.

    OSC 9 (iTerm2), OSC 777 (urxvt's notify), OSC 99 (kitty's protocol); inside tmux passed
    through, which its option allow-passthrough has to allow.
    """
    key, text = notice.key, clean_line(notice.text, _CHARS).replace(";", ",")
    if charset(environment) is Charset.OTHER:  # it reads bytes of UTF-8 as controls: ST is one
        text = text.encode("ascii", "replace").decode()
    sequence = {
        "9": f"{_OSC}9;{_TITLE}: {text}{_ST}",
        "99": f"{_OSC}99;i={key}:d=0;{_TITLE}{_ST}{_OSC}99;i={key}:p=body;{text}{_ST}",
        "777": f"{_OSC}777;notify;{_TITLE};{text}{_ST}",
    }.get(_kind(environment), "")
    if sequence and environment.get("TMUX"):
        doubled = sequence.replace("\x1b", "\x1b\x1b")
        return f"\x1bPtmux;{doubled}{_ST}"
    return sequence


# Variables that a terminal sets for what runs in it; tmux passes them on, TERM_PROGRAM it takes.
_BY_VARIABLE = {
    "KITTY_WINDOW_ID": "99", "WEZTERM_PANE": "777", "GHOSTTY_RESOURCES_DIR": "777",
    "ITERM_SESSION_ID": "9", "KONSOLE_VERSION": "777", "VTE_VERSION": "777",
}  # fmt: skip
_BY_PROGRAM = {"iTerm.app": "9", "WezTerm": "777", "ghostty": "777", "kitty": "99"}
_BY_TERM = {"xterm-kitty": "99", "xterm-ghostty": "777", "foot": "777", "rxvt-unicode": "777",
            "wezterm": "777", "contour": "777"}  # fmt: skip


def _kind(environment: Mapping[str, str]) -> str:
    for variable, kind in _BY_VARIABLE.items():
        if environment.get(variable):
            return kind
    program = _BY_PROGRAM.get(environment.get("TERM_PROGRAM", ""))
    term = environment.get("TERM", "")
    by_term = (
        kind for name, kind in _BY_TERM.items() if term == name or term.startswith(f"{name}-")
    )
    return program or next(by_term, "")
