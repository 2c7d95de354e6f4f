"""A tmux server of our own, whose panes are terminals: read as text, and typed into."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Self

from tests.servers.need import program
from tests.servers.process import wait_until

_PATIENCE = 30.0
# tmux itself forgets now and then how a program ended whose terminal closed first.
_TOLD = ("sh", "-c", '"$@"; tmux set-option -p @ended $?', "sh")
Size = tuple[int, int]


class Tmux:
    """Started with its first terminal, ended with all of them."""

    def __init__(self) -> None:
        self._socket = f"replyby-soak-{os.getpid()}"
        self._program = program("tmux", "tmux")

    def run(self, *words: str) -> str:
        """One command of tmux's; what it printed."""
        command = [self._program, "-L", self._socket, "-f", "/dev/null", "-u", *words]
        return subprocess.run(
            command, env=os.environ | {"LC_ALL": "C.UTF-8"}, capture_output=True, text=True,
            timeout=_PATIENCE, check=True,
        ).stdout  # fmt: skip

    def open(self, name: str, size: Size, command: Sequence[str]) -> Pane:
        """A terminal in which the command runs."""
        columns, rows = size
        keep = ["set-option", "-g", "remain-on-exit", "on", ";"]
        self.run(
            "start-server", ";", *keep, "new-session", "-d", "-s", name, "-x", str(columns),
            "-y", str(rows), *_TOLD, *command,
        )  # fmt: skip
        return Pane(self, name, size, command)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        subprocess.run([self._program, "-L", self._socket, "kill-server"], capture_output=True)


class Pane:
    """One terminal."""

    def __init__(self, tmux: Tmux, name: str, size: Size, command: Sequence[str]) -> None:
        self.size = size
        self.name = name
        self._tmux = tmux
        self._command = command

    def lines(self) -> list[str]:
        """What stands on it, a string for each row."""
        return self._tmux.run("capture-pane", "-p", "-t", self.name).split("\n")[:-1]

    def press(self, *keys: str) -> None:
        """Press keys, named as tmux names them."""
        self._tmux.run("send-keys", "-t", self.name, *keys)

    def type(self, text: str) -> None:
        """Type it, as fast as can be."""
        self._tmux.run("send-keys", "-t", self.name, "-l", text)

    def resize(self, size: Size) -> None:
        """Make the window another size."""
        columns, rows = size
        self._tmux.run("resize-window", "-t", self.name, "-x", str(columns), "-y", str(rows))
        self.size = size

    def kill(self) -> None:
        """Kill what runs in it, and start it again."""
        shell = self._ask("#{pane_pid}")
        children = Path(f"/proc/{shell}/task/{shell}/children").read_text()
        os.kill(int(children.split()[0]), signal.SIGKILL)
        wait_until(lambda: self.dead, f"{self.name}'s terminal is dead", _PATIENCE)
        self._tmux.run("respawn-pane", "-t", self.name, *_TOLD, *self._command)

    @property
    def dead(self) -> bool:
        """Whether what ran in it has ended."""
        return self._ask("#{pane_dead}") == "1"

    @property
    def exit_code(self) -> int:
        """How it ended."""
        wait_until(lambda: self.dead, f"{self.name}'s terminal ends", _PATIENCE)
        return int(self._ask("#{@ended}"))

    def _ask(self, form: str) -> str:
        return self._tmux.run("display-message", "-p", "-t", self.name, form).strip()
