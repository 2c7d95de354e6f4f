"""Rows as X lists them, and who is behind them: what is known without any client of X's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Person:
    """A user of X: the number stays, the handle may change."""

    id: str
    handle: str
    name: str
