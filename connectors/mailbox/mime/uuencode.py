"""Files that are written into plain text between `begin` and `end` (POSIX uuencode)."""

from __future__ import annotations

import binascii
import re
from dataclasses import dataclass

_BLOCK = re.compile(
    rb"^begin(?:-base64)? [0-7]{3,4} ([^\r\n]{1,200})\r?\n"
    rb"((?:[ -`][ -~]{0,90}\r?\n)+)"
    rb"(?:end[ \t]*(?:\r?\n|$)|(?=\r?\n|$))",
    re.MULTILINE,
)
_BEGIN = re.compile(rb"^begin(?:-base64)? [0-7]{3,4} ", re.MULTILINE)
_BLOCKS_MOST = 100
_LINES_MOST = 600_000


@dataclass(frozen=True, slots=True)
class Block:
    """A file inside a text: its name, as written, and its encoded lines."""

    name: bytes
    lines: bytes

    @property
    def content(self) -> bytes:
        return decode_lines(self.lines)


def split_blocks(data: bytes) -> tuple[bytes, tuple[Block, ...]]:
    """The text without its uuencoded files, and the files."""
    if b"begin" not in data or not _BEGIN.search(data):
        return data, ()
    blocks: list[Block] = []

    def take(match: re.Match[bytes]) -> bytes:
        if not _is_uuencoded(match[2]):
            return match[0]
        blocks.append(Block(match[1], match[2]))
        return b""

    rest = _BLOCK.sub(take, data, count=_BLOCKS_MOST)
    return rest, tuple(blocks)


def _is_uuencoded(lines: bytes) -> bool:
    """Whether the first line is as long as its first character says."""
    line = lines.split(b"\n", 1)[0].rstrip(b"\r\n")
    if not line:
        return False
    wanted = -(-((line[0] - 32) & 63) // 3) * 4
    return wanted - 16 <= len(line) - 1 <= wanted + 2


def decode_block(data: bytes) -> bytes:
    """The first file in the data; data without a `begin` line is taken as its lines alone."""
    begin = _BEGIN.search(data)
    if not begin:
        return decode_lines(data)
    return decode_lines(data[begin.start() :].partition(b"\n")[2])


def decode_lines(lines: bytes) -> bytes:
    """The bytes of encoded lines, up to `end`; a broken line gives what can be read of it."""
    out: list[bytes] = []
    for line in lines.split(b"\n", _LINES_MOST)[:_LINES_MOST]:
        line = line.rstrip(b"\r")
        if not line:
            continue
        if line.strip() == b"end" or (out and line in (b"`", b" ")):
            break
        out.append(_line(line))
    return b"".join(out)


def _line(line: bytes) -> bytes:
    try:
        return binascii.a2b_uu(line)
    except binascii.Error:
        # Some encoders pad the last group; the count at the start tells what belongs to it.
        wanted = (((line[0] - 32) & 63) * 4 + 5) // 3
        try:
            return binascii.a2b_uu(line[:wanted])
        except binascii.Error:
            return b""
