"""Sample mails of other projects, read as their own tests expect."""

from __future__ import annotations

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest

from connectors.mailbox.mime import Mail, read_mail
from tests.conftest import SHARED

SAMPLE = SHARED / "data" / "mail-sample"
EXCEPTIONS = {
    ("freescout/message-2", "attachment_sizes"): "they count the bytes as sent, with CRLF; we say "
    "what the decoded file has",
}
Case = dict[str, Any]


def cases() -> Iterator[Any]:
    if not SAMPLE.exists():
        yield pytest.param(None, marks=pytest.mark.skip(reason="../shared/data is not here"))
        return
    for name, found in json.loads((SAMPLE / "cases.json").read_text()).items():
        if name.startswith("parse_"):
            yield from (pytest.param(case, id=case["id"]) for case in found)


def folded(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())


def pairs(text: str) -> Counter[tuple[str, str]]:
    plain = re.sub(r"\s+", "", unicodedata.normalize("NFC", text))
    return Counter(pairwise(plain))


def share(one: str, other: str) -> float:
    if folded(one) == folded(other):
        return 1.0
    a, b = pairs(one), pairs(other)
    return 2 * (a & b).total() / max(1, a.total() + b.total())


def lower(addresses: Any) -> list[str]:
    return [address.lower() for address in addresses]


def text_is_near(mail: Mail, expected: str) -> bool:
    return max(share(mail.written, expected), share(mail.html_text, expected)) >= 0.92


def files_match(mail: Mail, expected: list[dict[str, Any]]) -> bool:
    return all(
        file.md5 == wanted["md5"] and (not wanted["name_given"] or file.name == wanted["name"])
        for file, wanted in zip(mail.attachments, expected, strict=True)
    )


CHECKS = {
    "from_addr": lambda mail, value: mail.from_addr.lower() == value.lower(),
    "from_name": lambda mail, value: folded(mail.from_name) == folded(value),
    "subject": lambda mail, value: folded(mail.subject) == folded(value),
    "message_id": lambda mail, value: mail.message_id.strip("<>") == value,
    "to": lambda mail, value: lower(m.address for m in mail.to) == lower(value),
    "to_addr": lambda mail, value: mail.to[0].address.lower() == value.lower(),
    "to_name": lambda mail, value: folded(mail.to[0].name) == folded(value),
    "to_raw": lambda mail, value: mail.to and all(m.address in value for m in mail.to),
    "cc_raw": lambda mail, value: all(m.address in value and m.name in value for m in mail.cc),
    "text": text_is_near,
    "text_startswith": lambda mail, value: mail.written.startswith(value),
    "attachment_count": lambda mail, value: len(mail.attachments) == value,
    "attachment_names": lambda mail, value: [file.name for file in mail.attachments] == value,
    "attachment_sizes": lambda mail, value: [file.size for file in mail.attachments] == value,
    "attachments": files_match,
}


@pytest.mark.parametrize("case", list(cases()))
def test_a_sample_mail_is_read_as_its_own_project_expects(case: Case) -> None:
    mail = read_mail((SAMPLE / case["raw_path"]).read_bytes())
    wrong = {
        field
        for field, value in case["expect"].items()
        if field in CHECKS and not CHECKS[field](mail, value)
    }
    assert wrong == {field for name, field in EXCEPTIONS if name == case["id"]}
    assert not mail.problem
    assert not mail.notices
