"""In whatever order questions, answers, bounces and second doors are found: nothing is lost."""

from __future__ import annotations

import itertools
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import ClassVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from monitor.errors import ConnectorError, DeskError, Refused, Unsure
from monitor.message import (
    OWED,
    Conversation,
    DeliveryReport,
    Direction,
    IncomingMessage,
    Message,
    Party,
    State,
)
from monitor.store import open_store
from tests.fakes import START, FakeClock, message, policy, take_in
from tests.monitor.office import EVERYTHING, Office, nothing, raiser

CUSTOMERS = st.integers(1, 3)
PEOPLE = st.sampled_from(["ann", "bob"])
LATE = st.sampled_from([0, 0, 0, 3, 30, 200])
WHICH = st.integers(0, 5)
BEA = "bea@desk.test"
STRICT = policy("sales", timedelta(hours=1))
OUTCOMES: dict[str, Callable[[], None]] = {
    "sent": nothing,
    "refused": raiser(Refused("no")),
    "later": raiser(ConnectorError("later")),
    "unsure": raiser(Unsure("who knows")),
}


class Traffic(RuleBasedStateMachine):
    """Three customers, two people at the desk, Bea at her own mail program, and a stranger."""

    template: ClassVar[Path]

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        copy = shutil.copy(self.template, Path(self.folder.name, "replyby.db"))
        self.office = Office(open_store(f"sqlite:///{copy}", START), FakeClock())
        self.office.store.accounts.ensure({"support": "email", "sales": "email"}, START)
        self.given: list[IncomingMessage] = []
        self._numbers = itertools.count(100)

    def teardown(self) -> None:
        self.office.store.close()
        self.folder.cleanup()

    def arrives(self, author: str, late: int, *names: str, **more: object) -> None:
        number = next(self._numbers)
        told = message(
            number, self.office.clock() - timedelta(minutes=late, seconds=number % 60),
            author=Party(author), keys=(f"<{number}@x.test>", *names), **more,
        )  # fmt: skip
        self.given.append(told)
        self.office.receive(told)

    def chosen(self, which: int) -> Conversation | None:
        there = self.office.store.lists.page(EVERYTHING, 100)
        there.sort(key=lambda c: c.id)
        return there[which % len(there)] if there else None

    @rule(customer=CUSTOMERS, late=LATE)
    def a_customer_writes(self, customer: int, late: int) -> None:
        self.arrives(f"c{customer}@x.test", late, f"<thread-{customer}@x.test>")

    @rule(customer=CUSTOMERS)
    def a_stranger_names_a_thread(self, customer: int) -> None:
        there = self.chosen(customer)
        own = there.id if there else None
        thread = f"<thread-{customer}@x.test>"
        self.arrives("evil@evil.test", 0, thread, own_conversation=own)

    @rule(customer=CUSTOMERS, late=LATE, right=st.booleans())
    def bea_writes_with_another_program(self, customer: int, late: int, right: bool) -> None:
        to = f"c{customer}@x.test" if right else "lawyer@firm.test"
        self.arrives(BEA, late, f"<thread-{customer}@x.test>", outgoing=True, to=(to,))

    @rule(which=WHICH)
    def sales_has_it_too(self, which: int) -> None:
        if self.given:
            again = self.given[-1 - which % len(self.given)]
            take_in(self.office.store, [again], self.office.clock(), "sales", STRICT)

    @rule(which=WHICH)
    def support_lists_it_again(self, which: int) -> None:
        if self.given:
            self.office.receive(self.given[-1 - which % len(self.given)])

    @rule(which=WHICH, failed=st.booleans(), by_id=st.booleans())
    def a_mail_server_reports(self, which: int, failed: bool, by_id: bool) -> None:
        if taken := self.office.platform.taken:
            answer = taken[which % len(taken)]
            ids = (f"<{answer.key}@desk.test>",) if by_id else ()
            report = DeliveryReport(failed, ids, (answer.to.address,), "5.1.1")
            self.arrives("daemon@mx.test", 0, automatic="a bounce", report=report)

    @rule(which=WHICH, who=PEOPLE, act=st.sampled_from(
        ["claim", "reply", "reply unseen", "undo", "snooze", "close", "no reply", "settle", "note"]
    ))  # fmt: skip
    def a_person_works(self, which: int, who: str, act: str) -> None:
        if (there := self.chosen(which)) is None:
            return
        desk, soon = self.office.desk, self.office.clock() + timedelta(minutes=20)
        seen = desk.open(there.id, who).seen
        acts: dict[str, Callable[[], object]] = {
            "claim": lambda: desk.claim(there.id, who),
            "reply": lambda: desk.reply(there.id, who, "x", seen=seen),
            "reply unseen": lambda: desk.reply(there.id, who, "x", seen=None),
            "undo": lambda: desk.undo(there.id, who),
            "snooze": lambda: desk.snooze(there.id, who, soon, past_deadline=True),
            "close": lambda: desk.close(there.id, who),
            "no reply": lambda: desk.no_reply_needed(there.id, who, "thanks"),
            "settle": lambda: desk.settle(there.id, who, arrived=bool(which % 2)),
            "note": lambda: desk.note(there.id, who, "hm"),
        }
        with suppress(DeskError):
            acts[act]()

    @rule(outcome=st.sampled_from(sorted(OUTCOMES)), minutes=st.sampled_from([0, 1, 45]))
    def time_passes_and_the_outbox_works(self, outcome: str, minutes: int) -> None:
        self.office.clock.forward(minutes=minutes, seconds=1)
        self.office.desk.tick()
        self.office.platform.after = OUTCOMES[outcome]
        self.office.outbox.deliver()

    @invariant()
    def every_message_is_stored_once(self) -> None:
        rows = self.office.store.database.read("SELECT ext_id FROM message WHERE found_at > 0")
        stored = Counter(row[0] for row in rows)
        assert all(stored[m.ext_id] == 1 for m in self.given)

    @invariant()
    def the_log_tells_what_the_rows_say(self) -> None:
        assert list(self.office.store.archive.differences()) == []

    @invariant()
    def whoever_is_owed_has_a_time(self) -> None:
        for there in self.office.store.lists.page(EVERYTHING, 100):
            owed = there.state in OWED
            assert owed == (there.reply_by is not None) == (there.awaiting_since is not None)

    @invariant()
    def who_wrote_last_is_owed(self) -> None:
        for there in self.office.store.lists.page(EVERYTHING, 100):
            if self.owed_for_sure(there):
                assert there.state in OWED

    @invariant()
    def answers_go_to_the_customer_alone(self) -> None:
        for taken in self.office.platform.taken:
            assert taken.to.address == self.office.desk.find(taken.conversation_id).customer_address

    def owed_for_sure(self, there: Conversation) -> bool:
        """The customer wrote after every answer, and no person has put it aside since."""
        messages = self.office.store.lists.messages(there.id)
        asked = [m for m in messages if m.direction is Direction.IN and self.by_a_person(m)]
        if not asked:
            return False
        last = max(asked, key=lambda m: m.at)
        answers = [m.at for m in messages if m.direction is Direction.OUT]
        unanswered = last.at > max(answers, default=START - timedelta(days=9))
        return unanswered and last.found_at > self.put_aside(there)

    def by_a_person(self, stored: Message) -> bool:
        return not stored.remark and stored.author.address != "daemon@mx.test"

    def put_aside(self, there: Conversation) -> datetime:
        kinds = {State.CLOSED.label, State.NO_REPLY_NEEDED.label}
        events = self.office.store.archive.events(there.id)
        ended = (e.at for e in events if e.kind in kinds)
        return max(ended, default=START - timedelta(days=9))


def test_in_any_order_nothing_is_lost(empty_database: Path) -> None:
    from hypothesis.stateful import run_state_machine_as_test

    Traffic.template = empty_database
    run_state_machine_as_test(
        Traffic,
        settings=settings(
            max_examples=25, stateful_step_count=25, deadline=None, derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip
