"""Intake: what becomes of each message of a batch, and which conversation it joins."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from monitor.clock import micros
from monitor.decision import Decision, Known, Outcome, Thread, tally
from monitor.intake import decide
from monitor.message import IncomingMessage, Party, State
from monitor.policy import Policy
from monitor.rules import Rule, parse_matcher
from tests.fakes import START, message, policy
from tests.monitor.calendars import hours, moment

HOUR = timedelta(hours=1)
OWED_STATES = (State.WAITING, State.SNOOZED, State.SENDING)
ENDED = (State.ANSWERED, State.NO_REPLY_NEEDED, State.CLOSED)


def thread(state: State = State.WAITING, **changes: object) -> Thread:
    """Conversation 7 of customer 1, who waits since START."""
    waits = state in OWED_STATES
    given: dict[str, object] = {
        "awaiting_since": micros(START) if waits else None,
        "reply_by": micros(START + 6 * HOUR) if waits else None,
        "window_us": 6 * 3600 * 1_000_000 if waits else None,
        "participants": frozenset({"customer1@customer.test"}),
    }
    return Thread(7, state, "customer1@customer.test", **(given | changes))  # type: ignore[arg-type]


def known(there: Thread, *ext_ids: str) -> Known:
    """The thread is known by the key of message 1."""
    return Known(frozenset(ext_ids), {"<1@customer.test>": there.id}, {there.id: there})


def follow_up(number: int = 2, **changes: object) -> IncomingMessage:
    """Customer 1's further message in the thread of message 1, an hour later."""
    keys = (f"<{number}@customer.test>", "<1@customer.test>")
    author = Party("customer1@customer.test", "Customer 1")
    return message(number, **({"keys": keys, "author": author, "at": START + HOUR} | changes))  # type: ignore[arg-type]


def one(
    incoming: IncomingMessage, there: Known | None = None, using: Policy | None = None
) -> Decision:
    (decision,) = decide([incoming], there or Known(), using or policy())
    return decision


def with_rules(*rules: Rule) -> Policy:
    return Policy("support", 6 * HOUR, timedelta(minutes=15), None, rules)


def because(field: str, why: str = "for a reason") -> dict[str, Any]:
    return {field: why}


def rule(number: int, subject: str, **then: object) -> Rule:
    return Rule(number, {"subject": parse_matcher(subject)}, **then)  # type: ignore[arg-type]


def conversations(decisions: Sequence[Decision]) -> list[int]:
    return [decision.conversation for decision in decisions]


def test_a_new_message_opens_a_conversation_that_waits() -> None:
    decision = one(message(1))
    assert (decision.outcome, decision.conversation) == (Outcome.NEW, -1)
    assert decision.opens
    assert decision.opens["state"] == State.WAITING
    assert decision.opens["awaiting_since"] == micros(START)
    assert decision.opens["reply_by"] == decision.reply_by == micros(START + 6 * HOUR)
    assert decision.keys == ("<1@customer.test>",)


def test_the_reply_by_time_is_counted_in_the_account_s_hours() -> None:
    office = hours("Europe/Berlin", "mon-fri 09:00-18:00")
    using = Policy("support", 6 * HOUR, timedelta(minutes=15), office, ())
    late = message(1, moment("2026-11-20T16:00Z"))
    assert one(late, using=using).reply_by == micros(moment("2026-11-23T13:00Z"))


def test_every_message_meets_one_outcome_and_the_sum_is_right() -> None:
    batch = [
        message(1),
        message(2, automatic="auto-reply"),
        message(3, problem="no date"),
        message(4),
        message(4),
        message(5, ours="sent by us"),
        message(6, subject="weekly digest"),
    ]
    using = with_rules(rule(1, "digest", ignore="newsletters"))
    counted = tally(decide(batch, Known(frozenset({"<1@customer.test>"})), using))
    assert counted == {Outcome.KNOWN: 2, Outcome.IGNORED: 3, Outcome.QUARANTINED: 1, Outcome.NEW: 1}
    assert sum(counted.values()) == len(batch)


def test_what_is_known_changes_nothing() -> None:
    decision = one(message(1), known(thread(), "<1@customer.test>"))
    assert (decision.outcome, decision.conversation) == (Outcome.KNOWN, 0)
    assert (decision.opens, dict(decision.changes)) == (None, {})


def test_what_cannot_be_read_waits_for_a_person() -> None:
    decision = one(message(1, problem="the body is broken"))
    assert (decision.outcome, decision.remark) == (Outcome.QUARANTINED, "the body is broken")
    assert decision.opens
    assert decision.opens["reply_by"] == micros(START + 6 * HOUR)


def test_a_shared_key_makes_one_conversation() -> None:
    assert one(follow_up(), known(thread())).conversation == 7


def test_messages_of_one_batch_find_each_other() -> None:
    batch = [message(1), message(5), follow_up(2), follow_up(3, keys=("<3>", "<2@customer.test>"))]
    assert conversations(decide(batch, Known(), policy())) == [-1, -2, -1, -1]


def test_the_subject_alone_joins_nothing() -> None:
    batch = [message(1, subject="Order"), follow_up(2, subject="Order", keys=("<2>",))]
    assert conversations(decide(batch, Known(), policy())) == [-1, -2]


def test_an_id_that_we_signed_joins_without_a_key() -> None:
    proven = follow_up(keys=("<2>",), own_conversation=7)
    assert one(proven, known(thread())).conversation == 7


@pytest.mark.parametrize("changes", [{}, {"keys": ("<2>",), "own_conversation": 7}])
def test_a_stranger_never_joins_somebody_else_s_conversation(changes: dict[str, Any]) -> None:
    stranger = follow_up(author=Party("mallory@evil.test"), **changes)
    decision = one(stranger, known(thread()))
    assert decision.conversation == -1
    assert decision.opens
    assert decision.opens["customer_address"] == "mallory@evil.test"


def test_a_conversation_that_a_stranger_refers_to_is_shown() -> None:
    decision = one(follow_up(author=Party("mallory@evil.test")), known(thread()))
    assert decision.opens
    assert decision.opens["linked_id"] == 7
    assert "<1@customer.test>" not in decision.keys


def test_a_stranger_in_the_batch_does_not_become_a_participant() -> None:
    author = Party("mallory@evil.test")
    batch = [follow_up(2, author=author), follow_up(3, author=author), follow_up(4)]
    assert conversations(decide(batch, known(thread()), policy())) == [-1, -2, 7]


def test_an_unknown_own_id_is_no_reason_to_join() -> None:
    assert one(follow_up(keys=("<2>",), own_conversation=99), known(thread())).conversation == -1


def test_addresses_are_compared_without_regard_to_case() -> None:
    shouting = follow_up(author=Party("CUSTOMER1@Customer.Test"))
    assert one(shouting, known(thread())).conversation == 7


def test_a_later_message_never_moves_the_clock() -> None:
    decision = one(follow_up(), known(thread()))
    assert set(decision.changes) == {"preview"}


@pytest.mark.parametrize("state", OWED_STATES)
def test_an_older_message_found_late_moves_the_clock_back(state: State) -> None:
    decision = one(follow_up(at=START - HOUR), known(thread(state)))
    assert decision.changes["awaiting_since"] == micros(START - HOUR)
    assert decision.changes["reply_by"] == micros(START + 5 * HOUR)


def test_the_oldest_of_a_batch_starts_the_clock_in_whatever_order_they_come() -> None:
    batch = [follow_up(n, at=START - n * HOUR) for n in (2, 4, 3)]
    decisions = decide(batch, known(thread()), policy())
    moved = [d.changes.get("awaiting_since") for d in decisions]
    assert moved == [micros(START - 2 * HOUR), micros(START - 4 * HOUR), None]


@pytest.mark.parametrize("state", ENDED)
def test_the_customer_s_next_message_starts_a_new_stretch(state: State) -> None:
    decision = one(follow_up(), known(thread(state)))
    assert decision.conversation == 7
    assert decision.changes["state"] == State.WAITING
    assert decision.changes["awaiting_since"] == micros(START + HOUR)
    assert decision.changes["reply_by"] == micros(START + 7 * HOUR)
    assert decision.changes["assignee"] is None
    assert decision.changes["claim_until"] is None


def test_the_second_message_of_a_new_stretch_does_not_restart_it() -> None:
    batch = [follow_up(2), follow_up(3, at=START + 2 * HOUR)]
    first, second = decide(batch, known(thread(State.ANSWERED)), policy())
    assert first.changes["state"] == State.WAITING
    assert set(second.changes) == {"preview"}


def test_what_is_snoozed_wakes_with_its_old_deadline() -> None:
    decision = one(follow_up(), known(thread(State.SNOOZED)))
    assert decision.changes["state"] == State.WAITING
    assert decision.changes["snooze_until"] is None
    assert "reply_by" not in decision.changes


def test_what_is_being_sent_stays_so() -> None:
    assert "state" not in one(follow_up(), known(thread(State.SENDING))).changes


@pytest.mark.parametrize("state", [*OWED_STATES, *ENDED, State.IGNORED])
@pytest.mark.parametrize("why", ["automatic", "ours"])
def test_what_no_customer_wrote_is_attached_and_changes_nothing(state: State, why: str) -> None:
    decision = one(follow_up(2, **because(why)), known(thread(state)))
    assert (decision.outcome, decision.conversation) == (Outcome.IGNORED, 7)
    assert (decision.event, decision.remark) == ("attached", "for a reason")
    assert dict(decision.changes) == {}


def test_what_a_rule_ignores_does_not_reopen() -> None:
    using = with_rules(rule(1, "subject 2", ignore="known noise"))
    decision = one(follow_up(subject="subject 2"), known(thread(State.ANSWERED)), using)
    assert (decision.outcome, dict(decision.changes)) == (Outcome.IGNORED, {})
    assert decision.rule == 1


@pytest.mark.parametrize("why", ["automatic", "ours"])
def test_what_no_customer_wrote_opens_no_wait(why: str) -> None:
    decision = one(message(1, START, **because(why)))
    assert decision.outcome is Outcome.IGNORED
    assert decision.opens
    assert decision.opens["state"] == State.IGNORED
    assert decision.opens["awaiting_since"] is decision.opens["reply_by"] is None


def test_a_person_who_writes_on_after_an_ignored_message_waits_from_then_on() -> None:
    decision = one(follow_up(), known(thread(State.IGNORED)))
    assert decision.changes["state"] == State.WAITING
    assert decision.reply_by == micros(START + 7 * HOUR)


def test_an_automatic_answer_of_a_stranger_does_not_make_him_a_participant() -> None:
    mallory = Party("mallory@evil.test")
    batch = [follow_up(2, author=mallory, automatic="auto-reply"), follow_up(3, author=mallory)]
    assert conversations(decide(batch, known(thread()), policy())) == [7, -1]


def test_a_lead_has_the_lead_s_window_and_tags() -> None:
    using = with_rules(rule(1, "/^subject/", lead=True, tags=("sales", "büro")))
    decision = one(message(1), using=using)
    assert decision.opens
    assert decision.opens["lead"] == 1
    assert json.loads(decision.opens["tags"]) == ["sales", "büro"]
    assert decision.reply_by == micros(START + timedelta(minutes=15))
    assert decision.rule == 1


def test_a_rule_s_own_window_comes_before_the_lead_s() -> None:
    using = with_rules(rule(1, "subject", lead=True, window=timedelta(minutes=5)))
    assert one(message(1), using=using).reply_by == micros(START + timedelta(minutes=5))


def test_the_first_rule_that_matches_decides_alone() -> None:
    using = with_rules(rule(1, "other"), rule(2, "subject", tags=("a",)), rule(3, "", lead=True))
    decision = one(message(1), using=using)
    assert decision.opens
    assert (decision.rule, decision.opens["lead"], decision.opens["tags"]) == (2, 0, '["a"]')


def test_a_later_message_adds_its_tags_and_never_takes_the_lead_away() -> None:
    using = with_rules(rule(1, "subject 2", tags=("new", "old")))
    decision = one(follow_up(subject="subject 2"), known(thread(lead=1, tags='["old"]')), using)
    assert json.loads(decision.changes["tags"]) == ["old", "new"]
    assert "lead" not in decision.changes


def test_rules_see_names_addresses_and_headers() -> None:
    seen = {"from": "Customer 1 <customer1@", "to": "sales@acme", "header": "X-Form: yes"}
    matchers = {name: parse_matcher(text) for name, text in seen.items()}
    incoming = message(1, to=("a@b.test", "sales@acme.test"), headers="X-Form: yes\n")
    assert one(incoming, using=with_rules(Rule(4, matchers))).rule == 4


BAD = "a\x00b\ud83dc"


def test_what_no_database_takes_is_marked() -> None:
    incoming = message(
        1, ext_id=BAD, subject=BAD, text=BAD, url=BAD, headers=BAD, keys=(BAD,), to=(BAD,),
        author=Party(BAD, BAD),
    )  # fmt: skip
    kept = one(incoming).message
    texts = [kept.ext_id, kept.subject, kept.text, kept.url, kept.headers, *kept.keys, *kept.to]
    assert {*texts, kept.author.name, kept.author.address} == {"a\ufffdb\ufffdc"}
    assert kept.raw == incoming.raw


@pytest.mark.parametrize("field", ["kind", "automatic", "ours", "problem"])
def test_a_reason_that_no_database_takes_is_marked_too(field: str) -> None:
    assert (
        getattr(one(message(1, START, **because(field, BAD))).message, field) == "a\ufffdb\ufffdc"
    )


def test_one_id_told_twice_in_odd_letters_is_one_message() -> None:
    decisions = decide([message(1, ext_id=BAD), message(1, ext_id=BAD)], Known(), policy())
    assert tally(decisions) == {Outcome.NEW: 1, Outcome.KNOWN: 1}


def test_what_whoever_answers_should_know_is_its_remark() -> None:
    [decision] = decide([message(1, remark="only there")], Known(), policy())
    assert (decision.outcome, decision.remark) == (Outcome.NEW, "only there")


def test_a_customer_whose_name_cannot_be_seen_goes_by_the_address() -> None:
    opened = one(message(1, author=Party("eve@customer.test", " \u200b\u3164"))).opens
    assert opened is not None
    assert (opened["customer_name"], opened["customer_address"]) == ("", "eve@customer.test")
