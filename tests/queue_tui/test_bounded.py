"""However much somebody sends, what is held, written out and painted of it stays small."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from monitor.message import Attachment, Conversation, IncomingMessage, Party
from queue_tui.widgets.customer_panel import CustomerPanel
from queue_tui.widgets.plain import Plain
from queue_tui.widgets.window import MOST
from tests.fakes import FakeClock, message
from tests.queue_tui.driving import CONFIG, Office, Terminal, sync
from tests.replyby import COMMAND

pytestmark = pytest.mark.slow

_SIZE = (160, 45)
_HUGE = 65_536
_MANY, _BATCH, _TAGS = 10_000, 1_000, 500
# Of a conversation: what is written out at first, and the facts and the customer beside it.
_WRITTEN_CHARS, _WRITTEN_LINES = 100_000, 1_500
_BESIDE_CHARS = 20_000
_ROW_CHARS = 5_000
_SUBJECTS = (
    "one long line",
    "many lines",
    "many links",
    "many messages",
    "many tags",
    "long names",
)


def _huge_texts() -> list[IncomingMessage]:
    name = "n" * _HUGE
    file = (Attachment(0, name, name, 1),)
    mails = [
        message(1, text="x" * 1_000_000),
        message(2, text="line\n" * 100_000),
        message(3, text="https://a.example " * 50_000),
        message(4),
        message(5),
        message(6, author=Party("a@customer.test", name), attachments=file),
    ]
    named = [replace(m, subject=s) for m, s in zip(mails, _SUBJECTS, strict=True)]
    return [*named[:-1], replace(named[-1], subject=f"{_SUBJECTS[-1]} {'s' * _HUGE}")]


def _many_messages() -> list[IncomingMessage]:
    first = message(4)
    return [
        replace(first, ext_id=f"<{n}@more>", keys=(f"<{n}@more>", *first.keys), subject="",
                text=f"message {n}")
        for n in range(_MANY)
    ]  # fmt: skip


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory, empty_database: Path) -> Path:
    """A folder with such an office, to be copied."""
    folder = tmp_path_factory.mktemp("huge")
    shutil.copy(empty_database, folder / "queue.db")
    office = Office(folder, FakeClock())
    office.take_in(_huge_texts())
    several = _many_messages()
    for begin in range(0, len(several), _BATCH):
        office.take_in(several[begin : begin + _BATCH])
    office.desk.tag(5, "bob", tuple(f"{n}-{'t' * 100}" for n in range(_TAGS)))
    office.close()
    return folder


@pytest.fixture
def office(tmp_path: Path, filled: Path, clock: FakeClock) -> Iterator[Office]:
    shutil.copytree(filled, tmp_path, dirs_exist_ok=True)
    opened = Office(tmp_path, clock)
    yield opened
    opened.close()


def begins(office: Office, subject: str) -> int:
    """The conversation whose subject begins so."""
    return next(c.id for c in office.desk.page() if c.subject.startswith(subject))


def written(t: Terminal, *ids: str) -> str:
    """All that these parts of the screen hold, seen or not."""
    return "\n".join(str(t.main.query_one(f"#{name}", Plain).content) for name in ids)


def small(t: Terminal) -> None:
    said = written(t, "earlier", "latest")
    assert len(said) <= _WRITTEN_CHARS
    assert said.count("\n") <= _WRITTEN_LINES
    beside = str(t.main.query_one(CustomerPanel).query_one(Plain).content)
    assert len(written(t, "facts", "status", "headline")) + len(beside) <= _BESIDE_CHARS


@sync
async def test_what_is_written_out_of_a_conversation_is_bounded(office: Office) -> None:
    numbers = [begins(office, subject) for subject in _SUBJECTS]
    async with office.terminal(size=_SIZE) as t:
        for number in numbers:
            await t.go_to(number)
            small(t)
            await t.press("o")  # unfolded too
            small(t)


@sync
async def test_each_step_back_writes_one_page_more(office: Office) -> None:
    many = begins(office, "many messages")
    async with office.terminal(size=_SIZE) as t:
        await t.go_to(many)
        await t.press("enter")
        lines = [written(t, "earlier", "latest").count("message ")]
        for _ in range(3):
            before = written(t, "earlier")
            await t.press("home")
            await t.press("home")
            await t.wait(lambda before=before: written(t, "earlier") != before)  # type: ignore[misc]
            lines.append(written(t, "earlier", "latest").count("message "))
        steps = {after - before for before, after in pairwise(lines)}
    assert lines[0] < _MANY // 100
    assert len(steps) == 1


def held(row: Conversation) -> int:
    """How many characters a row of a list holds of what others wrote."""
    return len(row.customer_name) + len(row.subject) + len(row.preview) + len(row.url)


@sync
async def test_rows_hold_little_whatever_the_message_holds(office: Office) -> None:
    long_names = begins(office, "long names")
    assert max(map(held, office.desk.page())) <= _ROW_CHARS
    [message] = office.store.lists.messages(long_names)
    assert len(message.author.name) == _HUGE
    async with office.terminal(size=_SIZE) as t:
        assert len(t.queue.rows) <= MOST
        strips = [t.queue.render_line(y) for y in range(t.queue.size.height)]
        assert {strip.cell_length for strip in strips} == {t.queue.size.width}


@sync
async def test_what_is_found_of_ten_thousand_is_one_row(office: Office) -> None:
    async with office.terminal(size=_SIZE) as t:
        await t.press("slash")
        await t.type("message")
        await t.wait(lambda: t.rows == [begins(office, "many messages")])


def test_line_by_line_little_is_said_at_once(office: Office) -> None:
    numbers = [begins(office, subject) for subject in _SUBJECTS]
    office.close()
    (office.folder / "config.toml").write_text(CONFIG)
    words = "".join(f"open {number}\nlist\n" for number in numbers)
    done = subprocess.run(
        [*COMMAND, "--as", "ann", "work"],
        cwd=office.folder, input=words, env=os.environ,
        capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    assert f"{_MANY + 1 - 30} earlier; say: show more." in done.stdout
    assert len(done.stdout) <= _WRITTEN_CHARS
