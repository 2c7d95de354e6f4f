"""What a check of an account brings to light: a line for each thing that was looked at."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from enum import StrEnum
from typing import Any

from monitor.errors import ConfigError, ConnectorError

Charged = Callable[[str | None], str]


class Mark(StrEnum):
    """How a thing is; only what is missing makes a check fail."""

    OK = "ok"
    NOTE = "note"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at; `remedy` says what to do, "" where nothing has to be done."""

    what: str
    mark: Mark = Mark.OK
    remedy: str = ""

    @property
    def ok(self) -> bool:
        """Whether work can go on with it as it is."""
        return self.mark is not Mark.MISSING

    def as_json(self) -> dict[str, str]:
        """The public form."""
        return {"what": self.what, "mark": str(self.mark), "remedy": self.remedy}


@dataclass(frozen=True, slots=True)
class Checked:
    """An account as it was found, at nobody's expense but `cost`.

    `who` is whom it is signed in as, by the platform's own word, "" where that was not reached.
    `cost` says in words what the check spent, "" where it was free. `ahead` is by how much the
    platform's clock is ahead of ours, None where it does not tell the time. `charged` gives the
    account's cursor with that cost counted in it, None where polls count none.
    """

    who: str = ""
    findings: tuple[Finding, ...] = ()
    cost: str = ""
    ahead: timedelta | None = None
    charged: Charged | None = None

    @property
    def ok(self) -> bool:
        """Whether nothing is missing."""
        return all(finding.ok for finding in self.findings)

    def with_note(self, what: str) -> Checked:
        """The same with one thing more that somebody should know."""
        return replace(self, findings=(*self.findings, Finding(what, Mark.NOTE)))

    def and_also(self, other: Checked) -> Checked:
        """The same with what another check found, after it."""
        return replace(self, findings=self.findings + other.findings)

    def as_json(self) -> dict[str, Any]:
        """The public form, as `replyby check --json` prints it."""
        return {
            "ok": self.ok,
            "signed_in_as": self.who,
            "cost": self.cost,
            "findings": [finding.as_json() for finding in self.findings],
        }


@dataclass(slots=True)
class Findings:
    """Collects what a check finds, in its order."""

    found: list[Finding] = field(default_factory=list)

    def fine(self, what: str) -> None:
        """It is as it should be."""
        self.found.append(Finding(what))

    def note(self, what: str, remedy: str = "") -> None:
        """Work goes on, but somebody should know."""
        self.found.append(Finding(what, Mark.NOTE, remedy))

    def missing(self, what: str, remedy: str) -> None:
        """Something does not work before a person acts."""
        self.found.append(Finding(what, Mark.MISSING, remedy))

    @contextlib.contextmanager
    def trying(self, what: str = "") -> Iterator[None]:
        """What fails inside is missing, in the error's own words after `what`."""
        try:
            yield
        except (ConnectorError, ConfigError) as error:
            self.failed(error, what)

    def failed(self, error: ConnectorError | ConfigError, what: str = "") -> None:
        """The error as something that is missing."""
        remedy = error.remedy if isinstance(error, ConnectorError) else ""
        self.missing(f"{what}: {error}" if what else str(error), remedy)

    def checked(
        self, who: str = "", *, cost: str = "", ahead: timedelta | None = None,
        charged: Charged | None = None,
    ) -> Checked:  # fmt: skip
        """All of it."""
        return Checked(who, tuple(self.found), cost, ahead, charged)
