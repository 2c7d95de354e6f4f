"""A batch of incoming messages, what is known, and the time → what to store. Nothing else."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from monitor.clean import keepable
from monitor.clock import micros
from monitor.message import OWED, IncomingMessage, Party, State, preview
from monitor.policy import Policy
from monitor.rules import Facts, Rule

_TEXTS = ("ext_id", "subject", "text", "kind", "url", "headers", "automatic", "ours", "problem")


class Outcome(StrEnum):
    """What became of a message that the platform listed: the columns of the ledger."""

    NEW = "new"
    KNOWN = "known"
    IGNORED = "ignored"
    QUARANTINED = "quarantined"


@dataclass(frozen=True, slots=True)
class Thread:
    """What intake has to know of a conversation that a message may belong to."""

    id: int
    state: State
    customer_address: str
    awaiting_since: int | None = None
    reply_by: int | None = None
    window_us: int | None = None
    lead: int = 0
    tags: str = "[]"
    participants: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Known:
    """What the store knows of a batch: ids it has, and the conversation behind each key or id."""

    ext_ids: frozenset[str] = frozenset()
    by_key: Mapping[str, int] = field(default_factory=dict)
    threads: Mapping[int, Thread] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Decision:
    """What to store for one message.

    `conversation` is an id, or a negative number for one that this batch opens; `opens` holds
    the columns of such a one, `changes` those that change on one that is there already.
    """

    message: IncomingMessage
    outcome: Outcome
    conversation: int = 0
    opens: Mapping[str, Any] | None = None
    changes: Mapping[str, Any] = field(default_factory=dict)
    event: str = "received"
    detail: Mapping[str, Any] = field(default_factory=dict)
    keys: tuple[str, ...] = ()
    rule: int = 0
    window_us: int | None = None
    reply_by: int | None = None
    remark: str = ""


def tally(decisions: Iterable[Decision]) -> Counter[Outcome]:
    """How many messages met which outcome."""
    return Counter(decision.outcome for decision in decisions)


def decide(batch: Sequence[IncomingMessage], known: Known, policy: Policy) -> list[Decision]:
    """One decision for each message, in order; a message may join a conversation opened here."""
    return _Intake(known, policy).decide(batch)


def facts(account: str, message: IncomingMessage) -> Facts:
    """What rules may look at in a message."""
    return Facts(
        account=account,
        sender=f"{message.author.name} <{message.author.address}>",
        to=", ".join(message.to),
        subject=message.subject,
        text=message.text,
        header=message.headers,
    )


class _Intake:
    """The state of one batch: what was known, and what the batch itself has added."""

    def __init__(self, known: Known, policy: Policy) -> None:
        self._policy = policy
        self._seen = set(known.ext_ids)
        self._by_key = dict(known.by_key)
        self._threads = dict(known.threads)
        self._opened = 0

    def decide(self, batch: Sequence[IncomingMessage]) -> list[Decision]:
        return [self._one(message) for message in batch]

    def _one(self, listed: IncomingMessage) -> Decision:
        if listed.ext_id in self._seen:
            return Decision(listed, Outcome.KNOWN)
        message = storable(listed)
        if message.ext_id in self._seen:
            return Decision(message, Outcome.KNOWN)
        self._seen.add(message.ext_id)
        rule = self._policy.rule(facts(self._policy.account, message))
        reason = message.ours or message.automatic or rule.ignore
        thread = self._thread_of(message)
        if reason:
            decision = self._ignored(message, thread, reason)
        elif thread:
            decision = self._joins(message, thread, rule)
        else:
            decision = self._opens(message, rule)
        return self._remember(decision, rule.number)

    def _thread_of(self, message: IncomingMessage) -> Thread | None:
        """The conversation that the message proves or claims to belong to.

        Anyone can name somebody else's message id: a stranger's claim alone joins nothing, so
        that no answer meant for one customer goes to another.
        """
        if message.own_conversation is not None:
            proven = self._threads.get(message.own_conversation)
            if proven and self._same_people(message, proven):
                return proven
        for key in message.keys:
            thread = self._threads.get(self._by_key.get(key, 0))
            if thread and self._same_people(message, thread):
                return thread
        return None

    def _mentioned(self, message: IncomingMessage) -> int | None:
        """A conversation of other people that the message refers to: shown, never joined.

        Negative, like `Decision.conversation`, where this batch opens it.
        """
        return next((self._by_key[key] for key in message.keys if key in self._by_key), None)

    @staticmethod
    def _same_people(message: IncomingMessage, thread: Thread) -> bool:
        address = message.author.address.casefold()
        automatic = bool(message.automatic or message.ours)
        return automatic or address in thread.participants

    def _ignored(self, message: IncomingMessage, thread: Thread | None, reason: str) -> Decision:
        if thread:
            return Decision(
                message, Outcome.IGNORED, thread.id, event="attached", remark=reason,
                detail={"reason": reason},
            )  # fmt: skip
        columns = self._columns(message) | {"state": int(State.IGNORED)}
        return Decision(
            message, Outcome.IGNORED, self._new_id(), opens=columns, event="ignored",
            remark=reason, detail={"reason": reason},
        )  # fmt: skip

    def _opens(self, message: IncomingMessage, rule: Rule) -> Decision:
        waits = self._waits(message, rule)
        columns = self._columns(message) | waits | _marks(rule, 0, "[]")
        columns["linked_id"] = self._mentioned(message)
        return self._decision(message, self._new_id(), columns, {}, waits)

    def _joins(self, message: IncomingMessage, thread: Thread, rule: Rule) -> Decision:
        waits = self._waits(message, rule)
        # A new wait is a lead by its own first message; within a wait a lead stays one.
        marks = _marks(rule, thread.lead if thread.state in OWED else 0, thread.tags)
        changes: dict[str, Any] = {"preview": preview(message.text or message.subject)}
        changes |= {k: v for k, v in marks.items() if v != getattr(thread, k)}
        if thread.state not in OWED:
            changes |= waits | {"assignee": None, "claim_until": None}
        else:
            if thread.state is State.SNOOZED:
                changes |= {"state": int(State.WAITING), "snooze_until": None}
            if thread.awaiting_since is None or waits["awaiting_since"] < thread.awaiting_since:
                changes |= {k: waits[k] for k in ("awaiting_since", "window_us", "reply_by")}
        return self._decision(message, thread.id, None, changes, waits)

    def _decision(
        self,
        message: IncomingMessage,
        conversation: int,
        opens: Mapping[str, Any] | None,
        changes: Mapping[str, Any],
        waits: Mapping[str, Any],
    ) -> Decision:
        outcome = Outcome.QUARANTINED if message.problem else Outcome.NEW
        return Decision(
            message, outcome, conversation, opens, changes,
            event="quarantined" if message.problem else "received",
            detail={"problem": message.problem} if message.problem else {},
            window_us=waits["window_us"], reply_by=waits["reply_by"], remark=message.problem,
        )  # fmt: skip

    def _waits(self, message: IncomingMessage, rule: Rule) -> dict[str, Any]:
        window = self._policy.window_of(rule)
        return {
            "state": int(State.WAITING),
            "awaiting_since": micros(message.at),
            "window_us": int(window.total_seconds() * 1_000_000),
            "reply_by": micros(self._policy.reply_by(message.at, window)),
        }

    @staticmethod
    def _columns(message: IncomingMessage) -> dict[str, Any]:
        return {
            "kind": message.kind,
            "customer_name": message.author.name,
            "customer_address": message.author.address,
            "subject": message.subject,
            "preview": preview(message.text or message.subject),
            "state": int(State.WAITING),
            "awaiting_since": None,
            "window_us": None,
            "reply_by": None,
            "lead": 0,
            "tags": "[]",
            "url": message.url,
            "linked_id": None,
        }

    @staticmethod
    def _joined(decision: Decision) -> set[str]:
        """Who may write on in the conversation: a person, not a machine that was attached."""
        wrote = decision.message.author.address.casefold()
        return {wrote} if decision.reply_by is not None or decision.opens is not None else set()

    def _new_id(self) -> int:
        self._opened += 1
        return -self._opened

    def _remember(self, decision: Decision, rule: int) -> Decision:
        """Let the rest of the batch see what this message opened or changed."""
        message, number = decision.message, decision.conversation
        fresh = tuple(k for k in dict.fromkeys(message.keys) if k not in self._by_key)
        self._by_key |= dict.fromkeys(fresh, number)
        before = self._threads.get(number) or Thread(number, State.WAITING, "")
        given = (decision.opens or decision.changes).get
        self._threads[number] = Thread(
            id=number,
            state=State(given("state", before.state)),
            customer_address=given("customer_address", before.customer_address),
            awaiting_since=given("awaiting_since", before.awaiting_since),
            reply_by=given("reply_by", before.reply_by),
            window_us=given("window_us", before.window_us),
            lead=given("lead", before.lead),
            tags=given("tags", before.tags),
            participants=before.participants | self._joined(decision),
        )
        return replace(decision, keys=fresh, rule=rule)


def _marks(rule: Rule, lead: int, tags: str) -> dict[str, Any]:
    if not rule.tags:
        return {"lead": int(rule.lead or lead), "tags": tags}
    together = list(dict.fromkeys([*json.loads(tags), *rule.tags]))
    return {"lead": int(rule.lead or lead), "tags": json.dumps(together, ensure_ascii=False)}


def storable(message: IncomingMessage) -> IncomingMessage:
    """The message with what no database takes as text (NUL, lone surrogates) marked instead."""
    author = message.author
    texts = {n: getattr(message, n) for n in _TEXTS}
    # Nearly every message is as it should be: one look at all of it.
    parts = (*texts.values(), author.name, author.address, *message.keys, *message.to)
    if keepable(together := "\n".join(parts)) is together:
        return message
    changed: dict[str, Any] = {n: clean for n, t in texts.items() if (clean := keepable(t)) != t}
    for name in ("keys", "to"):
        before = getattr(message, name)
        if (after := tuple(map(keepable, before))) != before:
            changed[name] = after
    changed["author"] = Party(keepable(author.address), keepable(author.name))
    return replace(message, **changed)
