"""What stands around a conversation: the customer's others, and never another person's."""

from __future__ import annotations

from datetime import timedelta

import pytest

from monitor.message import Conversation, Party
from monitor.store import Store
from tests.fakes import START, message, take_in


def one(store: Store, subject: str) -> Conversation:
    found = store.database.read("SELECT id FROM conversation WHERE subject = :s", {"s": subject})
    return store.lists.conversation(found[0][0])


def others(store: Store, subject: str) -> list[str]:
    return [c.subject for c in store.archive.others(one(store, subject))]


def test_a_mail_address_is_the_same_person_in_every_account(store: Store) -> None:
    kim, namesake = Party("kim@acme.test", "Kim"), Party("kim@other.test", "Kim")
    take_in(store, [message(1, author=kim), message(2, author=namesake)])
    take_in(store, [message(3, author=Party("KIM@Acme.test", "K"))], account="sales")
    assert others(store, "subject 1") == ["subject 3"]
    assert others(store, "subject 3") == ["subject 1"]


def test_a_platforms_number_is_somebody_else_in_another_account(store: Store) -> None:
    take_in(store, [message(1, author=Party("77", "Kim")), message(2, author=Party("77", "K"))])
    take_in(store, [message(3, author=Party("77", "Lee"))], account="page")
    assert others(store, "subject 1") == ["subject 2"]
    assert others(store, "subject 3") == []


def test_nobody_in_particular_has_no_others(store: Store) -> None:
    take_in(store, [message(1, author=Party("")), message(2, author=Party(""))])
    assert others(store, "subject 1") == []


@pytest.mark.parametrize("count", [60])
def test_the_newest_come_first_and_not_without_end(store: Store, count: int) -> None:
    kim = Party("kim@acme.test", "Kim")
    take_in(store, [message(n, START + timedelta(seconds=n), author=kim) for n in range(count)])
    assert others(store, "subject 0")[:2] == [f"subject {count - 1}", f"subject {count - 2}"]
    assert len(others(store, "subject 0")) == 50


def test_they_are_found_by_an_index(store: Store) -> None:
    if store.database.dialect != "sqlite":
        pytest.skip("SQLite's plan is looked at")
    [plan] = store.database.read(
        "EXPLAIN QUERY PLAN SELECT id FROM conversation"
        " WHERE lower(customer_address) = lower(:a) AND id <> 1 ORDER BY id DESC LIMIT 50",
        {"a": "x"},
    )
    assert "ix_conversation_customer" in plan[-1]
