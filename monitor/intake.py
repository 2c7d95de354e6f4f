"""A batch of incoming messages, what is known, and the time → what to store. Nothing else."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from monitor.clean import keepable, visible
from monitor.clock import micros
from monitor.decision import (
    ANSWERED_OUTSIDE,
    SENT_OUTSIDE,
    Answer,
    Decision,
    Door,
    Ended,
    Known,
    Outcome,
    Thread,
    Version,
)
from monitor.message import (
    OWED,
    WAY_OUT,
    Attachment,
    DeliveryReport,
    Direction,
    IncomingMessage,
    Party,
    SendState,
    State,
    new_text,
    preview,
)
from monitor.policy import Policy
from monitor.rules import Facts, Rule
from monitor.subject import base_subject

_TEXTS = (
    "ext_id", "subject", "text", "kind", "url", "headers", "automatic", "ours", "problem",
    "remark", "revision",
)  # fmt: skip
_WAIT = ("awaiting_since", "window_us", "reply_by")
# Lists hold hundreds of rows: so much of a name or a subject; the message itself has all of it.
_TITLE_CHARS = 1_000


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
        self._known = known
        self._seen = set(known.ext_ids)
        self._by_key = dict(known.by_key)
        self._threads = dict(known.threads)
        self._versions = dict(known.versions)
        self._opened = 0

    def decide(self, batch: Sequence[IncomingMessage]) -> list[Decision]:
        return [self._one(message) for message in batch]

    def _one(self, listed: IncomingMessage) -> Decision:
        known = listed.ext_id in self._known.ext_ids or listed.deleted
        if known and (version := self._versions.get(listed.ext_id)):
            changed = self._changed(storable(listed), version)
            self._versions[listed.ext_id] = _after(changed, version)
            return changed
        if listed.deleted or (listed.ext_id in self._seen and not listed.outgoing):
            return Decision(listed, Outcome.KNOWN)
        message = storable(listed)
        if message.outgoing and message.ext_id in self._known.received:
            return self._remember(self._copied(message), 0)
        if message.ext_id in self._seen:
            return Decision(message, Outcome.KNOWN)
        self._seen.add(message.ext_id)
        if door := self._known.doors.get(message.ext_id):
            return self._again(message, door)
        if message.outgoing:
            return self._remember(self._sent(message), 0)
        if message.report and (answer := self._answer_of(message.report)):
            return self._remember(self._undelivered(message, message.report, answer), 0)
        rule = self._policy.rule(facts(self._policy.account, message))
        return self._remember(self._received(message, rule), rule.number)

    @staticmethod
    def _changed(message: IncomingMessage, version: Version) -> Decision:
        """A message that is known, and perhaps not as it is now: its clock goes on as it was."""
        decision = Decision(message, Outcome.KNOWN, version.conversation, event="")
        about = {"message": version.message}
        if message.deleted:
            gone = replace(decision, event="deleted", detail=about, rewrites=version)
            return decision if version.deleted else gone
        if message.revision == version.revision and not version.deleted:
            return decision
        # Our own answers are known before their platform has named a version of them.
        if not version.revision or message.text == version.text:
            event = "restored" if version.deleted else ""
            return replace(decision, event=event, detail=about, rewrites=version)
        newest = version.newest and version.direction is Direction.IN
        return replace(
            decision, event="edited", detail=about | {"before": version.text}, rewrites=version,
            changes={"preview": _preview(message)} if newest else {},
        )  # fmt: skip

    def _received(self, message: IncomingMessage, rule: Rule) -> Decision:
        reason = message.ours or message.automatic or rule.ignore
        thread = next(self._threads_of(message), None)
        if reason:
            return self._ignored(message, thread, reason)
        if thread:
            return self._joins(message, thread, rule)
        return self._opens(message, rule)

    def _threads_of(self, message: IncomingMessage) -> Iterator[Thread]:
        """The conversations that the message claims or proves to belong to, nearest first.

        Anyone can name somebody else's message id: a stranger's claim alone joins nothing, so
        that no answer meant for one customer goes to another. Nor does a new subject, which is
        a new matter.
        """
        automatic = bool(message.automatic or message.ours)
        for thread in self._named_by(message):
            if automatic or (
                message.author.address.casefold() in thread.participants
                and _same_matter(message.subject, thread.subject)
            ):
                yield thread

    def _named_by(self, message: IncomingMessage) -> Iterator[Thread]:
        numbers = [self._by_key.get(key, 0) for key in message.keys]
        for number in dict.fromkeys([*numbers, message.own_conversation or 0]):
            if thread := self._threads.get(number):
                yield thread

    def _mentioned(self, message: IncomingMessage) -> int | None:
        """A conversation that the message refers to and does not join: shown, no more.

        Negative, like `Decision.conversation`, where this batch opens it.
        """
        return next((thread.id for thread in self._named_by(message)), None)

    def _again(self, message: IncomingMessage, door: Door) -> Decision:
        """One mail to two accounts of ours is one item with two doors, due at the earlier time."""
        rule = self._policy.rule(facts(self._policy.account, message))
        thread = self._threads.get(door.conversation)
        decision = Decision(
            message, Outcome.KNOWN, door.conversation, door=door,
            event="arrived at another account too",
        )  # fmt: skip
        nobodys = door.direction != Direction.IN or door.answered
        if thread is None or nobodys or message.ours or message.automatic or rule.ignore:
            return self._remember(decision, 0)
        waits = self._waits(message, rule)
        times = {"window_us": waits["window_us"], "reply_by": waits["reply_by"]}
        if door.reply_by is None and thread.state not in OWED:
            # The other account ignores such mail; here somebody waits.
            decision = replace(decision, changes=waits, **times)
        elif door.reply_by is None or waits["reply_by"] < door.reply_by:
            stricter = thread.reply_by is None or waits["reply_by"] < thread.reply_by
            changes = times if stricter and thread.state in OWED else {}
            decision = replace(decision, changes=changes, **times)
        return self._remember(decision, 0)

    def _copied(self, message: IncomingMessage) -> Decision:
        """A mail of Sent of which an inbox has a copy: what it answers is still to be known."""
        if message.ours or message.automatic:
            return Decision(message, Outcome.KNOWN)
        thread = next(self._named_by(replace(message, keys=message.keys[1:])), None)
        ended = self._ended(message, thread) if thread else None
        if thread is None or ended is None:
            return Decision(message, Outcome.KNOWN)
        return Decision(message, Outcome.KNOWN, thread.id, ended=ended)

    def _sent(self, message: IncomingMessage) -> Decision:
        """What one of us sent with another program: an answer, if it reached who waits."""
        if message.ours or message.ext_id in self._known.parts:
            return Decision(message, Outcome.KNOWN)
        thread = next(self._named_by(message), None)
        if message.automatic:
            return self._ignored(message, thread, message.automatic)
        if thread is None:
            return self._ignored(message, None, SENT_OUTSIDE)
        if not _reaches(message, thread):
            return self._ignored(message, thread, "sent to others with another program")
        return Decision(
            message, Outcome.NEW, thread.id, event="written outside", remark=ANSWERED_OUTSIDE,
            ended=self._ended(message, thread),
        )  # fmt: skip

    @staticmethod
    def _ended(message: IncomingMessage, thread: Thread) -> Ended | None:
        """The end of the wait that a mail of ours answers."""
        at, since = micros(message.at), thread.awaiting_since
        ends = thread.state in OWED and since is not None and since <= at
        return Ended(_who(message), at) if ends and _reaches(message, thread) else None

    def _answer_of(self, report: DeliveryReport) -> Answer | None:
        names = (*report.ids, *(() if report.ids else map(str.lower, report.recipients)))
        return next((a for n in names if (a := self._known.answers.get(n))), None)

    def _undelivered(
        self, message: IncomingMessage, report: DeliveryReport, answer: Answer
    ) -> Decision:
        """An answer of ours did not arrive: its conversation waits again, since when it did."""
        state = SendState.BOUNCED if report.failed else SendState.DELAYED
        thread = self._threads[answer.conversation]
        changes = {} if answer.made_good else self._waits_again(message, thread, answer)
        if not answer.made_good and thread.send_state not in (*WAY_OUT, SendState.UNSURE):
            changes["send_state"] = str(state)
        reason = keepable(" ".join(filter(None, (report.status, report.diagnosis)))[:500])
        said = f"{'not delivered' if report.failed else 'delivery delayed'}: {reason}".strip(": ")
        return Decision(
            message, Outcome.IGNORED, thread.id, changes=changes, event=f"answer {state}",
            remark=said, detail={"reason": said, "answer": answer.message},
            undelivered=answer,
        )  # fmt: skip

    def _waits_again(
        self, message: IncomingMessage, thread: Thread, answer: Answer
    ) -> dict[str, Any]:
        if thread.state not in OWED:
            # Without a wait of its own the answer was one that somebody added: due at once.
            at = micros(message.at)
            old = answer.wait or {"awaiting_since": at, "window_us": 0, "reply_by": at}
            if thread.send_state in WAY_OUT:
                return {**old, "state": int(State.SENDING)}
            return {**old, "state": int(State.WAITING), "assignee": None, "claim_until": None}
        changes: dict[str, Any] = {}
        if answer.wait and answer.wait["reply_by"] < (thread.reply_by or 0):
            changes |= answer.wait
        if thread.state is State.SNOOZED:
            changes |= {"state": int(State.WAITING), "snooze_until": None}
        return changes

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
        changes: dict[str, Any] = {"preview": _preview(message)}
        changes |= {k: v for k, v in marks.items() if v != getattr(thread, k)}
        if thread.state is State.IGNORED and thread.outside_at is not None:
            # It began with a colleague's own mail, which does not tell who the customer is.
            changes |= {
                "customer_name": message.author.name[:_TITLE_CHARS],
                "customer_address": message.author.address,
                "subject": message.subject[:_TITLE_CHARS],
            }
        outside = thread.outside_at or 0
        answered = waits["awaiting_since"] <= outside
        if thread.state not in OWED:
            changes |= waits | {"assignee": None, "claim_until": None}
        elif not answered:
            if thread.state is State.SNOOZED:
                changes |= {"state": int(State.WAITING), "snooze_until": None}
            if thread.awaiting_since is None or waits["awaiting_since"] < thread.awaiting_since:
                changes |= {k: waits[k] for k in _WAIT}
        decision = self._decision(message, thread.id, None, changes, waits)
        if not answered:
            return decision
        # Found only after a colleague's answer to it had been.
        if thread.state in OWED:
            return replace(decision, answered=True)
        return replace(decision, ended=Ended(thread.outside_who, outside))

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
            window_us=waits["window_us"], reply_by=waits["reply_by"],
            remark=message.problem or message.remark,
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
        customer = message.author
        if message.outgoing:
            customer = Party(message.to[0] if message.to else "")
        return {
            "kind": message.kind,
            "customer_name": customer.name[:_TITLE_CHARS],
            "customer_address": customer.address,
            "subject": message.subject[:_TITLE_CHARS],
            "preview": _preview(message),
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
        if decision.message.outgoing:
            return {a.casefold() for a in decision.message.to} if decision.opens else set()
        wrote = decision.message.author.address.casefold()
        return {wrote} if decision.reply_by is not None or decision.opens is not None else set()

    def _new_id(self) -> int:
        self._opened += 1
        return -self._opened

    def _remember(self, decision: Decision, rule: int) -> Decision:
        """Let the rest of the batch see what this message opened or changed."""
        message, number = decision.message, decision.conversation
        if not number:
            return decision
        fresh = tuple(k for k in dict.fromkeys(message.keys) if k not in self._by_key)
        self._by_key |= dict.fromkeys(fresh, number)
        before = self._threads.get(number) or Thread(number, State.WAITING, "")
        given = (decision.opens or decision.changes).get
        ended = decision.ended is not None
        counts = decision.remark in (ANSWERED_OUTSIDE, SENT_OUTSIDE)
        outside = micros(message.at) if message.outgoing and counts else 0
        latest = outside > (before.outside_at or 0)
        self._threads[number] = Thread(
            id=number,
            state=State.ANSWERED if ended else State(given("state", before.state)),
            customer_address=given("customer_address", before.customer_address),
            awaiting_since=None if ended else given("awaiting_since", before.awaiting_since),
            reply_by=None if ended else given("reply_by", before.reply_by),
            window_us=None if ended else given("window_us", before.window_us),
            lead=given("lead", before.lead),
            tags=given("tags", before.tags),
            subject=given("subject", before.subject),
            send_state=given("send_state", before.send_state),
            outside_at=outside if latest else before.outside_at,
            outside_who=_who(message) if latest else before.outside_who,
            participants=before.participants | self._joined(decision),
        )
        return replace(decision, keys=fresh, rule=rule)


def _after(decision: Decision, version: Version) -> Version:
    """What is stored once a change is: a batch may list a message twice."""
    message = decision.message
    if decision.rewrites is None or message.deleted:
        return replace(version, deleted=version.deleted or message.deleted)
    text = message.text if decision.event == "edited" else version.text
    return replace(version, revision=message.revision, text=text, deleted=False)


def _reaches(message: IncomingMessage, thread: Thread) -> bool:
    return not thread.participants.isdisjoint(address.casefold() for address in message.to)


def _who(message: IncomingMessage) -> str:
    return message.author.name or message.author.address


def _same_matter(one: str, other: str) -> bool:
    """Whether two subjects are one; mail programs cut long ones and add to them at the front."""
    if one == other or not one or not other:
        return True
    first, second = sorted((base_subject(one), base_subject(other)), key=len)
    return not first or first == second or (len(first) >= 20 and second.startswith(first))


def _preview(message: IncomingMessage) -> str:
    return preview(new_text(message.text, message.folds) or message.text or message.subject)


def _marks(rule: Rule, lead: int, tags: str) -> dict[str, Any]:
    if not rule.tags:
        return {"lead": int(rule.lead or lead), "tags": tags}
    together = list(dict.fromkeys([*json.loads(tags), *rule.tags]))
    return {"lead": int(rule.lead or lead), "tags": json.dumps(together, ensure_ascii=False)}


def storable(message: IncomingMessage) -> IncomingMessage:
    """The message with what no database takes as text (NUL, lone surrogates) marked instead.

    A name of which nothing would be seen is none: its address is shown in its place.
    """
    author, called = message.author, visible(message.author.name)
    texts = {n: getattr(message, n) for n in _TEXTS}
    files = [text for file in message.attachments for text in (file.name, file.type)]
    # Nearly every message is as it should be: one look at all of it.
    parts = (*texts.values(), author.name, author.address, *message.keys, *message.to, *files)
    if called == author.name and keepable(together := "\n".join(parts)) is together:
        return message
    changed: dict[str, Any] = {n: clean for n, t in texts.items() if (clean := keepable(t)) != t}
    for name in ("keys", "to"):
        before = getattr(message, name)
        if (after := tuple(map(keepable, before))) != before:
            changed[name] = after
    changed["author"] = Party(keepable(author.address), keepable(called))
    changed["attachments"] = tuple(
        Attachment(a.number, keepable(a.name), keepable(a.type), a.size)
        for a in message.attachments
    )
    return replace(message, **changed)
