"""How far the reading of an account has come, and what else is kept between polls: the cursor."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any, Self

from connectors.twitter.limits import Windows
from connectors.twitter.rows import Person

_PEOPLE_MOST = 500


@dataclass(slots=True)
class Place:
    """How far a listing, which goes from new to old, was read.

    Everything up to the id `floor` is done with. A reading that was begun at `began` (seconds since
    1970) and has not come to its end goes on before the id `below`; `top` is the newest id seen.
    """

    floor: int
    top: int = 0
    below: int = 0
    began: float = 0.0


@dataclass(slots=True)
class Spent:
    """What was read on a day of UTC, by kind: what X charges for."""

    day: str = ""
    reads: dict[str, int] = field(default_factory=dict)

    def add(self, kind: str, number: int, now: datetime) -> None:
        """Count what was read; a new day begins with nothing."""
        today = now.astimezone(UTC).date().isoformat()
        if today != self.day:
            self.day, self.reads = today, {}
        if number:
            self.reads[kind] = self.reads.get(kind, 0) + number

    def dollars(self, prices: dict[str, float]) -> float:
        """What it costs, by the price of each kind."""
        return sum(number * prices.get(kind, 0.0) for kind, number in self.reads.items())


@dataclass(slots=True)
class State:
    """Everything that a poll leaves to the next one."""

    us: Person | None = None
    places: dict[str, Place] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)
    windows: Windows = field(default_factory=Windows)
    spent: Spent = field(default_factory=Spent)
    polled: float = 0.0

    def know(self, people: Iterable[Person]) -> None:
        """Keep who somebody is; of too many, those asked about longest ago are forgotten."""
        for person in people:
            self.people.pop(person.id, None)
            self.people[person.id] = person
        for number in list(self.people)[:-_PEOPLE_MOST]:
            del self.people[number]

    def dump(self) -> str:
        """As a cursor."""
        return json.dumps(
            {
                "us": asdict(self.us) if self.us else None,
                "places": {name: asdict(place) for name, place in self.places.items()},
                "people": [[p.id, p.handle, p.name] for p in self.people.values()],
                "windows": self.windows.used_up,
                "spent": asdict(self.spent),
                "polled": self.polled,
            },
            separators=(",", ":"),
        )

    @classmethod
    def load(cls, cursor: str | None) -> Self:
        """From a cursor; without one, or from one of another form, nothing was read yet."""
        if not cursor:
            return cls()
        try:
            return cls._from(json.loads(cursor))
        except (ValueError, TypeError, KeyError, AttributeError):
            return cls()

    @classmethod
    def _from(cls, kept: dict[str, Any]) -> Self:
        people = (Person(*row) for row in kept["people"])
        return cls(
            us=Person(**kept["us"]) if kept["us"] else None,
            places={name: Place(**place) for name, place in kept["places"].items()},
            people={person.id: person for person in people},
            windows=Windows(kept["windows"]),
            spent=Spent(**kept["spent"]),
            polled=float(kept["polled"]),
        )
