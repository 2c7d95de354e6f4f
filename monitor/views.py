"""`[views.NAME]` of config.toml: lists that somebody goes back to, under names."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, tzinfo

from pydantic import field_validator

from monitor.channel_names import meant
from monitor.clock import now
from monitor.query import Query, QueryError, parse_query
from monitor.settings import Section

ME = "me"


class ViewSection(Section):
    """All that is given has to hold; `search` is what the terminal's own search takes.

    Without a search that says otherwise it shows what waits for an answer.
    """

    account: tuple[str, ...] | str = ()
    channel: tuple[str, ...] | str = ()
    tag: tuple[str, ...] | str = ()
    assignee: str | None = None
    leads: bool = False
    overdue: bool = False
    search: str = ""

    @field_validator("search")
    @classmethod
    def _search(cls, text: str) -> str:
        try:
            parse_query(text, now(), UTC)
        except QueryError as error:
            raise ValueError(str(error)) from None
        return text

    def query(self, now: datetime, zone: tzinfo) -> Query:
        """What it looks for; `assignee = "me"` is whoever looks, "" is nobody."""
        query = parse_query(self.search, now, zone)
        flags = {"lead"} if self.leads else set()
        flags |= {"overdue"} if self.overdue else set()
        flags |= {"mine"} if self.assignee == ME else set()
        flags |= {"unclaimed"} if self.assignee == "" else set()
        if not query.flags and not query.of_messages:
            flags |= {"waiting"}
        return replace(
            query,
            accounts=(*query.accounts, *_several(self.account)),
            channels=(*query.channels, *map(meant, _several(self.channel))),
            tags=(*query.tags, *_several(self.tag)),
            flags=query.flags | flags,
            holder=self.assignee if self.assignee not in (None, "", ME) else query.holder,
        )


def _several(value: tuple[str, ...] | str) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else value
