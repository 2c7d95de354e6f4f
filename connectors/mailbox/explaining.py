"""Why a mail is treated as it is, in words for whoever runs the desk."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from connectors.mailbox.classification import Classification
from connectors.mailbox.judging import judge, new_text
from connectors.mailbox.mime import Mail, Mailbox

if TYPE_CHECKING:
    from connectors.mailbox.deciding import Verdict

_LINES_SHOWN = 40
_NAMES_SHOWN = 10
_FILES_SHOWN = 50


def explanation(file: str, mail: Mail, verdict: Verdict | None) -> Iterator[str]:
    """Lines that are not cleaned for a terminal yet."""
    judgement = judge(mail)
    yield f"== {file}"
    yield from _people(mail)
    yield from _kind(judgement)
    yield from _expectation(mail, judgement, verdict)
    yield from _words(mail)
    yield from _files(mail)
    yield from (f"Cut:         {notice}" for notice in mail.notices)


def _people(mail: Mail) -> Iterator[str]:
    if mail.problem:
        yield f"Problem:     {mail.problem}; its raw source is kept, and a person decides"
    yield f"From:        {_person(mail.author) or 'nobody who could be answered'}"
    if [m.address for m in mail.reply_to] not in ([], [mail.from_addr]):
        yield f"Answers to:  {_people_in(mail.reply_to)} (Reply-To goes before From)"
    for label, people in (("To:", mail.to), ("Cc:", mail.cc)):
        if people:
            yield f"{label:<13}{_people_in(people)}"
    yield f"Subject:     {mail.subject or '(none)'}"
    yield f"Message-ID:  {mail.message_id or '(none: known again by its bytes)'}"
    if mail.in_reply_to or mail.references:
        count = len(dict.fromkeys((*mail.in_reply_to, *mail.references)))
        yield f"Thread:      it refers to {count} earlier mail{'s' if count > 1 else ''}"


def _person(mailbox: Mailbox) -> str:
    return f"{mailbox.name} <{mailbox.address}>" if mailbox.name else mailbox.address


def _people_in(people: list[Mailbox]) -> str:
    more = len(people) - _NAMES_SHOWN
    names = ", ".join(map(_person, people[:_NAMES_SHOWN]))
    return f"{names} and {more:,} more" if more > 0 else names


def _kind(judgement: Classification) -> Iterator[str]:
    if judgement.bounce:
        yield "Kind:        a delivery failed: shown as the state of the answer that it names"
    elif judgement.delay:
        yield "Kind:        a delivery is late: shown as the state of the answer that it names"
    elif judgement.auto:
        yield "Kind:        written by a machine: filed, and no clock starts"
    else:
        yield "Kind:        written by a person"
    if judgement.auto:
        yield f"Why:         {judgement.auto}"
    if judgement.mailing_list:
        yield f"List:        {judgement.mailing_list}"
    if judgement.suppress_ack:
        yield f"No receipt:  nothing automatic is sent back ({judgement.suppress_ack})"


def _expectation(mail: Mail, judgement: Classification, verdict: Verdict | None) -> Iterator[str]:
    if not mail.author.address:
        yield "Answer:      nobody is named to whom it could go: a person decides"
    elif judgement.auto or judgement.bounce or judgement.delay:
        yield "Answer:      none is expected"
    elif verdict is None:
        yield "Answer:      expected; no config.toml here says by when"
    elif verdict.ignore:
        yield f"Answer:      none: rule {verdict.rule} ignores it ({verdict.ignore})"
    else:
        yield f"Answer:      expected {verdict.expected} (account '{verdict.account}')"
    if verdict and verdict.rule:
        marks = [*(["a lead"] if verdict.lead else []), *(f"tag {tag}" for tag in verdict.tags)]
        yield f"Rule:        number {verdict.rule} matches: {', '.join(marks) or 'nothing follows'}"


def _words(mail: Mail) -> Iterator[str]:
    new = new_text(mail)
    folded = len(mail.written.splitlines()) - len(new.splitlines())
    yield f"New text:    {len(new):,} characters" + (
        f"; {folded:,} lines of quotes and signature are folded" if folded > 0 else ""
    )
    lines = new.splitlines()
    yield from (f"  | {line}" for line in lines[:_LINES_SHOWN])
    if len(lines) > _LINES_SHOWN:
        yield f"  | … and {len(lines) - _LINES_SHOWN:,} lines more"
    for remark in mail.remarks:
        yield from (f"  {line}" for line in remark.splitlines())


def _files(mail: Mail) -> Iterator[str]:
    if not mail.attachments:
        yield "Files:       none"
    for file in mail.attachments[:_FILES_SHOWN]:
        inline = ", inside the text" if file.inline else ""
        yield f"File {file.number:<8}{file.name} ({file.type}, {file.size:,} bytes{inline})"
    more = len(mail.attachments) - _FILES_SHOWN
    if more > 0:
        yield f"Files:       and {more:,} more"
