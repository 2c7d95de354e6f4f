"""The outbox: every answer leaves once, and what became of it is known or asked."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta

import pytest

from monitor.errors import (
    ConnectorError,
    DeskError,
    NewerMessages,
    RateLimited,
    Refused,
    ReplybyError,
    Unsure,
)
from monitor.message import Direction, SendState, Sent, State
from monitor.outbox import Outbox
from monitor.store import Store
from monitor.store.accounts import AccountNames
from monitor.store.outgoing import Leased, Outgoing
from monitor.store.verdicts import InHours
from tests.fakes import START, FakeClock, message
from tests.monitor.office import Office, Platform, killed_owner, nothing, raiser

ELSEWHERE = "another-machine/1/1"
LEASE = timedelta(minutes=5)


@pytest.fixture
def office(store: Store, clock: FakeClock) -> Office:
    return Office(store, clock)


def test_an_answer_goes_out_once_and_ends_the_wait(office: Office) -> None:
    answer = office.one_queued()
    assert office.fate(answer) is SendState.QUEUED
    assert office.conversation().state is State.SENDING
    assert [office.outbox.deliver(), office.outbox.deliver()] == [1, 0]
    assert [r.text for r in office.platform.taken] == ["an answer"]
    assert office.fate(answer) is SendState.SENT
    assert office.conversation().state is State.ANSWERED
    assert office.conversation().send_state is None


def test_every_step_of_an_answer_is_written_down_before_it_is_taken(office: Office) -> None:
    answer, seen = office.one_queued(), list[SendState]()
    office.platform.before = lambda: seen.append(office.fate(answer))
    office.platform.after = lambda: seen.append(office.fate(answer))
    office.outbox.deliver()
    assert seen == [SendState.SENDING, SendState.HANDED_OVER]


def test_the_connector_is_told_whom_and_what_it_answers(office: Office) -> None:
    office.receive(message(1, raw=b"the mail"))
    office.answered_by()
    office.outbox.deliver()
    (reply,) = office.platform.taken
    assert reply.to.address == "customer1@customer.test"
    assert reply.in_reply_to == "<1@customer.test>"
    assert reply.source == b"the mail"
    assert reply.account == "support"


def test_an_answer_that_was_sent_stands_in_its_conversation(office: Office) -> None:
    office.one_queued()
    office.outbox.deliver()
    messages = office.desk.open(office.conversation().id, "ann").messages
    assert [(m.direction, m.text) for m in messages] == [
        (Direction.IN, "text 1"),
        (Direction.OUT, "an answer"),
    ]


def test_a_customer_who_quotes_our_answer_joins_its_conversation(office: Office) -> None:
    office.one_queued()
    office.outbox.deliver()
    ours = f"<{office.platform.taken[0].key}@desk.test>"
    author = message(1).author
    office.receive(message(2, office.clock.forward(hours=1), author=author, keys=("<2@x>", ours)))
    assert office.conversation().awaiting_since == START + timedelta(hours=1)


def test_what_is_refused_for_good_comes_back_with_text_and_old_deadline(office: Office) -> None:
    office.receive(message(1))
    before = office.conversation()
    answer = office.answered_by("ann", "typed with care")
    office.platform.before = raiser(Refused("no such mailbox"))
    office.clock.forward(minutes=7)
    office.outbox.deliver()
    after = office.desk.open(before.id, "ann")
    assert office.fate(answer) is SendState.FAILED
    assert after.conversation.state is State.WAITING
    assert after.conversation.assignee is None
    assert after.conversation.send_state == SendState.FAILED
    assert after.conversation.reply_by == before.reply_by
    assert after.draft is not None
    assert after.draft.text == "typed with care"


def test_a_failure_after_the_hand_over_that_was_said_as_such_is_no_doubt(office: Office) -> None:
    answer = office.one_queued()
    office.platform.after = raiser(Refused("550 no"))
    office.outbox.deliver()
    assert office.fate(answer) is SendState.FAILED


def test_a_passing_failure_is_tried_six_times_with_longer_and_longer_pauses(
    office: Office,
) -> None:
    answer, pauses = office.one_queued(), list[float]()
    office.platform.before = raiser(ConnectorError("try later"))
    while office.fate(answer) is SendState.QUEUED:
        assert office.outbox.deliver() == 1
        next_try = office.desk.answer(answer).next_try
        pauses.append((next_try - office.clock()).total_seconds())
        office.clock.now = max(next_try, office.clock.now)
    assert pauses[:5] == [30, 60, 120, 240, 480]
    assert len(pauses) == 6
    assert office.fate(answer) is SendState.FAILED
    assert "tried 6 times: try later" in office.desk.answer(answer).error
    assert office.desk.open(office.conversation().id, "ann").draft is not None


def test_nothing_is_tried_again_before_its_time(office: Office) -> None:
    answer = office.one_queued()
    office.platform.before = raiser(RateLimited("slowly", retry_after=90))
    office.outbox.deliver()
    office.platform.before = nothing
    office.clock.forward(seconds=89)
    assert office.outbox.deliver() == 0
    office.clock.forward(seconds=1)
    assert office.outbox.deliver() == 1
    assert office.fate(answer) is SendState.SENT
    assert office.conversation().state is State.ANSWERED


def unsure(office: Office) -> int:
    """An answer whose fate nobody knows."""
    answer = office.one_queued()
    office.platform.after = raiser(Unsure("no word after the last dot"))
    office.outbox.deliver()
    office.platform.after = nothing
    return answer


def test_an_unsure_answer_asks_a_person_and_is_never_sent_again(office: Office) -> None:
    answer = unsure(office)
    office.clock.forward(days=3)
    assert office.outbox.deliver() == 0
    there = office.conversation()
    assert (there.state, there.send_state) == (State.WAITING, SendState.UNSURE)
    assert there.reply_by == START + timedelta(hours=6)
    assert office.fate(answer) is SendState.UNSURE
    with pytest.raises(DeskError, match="settle"):
        office.answered_by("bob")
    assert len(office.platform.taken) == 1


def test_a_fault_in_a_connector_is_unsure_too(office: Office) -> None:
    answer = office.one_queued()
    office.platform.after = raiser(ZeroDivisionError())
    office.outbox.deliver()
    assert office.fate(answer) is SendState.UNSURE


def test_an_unsure_answer_that_arrived_ends_the_wait(office: Office) -> None:
    answer = unsure(office)
    number = office.conversation().id
    office.desk.settle(number, "bob", arrived=True)
    assert office.fate(answer) is SendState.SENT
    assert office.conversation().state is State.ANSWERED
    (verdict,) = office.store.archive.verdicts(number)
    assert verdict.who == "ann"


def test_an_unsure_answer_that_did_not_arrive_can_be_sent_again(office: Office) -> None:
    answer = unsure(office)
    number = office.conversation().id
    office.desk.settle(number, "bob", arrived=False)
    assert office.fate(answer) is SendState.FAILED
    assert office.desk.open(number, "ann").draft is not None
    again = office.answered_by()
    office.outbox.deliver()
    assert office.fate(again) is SendState.SENT
    assert office.conversation().state is State.ANSWERED


def test_only_what_is_unsure_can_be_settled(office: Office) -> None:
    office.one_queued()
    with pytest.raises(DeskError, match="no answer whose fate is unsure"):
        office.desk.settle(office.conversation().id, "ann", arrived=True)


def test_an_answer_can_be_taken_back_until_it_leaves(office: Office) -> None:
    office.receive(message(1))
    before = office.conversation()
    office.desk.reply(before.id, "ann", "too hasty", seen=None, undo=True)
    assert office.outbox.deliver() == 0
    assert office.desk.undo_last("ann") == before.id
    office.clock.forward(minutes=1)
    assert office.outbox.deliver() == 0
    after = office.desk.open(before.id, "ann")
    assert (after.conversation.state, after.conversation.reply_by) == (
        State.WAITING,
        before.reply_by,
    )
    assert after.draft is not None
    assert after.draft.text == "too hasty"


def test_an_answer_that_may_be_taken_back_leaves_when_its_moment_is_over(office: Office) -> None:
    office.receive(message(1))
    office.desk.reply(office.conversation().id, "ann", "sure", seen=None, undo=True)
    office.clock.forward(seconds=10)
    assert office.outbox.deliver() == 1
    with pytest.raises(DeskError, match="has left already"):
        office.desk.undo(office.conversation().id, "ann")


def test_nobody_takes_back_a_colleagues_answer(office: Office) -> None:
    office.one_queued()
    with pytest.raises(DeskError, match="nothing of yours"):
        office.desk.undo(office.conversation().id, "bob")


def writes_again(office: Office, number: int = 2) -> None:
    """The customer of message 1 adds another one to its thread, now."""
    first = message(1)
    again = message(
        number,
        office.clock(),
        author=first.author,
        keys=(f"<{number}@customer.test>", *first.keys),
    )
    office.receive(again)


def test_an_answer_to_an_old_state_of_things_is_held_back(office: Office) -> None:
    office.receive(message(1))
    number = office.conversation().id
    seen = office.desk.open(number, "ann").seen
    writes_again(office)
    with pytest.raises(NewerMessages, match="wrote again"):
        office.desk.reply(number, "ann", "hello", seen=seen)
    office.desk.reply(number, "ann", "hello", seen=office.desk.open(number, "ann").seen)


def test_what_is_written_while_the_answer_is_under_way_starts_a_new_wait(office: Office) -> None:
    office.one_queued()
    office.clock.forward(minutes=3)
    writes_again(office)
    office.clock.forward(minutes=3)
    office.outbox.deliver()
    there = office.conversation()
    assert there.state is State.WAITING
    assert there.awaiting_since == START + timedelta(minutes=3)
    assert there.reply_by == START + timedelta(hours=6, minutes=3)
    (verdict,) = office.store.archive.verdicts(there.id)
    assert (verdict.awaiting_since, verdict.seconds) == (START, 360)


def test_a_second_answer_waits_for_the_first(office: Office) -> None:
    office.one_queued()
    with pytest.raises(DeskError, match="on its way already"):
        office.answered_by("bob")


def test_many_senders_never_hold_the_same_answer(office: Office) -> None:
    office.receive(*(message(n) for n in range(24)))
    for there in office.desk.page():
        office.desk.reply(there.id, "ann", "hello", seen=None)

    def send(owner: str) -> list[int]:
        mine = []
        while leased := office.store.outgoing.lease(owner, office.clock(), LEASE):
            mine.append(leased.id)
        return mine

    with ThreadPoolExecutor(4) as senders:
        leased = [n for mine in senders.map(send, "abcd") for n in mine]
    assert len(leased) == len(set(leased)) == 24


def test_what_a_dead_sender_had_not_handed_over_is_sent_by_the_next(office: Office) -> None:
    answer = office.one_queued()
    assert office.store.outgoing.lease(killed_owner(), office.clock(), LEASE)
    assert office.outbox.deliver() == 1
    assert office.fate(answer) is SendState.SENT
    assert len(office.platform.taken) == 1


def test_what_a_dead_sender_had_handed_over_is_asked_about(office: Office) -> None:
    answer, dead = office.one_queued(), killed_owner()
    assert office.store.outgoing.lease(dead, office.clock(), LEASE)
    assert office.store.outgoing.handing_over(answer, dead, "<x@desk.test>")
    assert office.outbox.deliver() == 0
    assert office.fate(answer) is SendState.UNSURE
    assert office.conversation().send_state == SendState.UNSURE


def test_a_sender_elsewhere_keeps_its_answer_until_the_lease_is_over(office: Office) -> None:
    answer = office.one_queued()
    assert office.store.outgoing.lease(ELSEWHERE, office.clock(), LEASE)
    assert office.outbox.deliver() == 0
    office.clock.forward(minutes=5, seconds=1)
    assert office.outbox.deliver() == 1
    assert office.fate(answer) is SendState.SENT


def taken_over(office: Office, answer: int) -> None:
    """Somebody else takes an answer over whose sender was too slow."""
    office.clock.forward(minutes=6)
    office.outbox.recover()
    leased = office.store.outgoing.lease(ELSEWHERE, office.clock(), LEASE)
    assert leased is not None
    assert leased.id == answer


def test_a_slow_sender_whose_lease_was_lost_hands_nothing_over(office: Office) -> None:
    answer = office.one_queued()
    office.platform.before = lambda: taken_over(office, answer)
    office.outbox.deliver()
    assert office.platform.taken == []
    assert office.fate(answer) is SendState.SENDING


@pytest.mark.parametrize("error", [Refused("gone"), Unsure("hm"), ZeroDivisionError()])
def test_a_slow_sender_whose_lease_was_lost_says_nothing_about_the_answer(
    office: Office, error: Exception
) -> None:
    answer = office.one_queued()

    def lose_then_fail() -> None:
        taken_over(office, answer)
        assert office.store.outgoing.handing_over(answer, ELSEWHERE, "<x@desk.test>")
        raise error

    office.platform.before = lose_then_fail
    office.outbox.deliver()
    assert office.fate(answer) is SendState.HANDED_OVER


class Interrupted(Outgoing):
    """An outbox table in which something happens right after the leases were read."""

    def __init__(self, store: Store, in_hours: InHours, meanwhile: Callable[[], object]) -> None:
        super().__init__(store.database, AccountNames(store.database), in_hours)
        self._meanwhile = meanwhile

    def leased(self) -> list[Leased]:
        found = super().leased()
        self._meanwhile()
        return found


def recover_while(office: Office, meanwhile: Callable[[], object]) -> None:
    """Another process recovers; between its reading and its writing something happens."""
    other = Store(office.store.database)
    other.outgoing = Interrupted(other, lambda account, start, end: end - start, meanwhile)
    Outbox(other, {"support": Platform}, office.clock).recover()


def test_what_is_handed_over_while_another_recovers_is_not_sent_again(office: Office) -> None:
    answer = office.one_queued()
    assert office.store.outgoing.lease(ELSEWHERE, office.clock(), LEASE)
    office.clock.forward(minutes=6)
    recover_while(
        office, lambda: office.store.outgoing.handing_over(answer, ELSEWHERE, "<x@desk.test>")
    )
    assert office.fate(answer) is not SendState.QUEUED


def test_what_comes_to_its_end_while_another_recovers_stays_so(office: Office) -> None:
    answer = office.one_queued()
    assert office.store.outgoing.lease(ELSEWHERE, office.clock(), LEASE)
    assert office.store.outgoing.handing_over(answer, ELSEWHERE, "<x@desk.test>")
    office.clock.forward(minutes=6)
    sent = office.store.outgoing.sent
    recover_while(office, lambda: sent(answer, Sent("<x@desk.test>"), office.clock()))
    assert office.fate(answer) is SendState.SENT


def test_a_success_that_is_heard_of_late_settles_the_doubt(office: Office) -> None:
    answer = office.one_queued()

    def lapse() -> None:
        office.clock.forward(minutes=6)
        office.outbox.recover()
        assert office.fate(answer) is SendState.UNSURE

    office.platform.after = lapse
    office.outbox.deliver()
    assert office.fate(answer) is SendState.SENT
    there = office.conversation()
    assert (there.state, there.send_state) == (State.ANSWERED, None)
    assert len(office.store.archive.verdicts(there.id)) == 1


def test_a_success_after_a_person_has_settled_it_does_not_stop_the_others(office: Office) -> None:
    office.receive(message(1), message(2))
    first, second = (
        office.desk.reply(there.id, "ann", "hello", seen=None) for there in office.desk.page()
    )

    def lapse_and_settle() -> None:
        office.platform.after = nothing
        office.clock.forward(minutes=6)
        office.outbox.recover()
        number = office.desk.answer(first).conversation_id
        office.desk.settle(number, "bob", arrived=False)

    office.platform.after = lapse_and_settle
    office.outbox.deliver()
    assert office.fate(second) is SendState.SENT


def test_a_follow_up_changes_no_verdict(office: Office) -> None:
    office.one_queued()
    office.outbox.deliver()
    office.clock.forward(days=1)
    answer = office.answered_by("bob", "one more thing")
    assert office.conversation().state is State.ANSWERED
    office.outbox.deliver()
    assert office.fate(answer) is SendState.SENT
    there = office.conversation()
    assert (there.state, there.send_state) == (State.ANSWERED, None)
    assert [v.who for v in office.store.archive.verdicts(there.id)] == ["ann"]


def failed_follow_up(office: Office) -> None:
    """A second answer that did not arrive, to a customer who was owed nothing."""
    office.one_queued()
    office.outbox.deliver()
    office.clock.forward(days=1)
    office.answered_by("bob", "one more thing")
    office.platform.before = raiser(Refused("no"))
    office.outbox.deliver()
    office.platform.before = nothing


def test_a_follow_up_that_fails_is_put_before_somebodys_eyes(office: Office) -> None:
    failed_follow_up(office)
    (there,) = office.desk.page()
    assert (there.state, there.send_state) == (State.WAITING, SendState.FAILED)
    draft = office.desk.open(there.id, "bob").draft
    assert draft is not None
    assert draft.text == "one more thing"


def test_a_follow_up_that_failed_and_is_sent_again_comes_to_rest(office: Office) -> None:
    failed_follow_up(office)
    office.answered_by("bob", "one more thing")
    office.outbox.deliver()
    assert office.conversation().state is State.ANSWERED


def test_an_older_message_found_while_the_answer_is_under_way_waits_afterwards(
    office: Office,
) -> None:
    office.one_queued()
    first = message(1)
    earlier = START - timedelta(hours=1)
    office.receive(message(2, earlier, author=first.author, keys=("<2@x>", *first.keys)))
    office.outbox.deliver()
    there = office.conversation()
    assert (there.state, there.awaiting_since) == (State.WAITING, earlier)


def test_an_account_that_is_not_configured_any_more_keeps_its_answers(office: Office) -> None:
    answer = office.one_queued()
    nowhere = Outbox(office.store, {}, office.clock)
    nowhere.deliver()
    assert office.fate(answer) is SendState.QUEUED
    assert "account 'support' is not in config.toml" in office.desk.answer(answer).error
    office.clock.forward(minutes=1)
    office.outbox.deliver()
    assert office.fate(answer) is SendState.SENT


def test_an_account_that_never_comes_back_gives_the_answers_back(office: Office) -> None:
    answer = office.one_queued()
    nowhere = Outbox(office.store, {}, office.clock)
    for _ in range(6):
        nowhere.deliver()
        office.clock.forward(hours=1)
    assert office.fate(answer) is SendState.FAILED
    assert [c.state for c in office.desk.page()] == [State.WAITING]


def test_what_was_typed_since_survives_an_answer_that_comes_back(office: Office) -> None:
    office.one_queued()
    number = office.conversation().id
    office.desk.save_draft(number, "ann", "already the next thing", 1)
    office.platform.before = raiser(Refused("no"))
    office.outbox.deliver()
    draft = office.desk.open(number, "ann").draft
    assert draft is not None
    assert "already the next thing" in draft.text
    assert "an answer" in draft.text


def test_our_own_answer_polled_before_its_outcome_is_known_does_no_harm(office: Office) -> None:
    answer = office.one_queued()

    def reflected() -> None:
        ours = f"<{office.platform.taken[0].key}@desk.test>"
        office.receive(message(9, ext_id=ours, keys=(ours,), ours="our own answer"))

    office.platform.after = reflected
    with suppress(ReplybyError):
        office.outbox.deliver()
    assert office.fate(answer) is SendState.SENT


@pytest.mark.parametrize("text", ["caf\udce9", "a\x00b\udce9"])
def test_a_text_that_no_database_takes_is_refused_or_mended(office: Office, text: str) -> None:
    office.receive(message(1))
    number = office.conversation().id
    with suppress(ReplybyError):
        office.desk.note(number, "ann", text)
    with suppress(ReplybyError):
        office.desk.reply(number, "ann", text, seen=None)
