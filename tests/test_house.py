"""The house keeps its own rules: docstrings, names, the file table, what each room may import."""

from __future__ import annotations

import ast
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.file_table import ROOT, modules, purpose, replaced

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


@pytest.mark.parametrize("path", modules(), ids=str)
def test_every_module_says_what_it_is_for(path: Path) -> None:
    said = purpose(path)
    assert said, f"{path} has no docstring"
    assert said.endswith((".", ":")), f"{path}: the docstring's first paragraph is not a sentence"


def test_the_file_table_is_up_to_date() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text("utf-8")
    assert text == replaced(text), "run `make docs`"


def test_no_module_hides_one_of_the_standard_library() -> None:
    ours = {p.stem for p in modules()} - {"__init__", "__main__"}
    hiding = ours & set(sys.stdlib_module_names)
    assert not hiding, f"named like standard modules: {hiding}"


def test_rooms_import_only_what_stands_lower() -> None:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize("channel", PROJECT["project"]["entry-points"]["replyby.connectors"])
def test_a_channel_has_its_contract_test_and_its_readme_row(channel: str) -> None:
    tests = "".join(p.read_text("utf-8") for p in (ROOT / "tests" / "connectors").glob("test_*.py"))
    assert "(ConnectorContract)" in tests
    assert f"| `{channel}` |" in (ROOT / "README.md").read_text("utf-8")


def test_no_large_room() -> None:
    large = {p: n for p in modules() if (n := len(p.read_text("utf-8").splitlines())) > 600}
    assert not large, f"would you know your way around in them? {large}"


# What puts text on the screen, and the one module that may use it; the filters change only styles.
_DOORS = {
    "Static": "plain", "OptionList": "choices", "Label": "", "Button": "", "Markdown": "", "Log": "", "RichLog": "",
    "DataTable": "", "Tree": "", "Select": "", "Header": "", "Footer": "", "Option": "",
    "Content": "plain", "Text": "", "from_markup": "",
    "Segment": "plain paint_guard themes",
}  # fmt: skip
_PAINTS = ("border_title", "border_subtitle", "title", "sub_title", "tooltip", "placeholder")


def _parsed() -> list[tuple[Path, ast.Module]]:
    return [(p, ast.parse(p.read_text("utf-8"))) for p in modules() if "queue_tui" in p.parts]


def test_the_terminals_widgets_are_reached_through_one_door() -> None:
    """It takes nothing but `Safe`, which the type checker sees to."""
    around = [
        f"{path}:{node.lineno}: {name.name}"
        for path, tree in _parsed()
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and str(node.module).startswith(("textual", "rich"))
        for name in node.names
        if name.name in _DOORS and path.stem not in _DOORS[name.name].split()
    ]
    assert not around, f"use queue_tui.widgets.plain: {around}"


def test_nothing_is_put_into_titles_tooltips_and_toasts() -> None:
    """Textual reads them as markup."""
    put = [
        f"{path}:{target.lineno}: {target.attr}"
        for path, tree in _parsed()
        for node in ast.walk(tree)
        for target in _touched(node)
        if target.attr in (*_PAINTS, "notify")
    ]
    assert not put, put


def _touched(node: ast.AST) -> list[ast.Attribute]:
    """The attributes that are assigned or called."""
    there = node.targets if isinstance(node, ast.Assign) else []
    there = [*there, node.func] if isinstance(node, ast.Call) else there
    return [target for target in there if isinstance(target, ast.Attribute)]


def test_only_the_cleaner_makes_safe_text() -> None:
    makers = [
        f"{path}:{node.lineno}"
        for path in modules()
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("Safe", "cast")
        and "Safe" in ast.dump(node) and path.name != "clean.py"
    ]  # fmt: skip
    assert not makers, makers
