"""All that the screen shows of one conversation, read together."""

from __future__ import annotations

from dataclasses import dataclass

from monitor.connector import Prospect
from monitor.desk import Around, Opened
from monitor.message import State
from monitor.wiring import House

ANY_TEXT = "."
"""Stands for a text that is not written yet: an empty one would be refused for being empty."""


@dataclass(frozen=True, slots=True)
class Study:
    """A conversation, what stands around it, and what would become of an answer."""

    opened: Opened
    around: Around
    prospect: Prospect


def study(house: House, conversation: int, who: str) -> Study:
    """Read it; NotFound where there is none."""
    opened = house.desk.open(conversation, who)
    return Study(opened, house.desk.around(opened.conversation), house.foresee(opened, ANY_TEXT))


def claimed(house: House, conversation: int, who: str) -> Study:
    """Read it, claimed first where it waits for somebody."""
    state = house.desk.find(conversation).state
    if state in (State.WAITING, State.SNOOZED):
        house.desk.claim(conversation, who)
    return study(house, conversation, who)
