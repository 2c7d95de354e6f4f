"""Files inside a winmail.dat of Outlook's (Microsoft's TNEF, [MS-OXTNEF])."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

_SIGNATURE = 0x223E9F78
_LEVEL_ATTACHMENT = 2
_RENDER_DATA, _TITLE, _DATA, _PROPERTIES = 0x00069002, 0x00018010, 0x0006800F, 0x00069005
_LONG_NAME, _MIME_TYPE = 0x3707, 0x370E
_STRING8, _UNICODE = 0x001E, 0x001F
_FILES_MOST = 200
_ATTRIBUTES_MOST = 10_000
_WIDTHS = {0x02: 4, 0x03: 4, 0x04: 4, 0x05: 8, 0x06: 8, 0x07: 8, 0x0A: 4, 0x0B: 4, 0x14: 8,
           0x40: 8, 0x48: 16}  # fmt: skip
_STRINGS = frozenset({0x0D, 0x1E, 0x1F, 0x102})


@dataclass(slots=True)
class File:
    """A file of a winmail.dat."""

    name: str = ""
    type: str = "application/octet-stream"
    content: bytes = b""


def files(data: bytes) -> list[File]:
    """The files in it, none where it is no TNEF or a broken one."""
    try:
        return [file for file in _files(data) if file.content]
    except (struct.error, ValueError, IndexError):
        return []


def _files(data: bytes) -> list[File]:
    found: list[File] = []
    for level, attribute, value in _attributes(data):
        if level != _LEVEL_ATTACHMENT:
            continue
        if attribute == _RENDER_DATA and len(found) < _FILES_MOST:
            found.append(File())
        if not found:
            continue
        if attribute == _TITLE:
            found[-1].name = found[-1].name or _string(value)
        elif attribute == _DATA:
            found[-1].content = value
        elif attribute == _PROPERTIES:
            _take_properties(found[-1], value)
    return found


def _attributes(data: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Level, attribute and value of each; the first 6 bytes are a signature and a key."""
    if len(data) < 6 or struct.unpack_from("<I", data)[0] != _SIGNATURE:
        return
    position = 6
    for _ in range(_ATTRIBUTES_MOST):
        if position + 9 > len(data):
            return
        level, attribute, length = struct.unpack_from("<BII", data, position)
        position += 9
        if length > len(data) - position:
            return
        yield level, attribute, data[position : position + length]
        position += length + 2  # a checksum that many writers get wrong


def _take_properties(file: File, data: bytes) -> None:
    for tag, kind, value in _properties(data):
        text = value.decode("utf-16-le", "replace") if kind == _UNICODE else _string(value)
        text = text.rstrip("\x00")
        if tag == _LONG_NAME and text:
            file.name = text
        elif tag == _MIME_TYPE and "/" in text:
            file.type = text.lower()


def _properties(data: bytes) -> Iterator[tuple[int, int, bytes]]:
    """MAPI properties: their number, type and first value."""
    (count,) = struct.unpack_from("<I", data)
    position = 4
    for _ in range(min(count, 1000)):
        kind, tag = struct.unpack_from("<HH", data, position)
        position += 4
        if tag >= 0x8000:
            position = _after_name(data, position)
        values = 1
        if kind & 0x1000 or (kind & 0xFFF) in _STRINGS:
            (values,) = struct.unpack_from("<I", data, position)
            position += 4
        value, position = _values(data, position, kind & 0xFFF, min(values, 1000))
        yield tag, kind & 0xFFF, value


def _after_name(data: bytes, position: int) -> int:
    """Named properties carry a GUID, and a number or a padded name."""
    kind, length = struct.unpack_from("<16xII", data, position)
    return position + 24 + (length + 3 & ~3 if kind else 0)


def _values(data: bytes, position: int, kind: int, count: int) -> tuple[bytes, int]:
    first = b""
    for number in range(count):
        length = _WIDTHS.get(kind, 0)
        padded = length
        if kind in _STRINGS:
            (length,) = struct.unpack_from("<I", data, position)
            position += 4
            padded = length + 3 & ~3
        if number == 0:
            first = data[position : position + length]
        position += padded
    return first, position


def _string(value: bytes) -> str:
    return value.split(b"\x00", 1)[0].decode("cp1252", "replace")
