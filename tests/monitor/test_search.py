"""Search: every word, in everything received, sent and noted, newest first."""

from __future__ import annotations

from datetime import UTC, timedelta

import pytest

from monitor.message import Party
from monitor.query import parse_query
from monitor.store import Store
from tests.fakes import START, FakeClock, message
from tests.monitor.office import Office


@pytest.fixture
def office(store: Store, clock: FakeClock) -> Office:
    return Office(store, clock)


def found(office: Office, query: str, limit: int = 50) -> list[str]:
    asked = parse_query(query, office.clock(), UTC)
    return [c.subject for c in office.desk.search(asked, "ann", limit).rows]


def test_every_word_must_stand_in_the_message(office: Office) -> None:
    office.receive(message(1, text="the red parcel"), message(2, text="the blue parcel"))
    assert found(office, "parcel red") == ["subject 1"]
    assert found(office, "parcel green") == []


def test_the_newest_comes_first_and_each_conversation_once(office: Office) -> None:
    first = message(1, text="parcel parcel")
    again = message(3, author=first.author, keys=("<3@x>", *first.keys), text="my parcel")
    office.receive(first, message(2, text="parcel"), again)
    assert found(office, "parcel") == ["subject 1", "subject 2"]
    assert found(office, "parcel", 1) == ["subject 1"]


def test_subject_and_name_are_searched_too(office: Office) -> None:
    office.receive(message(1, author=Party("jo@customer.test", "Josephine Baker")))
    assert found(office, "Josephine") == ["subject 1"]
    assert found(office, "subject") == ["subject 1"]


def test_notes_and_answers_are_searched_too(office: Office) -> None:
    office.receive(message(1))
    office.desk.note(office.conversation().id, "ann", "beware: cantankerous")
    office.answered_by("ann", "a conciliatory answer")
    office.outbox.deliver()
    assert found(office, "cantankerous") == ["subject 1"]
    assert found(office, "conciliatory") == ["subject 1"]


def test_case_does_not_matter(office: Office) -> None:
    office.receive(message(1, text="RECHNUNG Straße ÄRGER"))
    assert found(office, "rechnung ärger") == ["subject 1"]


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("write to jo.baker@shop.example.com", "jo.baker@shop.example.com"),
        ("write to jo.baker@shop.example.com", "baker"),
        ("see https://shop.example.com/orders/77", "example"),
        ("order 4711-22 is late", "4711-22"),
        ("order 4711-22 is late", "22"),
        ("it costs 12.50", "12.50"),
        ("file /var/log/parcel.txt", "parcel"),
        ("a_b_c", "b"),
        ("e-mail", "mail"),
    ],
)
def test_what_stands_between_signs_is_found(office: Office, text: str, query: str) -> None:
    office.receive(message(1, text=text))
    assert found(office, query) == ["subject 1"]


def test_an_accent_may_be_left_out(office: Office) -> None:
    office.receive(message(1, text="Herr Müller"))
    assert found(office, "muller") == ["subject 1"]


@pytest.mark.parametrize(
    "query", ["", "   ", "'", '"', "*", "_", "a OR", "NEAR(", "-x", "col:x", "%", "a & !b", "\x00"]
)
def test_no_query_breaks_the_search(office: Office, query: str) -> None:
    office.receive(message(1))
    assert isinstance(found(office, query), list)


def test_the_end_of_a_hundred_thousand_characters_is_found(office: Office) -> None:
    office.receive(message(1, START, text="word " * 19_990 + "needle"))
    assert found(office, "needle") == ["subject 1"]


def history(office: Office) -> None:
    """Three customers: one waits, one is claimed and tagged, one was answered yesterday."""
    bob = Party("bob@shop.test", "Bob Müller")
    office.receive(message(3, START - timedelta(days=2), author=bob, text="old parcel"))
    office.desk.close(office.conversation().id, "ann")
    office.receive(message(1, text="red parcel from bob"), message(2, text="blue parcel"))
    claimed = office.desk.page()[1]
    office.desk.claim(claimed.id, "ann")
    office.desk.tag(claimed.id, "ann", ("vip",))


@pytest.mark.parametrize(
    ("query", "subjects"),
    [
        ("parcel", ["subject 2", "subject 1", "subject 3"]),
        ("from:bob", ["subject 3"]),
        ("from:mull parcel", ["subject 3"]),
        ("parcel is:open", ["subject 2", "subject 1"]),
        ("is:closed", ["subject 3"]),
        ("is:waiting", ["subject 1", "subject 2"]),
        ("is:unclaimed", ["subject 1"]),
        ("is:mine", ["subject 2"]),
        ("who:ann", ["subject 2"]),
        ("who:bob", []),
        ("tag:vip parcel", ["subject 2"]),
        ("tag:vi", []),
        ("before:yesterday", ["subject 3"]),
        ("parcel after:1d", ["subject 2", "subject 1"]),
        ("channel:mail parcel red", ["subject 1"]),
        ("channel:x", []),
        ("account:support is:closed", ["subject 3"]),
        ("account:nobody parcel", []),
        ("is:overdue", []),
        ("is:lead", []),
    ],
)
def test_conditions_narrow_it_down(office: Office, query: str, subjects: list[str]) -> None:
    history(office)
    assert found(office, query) == subjects


@pytest.mark.parametrize("query", ["parc", "red parc", "parcel from:bo"])
def test_the_word_that_is_being_typed_may_go_on(office: Office, query: str) -> None:
    history(office)
    asked = parse_query(query, office.clock(), UTC, unfinished=True)
    assert office.desk.search(asked, "ann").rows


@pytest.mark.parametrize("query", ["'", "a'b", "x\\", "a:*b", "!&|", "naïve", "ß", "½", "漢", "٣"])
def test_no_unfinished_word_breaks_the_search(office: Office, query: str) -> None:
    office.receive(message(1))
    asked = parse_query(query, office.clock(), UTC, unfinished=True)
    assert office.desk.search(asked, "ann").total >= 0
    assert office.desk.search(parse_query(f"from:{query}", office.clock(), UTC), "ann").total >= 0


def test_what_is_cut_off_is_counted(office: Office) -> None:
    office.receive(*(message(n, text="parcel") for n in range(7)))
    asked = parse_query("parcel", office.clock(), UTC)
    some = office.desk.search(asked, "ann", 3)
    assert (len(some.rows), some.total, some.more) == (3, 7, False)
