"""X's ids, which hold the moment at which they were made."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

_START = datetime(2010, 11, 4, 1, 42, 54, 657000, tzinfo=UTC)
_SEQUENCE_BITS = 22
_NUMBER = re.compile(r"[0-9]{1,19}")
_MILLISECOND = timedelta(milliseconds=1)


def is_id(value: object) -> bool:
    """Whether it is an id as X writes them: up to 19 digits, as text."""
    return isinstance(value, str) and bool(_NUMBER.fullmatch(value))


def just_before(at: datetime) -> int:
    """The id than which everything is greater that was made at this moment or later."""
    return max((max(at, _START) - _START) // _MILLISECOND << _SEQUENCE_BITS, 1) - 1


def moment(number: int) -> datetime:
    """When the id was made, to the millisecond."""
    return _START + _MILLISECOND * (number >> _SEQUENCE_BITS)
