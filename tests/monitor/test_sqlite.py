"""One SQLite file, several processes with several threads: what one stores the others see."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from monitor.store import Store, open_store
from monitor.store.lists import View
from tests.fakes import START, message, take_in
from tests.monitor.office import count

_COUNTS = """
import sys
from monitor.store import open_store
from tests.fakes import START
store = open_store(sys.argv[1], START)
print(store.database.read("SELECT count(*) FROM message")[0][0])
store.close()
"""


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/replyby.db"


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    opened = open_store(url, START)
    yield opened
    opened.close()


def seen_elsewhere(url: str) -> int:
    """How many messages another process finds, which opens the database and closes it again."""
    done = subprocess.run(
        [sys.executable, "-c", _COUNTS, url], capture_output=True, text=True, check=True, timeout=60
    )
    return int(done.stdout)


def in_a_thread(store: Store) -> None:
    thread = threading.Thread(target=lambda: store.lists.page(View()))
    thread.start()
    thread.join()


def test_another_process_that_comes_and_goes_loses_nothing(store: Store, url: str) -> None:
    take_in(store, [message(1)])
    assert seen_elsewhere(url) == 1
    take_in(store, [message(2)])
    assert seen_elsewhere(url) == 2


def test_a_process_with_threads_and_another_that_comes_and_goes_lose_nothing(
    store: Store, url: str
) -> None:
    take_in(store, [message(1)])
    in_a_thread(store)
    assert seen_elsewhere(url) == 1
    take_in(store, [message(2)])
    assert seen_elsewhere(url) == 2


def test_the_file_and_all_beside_it_are_the_owners_alone(store: Store, tmp_path: Path) -> None:
    take_in(store, [message(1)])
    modes = {path.name: oct(path.stat().st_mode & 0o777) for path in tmp_path.iterdir()}
    assert set(modes) >= {"replyby.db", "replyby.db-wal", "replyby.db.writer"}
    assert set(modes.values()) == {"0o600"}


def test_a_reader_waits_for_no_writer(store: Store) -> None:
    take_in(store, [message(1)])
    with store.database.write() as tx:
        tx.run("UPDATE conversation SET subject = 'half done'")
        seen: list[str] = []
        thread = threading.Thread(
            target=lambda: seen.extend(c.subject for c in store.lists.page(View()))
        )
        thread.start()
        thread.join(10)
    assert seen == ["subject 1"]
    assert count(store, "message") == 1
