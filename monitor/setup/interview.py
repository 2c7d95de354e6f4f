"""The questions of one account asked in their order, forwards and back."""

from __future__ import annotations

from collections.abc import Sequence

from monitor.asking import Answers, Asked, Kind
from monitor.errors import ConfigError
from monitor.setup.keeping import Kept
from monitor.setup.person import Back, Person


class Interview:
    """Answers to a channel's questions; `resume` begins again with the last."""

    def __init__(self, account: str, questions: Sequence[Asked], person: Person, kept: Kept):
        self._account = account
        self._questions = questions
        self._person = person
        self._kept = kept
        self._by_number: dict[int, str] = {}
        self._asked: list[int] = []

    @property
    def answers(self) -> Answers:
        """By key."""
        return {self._questions[n].key: said for n, said in self._by_number.items() if said}

    def written(self) -> dict[str, tuple[str, Kind]]:
        """What is to stand in config.toml, by key."""
        said = ((self._questions[n], answer) for n, answer in sorted(self._by_number.items()))
        return {q.key: (answer, q.kind) for q, answer in said if q.written and answer}

    def run(self) -> None:
        """Ask all; Back where the person goes back beyond the first."""
        self._ask_from(0)

    def resume(self) -> None:
        """Ask again from the last question on."""
        self._ask_from(self._before())

    def _ask_from(self, number: int) -> None:
        while number < len(self._questions):
            question = self._questions[number]
            try:
                number = self._one(number, question)
            except Back:
                number = self._before()

    def _one(self, number: int, question: Asked) -> int:
        """Ask it where it has to be asked; the number of the next."""
        if not question.when(self.answers):
            return number + 1
        known = question.known(self.answers)
        self._by_number[number] = known or self._ask(question)
        if not known:
            self._asked.append(number)
        return number + 1

    def _before(self) -> int:
        if not self._asked:
            raise Back
        before = self._asked.pop()
        self._by_number = {n: said for n, said in self._by_number.items() if n < before}
        return before

    def _ask(self, question: Asked) -> str:
        if question.hint:
            self._person.say(f"  {question.hint}")
        if question.kind is Kind.SECRET:
            return self._secret(question)
        default = question.default(self.answers)
        if question.choices:
            return self._person.choose(question.ask, question.choices, default, question.hint)
        if question.kind is Kind.YES_NO:
            return "yes" if self._person.yes(question.ask, default=default == "yes") else "no"
        return self._person.must(
            question.ask, default, lambda said: _wrong(said, question), question.hint
        )

    def _secret(self, question: Asked) -> str:
        while True:
            try:
                return self._kept.ask(
                    self._account, question.key, question.ask, optional=question.optional
                )
            except ConfigError as error:
                self._person.say(f"  {error}")


def _wrong(said: str, question: Asked) -> str:
    if not said:
        return "" if question.optional else "This has to be said; ? explains it."
    if question.kind is Kind.NUMBER:
        return "" if said.replace(".", "", 1).isdecimal() else "A number, like 2 or 2.5."
    return ""
