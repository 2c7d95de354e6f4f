"""How much of one mail is read, so that no mail costs more than its share."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Beyond these the raw source is kept, the rest is cut, and a notice says so.

    `mail_bytes` is what is fetched of a mail at all. `decoded_bytes` is how much of each text is
    decoded, in bytes as sent, and `text_chars` what is shown of it. Nothing is ever unpacked.
    """

    mail_bytes: int = 32 * 1024 * 1024
    depth: int = 50
    parts: int = 1000
    header_bytes: int = 256 * 1024
    recipients: int = 1000
    references: int = 100
    text_chars: int = 1_000_000
    decoded_bytes: int = 4 * 1024 * 1024
