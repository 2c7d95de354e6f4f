"""The house keeps its own rules: docstrings, names, the file table, what each room may import."""

from __future__ import annotations

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
