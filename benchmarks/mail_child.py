"""What replyby does with a mailbox, in a process of its own, as JSON."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter
from types import FrameType

from benchmarks.mail_bare import Box, Figures, look, peak
from benchmarks.race import race
from monitor.poller import Pass
from monitor.wiring import House, read_config

PASSWORD = "REPLYBY_BENCH_PASSWORD"
_NAME = "bench"
_LOOK_SECONDS = 0.001
_STAGES = {
    "connectors.mailbox": "parse",
    "connectors.mailbox.connector": "fetch",
    "connectors.mailbox.folder": "fetch",
    "connectors.mailbox.imap": "fetch",
    "connectors.mailbox.quotes": "new text",
    "connectors.mailbox.classification": "classify",
    "connectors.mailbox.deciding": "classify",
    "connectors.mailbox.judging": "classify",
    "monitor.intake": "decide",
    "monitor.store": "store",
    "monitor.poller": "pause",
}
"""Modules whose time is a stage's, with all that they call and that is no stage by itself."""
_CONFIG = """
[desk]
database = "{database}"
[[accounts]]
name = "{name}"
channel = "email"
address = "{user}"
imap = "imap://127.0.0.1:{port}"
smtp = "smtp://127.0.0.1:9"
password = "env:{password}"
since = "3650d"
"""


def ours(box: Box, folder: Path, url: str) -> Figures:
    """A first poll as `replyby poll` does it, until the database is closed."""
    with _house(box, folder, url) as house:
        account = house.accounts[_NAME]
        begin = perf_counter()
        done = house.poller.poll(account)
        house.close()
        took = perf_counter() - begin
    _complete(done, box)
    return {"seconds": took, **peak()}


def idle(box: Box, folder: Path, url: str) -> Figures:
    """A poll that finds nothing new, beside the least that can find out; after a first poll."""
    with _house(box, folder, url) as house:
        account = house.accounts[_NAME]
        begin = perf_counter()
        _complete(house.poller.poll(account), box)
        first = {"seconds": perf_counter() - begin, **peak()}
        contenders = {
            "ours": lambda: _nothing_new(house.poller.poll(account)),
            "bare": lambda: look(box),
        }
        return first | race(contenders, rounds=21, calls=1)


def stages(box: Box, folder: Path, url: str) -> Figures:
    """The share of each stage in a first poll, looked up a thousand times a second."""
    seen: Counter[str] = Counter()
    with _house(box, folder, url) as house:
        account = house.accounts[_NAME]
        signal.signal(signal.SIGALRM, lambda number, frame: seen.update([_stage(frame)]))
        signal.setitimer(signal.ITIMER_REAL, _LOOK_SECONDS, _LOOK_SECONDS)
        done = house.poller.poll(account)
        signal.setitimer(signal.ITIMER_REAL, 0)
    _complete(done, box)
    return {stage: looks / seen.total() for stage, looks in seen.items()}


def _stage(frame: FrameType | None) -> str:
    """The stage that the innermost module of ours belongs to, by the longest name that fits."""
    while frame is not None:
        name = frame.f_globals["__name__"]
        if fitting := [prefix for prefix in _STAGES if name.startswith(prefix)]:
            return _STAGES[max(fitting, key=len)]
        frame = frame.f_back
    return "other"


@contextmanager
def _house(box: Box, folder: Path, url: str) -> Iterator[House]:
    os.environ[PASSWORD] = box.password
    config = folder / "config.toml"
    config.write_text(
        _CONFIG.format(
            database=url, name=_NAME, user=box.user, port=box.port, password=PASSWORD
        )
    )  # fmt: skip
    house = House(read_config(config))
    try:
        yield house
    finally:
        house.close()


def _complete(done: Pass, box: Box) -> None:
    assert done.accounted == box.count, f"{done.accounted} of {box.count}: {done.problem}"


def _nothing_new(done: Pass) -> None:
    assert not done.problem, done.problem
    assert not done.listed, f"{done.listed} mails came by themselves"


TASKS: dict[str, Callable[[Box, Path, str], Figures]] = {
    "ours": ours, "idle": idle, "stages": stages,
}  # fmt: skip


def main() -> int:
    """Figures of one task as JSON; its arguments are as `mail_peers.child` gives them."""
    task, box, folder, url = sys.argv[1:]
    print(json.dumps(TASKS[task](Box(**json.loads(box)), Path(folder), url)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
