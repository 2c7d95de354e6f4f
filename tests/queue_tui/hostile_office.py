"""An office in which every hostile string stands wherever somebody else can write."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from monitor.clean import keepable
from monitor.clock import now
from monitor.message import Attachment, IncomingMessage, Party
from tests.fakes import FakeClock, message
from tests.hostile import obeyed, strange, texts
from tests.queue_tui.driving import CONFIG, Office
from tests.queue_tui.test_pty import Screen, screen

SIZE = (200, 80)
MARK = "§"
LINK = "https://one.example"
_SHORT = 400
_NAME_CHARS = 60
_TOGETHER = 24
LISTS = """
[keys]
tag = "界"

[views."[bold]\\u001b]0;owned\\u0007[/]"]
search = "tag:vip"

[canned.texts]
evil = "[link=https://evil.example]{customer}[/] \\u001b[2J \\u202e"
"""


class HostileOffice(Office):
    """Every string stands in every place that somebody outside, or a colleague, can write to."""

    def fill(self) -> None:
        """One conversation for each, and all of them again in a few."""
        for number, text in enumerate(texts(_SHORT)):
            self.take_in([self._mail(number, text)])
        several = texts(_SHORT)
        for begin in range(0, len(several), _TOGETHER):
            self._long_one(1000 + begin, several[begin : begin + _TOGETHER])

    def _mail(self, number: int, text: str, **changes: object) -> IncomingMessage:
        given = {
            "subject": f"{MARK}{text}",
            "text": text,
            "author": Party(f"customer{number}@customer.test", text),
            "attachments": (Attachment(0, text, text, 10),),
        }
        return message(number, self.clock() + timedelta(seconds=number), **given | changes)

    def _long_one(self, number: int, said: list[str]) -> None:
        """A conversation in which all of them were said, about which all was noted."""
        mail = self._mail(
            number, "they follow: https://one.example", keys=(f"<{number}@customer.test>",)
        )
        further = [self._further(mail, place, text) for place, text in enumerate(said)]
        self.take_in([mail, *further])
        there, who = self.of(number).id, said[0]
        self.desk.claim(there, who)
        self.desk.note(there, who, "\n".join(said))
        self.desk.tag(there, who, tuple(said))
        self.desk.release(there, who)
        self.desk.save_draft(there, "ann", "\n".join(said), 0)

    def _further(self, mail: IncomingMessage, place: int, text: str) -> IncomingMessage:
        own = f"<{place}.{mail.ext_id.strip('<')}"
        author = Party(mail.author.address, text)
        return replace(mail, ext_id=own, keys=(own, *mail.keys), subject="", text=f"{text} {LINK}",
                       author=author)  # fmt: skip


def filled(folder: Path, empty_database: Path) -> None:
    """Make such an office in a folder, to be copied."""
    shutil.copy(empty_database, folder / "queue.db")
    office = HostileOffice(folder, FakeClock(now()))
    office.fill()
    office.close()


def opened(folder: Path, original: Path) -> Office:
    """A copy of it, in which colleagues of hostile names look at the last conversation."""
    shutil.copytree(original, folder, dirs_exist_ok=True)
    office = Office(folder, FakeClock(now()))
    for name in texts(_NAME_CHARS):
        office.desk.here(keepable(name), office.desk.page()[-1].id)
    return office


@contextmanager
def watched(office: Office, *words: str) -> Iterator[Screen]:
    """A terminal whose every byte is looked at when it is left."""
    with screen(office, SIZE, CONFIG + LISTS, words=words) as s:
        yield s
        assert obeyed(s.output) == set()
        assert strange(s.output) == set()
