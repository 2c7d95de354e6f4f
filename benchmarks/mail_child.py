"""What replyby does with a mailbox, in a process of its own, as JSON."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path
from time import perf_counter

from benchmarks.mail_bare import Box, Figures, batches, look, peak
from benchmarks.race import race
from connectors.mailbox.imap import Session
from connectors.mailbox.settings import Server
from monitor.connector import Batch, Connector
from monitor.intake import Known, decide
from monitor.poller import Pass
from monitor.wiring import House, read_config

PASSWORD = "REPLYBY_BENCH_PASSWORD"
_NAME = "bench"
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
    """Seconds with later stages left out: fetched; read, too; decided, too. `ours` has it all."""
    with _house(box, folder, url) as house:
        policy, connector = house.policies[_NAME], house.accounts[_NAME].connect
        begin = perf_counter()
        _fetch(box)
        fetched = perf_counter()
        for _ in _batches_of(connector(), house):
            pass
        read = perf_counter()
        deciding = 0.0
        for batch in _batches_of(connector(), house):
            before = perf_counter()
            decide(batch.messages, Known(), policy)
            deciding += perf_counter() - before
    return {"fetch": fetched - begin, "read": read - fetched, "decide": deciding}


def _fetch(box: Box) -> None:
    session = Session(Server("127.0.0.1", box.port, False), None, timedelta(seconds=30))
    session.sign_in(box.user, box.password)
    listed = session.mails(session.examine("INBOX"), 1, None)
    for batch in batches([mail.uid for mail in listed]):
        session.sources(batch)
    session.close()


def _batches_of(connector: Connector, house: House) -> Iterator[Batch]:
    since = house.clock() - house.accounts[_NAME].since
    with closing(connector):
        yield from connector.poll(None, since)


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
