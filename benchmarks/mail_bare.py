"""The least that fetches mail, in a process of its own: imaplib, and nothing kept."""

from __future__ import annotations

import imaplib
import json
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from time import perf_counter

BATCH = 100
Figures = dict[str, float]


@dataclass(frozen=True, slots=True)
class Box:
    """One mailbox and the way to it; the password is that of a server which lives for minutes."""

    user: str
    count: int
    port: int
    password: str = "bench"

    def through(self, port: int) -> Box:
        """The same mailbox by another way."""
        return replace(self, port=port)

    def as_json(self) -> dict[str, object]:
        """What another process needs to make it again."""
        return asdict(self)


def fetch(box: Box) -> Figures:
    """All mails in batches, each forgotten at once."""
    begin = perf_counter()
    with _opened(box) as imap:
        uids = _search(imap, 1)
        for batch in batches(uids):
            imap.uid("FETCH", f"{batch[0]}:{batch[-1]}", "(UID BODY.PEEK[])")
    assert len(uids) == box.count
    return {"seconds": perf_counter() - begin, **peak()}


def look(box: Box) -> None:
    """Sign in and ask whether anything is new."""
    with _opened(box) as imap:
        _search(imap, box.count + 1)


def batches(uids: Sequence[int]) -> Iterator[Sequence[int]]:
    """A hundred at a time."""
    return (uids[start : start + BATCH] for start in range(0, len(uids), BATCH))


def peak() -> Figures:
    """This process's largest memory so far, in MB (not `ru_maxrss`, which knows its parent's)."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    return {"peak": int(found[1]) * 1024 / 1e6} if found else {}


def _opened(box: Box) -> imaplib.IMAP4:
    imap = imaplib.IMAP4("127.0.0.1", box.port)
    imap.login(box.user, box.password)
    imap.select("INBOX", readonly=True)
    return imap


def _search(imap: imaplib.IMAP4, first: int) -> list[int]:
    found = imap.uid("SEARCH", f"UID {first}:*")[1][0]
    return [int(uid) for uid in found.split()]


if __name__ == "__main__":
    print(json.dumps(fetch(Box(**json.loads(sys.argv[1])))))
