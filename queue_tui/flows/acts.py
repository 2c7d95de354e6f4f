"""The acts that can be done to conversations, each with what takes it back."""

from __future__ import annotations

from datetime import datetime

from monitor.desk import Desk
from monitor.message import Conversation, State
from monitor.wiring import House
from queue_tui.flows.bulk import Act, Undo


class Acts:
    """Everything that `who` may do to a conversation besides answering it."""

    def __init__(self, house: House, who: str) -> None:
        self._house = house
        self._who = who

    def claim(self, desk: Desk, number: int) -> Undo | None:
        """Take it."""
        had = desk.find(number).assignee
        desk.claim(number, self._who)
        return None if had == self._who else lambda desk: desk.release(number, self._who)

    def release(self, desk: Desk, number: int) -> Undo:
        """Let go of it."""
        desk.release(number, self._who)
        return lambda desk: desk.claim(number, self._who)

    def assign(self, to: str, note: str) -> Act:
        """Give it to a colleague, with a note for them where there is one."""

        def act(desk: Desk, number: int) -> Undo:
            mine = desk.find(number).assignee == self._who
            desk.assign(number, self._who, to)
            if note:
                desk.note(number, self._who, note)

            def undo(desk: Desk) -> None:
                desk.assign(number, self._who, self._who, holder=to)
                if not mine:
                    desk.release(number, self._who)

            return undo

        return act

    def snooze(self, until: datetime, *, past: bool) -> Act:
        """Put it aside until then."""

        def act(desk: Desk, number: int) -> Undo:
            before = desk.find(number)
            desk.snooze(number, self._who, until, past_deadline=past)
            return lambda desk: self._as_it_was(desk, before)

        return act

    def _as_it_was(self, desk: Desk, before: Conversation) -> None:
        if before.state is State.SNOOZED and before.snoozed_until:
            desk.snooze(before.id, self._who, before.snoozed_until, past_deadline=True)
            return
        desk.wake(before.id, self._who)
        if before.assignee == self._who:
            desk.claim(before.id, self._who)

    def no_reply(self, reason: str) -> Act:
        """End it: it needs no reply."""
        return self._end(lambda desk, number: desk.no_reply_needed(number, self._who, reason))

    def close(self, reason: str) -> Act:
        """End it without an answer."""
        return self._end(lambda desk, number: desk.close(number, self._who, reason))

    def outside(self) -> Act:
        """End it: it was answered with another program."""
        return self._end(lambda desk, number: desk.answered_outside(number, self._who))

    def _end(self, end: Act) -> Act:
        def act(desk: Desk, number: int) -> Undo:
            mine = desk.find(number).assignee == self._who
            end(desk, number)

            def undo(desk: Desk) -> None:
                self._house.reopen(number, self._who)
                if mine:
                    desk.claim(number, self._who)

            return undo

        return act

    def tag(self, text: str) -> Act:
        """Replace its tags, or with + and - before each word add and remove some."""

        def act(desk: Desk, number: int) -> Undo:
            before = desk.find(number).tags
            desk.tag(number, self._who, edited(before, text))
            return lambda desk: desk.tag(number, self._who, before)

        return act


def edited(tags: tuple[str, ...], text: str) -> tuple[str, ...]:
    """`vip billing` are the tags; `+vip -billing` adds one and removes one."""
    words = text.replace(",", " ").split()
    if not all(word[0] in "+-" for word in words) or not words:
        return tuple(dict.fromkeys(words))
    gone = {word[1:] for word in words if word[0] == "-"}
    more = [word[1:] for word in words if word[0] == "+" and word[1:]]
    return tuple(dict.fromkeys(tag for tag in (*tags, *more) if tag not in gone))
