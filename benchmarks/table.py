"""A measured row, what it should reach, and how both are printed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Target:
    """A bound on the ratio ours / baseline, or with `absolute` on our own figure."""

    bound: float
    at_least: bool = False
    absolute: bool = False

    def met(self, row: Row) -> bool:
        """Whether the row keeps the bound."""
        figure = row.ours if self.absolute else row.ratio
        return figure >= self.bound if self.at_least else figure < self.bound

    def text(self, unit: str) -> str:
        """The bound as the table shows it."""
        sign = "≥" if self.at_least else "<"
        return f"{sign} {self.bound:g}" + (f" {unit}" if self.absolute else "")


@dataclass(frozen=True, slots=True)
class Row:
    """One comparison; `unit` tells whether more is better ("/s") or less ("ms")."""

    what: str
    size: str
    database: str
    unit: str
    ours: float
    against: str
    baseline: float
    target: Target | None = None

    @property
    def ratio(self) -> float:
        """Ours divided by the baseline."""
        return self.ours / self.baseline

    @property
    def verdict(self) -> str:
        """`met`, `MISSED`, or nothing where there is no target."""
        if self.target is None:
            return ""
        return "met" if self.target.met(self) else "MISSED"

    def cells(self) -> tuple[str, ...]:
        """The row as it is printed."""
        return (
            self.what, self.size, self.database, _figure(self.ours, self.unit),
            _figure(self.baseline, self.unit), self.against, f"{self.ratio:.2f}",
            self.target.text(self.unit) if self.target else "-", self.verdict,
        )  # fmt: skip

    def as_json(self) -> dict[str, Any]:
        """The row for scripts."""
        return {
            "what": self.what, "size": self.size, "database": self.database, "unit": self.unit,
            "ours": self.ours, "baseline": self.baseline, "against": self.against,
            "ratio": self.ratio, "verdict": self.verdict or None,
            "target": self.target.text(self.unit) if self.target else None,
        }  # fmt: skip


_TITLES = (
    "what", "size", "database", "ours", "baseline", "baseline is", "ratio", "target", "verdict",
)  # fmt: skip
_WIDTHS = (38, 9, 10, 11, 11, 38, 6, 8, 7)
_TO_THE_RIGHT = (1, 3, 4, 6)


def percentile(values: Sequence[float], hundredth: int) -> float:
    """The value that so many of a hundred don't exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, len(ordered) * hundredth // 100)]


def heading() -> str:
    """The first two lines of the table."""
    return line(_TITLES) + "\n" + line(tuple("-" * width for width in _WIDTHS))


def line(cells: Iterable[str]) -> str:
    """One line, a row of Markdown too."""
    padded = (
        f"{cell:>{width}}" if number in _TO_THE_RIGHT else f"{cell:<{width}}"
        for number, (cell, width) in enumerate(zip(cells, _WIDTHS, strict=True))
    )
    return "| " + " | ".join(padded) + " |"


def _figure(value: float, unit: str) -> str:
    digits = 0 if value >= 100 else 1 if value >= 10 else 3
    return f"{value:,.{digits}f} {unit}".replace(" /", "/")
