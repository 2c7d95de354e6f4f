"""An answer as a mail: in its thread, with what it answers quoted below."""

from __future__ import annotations

from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime

from connectors._mail_policy import MAIL_POLICY
from connectors.mailbox import message_ids
from connectors.mailbox.mime import Mail, read_mail
from connectors.mailbox.settings import deliverable, is_address
from monitor.clean import clean_line
from monitor.errors import Refused
from monitor.message import File, OutgoingReply

_QUOTED_LINES = 200
_REFERENCES_MOST = 30


def compose(
    reply: OutgoingReply,
    sender: str,
    desk: str,
    message_id: str,
    now: datetime,
    answers_to: str = "",
) -> EmailMessage:
    """The mail that answers `reply.source`; Refused where it has nobody to go to.

    `answers_to` is the address for the customer's next mail where it isn't the sender's.
    """
    if not is_address(reply.to.address):
        raise Refused(f"'{clean_line(reply.to.address, 100)}' is not an address to answer to")
    to = deliverable(reply.to.address)
    plain = (to + deliverable(sender) + deliverable(answers_to)).isascii()
    mail = EmailMessage(policy=MAIL_POLICY if plain else MAIL_POLICY.clone(utf8=True))
    answered = read_mail(reply.source)
    mail["From"] = _address(desk, deliverable(sender))
    if answers_to:
        mail["Reply-To"] = _address(desk, deliverable(answers_to))
    mail["To"] = _address(reply.to.name, to)
    mail["Subject"] = _subject(reply.subject)
    mail["Date"] = format_datetime(now)
    mail["Message-ID"] = message_id
    # Some providers give what they send an id of their own; this says whose it was all the same.
    mail[message_ids.MARK] = message_id
    _join(mail, answered)
    mail.set_content(_body(reply, answered), charset="utf-8", cte="quoted-printable")
    for file in reply.files:
        _attach(mail, file)
    return mail


def _join(mail: EmailMessage, answered: Mail) -> None:
    """Into the thread of what it answers."""
    # Its own header rather than what was kept of it: an id may be longer than a thread key.
    parent = answered.message_id
    if parent and parent.isascii():
        mail["In-Reply-To"] = parent
        mail["References"] = " ".join(_references(answered, parent))


def _attach(mail: EmailMessage, file: File) -> None:
    main, _, sub = file.type.partition("/")
    name = str(clean_line(file.name, 200))
    if main in ("multipart", "message"):
        # These have to be mails inside, and nobody promised that.
        main, sub = "application", "octet-stream"
    mail.add_attachment(file.content, maintype=main, subtype=sub, filename=name)


def _address(name: str, address: str) -> Address:
    user, _, domain = address.rpartition("@")
    return Address(str(clean_line(name, 200)), user, domain)


def _subject(subject: str) -> str:
    line = str(clean_line(subject, 500)).strip()
    return line if line[:3].lower() == "re:" else f"Re: {line}".strip()


def _references(answered: Mail, parent: str) -> list[str]:
    """RFC 5322, 3.6.4: the parent's references, or its In-Reply-To, then the parent."""
    before = answered.references or answered.in_reply_to[:1]
    chain = list(dict.fromkeys([*before, parent]))
    if len(chain) > _REFERENCES_MOST:
        chain = [chain[0], *chain[-(_REFERENCES_MOST - 1) :]]
    return [i for i in chain if i.isascii()]


def _body(reply: OutgoingReply, answered: Mail) -> str:
    quoted = answered.written.splitlines()[:_QUOTED_LINES] if reply.source else []
    if not quoted:
        return reply.text.rstrip() + "\n"
    date = answered.headers.text("Date")[:60]
    who = str(clean_line(reply.to.name or reply.to.address, 100))
    said = f"On {date}, {who} wrote:" if date else f"{who} wrote:"
    lines = "\n".join(f"> {line}".rstrip() for line in quoted)
    return f"{reply.text.rstrip()}\n\n{said}\n{lines}\n"
