"""A conversation's log told in words: who did what, when, and until when."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import tzinfo
from typing import Any

from monitor.clean import Safe, clean_line
from monitor.clock import from_micros
from monitor.message import Event
from monitor.wording import stamp

Tell = Callable[[Event, tzinfo], str]

_NOBODYS = {"clock": "", "intake": "", "outbox": ""}
"""Who stands in the log where no person did it; what was done says enough."""


def told(event: Event, zone: tzinfo) -> Safe:
    """One event: `Fri 20 Nov 18:40  claimed by ann until Fri 20 Nov 19:10`."""
    tell = _TELL.get(event.kind, _as_it_stands)
    return clean_line(f"{stamp(event.at, zone)}  {tell(event, zone)}", 400)


def _by(event: Event) -> str:
    who = _NOBODYS.get(event.who, event.who)
    return f" by {who}" if who else ""


def _until(event: Event, column: str, zone: tzinfo) -> str:
    moment = event.changes.get(column)
    return f" until {stamp(from_micros(moment), zone)}" if moment else ""


def _because(event: Event, key: str = "reason") -> str:
    reason = event.detail.get(key)
    return f": {reason}" if reason else ""


def _plain(words: str) -> Tell:
    return lambda event, zone: f"{words}{_by(event)}"


def _with_reason(words: str, key: str = "reason") -> Tell:
    return lambda event, zone: f"{words}{_by(event)}{_because(event, key)}"


def _due(words: str) -> Tell:
    def tell(event: Event, zone: tzinfo) -> str:
        due = event.changes.get("reply_by")
        by_rule = f", rule {event.detail['rule']}" if event.detail.get("rule") else ""
        when = f"; due {stamp(from_micros(due), zone)}{by_rule}" if due else ""
        return f"{words}{_by(event)}{when}"

    return tell


def _claimed(event: Event, zone: tzinfo) -> str:
    return f"claimed{_by(event)}{_until(event, 'claim_until', zone)}"


def _snoozed(event: Event, zone: tzinfo) -> str:
    return f"snoozed{_by(event)}{_until(event, 'snooze_until', zone)}"


def _tagged(event: Event, zone: tzinfo) -> str:
    tags = json.loads(event.changes.get("tags", "[]"))
    return f"tagged{_by(event)}: {', '.join(tags) or 'no tags'}"


def _answered(event: Event, zone: tzinfo) -> str:
    author = event.detail.get("author") or event.who
    more = "; more is left to answer" if event.changes.get("state") == 0 else ""
    return f"answer by {author} sent{more}"


def _outside(event: Event, zone: tzinfo) -> str:
    return f"answered outside by {event.detail.get('who') or event.who}"


def _as_it_stands(event: Event, zone: tzinfo) -> str:
    details = _words({**event.changes, **event.detail})
    return f"{event.kind}{_by(event)}{f' ({details})' if details else ''}"


def _words(values: Mapping[str, Any]) -> str:
    return ", ".join(f"{k} {str(v)[:80]}" for k, v in values.items() if v not in (None, ""))


_TELL: dict[str, Tell] = {
    "received": _due("the customer wrote"),
    "quarantined": _due("a message came that could not be read"),
    "arrived at another account too": _due("it came to another account too"),
    "written outside": _plain("a colleague wrote with another program"),
    "attached": _plain("an automatic message came"),
    "ignored": _plain("an automatic message came: nobody waits"),
    "edited": _plain("a message was changed by its author"),
    "deleted": _plain("a message was deleted by its author"),
    "claimed": _claimed,
    "released": _plain("released"),
    "lapsed": _plain("the claim lapsed"),
    "snoozed": _snoozed,
    "woken": _plain("back from snooze"),
    "tagged": _tagged,
    "noted": _plain("note written"),
    "reply queued": _plain("answer written"),
    "reply undone": _plain("answer taken back"),
    "answered": _answered,
    "follow-up sent": _answered,
    "answered outside": _outside,
    "reply failed": _with_reason("the answer could not be sent", "error"),
    "reply unsure": _with_reason("unsure whether the answer arrived", "error"),
    "answer bounced": _plain("the answer BOUNCED: it did not reach the customer"),
    "answer delayed": _plain("the answer is delayed: a mail server still tries"),
    "no reply needed": _with_reason("ended as no reply needed"),
    "closed": _with_reason("closed without an answer"),
    "reopened": _due("reopened"),
    "retimed": _due("windows, hours or rules changed"),
}
