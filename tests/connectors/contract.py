"""What every channel has to prove: the one class of tests that each channel's own inherits."""

from __future__ import annotations

import time
import traceback
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from monitor.connector import BATCH_MOST
from monitor.decision import Outcome
from monitor.errors import AuthError, ConnectorError, Refused, StoreBusy, Unsure
from monitor.message import SendState
from tests.connectors.desk import SINCE, Desk, HandOver, questions, read, send
from tests.connectors.platforms import PATIENCE, SHORT, TROUBLE, WRONG, Fault, Got, Platform
from tests.fakes import START, FakeClock

MANY = 2 * BATCH_MOST + 7


class ConnectorContract:
    """Inherit it, and give `platform`."""

    @pytest.fixture
    def platform(self) -> Iterator[Platform]:
        raise NotImplementedError

    @pytest.fixture
    def desk(self, platform: Platform, tmp_path: Path, clock: FakeClock) -> Iterator[Desk]:
        with Desk(tmp_path, platform.connect, clock) as desk:
            yield desk

    @pytest.fixture
    def asked(self, platform: Platform, desk: Desk) -> Desk:
        """A desk with three questions on it."""
        for text in questions(3):
            platform.customer_writes(text)
        desk.polled()
        return desk

    # Polling

    def test_all_is_stored_once_and_a_second_poll_finds_nothing_new(
        self, platform: Platform, desk: Desk
    ) -> None:
        for text in questions(MANY):
            platform.customer_writes(text)
        assert desk.polled().outcomes[Outcome.NEW] == MANY
        assert desk.texts() == Counter(questions(MANY))
        assert desk.polled().outcomes[Outcome.NEW] == 0
        assert desk.texts() == Counter(questions(MANY))

    def test_batches_are_small_and_add_up(self, platform: Platform) -> None:
        for text in questions(MANY):
            platform.customer_writes(text)
        batches = list(platform.connect().poll(None, START - SINCE))
        assert max(len(batch.messages) for batch in batches) <= BATCH_MOST
        assert all(batch.listed == len(batch.messages) for batch in batches)
        assert sum(batch.listed for batch in batches) == MANY
        assert all(batch.total is None or batch.total == MANY for batch in batches)

    @pytest.mark.parametrize("batches", [1, 2, 3])
    def test_a_poll_that_was_killed_goes_on_after_its_last_batch(
        self, platform: Platform, desk: Desk, batches: int
    ) -> None:
        for text in questions(MANY):
            platform.customer_writes(text)
        desk.poll(kill_after=batches)
        before = desk.texts()
        done = desk.polled()
        assert desk.texts() == Counter(questions(MANY))
        assert done.outcomes[Outcome.NEW] == MANY - before.total()

    def test_every_cursor_leads_to_all_that_its_batches_do_not_hold(
        self, platform: Platform
    ) -> None:
        for text in questions(MANY):
            platform.customer_writes(text)
        batches = list(platform.connect().poll(None, START - SINCE))
        everything = {m.ext_id for batch in batches for m in batch.messages}
        held: set[str] = set()
        for batch in batches:
            held |= {m.ext_id for m in batch.messages}
            rest = list(platform.connect().poll(batch.cursor, START))
            assert held | {m.ext_id for one in rest for m in one.messages} == everything

    def test_a_batch_that_nobody_stored_comes_again(self, platform: Platform, desk: Desk) -> None:
        for text in questions(3):
            platform.customer_writes(text)
        abandoned = platform.connect()
        assert next(iter(abandoned.poll(None, START - SINCE))).messages
        abandoned.close()
        desk.polled()
        assert desk.texts() == Counter(questions(3))

    def test_equal_moments_lose_nothing(self, platform: Platform, desk: Desk) -> None:
        for text in questions(BATCH_MOST + 3):
            platform.customer_writes(text, START)
        desk.poll(kill_after=1)
        platform.customer_writes("one more of that second", START)
        desk.polled()
        expected = Counter([*questions(BATCH_MOST + 3), "one more of that second"])
        assert desk.texts() == expected

    def test_what_comes_in_during_a_poll_is_there_after_the_next(
        self, platform: Platform, desk: Desk
    ) -> None:
        for text in questions(BATCH_MOST + 1):
            platform.customer_writes(text)
        steps = platform.connect().poll(None, START - SINCE)
        next(steps)
        platform.customer_writes("in between")
        rest = list(steps)
        again = list(platform.connect().poll(rest[-1].cursor, START))
        desk.polled()
        assert "in between" in [m.text for batch in rest + again for m in batch.messages]
        assert desk.texts() == Counter([*questions(BATCH_MOST + 1), "in between"])

    def test_the_first_poll_looks_no_further_back_than_asked(
        self, platform: Platform, desk: Desk
    ) -> None:
        platform.customer_writes("old", START - SINCE - timedelta(hours=1))
        platform.customer_writes("young", START - SINCE + timedelta(hours=1))
        desk.polled()
        assert desk.texts() == Counter(["young"])

    def test_after_an_empty_first_poll_nothing_is_too_old(
        self, platform: Platform, desk: Desk
    ) -> None:
        desk.polled()
        platform.customer_writes("while nobody polled", START + timedelta(hours=1))
        desk.clock.forward(days=30)
        desk.polled()
        assert desk.texts() == Counter(["while nobody polled"])

    def test_the_clock_starts_when_the_platform_had_it(
        self, platform: Platform, desk: Desk
    ) -> None:
        platform.customer_writes("late", START - timedelta(hours=5))
        desk.polled()
        assert desk.of("late").awaiting_since == START - timedelta(hours=5)

    def test_messages_keep_their_ids(self, platform: Platform) -> None:
        for text in questions(5):
            platform.customer_writes(text)
        first, second = (
            [m.ext_id for b in platform.connect().poll(None, START - SINCE) for m in b.messages]
            for _ in range(2)
        )
        assert first == second
        assert len(set(first)) == 5

    def test_a_closed_connector_opens_again(self, platform: Platform) -> None:
        connector = platform.connect()
        for _ in range(2):
            list(connector.poll(None, START))
            connector.close()
        connector.close()

    # What changes after it came

    def test_a_text_that_its_author_changed_comes_again_as_the_same_message(
        self, platform: Platform, asked: Desk
    ) -> None:
        before, cursor = read(platform.connect(), None)
        asked.clock.forward(minutes=5)
        platform.edit("question 1", "question one")
        after, _ = read(platform.connect(), cursor)
        [old] = [m for m in before if m.text == "question 1"]
        [new] = [m for m in after if m.text == "question one"]
        assert (new.ext_id, new.at, new.keys) == (old.ext_id, old.at, old.keys)
        assert new.revision not in ("", old.revision)

    def test_what_nobody_changed_keeps_its_revision(self, platform: Platform, asked: Desk) -> None:
        platform.edit("question 1", "question one")
        first, second = (
            {m.ext_id: m.revision for m in read(platform.connect(), None)[0]} for _ in range(2)
        )
        assert len(first) == 3
        assert first == second

    def test_an_edit_that_nobody_stored_comes_again(self, platform: Platform, asked: Desk) -> None:
        _, cursor = read(platform.connect(), None)
        asked.clock.forward(minutes=5)
        platform.edit("question 1", "question one")
        for _ in range(2):
            assert "question one" in [m.text for m in read(platform.connect(), cursor)[0]]

    def test_what_its_author_took_back_is_told_of_once(
        self, platform: Platform, asked: Desk
    ) -> None:
        before, cursor = read(platform.connect(), None)
        asked.clock.forward(minutes=5)
        platform.delete("question 1")
        gone: list[str] = []
        for _ in range(3):
            found, cursor = read(platform.connect(), cursor)
            gone += [m.ext_id for m in found if m.deleted]
            asked.clock.forward(minutes=5)
        assert gone == [m.ext_id for m in before if m.text == "question 1"]

    def test_a_deletion_that_nobody_stored_comes_again(
        self, platform: Platform, asked: Desk
    ) -> None:
        _, cursor = read(platform.connect(), None)
        asked.clock.forward(minutes=5)
        platform.delete("question 1")
        for _ in range(2):
            found, _ = read(platform.connect(), cursor)
            assert sum(m.deleted for m in found) == 1

    def test_the_desk_shows_edits_and_marks_what_was_taken_back(
        self, platform: Platform, asked: Desk
    ) -> None:
        asked.clock.forward(minutes=5)
        platform.edit("question 1", "question one")
        platform.delete("question 2")
        done = asked.polled()
        asked.clock.forward(minutes=5)
        asked.polled()
        marks = {
            m.text: (bool(m.edited_at), bool(m.deleted_at))
            for c in asked.conversations()
            for m in asked.store.lists.messages(c.id)
        }
        assert marks == {
            "question 0": (False, False),
            "question one": (True, False),
            "question 2": (False, True),
        }
        assert done.listed == done.accounted
        assert asked.of("question one").awaiting_since == START

    def test_what_was_taken_back_is_not_answered(self, platform: Platform, asked: Desk) -> None:
        reply, hand_over = asked.reply("question 1", "answer"), HandOver()
        platform.delete("question 1")
        with pytest.raises(Refused):
            send(platform.connect(), reply, hand_over)
        assert (hand_over.told, platform.customers_got()) == ([], [])

    # Troubles

    def test_connecting_reaches_no_server(self, platform: Platform) -> None:
        platform.cause(Fault.DOWN)
        platform.connect().close()

    def test_a_wrong_secret_is_signed_out(self, platform: Platform, desk: Desk) -> None:
        platform.customer_writes("question 0")
        connector = platform.connect(secret=WRONG)
        with pytest.raises(AuthError) as caught:
            list(connector.poll(None, START))
        connector.close()
        assert caught.value.permanent
        assert caught.value.remedy
        assert WRONG not in _all_text(caught.value)

    def test_a_wrong_secret_sends_nothing(self, platform: Platform, asked: Desk) -> None:
        hand_over = HandOver()
        with pytest.raises(AuthError) as caught:
            send(platform.connect(secret=WRONG), asked.reply("question 1", "a"), hand_over)
        assert (hand_over.told, platform.customers_got()) == ([], [])
        assert WRONG not in _all_text(caught.value)

    @pytest.mark.parametrize("fault", TROUBLE)
    def test_a_platform_in_trouble_is_tried_again_later(
        self, platform: Platform, asked: Desk, fault: Fault
    ) -> None:
        platform.customer_writes("later")
        platform.patience = SHORT
        platform.cause(fault)
        begun = time.monotonic()
        done = asked.poll()
        assert time.monotonic() - begun < 4 * SHORT + 2
        assert done.problem
        assert not done.problem.startswith("a fault in replyby")
        assert asked.store.accounts.statuses()[0].state == "blind"
        platform.mend()
        platform.patience = PATIENCE
        asked.polled()
        assert asked.texts() == Counter([*questions(3), "later"])

    @pytest.mark.parametrize("fault", TROUBLE)
    def test_trouble_before_the_hand_over_is_temporary_and_sends_nothing(
        self, platform: Platform, asked: Desk, fault: Fault
    ) -> None:
        reply, hand_over = asked.reply("question 1", "answer"), HandOver()
        platform.patience = SHORT
        platform.cause(fault)
        begun = time.monotonic()
        with pytest.raises(ConnectorError) as caught:
            send(platform.connect(), reply, hand_over)
        assert time.monotonic() - begun < 4 * SHORT + 2
        assert not caught.value.permanent
        assert not isinstance(caught.value, Unsure)
        platform.mend()
        platform.patience = PATIENCE
        assert (hand_over.told, platform.customers_got()) == ([], [])
        send(platform.connect(), reply, hand_over)
        assert platform.customers_got() == [Got("answer", "question 1")]

    @pytest.mark.parametrize("fault", TROUBLE)
    def test_no_secret_stands_in_an_error(
        self, platform: Platform, asked: Desk, fault: Fault
    ) -> None:
        reply = asked.reply("question 1", "answer")
        platform.patience = SHORT
        platform.cause(fault)
        with pytest.raises(ConnectorError) as polling:
            list(platform.connect().poll(None, START))
        with pytest.raises(ConnectorError) as sending:
            send(platform.connect(), reply, HandOver())
        for secret in platform.secrets:
            assert secret not in _all_text(polling.value)
            assert secret not in _all_text(sending.value)

    # Answering

    def test_an_answer_arrives_once_in_its_thread(self, platform: Platform, asked: Desk) -> None:
        text = "Grüße,\n\n.\n..leading dots\nFrom here on\nünd ein Ende"
        sent = send(platform.connect(), asked.reply("question 1", text), HandOver())
        assert platform.customers_got() == [Got(text, "question 1")]
        assert sent.ext_id

    def test_it_is_handed_over_once_and_before_the_platform_has_it(
        self, platform: Platform, asked: Desk
    ) -> None:
        there: list[int] = []
        hand_over = HandOver(lambda: there.append(len(platform.customers_got())))
        sent = send(platform.connect(), asked.reply("question 1", "answer"), hand_over)
        assert there == [0]
        assert hand_over.told in ([sent.ext_id], [""])

    def test_a_hand_over_that_fails_stops_it(self, platform: Platform, asked: Desk) -> None:
        def fail() -> None:
            raise StoreBusy("taken over")

        with pytest.raises(StoreBusy):
            send(platform.connect(), asked.reply("question 1", "answer"), HandOver(fail))
        send(platform.connect(), asked.reply("question 2", "another"), HandOver())
        assert platform.customers_got() == [Got("another", "question 2")]

    @pytest.mark.parametrize(("fault", "handed"), [(Fault.REFUSES, 0), (Fault.REFUSES_LATE, 1)])
    def test_a_refusal_is_said_as_such(
        self, platform: Platform, asked: Desk, fault: Fault, handed: int
    ) -> None:
        hand_over = HandOver()
        platform.cause(fault)
        with pytest.raises(Refused):
            send(platform.connect(), asked.reply("question 1", "answer"), hand_over)
        assert len(hand_over.told) == handed
        assert platform.customers_got() == []

    @pytest.mark.parametrize(("fault", "handed"), [(Fault.BUSY, 0), (Fault.BUSY_LATE, 1)])
    def test_a_busy_platform_gets_the_same_answer_again(
        self, platform: Platform, asked: Desk, fault: Fault, handed: int
    ) -> None:
        reply, hand_over = asked.reply("question 1", "answer"), HandOver()
        platform.cause(fault)
        with pytest.raises(ConnectorError) as caught:
            send(platform.connect(), reply, hand_over)
        assert not caught.value.permanent
        assert not isinstance(caught.value, Unsure)
        assert len(hand_over.told) == handed
        send(platform.connect(), reply, hand_over)
        assert len(set(hand_over.told)) == 1
        assert platform.customers_got() == [Got("answer", "question 1")]

    def test_no_word_after_the_hand_over_is_unsure(self, platform: Platform, asked: Desk) -> None:
        hand_over = HandOver()
        platform.cause(Fault.CUT)
        with pytest.raises(Unsure) as caught:
            send(platform.connect(), asked.reply("question 1", "answer"), hand_over)
        assert len(hand_over.told) == 1
        assert not any(secret in _all_text(caught.value) for secret in platform.secrets)

    @pytest.mark.parametrize("fault", [Fault.DOWN, Fault.SILENT])
    def test_trouble_after_the_hand_over_is_unsure(
        self, platform: Platform, asked: Desk, fault: Fault
    ) -> None:
        hand_over = HandOver(lambda: platform.cause(fault))
        platform.patience = 2 * SHORT
        reply = asked.reply("question 1", "answer")
        begun = time.monotonic()
        with pytest.raises(Unsure):
            send(platform.connect(), reply, hand_over)
        assert time.monotonic() - begun < 4 * SHORT + 2

    def test_an_unsure_answer_is_never_sent_again(self, platform: Platform, asked: Desk) -> None:
        platform.cause(Fault.CUT)
        assert asked.send("question 1", "answer") is SendState.UNSURE
        asked.clock.forward(days=1)
        assert asked.deliver() == 0
        assert len(platform.customers_got()) <= 1

    def test_the_customers_next_word_comes_back_to_the_conversation(
        self, platform: Platform, asked: Desk
    ) -> None:
        assert asked.send("question 1", "answer") is SendState.SENT
        asked.polled()
        assert asked.texts() == Counter(questions(3))
        platform.customer_answers("thanks", asked.clock.forward(minutes=5))
        asked.polled()
        back = asked.of("thanks")
        assert back == asked.of("question 1")
        assert back.state.label == "waiting"
        assert back.awaiting_since == START + timedelta(minutes=5)


def _all_text(error: BaseException) -> str:
    remedy = error.remedy if isinstance(error, ConnectorError) else ""
    return "".join(traceback.format_exception(error)) + repr(error) + remedy
