"""A text given to the person's own editor, and taken back."""

from __future__ import annotations

import shlex
import subprocess
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from monitor.clean import Safe, clean_line
from monitor.errors import DeskError
from queue_tui.typed import CHARS, clean_typed

_BYTES_MOST = 4 * CHARS
_USUAL = "vi"


def editor_of(environment: Mapping[str, str]) -> str:
    """The command that the person has chosen: VISUAL, else EDITOR, else vi."""
    return environment.get("VISUAL") or environment.get("EDITOR") or _USUAL


def edit(text: str, command: str) -> Safe:
    """Run the editor on the text and wait for it; what it leaves, cleaned.

    DeskError where it can't be run, fails, or leaves nothing that can be read.
    """
    with TemporaryDirectory(prefix="replyby-") as folder:  # mode 0700, and gone afterwards
        path = Path(folder) / "answer.txt"
        path.write_text(f"{text}\n", "utf-8")
        _run(command, path)
        return _result(path)


def _run(command: str, path: Path) -> None:
    name = clean_line(command, 100)
    try:
        code = subprocess.run([*shlex.split(command), str(path)], check=False).returncode
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it can't be read as a command"
        raise DeskError(f"the editor '{name}' can't be run: {reason}; set EDITOR") from None
    if code:
        raise DeskError(f"the editor '{name}' ended with {code}: the text is as it was")


def _result(path: Path) -> Safe:
    try:
        with path.open("rb") as file:
            content = file.read(_BYTES_MOST)
    except OSError as error:
        raise DeskError(f"what the editor left can't be read: {error.strerror}") from None
    return clean_typed(content.decode("utf-8", "replace").removesuffix("\n"))
