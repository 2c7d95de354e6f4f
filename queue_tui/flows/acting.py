"""What is done to conversations besides answering: claimed, passed on, put aside, ended."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from monitor import wording
from monitor.message import Conversation
from monitor.when import EXAMPLES, parse_when
from queue_tui.flows.acts import Acts
from queue_tui.flows.bulk import Act, Outcome, Undo, run, take_back, undone_in_words
from queue_tui.flows.marking import Marking
from queue_tui.flows.place import Place
from queue_tui.flows.reading import EVERYTHING, Reading
from queue_tui.widgets.status_line import Tone


class Acting:
    """Acts on what is marked, else on what the cursor is on, and takes the last act back."""

    def __init__(self, place: Place, reading: Reading, marking: Marking) -> None:
        self._place = place
        self._reading = reading
        self._marking = marking
        self._acts = Acts(place.house, place.who)
        self._claiming = False
        self._later: list[Callable[[], None]] = []
        self._undos: Sequence[Undo] = ()
        self._undo_word = ""

    # The next one

    def once_claimed(self, action: Callable[[], None], *, typing: bool = False) -> None:
        """Do it, or put it off: it is meant for the conversation that is just being claimed.

        `typing` says that what is typed from now on is meant for what it opens.
        """
        if not self._claiming:
            action()
            return
        self._later.append(action)
        if typing:
            self._place.list.collect()

    def claim_next(self) -> None:
        """Claim the most urgent one that nobody has, and go to it."""
        if not self._claiming:
            self._claiming = True
            who = self._place.who
            self._place.ask(lambda desk: desk.claim_next(who), self._claimed, self._not_claimed)

    def _not_claimed(self, reason: str) -> None:
        self._claiming = False
        self._later.clear()
        self._place.list.typed_ahead = None
        self._place.say(reason, Tone.FAULT)

    def _claimed(self, claimed: Conversation | None) -> None:
        self._claiming = False
        later, self._later = self._later, []
        if claimed is None:
            self._place.list.typed_ahead = None
            self._place.say("nobody waits whom you could claim")
            return
        if self._reading.asked.name not in ("all", "mine"):
            self._reading.asked = EVERYTHING
        self._place.say(f"claimed #{claimed.id}; r answers")
        number, who = claimed.id, self._place.who
        self._remember(f"#{number} claimed", [lambda desk: desk.release(number, who)])
        self._reading.reload_on(number)
        for action in later:
            action()

    # Acts

    def claim(self) -> None:
        """Claim."""
        self._do("claimed", self._acts.claim, self._marking.targets())

    def release(self) -> None:
        """Let go."""
        self._do("released", self._acts.release, self._marking.targets())

    def assign(self) -> None:
        """Give to a colleague, with a note for them or without one."""

        def then(text: str, targets: list[int]) -> None:
            to, _, note = (part.strip() for part in text.partition(":"))
            if to:
                act = self._acts.assign(to, note)
                self._known(to, targets, lambda: self._do(f"given to {to}", act, targets))

        self._ask("Give {} to whom?", then, "a name; or name: a note for them")

    def _known(self, to: str, targets: Sequence[int], give: Callable[[], None]) -> None:
        """Give it away, after a question where nobody knows a colleague of this name."""
        place = self._place

        def then(is_known: bool) -> None:
            if is_known:
                give()
                return
            question = f"Nobody called {to} has worked here. Give them {_named(targets)}?"
            place.ask_yes_no(question, lambda yes: give() if yes else None)

        place.ask(lambda desk: place.house.is_colleague(to), then)

    def tag(self) -> None:
        """Set tags."""

        def then(text: str, targets: list[int]) -> None:
            self._do("tagged", self._acts.tag(text), targets)

        current = self._place.list.current
        value = " ".join(current.tags) if current and not self._marking.marked else ""
        self._ask("Tags of {}", then, "vip billing; or +vip -billing adds and removes", value)

    def snooze(self) -> None:
        """Put aside until a moment that the person names."""

        def then(text: str, targets: list[int]) -> None:
            try:
                until = parse_when(text, self._place.house.clock(), self._place.zone)
            except ValueError as error:
                if text.strip():
                    self._place.say(str(error), Tone.REFUSAL)
            else:
                self._snooze(until, targets, past=False)

        self._ask("Snooze {} until", then, EXAMPLES)

    def _snooze(self, until: datetime, targets: list[int], *, past: bool) -> None:
        def asked(outcome: Outcome) -> None:
            late = list(outcome.asked)
            many = f"{len(late)} of them are due before that"
            question = outcome.asked[late[0]] if len(late) == 1 else many
            self._place.ask_yes_no(
                f"{question}. Snooze it all the same?",
                lambda yes: self._snooze(until, late, past=True) if yes else None,
            )

        word = f"snoozed until {wording.stamp(until, self._place.zone)}"
        self._do(word, self._acts.snooze(until, past=past), targets, asked)

    def no_reply(self) -> None:
        """End: no reply needed."""
        self._end("No reply needed for {}?", "no reply needed", self._acts.no_reply)

    def close(self) -> None:
        """End without an answer."""
        self._end("Close without an answer {}?", "closed", self._acts.close)

    def _end(self, question: str, word: str, act: Callable[[str], Act]) -> None:
        if not self._claiming:
            self._ask(
                question,
                lambda reason, targets: self._do(word, act(reason), targets),
                "reason, or just Enter",
            )

    def outside(self) -> None:
        """End: it was answered with another program."""
        targets = self._marking.targets()
        if targets and not self._claiming:
            self._place.ask_yes_no(
                f"Was {_named(targets)} answered on its platform, just now?",
                lambda yes: self._do("answered outside", self._acts.outside(), targets)
                if yes else None,
            )  # fmt: skip

    def settle(self) -> None:
        """Say whether an unsure answer arrived."""
        current = self._place.list.current
        if current is None or current.send_state != "unsure":
            self._place.say("there is no unsure answer here")
            return
        number, who = current.id, self._place.who

        def then(arrived: bool) -> None:
            self._place.ask(lambda desk: desk.settle(number, who, arrived=arrived),
                            lambda _: self._after("settled"))  # fmt: skip

        question = f"Did the last answer to #{number} arrive? Look into the Sent folder if unsure."
        self._place.ask_yes_no(question, then)

    def _ask(
        self, question: str, then: Callable[[str, list[int]], None], hint: str, value: str = ""
    ) -> None:
        """Ask for a line; it is about those that were meant when the question was put."""
        targets = self._marking.targets()
        if targets:
            self._place.ask_text(
                question.format(_named(targets)),
                lambda text: then(text, targets),
                hint,
                value,
            )

    def _do(
        self,
        word: str,
        act: Act,
        targets: list[int],
        asked: Callable[[Outcome], None] | None = None,
    ) -> None:
        def then(outcome: Outcome) -> None:
            self._marking.done(outcome.done)
            if outcome.undos:
                self._remember(outcome.taken_back(), outcome.undos)
            if told := outcome.told():
                self._place.say(told, Tone.REFUSAL if outcome.refused else Tone.NEWS)
            self._reading.reload()
            if outcome.asked and asked:
                asked(outcome)

        if targets:
            self._place.ask(lambda desk: run(desk, act, targets, word), then)

    # Undo

    def _remember(self, word: str, undos: Sequence[Undo]) -> None:
        self._undo_word, self._undos = word, undos

    def forget_undo(self) -> None:
        """Something else was done last."""
        self._undos = ()

    def undo(self) -> None:
        """Take back the last act, else an answer that has not left yet."""
        if not self._undos:
            self._place.ask(lambda desk: desk.undo_last(self._place.who), self._taken_back)
            return
        undos, word = self._undos, self._undo_word
        self._undos = ()

        def then(undone: tuple[int, list[str]]) -> None:
            self._after(undone_in_words(word, *undone))

        self._place.ask(lambda desk: take_back(desk, undos), then)

    def _taken_back(self, conversation: int | None) -> None:
        if conversation is None:
            self._place.say("nothing of yours can be taken back: it has left already")
            return
        self._place.undo_line.end()
        self._place.say(f"the answer to #{conversation} is taken back; r goes on with it")
        self._reading.reload_on(conversation)

    def _after(self, text: str) -> None:
        self._place.say(text)
        self._reading.reload()


def _named(targets: Sequence[int]) -> str:
    return f"#{targets[0]}" if len(targets) == 1 else f"{len(targets)} conversations"
