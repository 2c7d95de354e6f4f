"""What a channel asks of whoever sets up an account: question after question."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import ClassVar, Protocol, runtime_checkable

Answers = Mapping[str, str]
"""Answers so far by the keys of their questions; a yes is "yes", a no is "no"."""


class Kind(Enum):
    """What an answer is, and so how it stands in config.toml."""

    TEXT = "text"
    NUMBER = "number"
    YES_NO = "yes or no"
    SECRET = "secret"  # noqa: S105 # the kind, not one of them


def _nothing(answers: Answers) -> str:
    return ""


def _always(answers: Answers) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Asked:
    """One question about an account.

    `key` is where its answer stands in the account's section (`address`, `oauth.client_id`); one
    that begins with `?` only leads to other questions. It is asked where `when` holds, unless
    `known` has the answer already. `default` is what a mere Enter means, and where neither it nor
    `optional` is given, an answer has to be. `choices` are all answers there may be, with what
    each means. `hint` says where the answer is found.
    """

    key: str
    ask: str
    hint: str = ""
    kind: Kind = Kind.TEXT
    default: Callable[[Answers], str] = _nothing
    known: Callable[[Answers], str] = _nothing
    when: Callable[[Answers], bool] = _always
    choices: Mapping[str, str] | None = None
    optional: bool = False

    @property
    def written(self) -> bool:
        """Whether its answer stands in config.toml."""
        return not self.key.startswith("?")


@runtime_checkable
class Askable(Protocol):
    """A channel whose accounts can be set up by `replyby init`."""

    title: ClassVar[str]
    """What it is for people who choose it ("e-mail, any mailbox with IMAP")."""
    usual_name: ClassVar[str]
    """What its account is called where nobody says otherwise."""

    def questions(self) -> Sequence[Asked]:
        """All there may be, in their order."""
