"""Whatever is edited, deleted and restored, in whatever order two accounts are told of it."""

from __future__ import annotations

import itertools
import shutil
import tempfile
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import ClassVar

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from monitor.errors import ConnectorError, DeskError, NewerMessages, Refused
from monitor.message import Direction, IncomingMessage, Message, Party, preview
from monitor.store import open_store
from tests.fakes import START, FakeClock, message, take_in
from tests.monitor.office import EVERYTHING, Office, nothing, raiser

WHICH = st.integers(0, 6)
ACCOUNT = st.sampled_from(["support", "sales"])
OUTCOMES = {
    "sent": nothing,
    "refused": raiser(Refused("no")),
    "later": raiser(ConnectorError("later")),
}


@dataclass
class Post:
    """A text as it stands at its platform, and what the desk was told of it last."""

    number: int
    customer: int
    text: str
    version: int = 1
    deleted: bool = False
    told: str = ""
    told_deleted: bool = False
    replaced: list[str] = field(default_factory=list)
    met: set[str] = field(default_factory=set)


class Changes(RuleBasedStateMachine):
    """Two customers at a platform, two accounts that list it, one person who reads and answers."""

    template: ClassVar[Path]

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        copy = shutil.copy(self.template, Path(self.folder.name, "replyby.db"))
        self.office = Office(open_store(f"sqlite:///{copy}", START), FakeClock())
        self.office.store.accounts.ensure({"support": "email", "sales": "email"}, START)
        self.posts: list[Post] = []
        self.read: tuple[int, int | None, int, list[object]] | None = None
        self._numbers = itertools.count(1)

    def teardown(self) -> None:
        self.office.store.close()
        self.folder.cleanup()

    def one(self, which: int) -> Post:
        return self.posts[which % len(self.posts)]

    @initialize()
    def three_posts_are_there(self) -> None:
        for customer in (1, 2, 1):
            self.write(customer)
        self.an_account_lists("support", 7, False)

    def write(self, customer: int) -> None:
        number = next(self._numbers)
        self.posts.append(Post(number, customer, f"text {number}"))

    @rule(which=WHICH, how=st.sampled_from(["edit", "edit", "retouch", "delete", "write"]),
          account=ACCOUNT, listed=st.integers(0, 127), twice=st.booleans())  # fmt: skip
    def something_changes(
        self, which: int, how: str, account: str, listed: int, twice: bool
    ) -> None:
        post = self.one(which)
        if how == "write":
            self.write(1 + which % 2)
        elif how == "delete":
            post.deleted = not post.deleted
        else:
            post.version += 1
        if how == "edit":
            post.text = f"text {post.number}, version {post.version}"
        self.an_account_lists(account, listed, twice)

    @rule(account=ACCOUNT, listed=st.integers(1, 127), twice=st.booleans())
    def an_account_lists(self, account: str, listed: int, twice: bool) -> None:
        """Posts by the bits of a number, as what they say now."""
        self.office.clock.forward(seconds=30)
        chosen = [p for n, p in enumerate(self.posts) if listed >> n % 7 & 1]
        batch = [told for p in chosen if (told := self.row(p, account))]
        take_in(self.office.store, batch * (1 + twice), self.office.clock(), account)
        for post in chosen:
            self.note(post, account)

    def row(self, post: Post, account: str) -> IncomingMessage | None:
        if post.deleted:
            gone = message(post.number, self.office.clock(), deleted=True, text="")
            return gone if account in post.met else None
        return message(
            post.number, START + timedelta(seconds=post.number), text=post.text,
            author=Party(f"c{post.customer}"), revision=f"{post.version:03}",
            keys=(f"<{post.number}@x>", f"thread {post.customer}"),
        )  # fmt: skip

    def note(self, post: Post, account: str) -> None:
        """What the desk has to know now: who meets a message later learns of it next time."""
        if post.deleted:
            post.told_deleted = post.told_deleted or account in post.met
        elif not post.met:
            post.told = post.text
        elif account in post.met:
            if post.told != post.text:
                post.replaced.append(post.told)
            post.told, post.told_deleted = post.text, False
        if not post.deleted:
            post.met.add(account)

    @rule(customer=st.integers(0, 1))
    def ann_reads(self, customer: int) -> None:
        there = sorted(self.office.store.lists.page(EVERYTHING, 100), key=lambda c: c.id)
        if there:
            opened = self.office.desk.open(there[customer % len(there)].id, "ann")
            number = opened.conversation.id
            self.read = (number, opened.seen, opened.changed, self.shown(number))

    @precondition(lambda self: self.read)
    @rule(outcome=st.sampled_from(sorted(OUTCOMES)))
    def ann_answers_what_she_read(self, outcome: str) -> None:
        assert self.read
        number, seen, changed, shown = self.read
        same = self.shown(number) == shown
        try:
            self.office.desk.reply(number, "ann", "an answer", seen=seen, changed=changed)
            assert same, "she answers what she has not read"
        except NewerMessages:
            assert not same
        except DeskError:
            return
        self.office.platform.after = OUTCOMES[outcome]
        with suppress(DeskError):
            self.office.outbox.deliver()
        self.office.clock.forward(minutes=1)

    def shown(self, number: int) -> list[object]:
        """What the customer said in a conversation, as the desk shows it."""
        return [(m.id, m.text, m.deleted_at is None) for m in self.of(number)]

    def of(self, number: int) -> list[Message]:
        stored = self.office.store.lists.messages(number)
        return [m for m in stored if m.direction is Direction.IN]

    @invariant()
    def every_text_is_as_it_was_told_last(self) -> None:
        rows = self.office.store.database.read(
            "SELECT ext_id, body, deleted_at IS NOT NULL FROM message WHERE direction = 0"
        )
        known = [p for p in self.posts if p.met]
        assert sorted((r[0], r[1], bool(r[2])) for r in rows) == sorted(
            (message(p.number).ext_id, p.told, p.told_deleted) for p in known
        )

    @invariant()
    def what_was_replaced_stands_in_the_log(self) -> None:
        store, said = self.office.store, dict[int, list[str]]()
        for there in store.lists.page(EVERYTHING, 100):
            for event in store.archive.events(there.id):
                if event.kind == "edited":
                    said.setdefault(event.detail["message"], []).append(event.detail["before"])
        rows = store.database.read("SELECT ext_id, id FROM message WHERE direction = 0")
        ids = {str(name): int(number) for name, number in rows}
        known = (p for p in self.posts if p.replaced)
        assert said == {ids[message(p.number).ext_id]: p.replaced for p in known}

    @invariant()
    def the_list_shows_the_newest_words(self) -> None:
        for there in self.office.store.lists.page(EVERYTHING, 100):
            newest = max(self.of(there.id), key=lambda m: m.id)
            assert there.preview == preview(newest.text)

    @invariant()
    def the_log_tells_what_the_rows_say(self) -> None:
        assert list(self.office.store.archive.differences()) == []

    @invariant()
    def no_change_ends_or_moves_a_wait(self) -> None:
        for there in self.office.store.lists.page(EVERYTHING, 100):
            answered = any(
                m.direction is Direction.OUT for m in self.office.store.lists.messages(there.id)
            )
            if not answered and there.awaiting_since is not None:
                assert there.awaiting_since == min(m.at for m in self.of(there.id))
            assert answered or there.awaiting_since is not None


def test_whatever_changes_the_desk_says_what_stands_there(empty_database: Path) -> None:
    from hypothesis.stateful import run_state_machine_as_test

    Changes.template = empty_database
    run_state_machine_as_test(
        Changes,
        settings=settings(
            max_examples=10, stateful_step_count=15, deadline=None, derandomize=True,
            suppress_health_check=list(HealthCheck), phases=(Phase.generate,),
        ),
    )  # fmt: skip
