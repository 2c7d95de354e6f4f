"""How mails of ours are written: Python's SMTP policy, with thread ids that stay whole."""

from __future__ import annotations

from email.policy import SMTP, EmailPolicy
from typing import Any

_IDS = frozenset({"message-id", "in-reply-to", "references"})


class _MailPolicy(EmailPolicy):
    """Lists of Message-IDs are folded between the ids only.

    Python's own folding turns a long Message-ID into an encoded word, which breaks the thread.
    """

    def fold_binary(self, name: str, value: Any) -> bytes:
        if name.lower() in _IDS:
            ids = "\r\n ".join(str(value).split())
            return f"{name}: {ids}\r\n".encode()
        return super().fold_binary(name, value)


MAIL_POLICY = _MailPolicy(linesep=SMTP.linesep, max_line_length=SMTP.max_line_length)
