"""The sample mails of other projects beside the repository, read from where they lie."""

from __future__ import annotations

import json
from email import message_from_bytes, policy
from email.message import Message
from functools import cache
from typing import Any

import pytest

from tests.conftest import SHARED

SAMPLE = SHARED / "data" / "mail-sample"


@cache
def cases(name: str) -> list[Any]:
    """One set's cases as test parameters; where there is no sample, one that is skipped."""
    if not SAMPLE.exists():
        missing = pytest.mark.skip(reason="the sample mails are not here")
        return [pytest.param({"id": "none"}, id="no-sample", marks=missing)]
    found = json.loads((SAMPLE / "cases.json").read_text())
    return [pytest.param(case, id=case["id"]) for case in found[name]]


def raw_mail(case: dict[str, Any]) -> bytes:
    """A case's mail without the line that mbox puts before it."""
    path: str = case["raw_path"]
    raw = (SAMPLE / path).read_bytes()
    return raw.partition(b"\n")[2] if raw.startswith((b"From ", b">From ")) else raw


def parsed(raw: bytes) -> Message:
    return message_from_bytes(raw, policy=policy.compat32)
