"""Real processes killed while they poll and while they send, at random and at chosen moments."""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from monitor.message import SendState
from tests.kill.desk import (
    Desk,
    everything_is_stored_once,
    left_by,
    open_desk,
    the_account_is_fine,
    the_ledger_adds_up,
)
from tests.kill.killed_desk import Process
from tests.kill.relay import Fate
from tests.servers.postgres import Postgres
from tests.servers.process import wait_until

pytestmark = pytest.mark.kill

KILLS = int(os.environ.get("REPLYBY_KILLS", "200"))
SEED = int(os.environ.get("REPLYBY_KILL_SEED", "20261121"))
# Half of them while polling, half while sending; half of each on SQLite, half on PostgreSQL.
SHARE = max(1, KILLS // 4)
START = "start-up"
FIRST_STARTS = SHARE // 5
ENOUGH_FOR_CHANCE = 25
DAWDLE = 0.02
# (the step to wait for; the longest time after it in seconds; how often in a round): without them
# nearly all kills would hit the start of the interpreter.
MOMENTS = (
    (START, 0.5, 2), ("signing in", 0.01, 1), ("listing", 0.02, 2), ("fetching", 0.02, 2),
    ("storing", 0.03, 4), ("ending", 0.03, 2),
)  # fmt: skip
SENDERS = (("poll", "--quiet"), ("poll", "--quiet"), ("run",))

NewUrl = Callable[[], str]
Say = Callable[[str], None]


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str]) -> Say:
    """Print past pytest, so that the figures of a passing run are seen."""

    def line(text: str) -> None:
        with capsys.disabled():
            print(f"\n  {text}", end="", flush=True)

    return line


def summed(what: str, kills: Counter[str]) -> str:
    parts = ", ".join(f"{count} {phase}" for phase, count in sorted(kills.items()))
    return f"{what}, seed {SEED}: {kills.total()} kills: {parts}"


# Polling


def rounds(chance: random.Random) -> Iterator[tuple[str, float]]:
    """Steps and times to wait after them, for ever; each round in an order of its own."""
    while True:
        moments = [(step, longest) for step, longest, times in MOMENTS for _ in range(times)]
        chance.shuffle(moments)
        yield from ((step, chance.uniform(0, longest)) for step, longest in moments)


def killed_after(desk: Desk, process: Process, step: str, delay: float) -> str:
    """Kill it a moment after the step; where it had come to by then, "" where that was the end."""
    reached = step == START or desk.imap.wait_for(step, process.ended)
    if reached and process.lives_for(delay) and process.kill():
        return desk.imap.last or START
    assert "another process" not in process.end()
    return ""


def polls_killed(desk: Desk, kills: int, chance: random.Random) -> Counter[str]:
    """Start polls on a growing mailbox until so many of them were killed."""
    phases: Counter[str] = Counter()
    moments = rounds(chance)
    while phases.total() < kills:
        for _ in range(chance.randrange(1, 60)):
            desk.customer_writes()
        process = desk.start("poll")
        for _ in range(chance.randrange(20)):
            desk.customer_writes()
        if phase := killed_after(desk, process, *next(moments)):
            phases[phase] += 1
    return phases


def test_polls_killed_at_random_lose_no_mail_and_store_none_twice(
    new_url: NewUrl, tmp_path: Path, say: Say
) -> None:
    with open_desk(tmp_path, new_url(), SEED) as desk:
        kills = polls_killed(desk, SHARE - FIRST_STARTS, random.Random(SEED))
        desk.customer_writes()
        the_ledger_adds_up(desk.poll())
        everything_is_stored_once(desk)
        the_account_is_fine(desk)
        desk.log_tells_the_same()
    say(summed("polling", kills))
    if SHARE >= ENOUGH_FOR_CHANCE:
        assert {START, "listing", "fetching", "storing", "ending"} <= set(kills)


def test_a_poll_killed_in_the_middle_of_a_batch_leaves_nothing_of_it(
    postgres: Postgres, tmp_path: Path
) -> None:
    url = postgres.new_database()
    with open_desk(tmp_path, url, SEED) as desk:
        desk.poll()
        for _ in range(3):
            desk.customer_writes()
        with psycopg.connect(url) as connection:
            # Stops the poll where its cursor has moved and its first mail has not been stored.
            connection.execute("LOCK TABLE conversation IN SHARE ROW EXCLUSIVE MODE")
            process = desk.start("poll")
            wait_until(lambda: waits_for_a_lock(url), "the poll stores", 90)
            assert process.kill()
        assert desk.poll() == "support: 3 listed = 3 new\n"
        everything_is_stored_once(desk)


def waits_for_a_lock(url: str) -> bool:
    with psycopg.connect(url) as connection:
        sql = (
            "SELECT 1 FROM pg_stat_activity"
            " WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return connection.execute(sql).fetchone() is not None


def test_a_first_start_killed_at_any_moment_leaves_nothing_in_the_way(
    new_url: NewUrl, tmp_path: Path, say: Say
) -> None:
    chance, kills = random.Random(SEED), 0
    while kills < FIRST_STARTS:
        folder = tmp_path / str(kills)
        folder.mkdir(exist_ok=True)
        with open_desk(folder, new_url(), SEED) as desk:
            desk.customer_writes()
            process = desk.start("poll")
            kills += process.lives_for(chance.uniform(0.1, 1.2)) and process.kill()
            desk.customer_writes()
            desk.poll()
            everything_is_stored_once(desk)
            the_account_is_fine(desk)
    say(f"first starts: {kills} kills")


# Sending


@pytest.fixture
def desk(new_url: NewUrl, tmp_path: Path) -> Iterator[Desk]:
    """A desk with one customer who waits."""
    with open_desk(tmp_path, new_url(), SEED) as opened:
        customers_write(opened, 1)
        yield opened


def customers_write(desk: Desk, number: int) -> None:
    for _ in range(number):
        desk.open_mailbox(desk.customer_writes())
    desk.poll()


def on_their_way(desk: Desk) -> int:
    states = desk.send_states()
    return states[SendState.QUEUED] + states[SendState.SENDING] + states[SendState.HANDED_OVER]


def people_answer(desk: Desk, most: int) -> None:
    """Write answers down until so many are on their way, or nobody waits any more."""
    wanted = most - on_their_way(desk)
    waiting = desk.conversations("state = 0 AND send_state IS NULL")
    for token, number in list(waiting.items())[: max(0, wanted)]:
        desk.answer(token, number)


def all_is_sent(desk: Desk) -> None:
    """Nothing is under way any more once the desk has been left alone for two polls."""
    desk.poll()
    desk.poll()
    assert on_their_way(desk) == 0


def every_answer_arrived_once(desk: Desk) -> None:
    answered = desk.conversations("id IN (SELECT conversation_id FROM outbox)")
    wrong = {token: times for token in answered if (times := desk.arrived(token)) != 1}
    assert wrong == {}


def every_answer_has_one_verdict(desk: Desk) -> None:
    answered = desk.conversations("id IN (SELECT conversation_id FROM outbox)")
    with desk.store() as store:
        for number in answered.values():
            verdicts = store.archive.verdicts(int(number))
            assert [(v.outcome, v.who) for v in verdicts] == [("answered", "kim")]


def the_desk_is_at_rest(desk: Desk) -> None:
    """All that was written has arrived once and counts once, and the log says the same."""
    assert set(desk.send_states()) <= {SendState.SENT, SendState.FAILED}
    every_answer_arrived_once(desk)
    every_answer_has_one_verdict(desk)
    desk.log_tells_the_same()


def phases_of_the_dead(desk: Desk, process: Process) -> Counter[str]:
    """How far a killed sender had come with each answer in its hands, by what it wrote down."""
    phases = {
        SendState.HANDED_OVER: "after the hand-over",
        SendState.SENDING: "before the hand-over",
    }
    idle = "between answers" if desk.smtp.last else START
    return Counter(phases[state] for state in left_by(desk, process)) or Counter([idle])


def senders_killed(desk: Desk, kills: int, chance: random.Random) -> Counter[str]:
    """Start senders on a full outbox until so many of them were killed."""
    phases: Counter[str] = Counter()
    killed = 0
    while killed < kills:
        people_answer(desk, 6)
        process = desk.start(*chance.choice(SENDERS))
        starting = chance.random() < 0.1
        delay = chance.uniform(0, 0.4)
        if not starting:
            desk.smtp.wait_for("greeted", process.ended)
        if process.lives_for(delay) and process.kill():
            phases += phases_of_the_dead(desk, process)
            killed += 1
    return phases


def test_senders_killed_at_random_lose_no_answer_and_send_none_twice(
    new_url: NewUrl, tmp_path: Path, say: Say
) -> None:
    with open_desk(tmp_path, new_url(), SEED, slowest=DAWDLE) as desk:
        customers_write(desk, SHARE * 6)
        kills = senders_killed(desk, SHARE, random.Random(SEED))
        all_is_sent(desk)
        unsure = desk.settled_truthfully()
        all_is_sent(desk)
        the_desk_is_at_rest(desk)
        sent = desk.send_states()[SendState.SENT]
    say(summed(f"sending {sent} answers", kills))
    say(f"unsure: {unsure[True]} had arrived, {unsure[False]} had not")
    assert unsure.total() == kills["after the hand-over"]
    if SHARE >= ENOUGH_FOR_CHANCE:
        assert {"before the hand-over", "after the hand-over"} <= set(kills)


def killed_where_it_is_held(desk: Desk, step: str, fate: Fate) -> None:
    """Kill the sender at the step; what the server gets of the held bytes is `fate`'s to say."""
    relay = desk.imap if step == "copying" else desk.smtp
    relay.begin(hold=step)
    process = desk.start_again("poll")
    assert relay.wait_for(step, process.ended)
    assert process.kill()
    relay.let_go(fate)
    assert relay.drained()


@pytest.mark.parametrize("step", ["greeted", "announced", "asked", "invited"])
def test_an_answer_whose_sender_died_before_the_hand_over_is_sent_by_the_next_one(
    desk: Desk, step: str
) -> None:
    people_answer(desk, 1)
    killed_where_it_is_held(desk, step, Fate.DROPPED)
    assert desk.send_states() == {SendState.SENDING: 1}
    desk.poll()
    the_desk_is_at_rest(desk)


@pytest.mark.parametrize(
    ("step", "fate", "arrives"),
    [
        ("body", Fate.DROPPED, False),
        ("body", Fate.HALVED, False),
        ("accepted", Fate.DROPPED, True),
        ("leaving", Fate.DROPPED, True),
    ],
)
def test_an_answer_whose_sender_died_after_the_hand_over_waits_for_a_person(
    desk: Desk, step: str, fate: Fate, arrives: bool
) -> None:
    people_answer(desk, 1)
    killed_where_it_is_held(desk, step, fate)
    assert desk.send_states() == {SendState.HANDED_OVER: 1}
    desk.poll()
    assert desk.send_states() == {SendState.UNSURE: 1}
    assert desk.settled_truthfully() == {arrives: 1}
    desk.poll()
    the_desk_is_at_rest(desk)


def test_an_answer_whose_sender_died_over_the_copy_for_the_sent_folder_is_sent(desk: Desk) -> None:
    people_answer(desk, 1)
    killed_where_it_is_held(desk, "copying", Fate.DROPPED)
    the_desk_is_at_rest(desk)
    desk.poll()
    the_desk_is_at_rest(desk)
