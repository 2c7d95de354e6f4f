"""What a mail is, beside what it says: who or what wrote it, and which of its text is new."""

from __future__ import annotations

from typing import NamedTuple

from connectors.mailbox.classification import Classification, classify
from connectors.mailbox.mime import Mail
from monitor import message
from monitor.message import Fold


class Written(NamedTuple):
    """What the sender's mail says, and which lines of it the sender did not write for it."""

    text: str
    folds: tuple[Fold, ...]


def judge(mail: Mail) -> Classification:
    """Whether a machine wrote the mail, and whether machines may answer it."""
    return classify(mail.headers, lambda: _text(mail), lambda: mail.whole_message)


def _text(mail: Mail) -> str:
    # Of a report whose parts nobody can tell apart, each may say what happened.
    whole = mail.type != "multipart/report" or mail.whole_message.is_multipart()
    return mail.written if whole else mail.undivided


def written(mail: Mail) -> Written:
    """The plain text, else the HTML as text, with its quotes and signatures as folds."""
    from connectors.mailbox.quotes import folds, html_with_folds

    if mail.from_html:
        return Written(*html_with_folds(mail.html))
    return Written(mail.written, folds(mail.written))


def new_text(mail: Mail) -> str:
    """What the sender wrote this time: without quotes and signature."""
    return message.new_text(*written(mail))
