"""What a test may make go wrong in the played mail platform."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Literal

Moment = Literal["mail", "rcpt", "data-end"]


@dataclass(eq=False)
class Faults:
    """Troubles that may be set at any time from any thread; all are off at first.

    `imap_refuse_login`: every IMAP login is answered NO [AUTHENTICATIONFAILED].
    `imap_hang`: the IMAP server takes connections and commands but says nothing until it is
    False again; what it withheld is said then.
    `smtp_hang`: the same for SMTP. What was submitted before the silence still lies in the inbox.
    `drop_after_data`: for this many mails (True is one), the mail is taken and delivered, and the
    connection is cut before the 250.
    """

    imap_refuse_login: bool = False
    imap_hang: bool = False
    smtp_hang: bool = False
    drop_after_data: int = 0
    _refusals: deque[tuple[Moment, str]] = field(default_factory=deque, repr=False)

    def smtp_fail_next(self, code: int, text: str, at: Moment = "rcpt") -> None:
        """Answer the next MAIL, RCPT or end of DATA with `code text` instead of taking it.

        Calls add up: each one spoils one command. A mail refused at data-end is not delivered.
        Raises ValueError for a code outside 400..599 or a text that is not one ASCII line.
        """
        if not 400 <= code <= 599 or not text.isascii() or not text.isprintable():
            raise ValueError(f"not an SMTP refusal: {code} {text!r}")
        self._refusals.append((at, f"{code} {text}"))

    def take_refusal(self, at: Moment) -> str | None:
        """The answer line to give at this moment, used up by asking; None when all is well."""
        for refusal in list(self._refusals):
            if refusal[0] == at:
                self._refusals.remove(refusal)
                return refusal[1]
        return None

    def take_drop(self) -> bool:
        """Whether to cut the connection now, used up by asking."""
        if self.drop_after_data <= 0:
            return False
        self.drop_after_data -= 1
        return True
