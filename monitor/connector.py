"""What a channel has to be: how it is polled, how it answers, and what it may raise."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Protocol, runtime_checkable

from monitor.checked import Checked
from monitor.clock import Clock
from monitor.config import AccountSettings
from monitor.message import File, IncomingMessage, Message, OutgoingReply, Sent

BATCH_MOST = 100
"""Messages in a batch at the most: one batch is one transaction, and others wait for it."""

HandOver = Callable[[str], None]
"""Called with the answer's own id just before the platform gets it; raises to stop it."""


@dataclass(frozen=True, slots=True)
class Batch:
    """A step of a poll: its messages, and the cursor from which the next poll goes on.

    `listed` is how many messages the platform listed for it, which the messages have to add up
    to; `total` is how many this poll will bring as far as is known.
    """

    messages: tuple[IncomingMessage, ...]
    cursor: str
    listed: int
    total: int | None = None


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a connector is given besides its account's settings."""

    desk: str
    signing_key: Callable[[], bytes]
    clock: Clock


@dataclass(frozen=True, slots=True)
class Question:
    """What an answer is for: the last message that waits, and its source from the platform."""

    message: Message
    source: bytes


@dataclass(frozen=True, slots=True)
class Way:
    """A way of answering: its name for the outbox, and what a person reads ("in private")."""

    name: str
    label: str


@dataclass(frozen=True, slots=True)
class Prospect:
    """What would become of an answer, as far as that is known without asking the platform.

    `what` says it in words ("a public reply to @kim, in 2 posts"). `length` and `most` are as the
    platform counts. `refusal` is why it would be refused, "" where it wouldn't; `until` is the last
    moment at which it may be sent. `cost` says what it costs where that is out of the ordinary.
    `ways` are those open now, the usual one first; `files` whether files may go along.
    """

    what: str = ""
    length: int | None = None
    most: int | None = None
    refusal: str = ""
    until: datetime | None = None
    cost: str = ""
    ways: tuple[Way, ...] = ()
    files: bool = False


class Connector(Protocol):
    """One account of a channel. Every failure is a ConnectorError; nothing else leaves it."""

    def poll(self, cursor: str | None, since: datetime) -> Iterator[Batch]:
        """What came in after `cursor`; without one, what is not older than `since`.

        A batch's cursor covers its own messages and all before them, so that a poll that ends
        anywhere goes on where it was. Messages may come again: they are known by their id.
        """

    def reply(self, reply: OutgoingReply, hand_over: HandOver) -> Sent:
        """Send an answer into its thread, once.

        Everything that can fail harmlessly comes before `hand_over`. After it, what the platform
        refuses is said as such, and no answer from it is `Unsure`.
        """

    def close(self) -> None:
        """Close what is open; the next call opens it again."""


class Watch(Protocol):
    """A connection on which the platform announces what is new. It never waits for the platform.

    `due` is when `renew` is wanted next, by the clock of the connector's surroundings. Every
    failure is a ConnectorError, and the watch is of no use after it.
    """

    @property
    def due(self) -> datetime:
        """When `renew` is wanted."""

    def fileno(self) -> int:
        """What a selector waits on."""

    def pushed(self) -> bool:
        """Read all that is there; whether something new was announced."""

    def renew(self) -> None:
        """Keep the watch alive; an answer that is still missing is a failure."""

    def close(self) -> None:
        """Hang up, without waiting."""


@runtime_checkable
class Watchable(Protocol):
    """A connector that may offer a watch besides being polled."""

    def watch(self) -> Watch | None:
        """A watch with a connection of its own; None where there is none to be had.

        It may wait for the platform as `poll` does. What came in before it is found by a poll.
        """


@runtime_checkable
class Checkable(Protocol):
    """A connector that can say what it may do without doing any of it."""

    def check(self, cursor: str | None = None) -> Checked:
        """Sign in, and say as whom, what is allowed and what is missing; nothing is sent.

        It spends next to nothing and says what. `cursor` is where the last poll stopped, in which
        a channel may keep what it has spent; `Checked.charged` counts this there. A ConnectorError
        means that nothing at all could be found out.
        """


class Channel(Protocol):
    """What an entry point of the group `replyby.connectors` names."""

    name: ClassVar[str]
    settings: ClassVar[type[AccountSettings]]

    def connect(self, settings: AccountSettings, surroundings: Surroundings) -> Connector:
        """A connector for an account; it reaches no server yet."""

    def file(self, source: bytes, number: int) -> File:
        """A file of a message as it came, decoded; NotFound where its source has none such."""

    def foresee(
        self, settings: AccountSettings, question: Question, text: str, way: str, now: datetime
    ) -> Prospect:
        """What would become of this answer, from what is stored: it asks nobody, and is quick."""

    def caveat(self, settings: AccountSettings) -> str:
        """What the account can't be told of ("X's encrypted chat is not read"), "" for nothing."""
