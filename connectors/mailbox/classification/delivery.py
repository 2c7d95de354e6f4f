"""Whether a mail is a mail server's word on a delivery, by the weight of what speaks for it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.message import Message

from connectors.mailbox.classification import words
from connectors.mailbox.classification.parts import Parts, parts_of
from connectors.mailbox.classification.report import outcome, read_report
from connectors.mailbox.classification.signs import Signs, sound
from monitor.message import DeliveryReport
from monitor.subject import answers_or_forwards

Weights = dict[str, int]
"""What speaks for a notice, in words, and how much it weighs."""

_NO_ANSWERS, _AUTOMATIC = "its sender takes no answers", "it calls itself automatic"
_PROGRAM = "a mail server's program wrote it"
_OF_ANY_MACHINE = {_NO_ANSWERS, _AUTOMATIC, _PROGRAM}
_ENOUGH = 5
_WORTH_OPENING = 2
_TEXT_CHARS = 200_000
_OPENING_CHARS = 20_000
_LINE_CHARS = 300
_TYPE = re.compile(r"report-type\s?=\s?[\"']?([\w-]+)")
# Sendmail says in a comment what it wrote for: (failure), (warning-timeout), ...
_SENDMAIL = re.compile(
    r"auto-generated\s*\((?:failure|warning|return|[\w.-]{0,40}notification)", re.I
)
_MTA_PROGRAM = re.compile(
    r"internet mail (?:connector|service)|smtp32|surfcontrol|mailmarshal|mail-?hub|workmail"
    r"|groupwise|interscan|mdaemon|mail ?sweeper|<imail|mercury"
)
_PERSONS_PROGRAM = re.compile(
    r"thunderbird|outlook|apple mail|iphone|ipad|mutt|evolution|kmail|roundcube|horde|squirrel"
    r"|eudora|the bat|pine\b|gnus|claws|sylpheed|postbox|airmail|becky|foxmail|webmail|mailmate"
    r"|mozilla"
)
_PROOFS = ("x-failed-recipients", "x-ms-exchange-message-is-ndr", "x-ms-embedded-report")
_SAID = (*words.FAILURE, *words.DELAY)
_SMTP_REPLY = re.compile(
    r"(?<![\d.])(?:421|45[0-9]|5[0235][0-9])[- ]{1,2}(?:#?[45]\.\d{1,2}\.\d|[^\n]{0,200}[<@])"
    r"|\(#[45]\.\d{1,2}\.\d{1,3}\)"
)


@dataclass(frozen=True, slots=True)
class Notice:
    """A mail server's notice; `report` is None where it says that all went well."""

    reason: str
    report: DeliveryReport | None


def delivery_notice(
    signs: Signs, text: Callable[[], str], whole: Callable[[], Message]
) -> Notice | None:
    """What a mail server says of a delivery, None where somebody or something else writes."""
    found = _of_header(signs)
    if not found or _is_other_report(signs):
        return None
    found |= _of_subject(signs, 1 if set(found) <= _OF_ANY_MACHINE else 2)
    if sum(found.values()) < _WORTH_OPENING and not _may_carry_original(signs, found):
        return None
    parts = parts_of(whole())
    said = sound(text()[:_TEXT_CHARS])
    said = said if said.strip() else parts.loose
    found |= _of_body(parts, said)
    if sum(found.values()) < _ENOUGH:
        return None
    return _notice(signs, parts, said, found)


def _of_header(signs: Signs) -> Weights:
    found = dict(_of_sender(signs))
    kind = signs.content_type
    if kind.startswith("multipart/report"):
        found["it is a delivery report"] = _ENOUGH if "delivery-status" in kind else 3
    elif "delivery-status" in kind:
        found["it is a delivery report"] = _ENOUGH
    if signs.any_of(_PROOFS) or signs.bounce_hop or _SENDMAIL.match(signs.raw("auto-submitted")):
        found["its header marks it as one"] = _ENOUGH
    if signs.null_path:
        found["its return path is empty"] = 1
    if signs.word("auto-submitted").startswith("auto-"):
        found[_AUTOMATIC] = 1
    if "x-mlserver" in signs.values and "-admin@" in signs.address("from"):
        found["a list's own program wrote it"] = 1
    program = signs.raw("x-mailer").lower()
    if _MTA_PROGRAM.search(program):
        found[_PROGRAM] = 1
    elif found and _PERSONS_PROGRAM.search(program or signs.raw("user-agent").lower()):
        found["a person's program wrote it"] = -3
    return found


def _of_sender(signs: Signs) -> Iterator[tuple[str, int]]:
    sender = words.spaced(signs.decoded("from")[:_LINE_CHARS])
    if words.mentions(sender, words.DAEMON):
        yield "a mail server sent it", 3
    elif words.mentions(sender, words.POSTMASTER):
        yield "a postmaster sent it", 2
    elif "@" not in sender or words.mentions(sender, words.NO_REPLY):
        yield _NO_ANSWERS, 1


def _is_other_report(signs: Signs) -> bool:
    """Read receipts (RFC 8098), complaints (RFC 5965) and whatever else has a report-type."""
    named = _TYPE.search(signs.content_type)
    is_report = signs.content_type.startswith("multipart/report")
    return is_report and named is not None and named[1] != "delivery-status"


def _of_subject(signs: Signs, weight: int) -> Weights:
    """What a person answers or forwards is that person's mail, whatever the subject was.

    Shops and parcel services speak of deliveries, too: with them it weighs less.
    """
    subject = signs.decoded("subject")[:_LINE_CHARS].lower()
    if answers_or_forwards(subject) or not words.DELIVERY_SUBJECT.search(subject):
        return {}
    return {"its subject speaks of a delivery": weight}


def _may_carry_original(signs: Signs, found: Weights) -> bool:
    return bool(found) and signs.content_type.startswith("multipart/mixed")


def _of_body(parts: Parts, text: str) -> Weights:
    found: Weights = {}
    if parts.status:
        found["it has a delivery status"] = _ENOUGH
    if parts.has_original:
        found["it returns a mail"] = 2
    opening = text[:_OPENING_CHARS]
    folded = " ".join(opening.lower().split())
    if any(phrase in folded for phrase in words.SERVERS_OPENINGS):
        found["its text is a mail server's"] = 4
    elif any(phrase in folded for phrase in _SAID):
        found["its text speaks of a delivery"] = 2
    if _SMTP_REPLY.search(opening):
        found["it quotes a mail server"] = 1
    return found


def _notice(signs: Signs, parts: Parts, text: str, found: Weights) -> Notice:
    why = ", ".join(sign for sign, weight in found.items() if weight > 0)
    came = outcome(parts, text, signs.decoded("subject")[:_LINE_CHARS].lower())
    if came == "delivered":
        return Notice(f"a mail server's notice that a mail arrived ({why})", None)
    failed = came == "failed"
    kind = "failure" if failed else "delay"
    return Notice(f"a delivery {kind} ({why})", read_report(failed, parts, text, signs))
