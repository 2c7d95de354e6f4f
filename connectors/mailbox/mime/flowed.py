"""Text whose lines were broken for narrow screens, made whole again (RFC 3676)."""

from __future__ import annotations


def unflowed(text: str, delete_space: bool) -> str:
    """The text with its soft line breaks taken out; `delete_space` is DelSp=yes."""
    lines: list[str] = []
    pieces: list[str] = []
    depth_before = -1
    for line in text.split("\n"):
        content = line.lstrip(">")
        depth = len(line) - len(content)
        if content.startswith(" "):
            content = content[1:]  # space-stuffing (4.4)
        if pieces and (depth != depth_before or content == "-- "):
            lines.append(_quoted(depth_before, pieces))
            pieces = []
        depth_before = depth
        if content.endswith(" ") and content != "-- ":
            pieces.append(content[:-1] if delete_space else content)
            continue
        lines.append(_quoted(depth, [*pieces, content]))
        pieces = []
    if pieces:
        lines.append(_quoted(depth_before, pieces))
    return "\n".join(lines)


def _quoted(depth: int, pieces: list[str]) -> str:
    text = "".join(pieces)
    return f"{'>' * depth} {text}" if depth and text else ">" * depth + text
