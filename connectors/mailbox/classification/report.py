"""What a delivery report says: of which mail, to whom, with which code, in whose words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from connectors.mailbox.classification import words
from connectors.mailbox.classification.parts import Parts
from connectors.mailbox.classification.signs import Signs
from monitor.message import DeliveryReport

_TEXT_CHARS = 200_000
_OPENING_CHARS = 20_000
_MOST = 20
_DIAGNOSIS_CHARS = 500
_MARGIN = r"^[ \t>|]{0,16}"
_STATUS_FIELD = re.compile(
    _MARGIN + r"(final-recipient|original-recipient|action|status|diagnostic[- ]code)[ \t]{0,9}:"
    r"([^\n]*(?:\n[ \t]+[^\s:][^\n]*)*)",
    re.IGNORECASE | re.MULTILINE,
)
_ID_FIELD = re.compile(
    _MARGIN + r"(?:original-)?message-?id[ \t]{0,9}:\s{0,9}(<[^<>\s]{3,990}>)",
    re.IGNORECASE | re.MULTILINE,
)
_ID = re.compile(r"<[^<>\s]{3,990}>")
_ADDRESS = re.compile(r"(?<![\w.+=-])[\w.!#$%&'*+/=?^`{|}~-]{1,128}@[\w-][\w.-]{0,253}[\w-]")
_ADDRESS_FIRST = re.compile(
    _MARGIN
    + r"(?:[-*•]{1,2}\s?|(?:to|(?:failed )?recipient(?: address)?|address|rcpt to)\s?:\s{0,9})?"
    r"(?:rfc822;|smtp;)?<?([\w.!#$%&'*+/=?^`{|}~-]{1,128}@[\w-][\w.-]{0,253}[\w-])>?",
    re.IGNORECASE | re.MULTILINE,
)
# RFC 3463; what is part of an address of IPv4 or of a version isn't one.
_ENHANCED = re.compile(r"(?<![\w.])([245]\.\d{1,3}\.\d{1,3})(?![\w.]*\d)(?!\.\d)")
_REPLY = re.compile(r"(?<![\w.-])[45][0-5]\d[- ](?=[\s#(<]{0,3}\S)")
_ORIGINAL_BEGINS = re.compile(
    _MARGIN + r"(?:return-path|received|x-received|dkim-signature)[ \t]?:"
    r"|original (?:mail|message) (?:follows|as follows|info|headers)|copy of (?:the|your) message"
    r"|(?:returned|original|undelivered|unsent) message[ -]{2,}|message headers? follow"
    r"|header of the original",
    re.IGNORECASE | re.MULTILINE,
)
_ARRIVED = frozenset({"delivered", "relayed", "expanded"})
_FAILED, _DELAYED = "failed", "delayed"
_ACTIONS = _ARRIVED | {_FAILED, _DELAYED, "failure", "expired"}


def outcome(parts: Parts, text: str, subject: str) -> str:
    """ "failed", "delayed" or, where all went well, "delivered"; `subject` in lower case."""
    actions = {value.split()[0].lower().strip(";,.") for value in _values("action", parts, text)}
    if actions & _ACTIONS:
        return _of_actions(actions)
    if words.DELAY_SUBJECT.search(subject):
        return _DELAYED
    if words.FAILURE_SUBJECT.search(subject):
        return _FAILED
    opening = " ".join(before_original(text)[:_OPENING_CHARS].lower().split())
    return _DELAYED if any(phrase in opening for phrase in words.DELAY) else _FAILED


def _of_actions(actions: set[str]) -> str:
    if _DELAYED in actions and _FAILED not in actions:
        return _DELAYED
    return "delivered" if actions <= _ARRIVED else _FAILED


def read_report(failed: bool, parts: Parts, text: str, signs: Signs) -> DeliveryReport:
    """The report in full; what it doesn't say stays empty."""
    opening = before_original(text)[:_OPENING_CHARS]
    diagnosis = _diagnosis(parts, text, opening)
    return DeliveryReport(
        failed=failed,
        ids=_distinct(_ids(parts, text, signs)),
        recipients=_distinct(_recipients(parts, text, opening, signs)),
        status=_status(parts, text, diagnosis, opening),
        diagnosis=diagnosis,
    )


def before_original(text: str) -> str:
    """What the server wrote itself, without the mail that it returns."""
    text = text[:_TEXT_CHARS]
    begins = _ORIGINAL_BEGINS.search(text)
    return text[: begins.start()] if begins and begins.start() > 0 else text


def _values(name: str, parts: Parts, text: str) -> list[str]:
    """The values of one field of RFC 3464, from the part that is made for it or from the text."""
    for source in (parts.status, text[:_TEXT_CHARS]):
        found = [
            " ".join(v.split())
            for key, v in _STATUS_FIELD.findall(source)
            if key.lower().replace(" ", "-") == name
        ]
        found = [value for value in found if value]
        if found:
            return found[:_MOST]
    return []


def _distinct(found: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(found))[:_MOST]


def _ids(parts: Parts, text: str, signs: Signs) -> Iterator[str]:
    own = signs.raw("message-id")
    inside = [i for value in parts.original_field("message-id") for i in _ID.findall(value)]
    inside = inside or _ID_FIELD.findall(text[:_TEXT_CHARS])
    names = ("in-reply-to", "references", "x-original-message-id")
    for found in (*inside[:_MOST], *(i for name in names for i in _ID.findall(signs.raw(name)))):
        if found not in own:
            yield found


def _recipients(parts: Parts, text: str, opening: str, signs: Signs) -> list[str]:
    given = [_addresses(_values(f"{w}-recipient", parts, text)) for w in ("final", "original")]
    others = {signs.address("to"), signs.address("from")}
    named = [a.lower() for a in _ADDRESS_FIRST.findall(opening)]
    anywhere = [a.lower() for a in _ADDRESS.findall(opening)]
    candidates = (
        _addresses([signs.raw("x-failed-recipients")]),
        *given,
        [a for a in named if a not in others],
        [a for a in anywhere if a not in others][:1],
        _addresses(parts.original_field("to"))[:1],
        named,
    )
    return next((found for found in candidates if found), [])


def _addresses(values: Iterable[str]) -> list[str]:
    return [address.lower() for value in values for address in _ADDRESS.findall(value[:2000])]


def _diagnosis(parts: Parts, text: str, opening: str) -> str:
    given = _values("diagnostic-code", parts, text)
    if given:
        return re.sub(r"^[\w-]{1,20}\s?;\s?", "", given[0])[:_DIAGNOSIS_CHARS]
    lines = [" ".join(line.split()) for line in opening.split("\n")[:500]]
    said = next((line for line in lines if _REPLY.search(line)), "")
    said = said or next((line for line in lines if _ENHANCED.search(line)), "")
    return (said or next((line for line in lines if _fails(line)), ""))[:_DIAGNOSIS_CHARS]


def _fails(line: str) -> bool:
    lowered = line[:_DIAGNOSIS_CHARS].lower()
    return any(phrase in lowered for phrase in words.FAILURE)


def _status(parts: Parts, text: str, diagnosis: str, opening: str) -> str:
    """The code that says most: of the diagnosis before a general one of the status field."""
    sources = (*_values("status", parts, text), diagnosis, opening)
    codes = [found[1] for source in sources if (found := _ENHANCED.search(source))]
    special = (code for code in codes if not code.endswith(".0.0"))
    return next(special, codes[0] if codes else "")
