"""Canned replies: where they come from, how they are found, and what may not be sent."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.canned import Canned, CannedReplies, CannedSection, expand, first_blank, read_canned
from monitor.config import parse_config
from monitor.errors import ConfigError, DeskError

REPLIES = CannedReplies(
    [
        Canned("thanks", "Thank you, {customer}!"),
        Canned("refund", "We have sent {amount} back.\n{agent}, {desk}"),
        Canned("late", "Sorry that the refund is late."),
    ]
)


def test_those_whose_code_begins_with_what_is_typed_come_first() -> None:
    assert [r.code for r in REPLIES.find("th")] == ["thanks"]
    assert [r.code for r in REPLIES.find("ref")] == ["refund", "late"]
    assert [r.code for r in REPLIES.find("")] == ["late", "refund", "thanks"]


def test_what_is_known_is_filled_in_and_the_rest_stays() -> None:
    text = expand(REPLIES.get("refund").text, {"agent": "ann", "desk": "", "amount": ""})
    assert text == "We have sent {amount} back.\nann, {desk}"
    assert REPLIES.unresolved(text) == ("{amount}", "{desk}")


def test_only_blanks_of_canned_replies_are_in_the_way_of_sending() -> None:
    assert REPLIES.unresolved('{"a": {b}} and {order}') == ()
    assert REPLIES.unresolved("{customer} {customer}") == ("{customer}",)


def test_a_customer_cannot_bring_blanks_or_control_bytes() -> None:
    text = expand("Dear {customer}", {"customer": "\x1b[31m{agent}\n{desk}", "agent": "ann"})
    assert text == "Dear \ufffd[31m(agent) (desk)"


def test_the_first_blank_is_where_one_goes_on() -> None:
    assert first_blank("a {b} {amount}", ["amount"]) == (6, 14)
    assert first_blank("none", ["amount"]) is None


def test_a_folder_and_the_configuration_are_read_together(tmp_path: Path) -> None:
    (tmp_path / "on hold.txt").write_text("\ufeffPlease hold.\n")
    (tmp_path / "thanks.md").write_text("from the folder")
    (tmp_path / "notes.odt").write_text("not ours")
    both = section(tmp_path, thanks="from config.toml")
    found = read_canned(both)
    assert found.get("on-hold").text == "Please hold."
    assert found.get("thanks").text == "from config.toml"
    assert len(found) == 2


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.txt", b"\xff", "not UTF-8"),
        ("-rf.txt", b"x", "is its code"),
        ("b.md", b"x" * 100_001, "at most"),
    ],
)  # fmt: skip
def test_a_file_that_is_none_is_named(tmp_path: Path, name: str, content: bytes, says: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ConfigError, match=says):
        read_canned(section(tmp_path))


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="gone"):
        read_canned(section(tmp_path / "gone"))


def test_an_unknown_code_names_those_there_are() -> None:
    with pytest.raises(DeskError, match="late, refund, thanks"):
        REPLIES.get("nope")


def test_the_configuration_holds_them(tmp_path: Path) -> None:
    (tmp_path / "canned").mkdir()
    text = '[canned]\nfolder = "canned"\n[canned.texts]\nhi = """\nHello {customer},\n"""\n'
    config = parse_config(text, tmp_path / "config.toml", {})
    assert config.canned.folder == tmp_path / "canned"
    assert read_canned(config.canned).get("hi").text == "Hello {customer},"
    with pytest.raises(ConfigError, match="is no code"):
        parse_config('[canned.texts]\n"a b" = "x"\n', tmp_path / "config.toml", {})


def section(folder: Path, **texts: str) -> CannedSection:
    return CannedSection.model_validate({"folder": str(folder), "texts": texts})
