"""Everything that is kept, and every SQL statement; domain types in and out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from monitor.store.accounts import AccountNames, Accounts
from monitor.store.acts import Acts
from monitor.store.claims import Claims
from monitor.store.database import Database
from monitor.store.drafts import Drafts
from monitor.store.lists import Lists
from monitor.store.outgoing import Outgoing
from monitor.store.presence import Presences
from monitor.store.retiming import Retiming
from monitor.store.schema import bring_up_to_date, open_database
from monitor.store.search import Search
from monitor.store.verdicts import InHours

if TYPE_CHECKING:
    from monitor.store.archive import Archive
    from monitor.store.figures import Figures
    from monitor.store.ingest import Ingest

__all__ = ["Store", "open_store"]


def _by_the_calendar(account: str, start: datetime, end: datetime) -> timedelta:
    return max(end - start, timedelta())


class Store:
    """The rooms of the store over one database; what no screen needs at once is built late."""

    def __init__(self, database: Database, in_hours: InHours = _by_the_calendar) -> None:
        self._names = names = AccountNames(database)
        self._in_hours = in_hours
        self.database = database
        self.accounts = Accounts(database)
        self.lists = Lists(database, names)
        self.claims = Claims(database, names)
        self.acts = Acts(database, names, in_hours)
        self.drafts = Drafts(database)
        self.presence = Presences(database)
        self.outgoing = Outgoing(database, names, in_hours)
        self.retiming = Retiming(database)
        self.search = Search(database, self.lists)

    @cached_property
    def ingest(self) -> Ingest:
        """Where batches come in."""
        from monitor.store.fate import Fate
        from monitor.store.ingest import Ingest

        out = self.outgoing
        return Ingest(self.database, Fate(self._names, self._in_hours), out.found, out.recognise)

    @cached_property
    def figures(self) -> Figures:
        """What the lead's board counts."""
        from monitor.store.figures import Figures

        return Figures(self.database, self._names, self.lists)

    @cached_property
    def archive(self) -> Archive:
        """What is taken out, erased or built anew."""
        from monitor.store.archive import Archive

        return Archive(self.database, self.lists, self._names)

    def close(self) -> None:
        """Close every connection."""
        self.database.close()


def open_store(
    url: str,
    now: datetime,
    in_hours: InHours = _by_the_calendar,
    say: Callable[[str], None] = lambda text: None,
) -> Store:
    """Open the database, making it or bringing it up to date where needed."""
    database = open_database(url)
    bring_up_to_date(database, now, say)
    return Store(database, in_hours)
