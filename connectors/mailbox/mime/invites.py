"""Calendar invites (RFC 5545) as the lines that a person wants to know: what, when, where, who."""

from __future__ import annotations

import re
from datetime import datetime

_FOLD = re.compile(r"\r?\n[ \t]")
_LINES_MOST = 5000
_EVENTS_MOST = 5
_DATE = re.compile(r"(\d{8})(?:T(\d{4})\d{0,2}(Z?))?")
_DURATION = re.compile(r"P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:\d+S)?)?")
_ESCAPES = {"n": "\n", "N": "\n"}
_KINDS = {
    "CANCEL": "cancelled", "REPLY": "an answer to an invitation", "COUNTER": "a new time",
}  # fmt: skip

Property = tuple[dict[str, str], str]
"""Parameters and value of a content line."""


def as_lines(calendar: str) -> str:
    """What / When / Where / Organizer of each event; "" where it holds none."""
    events: list[dict[str, Property]] = []
    method = ""
    event: dict[str, Property] | None = None
    for line in _FOLD.sub("", calendar).splitlines()[:_LINES_MOST]:
        name, property_ = _content_line(line)
        if name == "METHOD":
            method = property_[1].upper()
        elif name == "BEGIN" and property_[1].upper() == "VEVENT":
            event = {}
        elif name == "END" and property_[1].upper() == "VEVENT" and event is not None:
            events.append(event)
            event = None
        elif event is not None:
            event.setdefault(name, property_)
    return "\n\n".join(_event(event, method) for event in events[:_EVENTS_MOST])


def _content_line(line: str) -> tuple[str, Property]:
    head, value = _split_outside_quotes(line)
    name, *given = head.split(";")
    pairs = (parameter.partition("=") for parameter in given)
    return name.upper(), ({key.upper(): text.strip('"') for key, _, text in pairs}, value)


def _split_outside_quotes(line: str) -> tuple[str, str]:
    """The line at its first colon that no quote holds (RFC 5545, 3.1)."""
    quoted = False
    for place, char in enumerate(line[:2000]):
        if char == '"':
            quoted = not quoted
        elif char == ":" and not quoted:
            return line[:place], line[place + 1 :]
    return line.partition(":")[0], line.partition(":")[2]


def _event(event: dict[str, Property], method: str) -> str:
    lines = [
        ("What", _text(event, "SUMMARY") + (f" ({_KINDS[method]})" if method in _KINDS else "")),
        ("When", _when(event)),
        ("Where", _text(event, "LOCATION")),
        ("Organizer", _organizer(event)),
        ("Repeats", _text(event, "RRULE")),
    ]
    return "\n".join(f"{label}: {text}" for label, text in lines if text)


def _text(event: dict[str, Property], name: str) -> str:
    value = event.get(name, ({}, ""))[1]
    plain = re.sub(r"\\(.)", lambda match: _ESCAPES.get(match[1], match[1]), value)
    return " ".join(plain.split())


def _when(event: dict[str, Property]) -> str:
    start, zone = _moment(event.get("DTSTART"))
    end, _ = _moment(event.get("DTEND"))
    if not start:
        return ""
    if end and end[:10] == start[:10]:
        end = end[11:]
    if not end:
        end = _length(_text(event, "DURATION"))
    return " ".join(filter(None, [start, f"to {end}" if end else "", zone]))


def _moment(given: Property | None) -> tuple[str, str]:
    """A date or a time as written, and its zone: a zone's rules may be the sender's own."""
    match = _DATE.match(given[1]) if given else None
    if not match or not given:
        return "", ""
    try:
        day = datetime.strptime(match[1], "%Y%m%d").strftime("%Y-%m-%d")  # noqa: DTZ007
    except ValueError:
        return "", ""
    if not match[2]:
        return day, ""
    zone = "UTC" if match[3] else given[0].get("TZID", "")
    return f"{day} {match[2][:2]}:{match[2][2:]}", f"({zone})" if zone else ""


def _length(duration: str) -> str:
    match = _DURATION.fullmatch(duration) if duration else None
    units = ("weeks", "days", "h", "min")
    found = match.groups() if match else ()
    parts = [f"{number} {unit}" for number, unit in zip(found, units, strict=False) if number]
    return " ".join(parts) + " later" if parts else ""


def _organizer(event: dict[str, Property]) -> str:
    given, value = event.get("ORGANIZER", ({}, ""))
    address = value[7:] if value[:7].lower() == "mailto:" else value
    name = given.get("CN", "")
    return f"{name} <{address}>" if name and address and name != address else name or address
