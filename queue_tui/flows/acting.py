"""What is done to a conversation besides answering it: claimed, put aside, ended, settled."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from monitor import wording
from monitor.desk import Desk
from monitor.errors import NeedsConfirmation
from monitor.message import Conversation
from monitor.when import EXAMPLES, parse_when
from queue_tui.flows.place import Place
from queue_tui.flows.reading import Reading
from queue_tui.widgets.status_line import Tone


class Acting:
    """Acts on the conversation under the cursor."""

    def __init__(self, place: Place, reading: Reading) -> None:
        self._place = place
        self._reading = reading
        self._claiming = False
        self._later: list[Callable[[], None]] = []

    def failed(self) -> None:
        """Something that was asked of the desk failed; it may have been the claim."""
        self._claiming = False
        self._later.clear()

    def once_claimed(self, action: Callable[[], None]) -> None:
        """Do it, or put it off: it is meant for the conversation that is just being claimed."""
        if self._claiming:
            self._later.append(action)
        else:
            action()

    def claim_next(self) -> None:
        """Claim the most urgent one that nobody has, and go to it."""
        if not self._claiming:
            self._claiming = True
            self._place.ask(lambda desk: desk.claim_next(self._place.who), self._claimed)

    def _claimed(self, claimed: Conversation | None) -> None:
        self._claiming = False
        later, self._later = self._later, []
        if claimed is None:
            self._place.say("nobody waits whom you could claim")
            return
        if self._reading.view == "unclaimed" or self._reading.query:
            self._reading.view, self._reading.query = "all", ""
        self._place.say(f"claimed #{claimed.id}; r answers")
        self._reading.reload_on(claimed.id)
        for action in later:
            action()

    def claim(self) -> None:
        """Claim the one under the cursor."""
        self._act(lambda desk, c: desk.claim(c, self._place.who), "claimed")

    def release(self) -> None:
        """Let go of it."""
        self._act(lambda desk, c: desk.release(c, self._place.who), "released")

    def snooze(self) -> None:
        """Put it aside until a moment that the person names."""
        chosen = self._place.list.selected
        if chosen is None:
            return

        def then(text: str | None) -> None:
            if not text:
                return
            try:
                until = parse_when(text, self._place.house.clock(), self._place.zone)
            except ValueError as error:
                self._place.say(str(error), Tone.REFUSAL)
            else:
                self._snooze(chosen, until, past=False)

        self._place.ask_text(f"Snooze #{chosen} until", then, EXAMPLES)

    def _snooze(self, chosen: int, until: datetime, *, past: bool) -> None:
        def call(desk: Desk) -> str:
            try:
                desk.snooze(chosen, self._place.who, until, past_deadline=past)
            except NeedsConfirmation as error:
                return str(error).partition(";")[0]
            return ""

        def then(question: str) -> None:
            if question:
                self._place.ask_yes_no(
                    f"{question}. Snooze it all the same?",
                    lambda yes: self._snooze(chosen, until, past=True) if yes else None,
                )
            else:
                self._after(f"snoozed until {wording.stamp(until, self._place.zone)}")

        self._place.ask(call, then)

    def no_reply(self) -> None:
        """End it: it needs no reply."""
        self._end("No reply needed for", "no reply needed",
                  lambda desk, c, why: desk.no_reply_needed(c, self._place.who, why))  # fmt: skip

    def close(self) -> None:
        """End it without an answer."""
        self._end("Close without an answer", "closed",
                  lambda desk, c, why: desk.close(c, self._place.who, why))  # fmt: skip

    def _end(self, question: str, word: str, call: Callable[[Desk, int, str], None]) -> None:
        chosen = self._place.list.selected
        if chosen is None or self._claiming:
            return

        def then(reason: str | None) -> None:
            if reason is not None:
                self._place.ask(
                    lambda desk: call(desk, chosen, reason), lambda _: self._after(word)
                )

        self._place.ask_text(f"{question} #{chosen}?", then, "reason, or just Enter")

    def undo(self) -> None:
        """Take back an answer that has not left yet."""

        def then(conversation: int | None) -> None:
            if conversation is None:
                self._place.say("nothing of yours can be taken back: it has left already")
                return
            self._place.undo_line.end()
            self._place.say(f"the answer to #{conversation} is taken back; r goes on with it")
            self._reading.reload_on(conversation)

        self._place.ask(lambda desk: desk.undo_last(self._place.who), then)

    def settle(self) -> None:
        """Say whether an unsure answer arrived."""
        current = self._place.list.current
        if current is None or current.send_state != "unsure":
            self._place.say("there is no unsure answer here")
            return
        number, who = current.id, self._place.who

        def then(arrived: bool | None) -> None:
            if arrived is not None:
                self._place.ask(lambda desk: desk.settle(number, who, arrived=arrived),
                                lambda _: self._after("settled"))  # fmt: skip

        question = f"Did the last answer to #{number} arrive? Look into the Sent folder if unsure."
        self._place.ask_yes_no(question, then)

    def _act(self, call: Callable[[Desk, int], Any], word: str) -> None:
        chosen = self._place.list.selected
        if chosen is not None:
            self._place.ask(
                lambda desk: call(desk, chosen), lambda _: self._after(f"#{chosen} {word}")
            )

    def _after(self, text: str) -> None:
        self._place.say(text)
        self._reading.reload()
