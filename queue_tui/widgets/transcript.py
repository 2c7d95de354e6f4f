"""A conversation written out: who said what and when, what came of it, its links numbered."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from datetime import tzinfo

from monitor import wording
from monitor.clean import Safe, clean_block, clean_line
from monitor.links import Link, find_links
from monitor.message import Direction, Message, Verdict
from monitor.store.outgoing import OutboxEntry
from queue_tui.study import Study
from queue_tui.widgets.plain import Styled, stacked, styled, together

PAGE = 30
"""So many messages are written out at a time, or so many characters of them:"""
_PAGE_CHARS = 60_000

_HEAD_STYLE = {
    Direction.IN: "bold",
    Direction.OUT: "bold $text-success",
    Direction.NOTE: "bold $text-warning",
}
_BODY_STYLE = {Direction.IN: "", Direction.OUT: "", Direction.NOTE: "$text-warning"}
_LINK_STYLE = "bold $text-accent"

Item = Message | Verdict


class Transcript:
    """Writes one conversation out, from its end backwards as far as is asked for.

    A link keeps its number as long as the conversation is shown; `links` has them in order.
    """

    def __init__(self, study: Study, zone: tzinfo) -> None:
        self._zone = zone
        self.links: list[Link] = []
        self.pages = 1
        self.full = False
        self._numbers: dict[str, int] = {}
        self.read(study)

    def read(self, study: Study) -> None:
        """Take what has been read anew."""
        opened = study.opened
        self._window = opened.conversation.window
        self._verdicts = _verdicts_of_answers(opened.messages, study.around.verdicts)
        self._items = list(_timeline(opened.messages, study.around.verdicts, self._verdicts))
        self._answers = opened.answers

    @property
    def hidden(self) -> int:
        """How many items stand before the first that is shown."""
        left, chars, shown = PAGE * self.pages, _PAGE_CHARS * self.pages, 0
        for item in reversed(self._items):
            chars -= len(item.text) if isinstance(item, Message) else 100
            if shown and (shown >= left or chars < 0):
                break
            shown += 1
        return len(self._items) - shown

    def write(self) -> tuple[Styled, Styled]:
        """What was dealt with before, and what is read first: from the last question on."""
        hidden = self.hidden
        shown = self._items[hidden:]
        asked = [
            n for n, m in enumerate(shown)
            if isinstance(m, Message) and m.direction is Direction.IN and m.awaits
        ]  # fmt: skip
        first = asked[-1] if asked else 0
        more = [styled(clean_line(f"[{hidden} before: Home or PgUp]"), "dim")] if hidden else []
        earlier = [*more, *(self._block(item) for item in shown[:first])]
        latest = [self._block(item) for item in shown[first:]]
        latest += [_on_its_way(a) for a in self._answers if a.state not in ("sent", "undone")]
        return stacked(earlier, apart=1), stacked(latest, apart=1)

    def _block(self, item: Item) -> Styled:
        if isinstance(item, Verdict):
            said = f"{wording.waited(item)}  {wording.stamp(item.ended_at, self._zone)}, {item.who}"
            return styled(clean_line(said, 300), "dim")
        parts = [self._heading(item), self._body(item)]
        return stacked(part for part in parts if part.plain)

    def _heading(self, message: Message) -> Styled:
        who = message.author.name or message.author.address or "(unknown)"
        parts = [
            who,
            wording.stamp(message.at, self._zone),
            self._kind(message),
            wording.found_late(message, self._window),
            wording.changed(message, self._zone),
            message.remark,
        ]
        text = clean_line("  ".join(p for p in parts if p), 400)
        return styled(text, _HEAD_STYLE[message.direction])

    def _kind(self, message: Message) -> str:
        if message.direction is Direction.NOTE:
            return "private note"
        if message.direction is Direction.IN:
            return ""
        verdict = self._verdicts.get(message.id)
        said = wording.waited(verdict) if verdict else "answered"
        return f"{said}, with another program" if message.outside else said

    def _body(self, message: Message) -> Styled:
        text = message.text if self.full else wording.folded(message)
        body = clean_block("\n".join([text, *wording.attachments(message)]).strip("\n"))
        style = "dim" if message.deleted_at else _BODY_STYLE[message.direction]
        return together(*self._with_numbers(body, style))

    def _with_numbers(self, body: Safe, style: str) -> Iterator[Styled]:
        end = 0
        for link in find_links(body):
            yield styled(body[end : link.end], style)
            number = self._number(link, body[link.start : link.end])
            yield styled(clean_line(f" {number}"), _LINK_STYLE)
            end = link.end
        yield styled(body[end:], style)

    def _number(self, link: Link, as_written: str) -> str:
        number = self._numbers.get(link.url)
        if number is None:
            self.links.append(link)
            number = self._numbers[link.url] = len(self.links)
        elsewhere = link.host not in as_written.lower()
        return f"[{number}: {link.host}]" if elsewhere else f"[{number}]"


def _verdicts_of_answers(
    messages: Sequence[Message], verdicts: Sequence[Verdict]
) -> dict[int, Verdict]:
    """Which answer ended which wait: both bear the same moment."""
    ended = {v.ended_at: v for v in verdicts if v.outcome == "answered"}
    return {
        m.id: ended[m.at] for m in messages if m.direction is Direction.OUT and m.at in ended
    }  # fmt: skip


def _timeline(
    messages: Sequence[Message], verdicts: Sequence[Verdict], told: dict[int, Verdict]
) -> Iterator[Item]:
    """The messages, and between them the waits that ended without one."""
    answered = set(told.values())
    silent = deque(v for v in verdicts if v not in answered)
    for message in messages:
        while silent and silent[0].ended_at < message.found_at:
            yield silent.popleft()
        yield message
    yield from silent


def _on_its_way(answer: OutboxEntry) -> Styled:
    along = f" (with {', '.join(answer.files)})" if answer.files else ""
    head = f"answer by {answer.author}{along}: {answer.state}. {answer.error}"
    return stacked(
        [styled(clean_line(head, 400), "bold $text-error"), styled(clean_block(answer.text))]
    )
