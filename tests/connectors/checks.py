"""What a check of an account said, by how it is marked."""

from __future__ import annotations

from contextlib import closing

from monitor.checked import Checked, Mark
from monitor.connector import Checkable, Connector


def check(connector: Connector, cursor: str | None = None) -> Checked:
    """One check, and the connection closed again."""
    assert isinstance(connector, Checkable)
    with closing(connector):
        return connector.check(cursor)


def missing(checked: Checked) -> list[str]:
    """All that is missing."""
    return _marked(checked, Mark.MISSING)


def notes(checked: Checked) -> str:
    """What somebody should know."""
    return "\n".join(_marked(checked, Mark.NOTE))


def fine(checked: Checked) -> str:
    """What is as it should be."""
    return "\n".join(_marked(checked, Mark.OK))


def remedies(checked: Checked) -> str:
    """What to do."""
    return "\n".join(finding.remedy for finding in checked.findings)


def everything(checked: Checked) -> str:
    """All that it says."""
    return str(checked.as_json())


def _marked(checked: Checked, mark: Mark) -> list[str]:
    return [finding.what for finding in checked.findings if finding.mark is mark]
