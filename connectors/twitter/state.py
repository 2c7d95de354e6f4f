"""How far the reading of an account has come, and what else is kept between polls: the cursor."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any, Self

from connectors.twitter.limits import Windows
from connectors.twitter.rows import Person

_PEOPLE_MOST = 500
_LISTED_MOST = 500
_FEW = 10
_REACH = 800  # that many of the newest mentions X lists, and no more


@dataclass(slots=True)
class Place:
    """How far a listing, which goes from new to old, was read.

    Everything up to the id `floor` is done with. A reading that was begun at `began` (seconds since
    1970) and has not come to its end goes on before the id `below`; `top` is the newest id seen.
    `listed` are the posts that the next reading has to list again: the id of the first version, and
    that of the last one, 0 for a post that was looked up already because it was not listed.
    Of messages they are those that were read within the overlap.
    """

    floor: int
    top: int = 0
    below: int = 0
    began: float = 0.0
    listed: dict[int, int] = field(default_factory=dict)

    def saw(self, first: str, last: str) -> None:
        """A post was listed; one that was looked up is not looked up again."""
        if self.listed.get(int(first)) != 0:
            self.listed[int(first)] = int(last)

    def is_new(self, number: int) -> bool:
        """Whether a message was not read yet."""
        return number > self.floor and number not in self.listed

    def missing(self, listed: Collection[int], above: int) -> list[int]:
        """Which posts a whole reading of what is above that id has to have and hasn't.

        Where it has as many as X lists at all, older ones are not missing; and where it lacks most
        of them, they were not deleted: X's index has lost them, or another search was set.
        """
        reach = min(listed) if len(listed) >= _REACH else 0
        wanted = [first for first, last in self.listed.items() if last > max(above, reach)]
        found = [first for first in wanted if first not in listed]
        return [] if len(found) > max(_FEW, len(wanted) // 2) else found

    def expects(self, above: int) -> None:
        """Keep of `listed` what was made after that id, and of too many the newest."""
        kept = sorted((item for item in self.listed.items() if max(item) > above), key=max)
        self.listed = dict(kept[-_LISTED_MOST:])


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

    def has_newer(self, first: str, last: str) -> bool:
        """Whether some listing had a later version of a post: they don't all change at once."""
        return any(p.listed.get(int(first), 0) > int(last) for p in self.places.values())

    def forget(self, number: int) -> None:
        """A post is gone: no listing has to have it any more."""
        for place in self.places.values():
            place.listed.pop(number, None)

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
            places={name: _place(place) for name, place in kept["places"].items()},
            people={person.id: person for person in people},
            windows=Windows(kept["windows"]),
            spent=Spent(**kept["spent"]),
            polled=float(kept["polled"]),
        )


def _place(kept: dict[str, Any]) -> Place:
    listed = {int(first): int(last) for first, last in kept.pop("listed", {}).items()}
    return Place(**kept, listed=listed)
