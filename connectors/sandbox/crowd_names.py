"""Names for customers, when all whom the stories know have written."""

from __future__ import annotations

import unicodedata
from random import Random

from connectors.sandbox.crowd_cast import Customer

_FIRST = (
    "Aaliyah", "Akira", "Benedikt", "Camille", "Dilnoza", "Élodie", "Farid", "Grace", "Hugo",
    "Imani", "Jakub", "Keziah", "Lars", "Marisol", "Niamh", "Oskar", "Pilar", "Quentin", "Ravi",
    "Saoirse", "Tadeo", "Uma", "Viktor", "Wanjiru", "Ximena", "Yusuf", "Zoë",
)  # fmt: skip
_LAST = (
    "Abara", "Bergström", "Castellanos", "Dvořák", "Eze", "Fontaine", "Ghosh", "Hoffmann", "Ito",
    "Jansen", "Kowalczyk", "Lindqvist", "Mbeki", "Nakamura", "Osei", "Petrov", "Quispe", "Rossi",
    "Sharma", "Tanaka", "Ueda", "Vasquez", "Whitfield", "Xu", "Yamada", "Zielińska",
)  # fmt: skip


def stranger(dice: Random) -> Customer:
    """Somebody new, by a name that may be somebody else's too."""
    first, last = dice.choice(_FIRST), dice.choice(_LAST)
    plain = f"{_ascii(first)}.{_ascii(last)}"
    return Customer(f"{first} {last}", plain)


def _ascii(name: str) -> str:
    spread = unicodedata.normalize("NFKD", name.lower())
    return "".join(letter for letter in spread if letter.isascii())
