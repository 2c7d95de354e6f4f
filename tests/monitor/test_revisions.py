"""Messages that change where they were written: edited, deleted, and there again."""

from __future__ import annotations

from datetime import timedelta

import pytest

from monitor.decision import Outcome
from monitor.errors import DeskError, NewerMessages
from monitor.message import Attachment, IncomingMessage, Message, State
from monitor.store import Store
from tests.fakes import START, FakeClock, found, message
from tests.monitor.office import Office


@pytest.fixture
def office(store: Store, clock: FakeClock) -> Office:
    office = Office(store, clock)
    office.receive(post())
    clock.forward(minutes=10)
    return office


def post(text: str = "my pacrel is late", revision: str = "1", **more: object) -> IncomingMessage:
    return message(1, START, text=text, revision=revision, subject="", **more)


def stored(office: Office) -> Message:
    (only,) = office.store.lists.messages(office.conversation().id)
    return only


def consistent(office: Office) -> bool:
    return not list(office.store.archive.differences())


def test_an_edited_message_is_the_same_one_with_its_new_text(office: Office) -> None:
    before = office.conversation()
    (decision,) = office.receive(post("my parcel is late", "2", raw=b"new"))
    assert decision.outcome is Outcome.KNOWN
    there, now = stored(office), office.conversation()
    assert (there.text, there.edited_at) == ("my parcel is late", office.clock())
    assert (now.reply_by, now.awaiting_since) == (before.reply_by, before.awaiting_since)
    assert now.preview == "my parcel is late"
    assert office.store.lists.raw(there.id) == b"new"
    assert consistent(office)


def test_what_it_said_before_stands_in_the_log(office: Office) -> None:
    office.receive(post("my parcel is late", "2"))
    events = office.store.archive.events(office.conversation().id)
    assert [e.detail.get("before") for e in events if e.kind == "edited"] == ["my pacrel is late"]


def test_search_finds_the_new_words_and_not_the_old(office: Office) -> None:
    office.receive(post("my parcel is late", "2"))
    assert len(found(office.store, "parcel")) == 1
    assert found(office.store, "pacrel") == []


def test_an_edit_that_is_listed_again_changes_nothing(office: Office) -> None:
    office.receive(post("my parcel is late", "2"))
    version = office.conversation().version
    office.receive(post("my parcel is late", "2"))
    assert office.conversation().version == version


def test_another_version_with_the_same_text_is_no_edit(office: Office) -> None:
    office.receive(post(revision="2"))
    assert stored(office).edited_at is None
    office.receive(post("other words", "2"))
    assert stored(office).edited_at is None  # the version was noted: it is known


def test_an_edit_of_what_came_before_leaves_the_preview(office: Office) -> None:
    office.receive(message(2, keys=("<2@x>", "<1@customer.test>"), text="and now?",
                           author=post().author))  # fmt: skip
    office.receive(post("my parcel is late", "2"))
    assert office.conversation().preview == "and now?"


def test_an_edit_that_comes_with_a_further_message_leaves_the_further_ones_preview(
    office: Office,
) -> None:
    more = message(2, keys=("<2@x>", "<1@customer.test>"), text="and now?", author=post().author)
    office.receive(post("my parcel is late", "2"), more)
    assert office.conversation().preview == "and now?"
    assert consistent(office)


def test_what_one_batch_lists_twice_changes_once(office: Office) -> None:
    office.receive(*[post("my parcel is late", "2")] * 2, *[post("", "", deleted=True)] * 2)
    events = office.store.archive.events(office.conversation().id)
    assert [e.kind for e in events][-2:] == ["edited", "deleted"]
    assert [e.kind for e in events].count("edited") == 1


def test_files_go_with_the_version_that_had_them(office: Office) -> None:
    office.receive(post("look", "2", attachments=(Attachment(1, "a.png", "image/png", 3),)))
    assert [f.name for f in stored(office).attachments] == ["a.png"]
    office.receive(post("do not look", "3"))
    assert stored(office).attachments == ()


def test_a_deleted_message_is_marked_and_waits_on(office: Office) -> None:
    (decision,) = office.receive(post("", "", deleted=True))
    assert decision.outcome is Outcome.KNOWN
    there = stored(office)
    assert (there.text, there.deleted_at) == ("my pacrel is late", office.clock())
    assert office.conversation().state is State.WAITING
    assert consistent(office)


def test_one_that_is_gone_is_marked_once(office: Office) -> None:
    office.receive(post("", "", deleted=True))
    office.clock.forward(minutes=10)
    office.receive(post("", "", deleted=True))
    assert stored(office).deleted_at == office.clock() - timedelta(minutes=10)
    events = office.store.archive.events(office.conversation().id)
    assert [e.kind for e in events].count("deleted") == 1


def test_one_that_is_there_again_was_not_deleted(office: Office) -> None:
    office.receive(post("", "", deleted=True))
    office.receive(post())
    assert stored(office).deleted_at is None
    assert office.store.archive.events(office.conversation().id)[-1].kind == "restored"


def test_what_was_never_here_and_is_gone_is_no_news(office: Office) -> None:
    (decision,) = office.receive(message(7, deleted=True))
    assert decision.outcome is Outcome.KNOWN
    assert len(office.store.lists.messages(office.conversation().id)) == 1


def test_our_own_answer_is_not_edited_when_its_platform_lists_it(office: Office) -> None:
    number = office.answered_by(text="on its way")
    office.outbox.deliver(number)
    name = office.store.lists.messages(office.conversation().id)[-1].ext_id
    office.receive(message(9, ext_id=name, text="@kim on its way", revision="5", outgoing=True,
                           to=("customer1@customer.test",)))  # fmt: skip
    answer = office.store.lists.messages(office.conversation().id)[-1]
    assert (answer.text, answer.edited_at) == ("on its way", None)


def test_a_message_that_came_by_another_account_keeps_its_door(office: Office) -> None:
    office.account = "sales"
    (decision,) = office.receive(post("my parcel is late", "2"))
    assert decision.door is not None
    assert consistent(office)


def test_what_a_person_answered_on_the_platform_stops_the_clock(office: Office) -> None:
    office.desk.answered_outside(office.conversation().id, "ann")
    there = office.conversation()
    assert there.state is State.ANSWERED
    (verdict,) = office.store.archive.verdicts(there.id)
    assert (verdict.who, verdict.through, verdict.in_time) == ("ann", "outside", True)
    assert verdict.seconds == (office.clock() - START).total_seconds()
    with pytest.raises(DeskError, match="doesn't wait"):
        office.desk.answered_outside(there.id, "ann")
    assert consistent(office)


@pytest.mark.parametrize(
    ("changed", "said"),
    [(post("my parcel is late", "2"), "edited"), (post("", "", deleted=True), "deleted")],
)
def test_an_answer_is_bound_to_the_version_that_was_read(
    office: Office, changed: IncomingMessage, said: str
) -> None:
    read = office.desk.open(office.conversation().id, "ann")
    office.receive(changed)
    with pytest.raises(NewerMessages, match=f"{said} a message"):
        office.desk.reply(read.conversation.id, "ann", "so", seen=read.seen, changed=read.changed)
    read = office.desk.open(office.conversation().id, "ann")
    office.desk.reply(read.conversation.id, "ann", "so", seen=read.seen, changed=read.changed)
    assert office.conversation().state is State.SENDING


def test_a_part_of_an_answer_that_is_on_its_way_is_nobody_elses(office: Office) -> None:
    there = office.conversation().id
    office.desk.reply(there, "ann", "one two three four", seen=None, way="thread")
    for number, text in enumerate(["one two (1/2)", "one other (1/2)"], 8):
        office.receive(message(number, ext_id=f"post:{number}", text=text, outgoing=True,
                               keys=(f"post:{number}", "<1@customer.test>"),
                               to=("customer1@customer.test",)))  # fmt: skip
        assert (office.conversation().state is State.SENDING) == (number == 8)
