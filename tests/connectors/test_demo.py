"""`replyby demo` on all three channels, by real processes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from monitor.wiring import House, read_config
from tests.hostile import strange

pytestmark = pytest.mark.slow

REPLYBY = str(Path(sys.executable).with_name("replyby"))
CHANNELS = {"email", "facebook", "twitter"}


def demo(folder: Path, *words: str) -> subprocess.Popen[str]:
    """A demo that has `folder` for its temporary files."""
    return subprocess.Popen(
        [REPLYBY, "demo", *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "TMPDIR": str(folder), "NO_COLOR": "1"},
    )  # fmt: skip


def test_everybody_gets_one_answer_on_each_channel(tmp_path: Path) -> None:
    process = demo(tmp_path, "--headless", "--seconds", "2")
    said, complained = process.communicate(timeout=60)
    assert (process.returncode, complained) == (0, ""), said
    assert strange(said.encode()) == set()
    summary = [line.split(": ")[0] for line in said.splitlines() if "answers reached" in line]
    assert set(summary) == CHANNELS
    assert list(tmp_path.iterdir()) == []


def test_who_joins_by_the_folder_works_it_to_the_end(tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    process = demo(tmp_path, "--serve", "--keep", str(folder), "--customers", "9")
    assert process.stdout
    assert f"--config {folder}/config.toml queue --as bob" in process.stdout.readline()
    house = House(read_config(folder / "config.toml"))
    answer_until_all_is_quiet(house, customers=9)
    house.close()
    process.send_signal(signal.SIGTERM)
    assert process.communicate(timeout=20)[1] == ""
    assert process.returncode == 0
    judge(json.loads((folder / "outcome.json").read_text()))


def answer_until_all_is_quiet(house: House, customers: int) -> None:
    """Answer whoever waits; who writes back does so within a second, and is polled in another."""
    begin = quiet_since = time.monotonic()
    while time.monotonic() < min(begin + 40, quiet_since + 2.5):
        answer_all(house)
        received = sum(came for came, _ in house.store.archive.traffic().values())
        if received < customers or house.desk.overview().waiting:
            quiet_since = time.monotonic()
        time.sleep(0.05)


def answer_all(house: House) -> None:
    while claimed := house.desk.claim_next("bob"):
        opened = house.desk.open(claimed.id, "bob")
        text = f"Dear customer, about your message: answer {claimed.id}.{len(opened.messages)}"
        house.desk.reply(claimed.id, "bob", text, seen=opened.seen)


def judge(outcome: dict[str, Any]) -> None:
    customers = outcome["customers"]
    assert (outcome["finished"], outcome["faults"], len(customers)) == (True, [], 9)
    assert {customer["channel"] for customer in customers} == CHANNELS
    for customer in customers:
        answers = [*customer["answers"], *customer["answered_outside"]]
        assert len(answers) == customer["written"], customer
    given = [answer for customer in customers for answer in customer["answers"]]
    assert len(set(given)) == len(given)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--serve"], "wants --keep DIR"),
        (["--headless", "--seconds", "0"], "numbers above 0"),
        (["--customers", "99999"], "at the most"),
    ],
)
def test_what_makes_no_sense_is_refused(tmp_path: Path, words: Sequence[str], said: str) -> None:
    process = demo(tmp_path, *words)
    complained = process.communicate(timeout=30)[1]
    assert process.returncode == 2
    assert said in complained


def test_a_folder_with_a_desk_of_its_own_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("# mine\n")
    process = demo(tmp_path, "--serve", "--keep", str(tmp_path))
    assert "has a config.toml" in process.communicate(timeout=30)[1]
    assert process.returncode == 2
    assert [path.name for path in tmp_path.iterdir()] == ["config.toml"]
