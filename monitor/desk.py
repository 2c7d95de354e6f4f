"""What staff do: see what waits, claim it, answer it, put it aside, close it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from monitor.clean import keepable
from monitor.clock import Clock, micros
from monitor.duration import format_duration
from monitor.errors import AlreadyClaimed, DeskError, NeedsConfirmation
from monitor.health import Health, Status, stale
from monitor.message import Conversation, Direction, Event, File, Message, State, Verdict
from monitor.query import Query
from monitor.store import Store
from monitor.store.drafts import DraftText, Kind
from monitor.store.lists import Counts, Glance, Position, View
from monitor.store.outgoing import OutboxEntry
from monitor.store.presence import Presence
from monitor.store.search import FOUND_MOST, Found
from monitor.urgency import lease

if TYPE_CHECKING:
    from monitor.figures import Figures

LONGEST_ANSWER = 1_000_000
UNDO_MOST = timedelta(seconds=10)
_STILL_HERE = timedelta(seconds=15)
_MOVED = timedelta(seconds=2)


@dataclass(frozen=True, slots=True)
class Opened:
    """A conversation as it lies on the desk, with everything that belongs to it.

    `seen` is the last message in it that a person wrote elsewhere, the customer or a colleague
    with another program, and `changed` the moment (in microseconds) at which the last edit or
    deletion of one was found: an answer is bound to both.
    """

    conversation: Conversation
    messages: tuple[Message, ...]
    answers: tuple[OutboxEntry, ...]
    draft: DraftText | None
    note_draft: DraftText | None = None

    @property
    def seen(self) -> int:
        return self.last_word.id if self.last_word else 0

    @property
    def changed(self) -> int:
        found = (at for m in self.messages for at in (m.edited_at, m.deleted_at) if at)
        return max(map(micros, found), default=0)

    @property
    def question(self) -> Message | None:
        """What an answer is for: the last message that started or joined a wait."""
        asked = (m for m in reversed(self.messages) if m.direction is Direction.IN and m.awaits)
        return next(asked, None)

    @property
    def last_word(self) -> Message | None:
        """That message."""
        said = (
            m for m in reversed(self.messages)
            if m.outside or (m.direction is Direction.IN and m.awaits)
        )  # fmt: skip
        return next(said, None)


@dataclass(frozen=True, slots=True)
class Around:
    """What stands around a conversation: the customer's others, and how long each wait was."""

    conversation_id: int
    others: tuple[Conversation, ...] = ()
    verdicts: tuple[Verdict, ...] = ()


@dataclass(frozen=True, slots=True)
class Overview:
    """What waits, and whether that is all: with an account not ok, counts are lower bounds."""

    counts: Counts
    statuses: tuple[Status, ...]

    @property
    def lower_bound(self) -> bool:
        return any(s.state is not Health.OK for s in self.statuses)

    @property
    def waiting(self) -> int:
        return sum(self.counts.owed.values())

    @property
    def overdue(self) -> int:
        return sum(self.counts.overdue.values())


class Desk:
    """The desk of everyone: each call names who does it."""

    def __init__(self, store: Store, clock: Clock, every: dict[str, timedelta]) -> None:
        self._store = store
        self._clock = clock
        self._every = every
        self._ticked: datetime | None = None
        self._here: dict[str, Presence] = {}

    def tick(self) -> None:
        """Let lapse and wake what is due to, at most once a second: any reader may do it."""
        now = self._clock()
        if self._ticked is None or abs(now - self._ticked) >= timedelta(seconds=1):
            self._ticked = now
            self._store.claims.tick(now)

    def page(
        self,
        view: View | None = None,
        limit: int = 50,
        after: Position | None = None,
        *,
        backwards: bool = False,
    ) -> list[Conversation]:
        """A page of a list, most urgent first; `backwards` the one before `after`, or the last."""
        self.tick()
        return self._store.lists.page(view or View(), limit, after, backwards=backwards)

    def count(self, view: View, before: Position | None = None) -> int:
        """How many a list has, or how many of them stand before a position."""
        return self._store.lists.count(view, before)

    def position(self, view: View, index: int) -> Position | None:
        """Where the row of this number stands in a list, from 0; None behind its end."""
        return self._store.lists.position(view, index)

    def glance(self, conversations: Sequence[int], who: str) -> Glance:
        """What `who` should see at a glance of these: the customers' last words, own drafts."""
        return self._store.lists.glance(conversations, who)

    def overview(self) -> Overview:
        """Counts by account, and how each account is doing now."""
        now = self._clock()
        statuses = self.statuses()
        return Overview(self._store.lists.counts(micros(now)), tuple(statuses))

    def statuses(self) -> list[Status]:
        """How each configured account is doing, staleness included."""
        now = self._clock()
        return [
            stale(status, self._every[status.name], now)
            for status in self._store.accounts.statuses()
            if status.name in self._every
        ]

    def figures(self, day: datetime, only: Collection[str] | None = None) -> Figures:
        """What a lead wants to know of the day that began at `day`, of `only` some accounts."""
        from monitor.figures import SLOT, figures

        now = self._clock()
        return figures(
            now, day, self._store.figures.tally(now, day, SLOT), self.statuses(),
            self._store.accounts.channels(), self.present(), only,
        )  # fmt: skip

    def open(self, conversation_id: int, who: str) -> Opened:
        """A conversation with its messages, answers on their way, and one's own draft."""
        self.tick()
        return Opened(
            self._store.lists.conversation(conversation_id),
            tuple(self._store.lists.messages(conversation_id)),
            tuple(self._store.outgoing.entries(conversation_id)),
            self._store.drafts.load(conversation_id, who),
            self._store.drafts.load(conversation_id, who, Kind.NOTE),
        )

    def find(self, conversation_id: int) -> Conversation:
        """A conversation's row; NotFound where there is none."""
        return self._store.lists.conversation(conversation_id)

    def around(self, conversation: Conversation) -> Around:
        """What is worth knowing beside its messages."""
        archive = self._store.archive
        return Around(
            conversation.id,
            tuple(archive.others(conversation)),
            tuple(archive.verdicts(conversation.id)),
        )

    def events(self, conversation_id: int) -> list[Event]:
        """Everything that happened to it, oldest first."""
        return self._store.archive.events(conversation_id)

    def claim_next(self, who: str, account: int | None = None) -> Conversation | None:
        """Claim the most urgent one that nobody has."""
        self.tick()
        return self._store.claims.next(who, self._clock(), account)

    def claim(self, conversation_id: int, who: str) -> Conversation:
        """Claim this one, or hold one's own claim for longer."""
        taken = self._store.claims.take(conversation_id, who, self._clock())
        if taken:
            return taken
        there = self._store.lists.conversation(conversation_id)
        if there.assignee not in (None, who):
            raise AlreadyClaimed(f"{there.assignee} has conversation {conversation_id}")
        raise DeskError(
            f"conversation {conversation_id} can't be claimed: it is {there.state.label}"
        )

    def hold(self, conversation_id: int, who: str) -> None:
        """Renew one's claim while typing, once half of it has gone or it has lapsed."""
        there, now = self._store.lists.conversation(conversation_id), self._clock()
        mine = there.claim_until if there.assignee == who else None
        lapsed = there.assignee is None and there.state is State.WAITING
        if lapsed or (mine and mine - now < lease(there.window) / 2):
            self._store.claims.take(conversation_id, who, now)

    def release(self, conversation_id: int, who: str) -> None:
        """Give one's claim back."""
        if not self._store.claims.release(conversation_id, who, self._clock()):
            there = self._store.lists.conversation(conversation_id)
            raise DeskError(
                f"conversation {conversation_id} is not yours to release"
                + (f": {there.assignee} has it" if there.assignee else "")
            )

    def assign(self, conversation_id: int, who: str, to: str, holder: str | None = None) -> None:
        """Give a conversation to `to`, as if they had claimed it.

        It has to be nobody's or one's own, or still with the `holder` whom one gave it to.
        """
        to = keepable(to).strip()
        if not to:
            raise DeskError("assign it to whom?")
        holders = {who, holder or who}
        if self._store.claims.assign(conversation_id, who, to, holders, self._clock()):
            return
        there = self._store.lists.conversation(conversation_id)
        if there.assignee:
            raise AlreadyClaimed(f"{there.assignee} has conversation {conversation_id}")
        raise DeskError(
            f"conversation {conversation_id} can't be assigned: it is {there.state.label}"
        )

    def wake(self, conversation_id: int, who: str) -> None:
        """End a snooze: back into the queue."""
        self._store.acts.wake(conversation_id, who, self._clock())

    def reply(
        self,
        conversation_id: int,
        who: str,
        text: str,
        *,
        seen: int | None,
        changed: int | None = None,
        undo: bool = False,
        files: Sequence[File] = (),
        way: str = "",
    ) -> int:
        """Answer the customer; the outbox's number for it.

        `seen` and `changed` as in `Opened`, None to answer whatever is there. With `undo` it stays
        a moment (ten seconds, or a quarter of the time left if that is less) in which it can be
        taken back.
        `way` is one of those that the channel foresees, "" for its usual one.
        """
        if not text.strip():
            raise DeskError("an empty answer is not sent")
        if len(text) > LONGEST_ANSWER:
            raise DeskError(f"an answer of {len(text):,} characters is too long to send")
        now = self._clock()
        delay = self._undo_time(conversation_id, now) if undo else timedelta()
        return self._store.outgoing.queue(
            conversation_id, who, keepable(text), now, seen=seen, changed=changed,
            delay=delay, files=files, way=way,
        )  # fmt: skip

    def _undo_time(self, conversation_id: int, now: datetime) -> timedelta:
        there = self._store.lists.conversation(conversation_id)
        left = there.reply_by - now if there.reply_by else UNDO_MOST
        return max(timedelta(), min(UNDO_MOST, left / 4))

    def undo(self, conversation_id: int, who: str) -> str:
        """Take back an answer that has not left yet; its text."""
        return self._store.outgoing.undo(conversation_id, who, self._clock())

    def undo_last(self, who: str) -> int | None:
        """Take back one's newest answer that has not left; its conversation, None without one."""
        conversation = self._store.outgoing.last_queued(who)
        if conversation is not None:
            self.undo(conversation, who)
        return conversation

    def settle(self, conversation_id: int, who: str, *, arrived: bool) -> None:
        """Say what became of an answer whose fate is unsure."""
        self._store.outgoing.settle(conversation_id, who, self._clock(), arrived=arrived)

    def answer(self, number: int) -> OutboxEntry:
        """How an answer is doing, by the outbox's number."""
        return self._store.outgoing.entry(number)

    def note(self, conversation_id: int, who: str, text: str) -> None:
        """Write a note for colleagues."""
        if not text.strip():
            raise DeskError("an empty note is not kept")
        self._store.acts.note(conversation_id, who, keepable(text), self._clock())

    def snooze(
        self, conversation_id: int, who: str, until: datetime, *, past_deadline: bool = False
    ) -> None:
        """Put aside until then; past the reply-by time only knowingly."""
        now = self._clock()
        if until <= now:
            raise DeskError("a snooze ends in the future")
        there = self._store.lists.conversation(conversation_id)
        if there.reply_by and until > there.reply_by and not past_deadline:
            late = format_duration(until - there.reply_by)
            raise NeedsConfirmation(
                f"that is {late} after conversation {conversation_id} is due; "
                "say --past-deadline if it is meant"
            )
        self._store.acts.snooze(conversation_id, who, until, now)

    def no_reply_needed(self, conversation_id: int, who: str, reason: str) -> None:
        """End the wait: nothing has to be answered."""
        self._store.acts.end(
            conversation_id, who, State.NO_REPLY_NEEDED, keepable(reason), self._clock()
        )

    def answered_outside(self, conversation_id: int, who: str) -> None:
        """End the wait: `who` says that it was answered on the platform itself, just now."""
        self._store.acts.answered_outside(conversation_id, who, self._clock())

    def close(self, conversation_id: int, who: str, reason: str = "") -> None:
        """End the wait without an answer; it never counts as answered in time."""
        self._store.acts.end(conversation_id, who, State.CLOSED, keepable(reason), self._clock())

    def tag(self, conversation_id: int, who: str, tags: tuple[str, ...]) -> None:
        """Replace the tags."""
        self._store.acts.tag(conversation_id, who, [keepable(t) for t in tags], self._clock())

    def view(self, query: Query, who: str) -> View | None:
        """The list that shows what a query asks for, None where only `search` can."""
        return self._store.search.view(query, who, micros(self._clock()))

    def search(self, query: Query, who: str, limit: int = FOUND_MOST) -> Found:
        """Over everything ever received, sent and noted."""
        self.tick()
        return self._store.search.find(query, who, micros(self._clock()), limit)

    def save_draft(
        self, conversation_id: int, who: str, text: str, seen: int, *, note: bool = False,
        way: str = "",
    ) -> None:  # fmt: skip
        """Keep what was typed, and by which way it is to go."""
        kind = Kind.NOTE if note else Kind.REPLY
        now = self._clock()
        self._store.drafts.save(conversation_id, who, keepable(text), seen, now, kind, way)

    def change_mark(self) -> object:
        """Differs from the last one once anything has changed."""
        return self._store.database.change_mark()

    def here(self, who: str, conversation_id: int | None, *, typing: bool = False) -> None:
        """Say what somebody has before them: at each change, and every ten seconds or so.

        What is still so is written every 15 seconds, a move after two at the earliest: each write
        makes every other terminal look whether its list has changed. The next call makes up for it.
        """
        now = self._clock()
        there = Presence(who, conversation_id, typing, now)
        before = self._here.get(who)
        if before and _known(before, there):
            return
        self._store.presence.write(there)
        self._here[who] = there

    def gone(self, who: str) -> None:
        """Say that somebody has left the terminal."""
        self._here.pop(who, None)
        self._store.presence.remove(who)

    def present(self) -> list[Presence]:
        """Who was heard of in the last half minute, by name."""
        return self._store.presence.fresh(self._clock())

    def knows(self, person: str) -> bool:
        """Whether somebody of this name works here, or has lately."""
        return self._store.presence.worked(person)


def _known(before: Presence, after: Presence) -> bool:
    """Whether what was written last says enough of what is so now."""
    age = abs(after.at - before.at)
    if before.typing is not after.typing:
        return False
    return age < (_STILL_HERE if before.conversation_id == after.conversation_id else _MOVED)
