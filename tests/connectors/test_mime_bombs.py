"""Mails made to exhaust whoever reads them: a second each at most, and bounded memory."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable

import pytest

from connectors.mailbox.mime import read_mail

HEAD = b"From: Eve <eve@x.test>\r\nTo: me@x.test\r\n"
MULTIPART = HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n"
BASE64 = b"Content-Transfer-Encoding: base64\r\n\r\n"
LINE = b"QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWZnaGlqa2xtbm9wcXJzdHV2d3h5\r\n"


def nested(depth: int) -> bytes:
    line = b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n"
    return HEAD + b"".join(line % (i, i) for i in range(depth))


BOMBS: dict[str, Callable[[], bytes]] = {
    "10,000 encoded words in a subject": lambda: (
        HEAD + b"Subject: " + b"\r\n ".join([b"=?utf-8?B?w6TDtg==?="] * 10_000) + b"\r\n\r\nx"
    ),
    "36,000 words that never end": lambda: HEAD + b"Subject: " + b"=?a?Q?x " * 36_000 + b"\r\n\r\n",
    "100,000 addresses": lambda: (
        HEAD + b"Cc: " + b",\r\n ".join(b"a%d@x.test" % i for i in range(100_000)) + b"\r\n\r\nx"
    ),
    "50,000 encoded words in addresses": lambda: (
        HEAD + b"Cc: " + b"=?utf-8?q?=C3=A4?= " * 50_000 + b"\r\n\r\nx"
    ),
    "open parentheses": lambda: HEAD + b"Cc: " + b"(" * 250_000 + b"\r\n\r\nx",
    "open quotes": lambda: HEAD + b"Cc: " + b'"\\' * 120_000 + b"\r\n\r\nx",
    "names without addresses": lambda: HEAD + b"Cc: " + b"a b," * 60_000 + b"\r\n\r\nx",
    "2,000 mails in mails": lambda: HEAD + b"Content-Type: message/rfc822\r\n\r\n" * 2000,
    "5,000 multiparts in multiparts": lambda: nested(5000),
    "large parts in parts": lambda: nested(45) + b"-" * 30_000_000,
    "100,000 parts": lambda: MULTIPART + b"--b\r\nContent-Type: a/b\r\n\r\nx\r\n" * 100_000,
    "5,000,000 boundaries": lambda: MULTIPART + b"--b\r\n" * 5_000_000,
    "5,000,000 lines like boundaries": lambda: MULTIPART + b"--bb\r\n" * 5_000_000,
    "1,000 parts with 2,000 parameters": lambda: (
        MULTIPART + (b"--b\r\nContent-Type: a/b" + b"; a=b" * 2000 + b"\r\n\r\n") * 1000
    ),
    "a line of 1 MB in the header": lambda: HEAD + b"X: " + b"a" * 1_000_000 + b"\r\n\r\nx",
    "a header of 30 MB": lambda: HEAD + b"X: y\r\n" * 5_000_000 + b"\r\nx",
    "a header that is no header": lambda: HEAD + b"x" * 30_000_000,
    "a base64 file of 30 MB": lambda: (
        HEAD + b"Content-Type: a/b; name=a\r\n" + BASE64 + LINE * 400_000
    ),
    "base64 in 7,500,000 pieces": lambda: (
        HEAD + b"Content-Type: a/b\r\n" + BASE64 + b"QQ==" * 7_500_000
    ),
    "a base64 text of 30 MB": lambda: HEAD + BASE64 + LINE * 400_000,
    "soft line breaks": lambda: (
        HEAD + b"Content-Transfer-Encoding: quoted-printable\r\n\r\n" + b"=C3 = \r\n" * 3_000_000
    ),
    "HTML tags never closed": lambda: (
        HEAD + b"Content-Type: text/html\r\n\r\n" + b"<a " * 1_000_000
    ),
    "HTML comments never closed": lambda: (
        HEAD + b"Content-Type: text/html\r\n\r\n" + b"<!--" * 1_000_000
    ),
    "HTML of 1,000,000 tags": lambda: (
        HEAD + b"Content-Type: text/html\r\n\r\n" + b"<div>" * 1_000_000
    ),
    "30,000,000 lines": lambda: HEAD + b"\r\n" + b"\n" * 30_000_000,
    "lines to be joined": lambda: (
        HEAD + b"Content-Type: text/plain; format=flowed\r\n\r\n" + b"> a \n" * 6_000_000
    ),
    "1,000,000 uuencoded files": lambda: HEAD + b"\r\n" + b"begin 644 a\nMAAA\n" * 1_000_000,
    "a uuencoded part of empty lines": lambda: (
        HEAD + b"Content-Type: a/b\r\nContent-Transfer-Encoding: x-uuencode\r\n\r\n"
        + b"begin 644 a\n" + b"\n" * 30_000_000
    ),
    "a winmail.dat of nothing": lambda: (
        HEAD + b"Content-Type: application/ms-tnef\r\n\r\n\x78\x9f\x3e\x22\x00\x00"
        + b"\x02\x02\x90\x06\x00\x00\x00\x00\x00\x00\x00" * 2_000_000
    ),
    "500,000 events": lambda: (
        HEAD + b"Content-Type: text/calendar\r\n\r\n" + b"BEGIN:VEVENT\r\nEND:VEVENT\r\n" * 500_000
    ),
    "carriage returns alone": lambda: (HEAD + b"\r\n" + b"x\r\n" * 5_000_000).replace(
        b"\r\n", b"\r"
    ),
    "empty lines and nothing else": lambda: b"\r\n" * 15_000_000,
}  # fmt: skip


def read_everything(raw: bytes) -> str:
    """All that the desk asks of a mail when it comes in, and when it is shown; its sender."""
    mail = read_mail(raw)
    assert mail.subject is not None
    assert mail.to is not None
    assert mail.cc is not None
    assert mail.text is not None
    assert mail.html_text is not None
    assert all(file.size >= 0 and file.name for file in mail.attachments)
    assert mail.message is not None
    assert mail.whole_message is not None
    return mail.from_addr


@pytest.mark.slow
@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_read_within_a_second(name: str) -> None:
    raw = BOMBS[name]()
    before = time.process_time()
    sender = read_everything(raw)
    assert time.process_time() - before < 1
    assert sender == ("eve@x.test" if raw.startswith(HEAD[:10]) else "")


MEASURED = """
import json, resource, sys
from tests.connectors.test_mime_bombs import BOMBS, read_everything

found = {}
for name in json.loads(sys.argv[1]):
    raw = BOMBS[name]()
    del raw
    raw = BOMBS[name]()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    read_everything(raw)
    found[name] = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
print(json.dumps(found))
"""


@pytest.mark.slow
@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_takes_little_memory_beside_itself(name: str) -> None:
    words = [sys.executable, "-c", MEASURED, json.dumps([name])]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=True)
    megabytes = json.loads(done.stdout)[name]
    assert megabytes < 200, f"{megabytes:.0f} MB"
