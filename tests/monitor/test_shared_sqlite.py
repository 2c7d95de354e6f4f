"""One SQLite file in several processes and threads at once: nobody's end may harm another."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from threading import Thread

from monitor.store import Store, open_store
from tests.fakes import START, message, take_in

_VISIT = """
import sys
from datetime import UTC, datetime
from monitor.store import open_store
store = open_store(sys.argv[1], datetime.now(UTC))
print(len(store.lists.messages(1)))
store.close()
"""


def visit(url: str) -> int:
    """Another process opens the database, counts the messages of conversation 1, and ends."""
    command = [sys.executable, "-c", _VISIT, url]
    return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def in_a_thread_of_its_own(store: Store) -> None:
    thread = Thread(target=store.accounts.ids)
    thread.start()
    thread.join()


def test_what_is_written_while_other_processes_come_and_go_is_there(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/replyby.db"
    store = open_store(url, START)
    try:
        take_in(store, [message(1)])
        in_a_thread_of_its_own(store)
        assert visit(url) == 1
        store.acts.note(1, "ann", "kept", START)
        assert len(store.lists.messages(1)) == 2
        assert visit(url) == 2
    finally:
        store.close()
