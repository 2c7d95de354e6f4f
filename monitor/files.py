"""Files on their way in and out: safe names for what others named, honest reading of our own."""

from __future__ import annotations

import mimetypes
import os
import re
from collections.abc import Iterable
from pathlib import Path

from monitor.clean import clean_line, keepable
from monitor.errors import DeskError
from monitor.message import File

LARGEST = 25 * 1024 * 1024
"""Bytes of all files of one answer together: what large mail providers take, before encoding."""
MOST = 20

_NAME_BYTES = 150  # file systems take 255, and a number may follow
# What a shell, a path, Windows or a file manager could take for something else than a name.
_UNSAFE = re.compile(r"[\\/:*?\"<>|\x00-\x1f\x7f]+")
_RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\..*)?$")


def safe_name(name: str, number: int) -> str:
    """A name under which a stranger's file may lie in a folder of ours; never hidden, never "..".

    `number` names what has no name left. The ending stays where it is, for programs go by it.
    """
    line = _UNSAFE.sub("_", str(clean_line(keepable(name), 1000))).strip(" .")
    if not line.strip("_ ."):
        return f"attachment-{number}"
    stem, dot, ending = line.lstrip("-~. ").rpartition(".")
    if not dot or len(ending.encode()) > 20:
        stem, ending = line.lstrip("-~. "), ""
    stem = stem.encode()[: _NAME_BYTES - len(ending.encode())].decode("utf-8", "ignore")
    line = f"{stem.rstrip(' .')}{dot if ending else ''}{ending}"
    return f"_{line}" if _RESERVED.match(line) or not line else line


def save(folder: Path, name: str, number: int, content: bytes) -> Path:
    """Write a file that came in, under a name that is free; nothing that is there is touched."""
    wanted = folder / safe_name(name, number)
    for attempt in range(1000):
        path = wanted.with_stem(f"{wanted.stem} ({attempt})") if attempt else wanted
        try:
            # 0600, and never through a link that somebody laid there.
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        except FileExistsError:
            continue
        except OSError as error:
            raise DeskError(f"can't save {path}: {error.strerror}") from None
        _write(path, handle, content)
        return path
    raise DeskError(f"there are a thousand files like {wanted} already")


def _write(path: Path, handle: int, content: bytes) -> None:
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
    except OSError as error:
        path.unlink(missing_ok=True)
        raise DeskError(f"can't save {path}: {error.strerror}") from None


def read(paths: Iterable[Path]) -> tuple[File, ...]:
    """Files to send along; DeskError names the one that can't be read or is too large."""
    files: list[File] = []
    left = LARGEST
    for path in paths:
        content = _content(path, left)
        left -= len(content)
        kind, packed = mimetypes.guess_type(path.name)
        known = kind if kind and not packed else "application/octet-stream"
        files.append(File(keepable(path.name), known, content))
    if len(files) > MOST:
        raise DeskError(f"{len(files)} files are too many for one answer ({MOST} at the most)")
    return tuple(files)


def _content(path: Path, most: int) -> bytes:
    try:
        if not path.is_file():
            raise DeskError(f"can't attach {path}: there is no such file")
        with path.open("rb") as file:
            content = file.read(most + 1)
    except OSError as error:
        raise DeskError(f"can't attach {path}: {error.strerror}") from None
    if len(content) > most:
        raise DeskError(
            f"can't attach {path.name}: more than {LARGEST // 1024 // 1024} MB together "
            "is too much for one answer"
        )
    return content
