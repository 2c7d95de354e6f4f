"""The README's recording of the demo, played key by key for asciinema: `make recording`."""

from __future__ import annotations

import json
import os
import random
import re
import sys
import tempfile
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

from benchmarks.terminal_tty import ESCAPE, Tty
from tests.queue_tui.pictures import FOLDER

SIZE = (100, 30)
_WHO = "ann"
_ANSWER = (
    "Hello,\r\rthank you for writing. I have asked the colleague who knows best about this:\r"
    "you will hear from us with the details today.\r\rAnn, Acme support"
)
_SEND, _ENTER = "\x13", "\r"
_FRAME_ENDS = "\x1b[?2026l"
# What makes a terminal write: answers, the mouse, the focus, pastes, other spellings of keys. A
# player's would write it into the viewer's shell.
_MAKES_IT_WRITE = re.compile(
    r"\x1b\[\?(?:\d+\$p|(?:1000|1003|1004|1006|1015|2004)[hl])|\x1b\[[<>]\d*u"
)
_LEAVE = "\x1b[0m\x1b[?25h\x1b[?7h\x1b[?1049l"
_LAST_LOOK = 2.0


class Recording:
    """Frames as they came, at times of our own: how busy this machine is can't be seen in them."""

    def __init__(self) -> None:
        self.lines: list[tuple[float, str]] = []
        self._at = 0.0
        self._hand = random.Random(5)

    def shows(self, tty: Tty, *words: str) -> None:
        """The program's first frames, once these words are among them."""
        for word in words:
            tty.until(word)
        tty.settle()
        self._add(tty.output.decode("utf-8", "replace"), 0.4)

    def press(self, tty: Tty, key: str, word: str = "", think: float = 1.0) -> None:
        """A key after some thought, and what it brings."""
        self._at += think
        self._add(tty.press(key, word).output.decode("utf-8", "replace"), 0.05)

    def write(self, tty: Tty, text: str) -> None:
        """Type as people do."""
        for char in text:
            self.press(tty, char, think=self._hand.uniform(0.03, 0.11) + 0.25 * (char in ",.\r"))

    def look(self, tty: Tty, seconds: int) -> None:
        """Press nothing for so long."""
        begin = len(tty.output)
        tty.listen(seconds)
        tty.settle()
        self._add(tty.output[begin:].decode("utf-8", "replace"), seconds)

    def save(self, path: Path, title: str) -> None:
        """As asciicast v2 (https://docs.asciinema.org/manual/asciicast/v2/)."""
        head = {"version": 2, "width": SIZE[0], "height": SIZE[1], "title": title}
        head["env"] = {"TERM": "xterm-256color"}
        lines = [json.dumps(head)]
        frames = [*self.lines, (self._at + _LAST_LOOK, _LEAVE)]
        lines += [json.dumps([round(at, 3), "o", text]) for at, text in frames]
        path.write_text("\n".join(lines) + "\n", "utf-8")

    def _add(self, output: str, seconds: float) -> None:
        """These frames, one after another within so many seconds."""
        frames = list(_frames(_MAKES_IT_WRITE.sub("", output)))
        for number, frame in enumerate(frames, 1):
            self.lines.append((self._at + seconds * number / len(frames), frame))
        self._at += seconds


def _frames(output: str) -> Iterator[str]:
    ends = [0, *(match.end() for match in re.finditer(re.escape(_FRAME_ENDS), output))]
    if ends[-1] < len(output):
        ends.append(len(output))
    for start, end in pairwise(ends):
        yield output[start:end]


def play(path: Path) -> None:
    """Record the queue, then the board beside it."""
    recording = Recording()
    with tempfile.TemporaryDirectory() as name:  # which the program isn't told: it would show it
        folder = Path(name)
        with _started(folder, "demo", "--keep", "desk", "--seed", "3") as tty:
            recording.shows(tty, "? keys", "waiting", "fb", "mail")
            _work(recording, tty)
            with _started(folder, "--config", "desk/config.toml", "board") as board:
                recording.shows(board, "overdue")
                recording.look(board, 4)
                recording.press(board, "j", think=0.6)
                recording.press(board, "j", think=0.4)
                recording.press(board, _ENTER, think=1.2)
                recording.look(board, 3)
    recording.save(path, "replyby: one queue for X, Facebook and e-mail")


def _work(recording: Recording, tty: Tty) -> None:
    recording.look(tty, 3)
    for _ in range(3):
        recording.press(tty, "j", think=0.5)
    recording.press(tty, "g", think=0.8)
    recording.press(tty, " ", think=1.2)
    recording.look(tty, 3)
    recording.press(tty, "r", "Answer to", think=0.3)
    recording.write(tty, _ANSWER)
    recording.press(tty, _SEND, think=1.0)
    recording.look(tty, 4)
    recording.press(tty, " ", think=0.3)
    recording.look(tty, 3)
    recording.press(tty, "?", "page through", think=0.4)
    recording.look(tty, 3)
    recording.press(tty, ESCAPE, think=0.2)
    recording.press(tty, "5", "[leads]", think=0.8)
    recording.look(tty, 2)


def _started(folder: Path, *words: str) -> Tty:
    root = str(Path(__file__).parents[2])
    env = {"PYTHONPATH": root, "TZ": "Europe/Berlin"}
    return Tty([sys.executable, "-m", "monitor", "--as", _WHO, *words], folder, env, SIZE)


if __name__ == "__main__":
    os.environ.pop("NO_COLOR", None)
    play(FOLDER / "replyby.cast")
