"""Mails as customers write them, and settings for the mailbox that gets them."""

from __future__ import annotations

import itertools
from datetime import timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default as modern
from pathlib import Path

from connectors.mailbox.settings import EmailSettings
from monitor.clock import Clock
from monitor.connector import Surroundings

DESK = "help@desk.test"
KEY = b"k" * 32
_numbers = itertools.count(1)


def mail(text: str, sender: str = "Mira <mira@customer.test>", **fields: str | None) -> bytes:
    """A mail to the desk; underscores in a field's name stand for hyphens, None leaves it out."""
    number = next(_numbers)
    given: dict[str, str | None] = {
        "From": sender,
        "To": DESK,
        "Subject": text,
        "Date": "Fri, 20 Nov 2026 08:00:00 +0000",
        "Message-ID": f"<m{number}@customer.test>",
    }
    given |= {name.replace("_", "-"): value for name, value in fields.items()}
    lines = [f"{name}: {value}" for name, value in given.items() if value is not None]
    lines += ["MIME-Version: 1.0", "Content-Type: text/plain; charset=utf-8"]
    lines += ["Content-Transfer-Encoding: 8bit", "", text, ""]
    return "\r\n".join("\r\n".join(lines).splitlines()).encode() + b"\r\n"


def read(raw: bytes) -> EmailMessage:
    """A mail as a parser reads it that shares nothing with ours."""
    parsed = message_from_bytes(raw, policy=modern)
    assert isinstance(parsed, EmailMessage)
    return parsed


def written(raw: bytes) -> str:
    """What the writer of an answer wrote, without what is quoted below."""
    body = read(raw).get_body(("plain",))
    assert body is not None
    text: str = body.get_content()
    return text.replace("\r\n", "\n").partition("\n\nOn ")[0].strip()


def email_settings(folder: Path, secret: str, patience: float, **given: object) -> EmailSettings:
    """Settings of an account whose password lies in a file of the folder's."""
    path = folder / f"secret-{next(_numbers)}"
    path.write_text(secret)
    fields: dict[str, object] = {
        "name": "support",
        "channel": "email",
        "address": DESK,
        "password": f"file:{path.name}",
        "timeout": timedelta(seconds=patience),
    }
    return EmailSettings.model_validate(fields | given, context={"base": folder})


def surroundings(clock: Clock, desk: str = "Acme support") -> Surroundings:
    """What the house gives a connector."""
    return Surroundings(desk, lambda: KEY, clock)
