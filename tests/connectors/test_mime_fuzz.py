"""Sample mails with bytes flipped, cut, spliced and sprinkled: no fault, no hang, no growth.

REPLYBY_FUZZ is how many are tried; CI tries 100,000.
"""

from __future__ import annotations

import os
import random
import resource
import time

import pytest

from connectors.mailbox.judging import judge, new_text
from connectors.mailbox.mime import read_mail
from tests.conftest import SHARED

MAILS = SHARED / "data" / "mail-sample" / "raw"
TRIES = int(os.environ.get("REPLYBY_FUZZ", "400"))
BATCHES = 4
GROWTH_MOST = 30_000  # kilobytes, once a third of the mails have been read
SPICES = (
    b"\r", b"\n", b"\r\n\r\n", b"--", b"=?utf-8?q?", b"?=", b'"', b"(", b"<", b"\x00",
    b"charset=utf-7", b"charset=utf-16", b"Content-Type: multipart/mixed; boundary=",
    b"base64", b"; name*0*=",
    b"begin 644 a\n", b"\xff\xfe", b"<!--",
)  # fmt: skip


def mutated(chance: random.Random, mails: list[bytes]) -> bytes:
    raw = bytearray(chance.choice(mails))
    for _ in range(chance.choice((1, 3, 20, 200))):
        at = chance.randrange(len(raw) + 1)
        kind = chance.randrange(5)
        if kind == 0:
            raw[at : at + 1] = bytes([chance.randrange(256)])
        elif kind == 1:
            del raw[at : at + chance.randint(1, 300)]
        elif kind == 2:
            other = chance.choice(mails)
            start = chance.randrange(len(other) + 1)
            raw[at:at] = other[start : start + chance.randint(1, 2000)]
        elif kind == 3:
            raw[at:at] = chance.choice(SPICES)
        elif chance.random() < 0.1:
            del raw[at:]
    return bytes(raw)


def peak_kilobytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def read_whole(raw: bytes) -> list[str]:
    """The notices of a mail that was asked for everything."""
    mail = read_mail(raw)
    for file in mail.attachments:
        assert file.md5
        assert file.size == len(file.content)
    assert isinstance(mail.text + mail.html_text + mail.subject + mail.from_name, str)
    assert judge(mail) is not None
    assert new_text(mail) is not None
    return [*mail.notices, mail.problem]


@pytest.mark.skipif(not MAILS.exists(), reason="../shared/data is not here")
@pytest.mark.parametrize("batch", range(BATCHES))
def test_no_damage_makes_a_mail_fail_or_hang(batch: int) -> None:
    chance = random.Random(batch)
    mails = [path.read_bytes()[:60_000] for path in sorted(MAILS.iterdir())]
    settled = 0
    for number in range(TRIES // BATCHES):
        raw = mutated(chance, mails)
        before = time.process_time()
        notices = read_whole(raw)
        assert time.process_time() - before < 1, f"batch {batch}, mail {number}"
        assert not any("could not be read" in notice for notice in notices), (batch, number)
        if number == TRIES // BATCHES // 3:
            settled = peak_kilobytes()
    assert peak_kilobytes() - settled < GROWTH_MOST
