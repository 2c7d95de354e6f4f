"""The file table of ARCHITECTURE.md, made from module docstrings: `make docs` writes it anew."""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).parent.parent
ROOMS = ("monitor", "connectors", "queue_tui")
BEGIN, END = "<!-- files: made by `make docs` -->", "<!-- end of files -->"


def modules() -> list[Path]:
    """Every module of the three packages, packages before what is in them."""
    found = [path for room in ROOMS for path in sorted((ROOT / room).rglob("*.py"))]
    return sorted(
        found, key=lambda p: (p.parent.relative_to(ROOT).parts, p.name != "__init__.py", p)
    )


def purpose(path: Path) -> str:
    """The first paragraph of a module's docstring, on one line."""
    doc = ast.get_docstring(ast.parse(path.read_text("utf-8"))) or ""
    return " ".join(doc.split("\n\n")[0].split())


def table() -> str:
    """The table in Markdown."""
    rows = [f"| `{path.relative_to(ROOT)}` | {purpose(path)} |" for path in modules()]
    return "\n".join([BEGIN, "", "| file | what it is for |", "| --- | --- |", *rows, "", END])


def replaced(text: str) -> str:
    """The document with the table of today in it."""
    before, _, rest = text.partition(BEGIN)
    return before + table() + rest.partition(END)[2]


if __name__ == "__main__":
    document = ROOT / "ARCHITECTURE.md"
    document.write_text(replaced(document.read_text("utf-8")), "utf-8")
