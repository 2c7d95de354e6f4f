"""Files: whatever a stranger named them, they land under safe names and touch nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor import files
from monitor.clean import clean_line
from monitor.errors import DeskError
from monitor.files import safe_name, save


@pytest.mark.parametrize(
    ("given", "safe"),
    [
        ("photo.jpg", "photo.jpg"),
        ("Rechnung März.pdf", "Rechnung März.pdf"),
        ("../../etc/passwd", "_.._etc_passwd"),
        ("..", "attachment-3"),
        ("", "attachment-3"),
        (".bashrc", "bashrc"),
        ("a\x00b\x1b[2J.txt", "a_b_[2J.txt"),
        ("C:\\con.txt", "C_con.txt"),
        ("nul.txt", "_nul.txt"),
        ("-rf", "rf"),
        ("x" * 300 + ".pdf", "x" * 146 + ".pdf"),
    ],
)
def test_a_name_from_outside_is_made_safe(given: str, safe: str) -> None:
    made = safe_name(given, 3)
    assert made == safe or (made.isprintable() and "/" not in made and "\x1b" not in made)
    assert Path(made).name == made


@given(st.text(max_size=400))
def test_no_name_leads_out_of_the_folder(name: str) -> None:
    made = safe_name(name, 1)
    assert made
    assert Path("/folder", made).parent == Path("/folder")
    assert clean_line(made) == made
    assert made[0] not in ".-~"


def test_nothing_that_is_there_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("mine")
    assert save(tmp_path, "a.txt", 1, b"theirs") == tmp_path / "a (1).txt"
    assert (tmp_path / "a.txt").read_text() == "mine"


def test_a_link_laid_there_is_not_followed(tmp_path: Path) -> None:
    target = tmp_path / "target"
    (tmp_path / "a.txt").symlink_to(target)
    assert save(tmp_path, "a.txt", 1, b"theirs").name == "a (1).txt"
    assert not target.exists()


def test_only_its_owner_can_read_a_saved_file(tmp_path: Path) -> None:
    assert save(tmp_path, "a.txt", 1, b"x").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("name", ["missing.pdf", "."])
def test_what_can_not_be_sent_along_is_named(tmp_path: Path, name: str) -> None:
    with pytest.raises(DeskError, match="can't attach"):
        files.read([tmp_path / name])


def test_files_of_one_answer_have_a_limit_together(tmp_path: Path) -> None:
    big = tmp_path / "big.bin"
    with big.open("wb") as file:
        file.truncate(files.LARGEST // 2 + 1)
    assert len(files.read([big])) == 1
    with pytest.raises(DeskError, match="more than 25 MB together"):
        files.read([big, big])


def test_a_files_kind_is_told_by_its_name(tmp_path: Path) -> None:
    for name in ("a.pdf", "b.tar.gz", "c"):
        (tmp_path / name).write_bytes(b"x")
    kinds = [f.type for f in files.read(tmp_path / n for n in ("a.pdf", "b.tar.gz", "c"))]
    assert kinds == ["application/pdf", "application/octet-stream", "application/octet-stream"]
