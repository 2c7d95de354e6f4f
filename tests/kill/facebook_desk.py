"""A Facebook page and a desk to be killed: config.toml, the stand-in, real `replyby` processes."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from connectors.sandbox.graph import GraphServer
from connectors.sandbox.graph_data import Comment, Post
from monitor.cli import main
from monitor.clock import now
from monitor.message import SendState
from monitor.store import Store, open_store
from tests.kill.desk import REPLYBY, WHO, Process, answer

_SECRET = "REPLYBY_TEST_PAGE_TOKEN"
_TOKEN = "token-of-the-page"
_CONFIG = """
[desk]
name = "Acme support"
database = "{database}"

[[accounts]]
name = "page"
channel = "facebook"
every = "1s"
page = "{page}"
token = "env:{secret}"
api_url = "{url}"
timeout = "5s"
"""


@dataclass
class PageDesk:
    """A page, and one store; every other customer comments, the rest write on Messenger."""

    folder: Path
    database: str
    server: GraphServer
    post: Post
    tokens: list[str] = field(default_factory=list)
    comments: dict[str, Comment] = field(default_factory=dict)
    edited: set[str] = field(default_factory=set)
    deleted: set[str] = field(default_factory=set)

    @property
    def config(self) -> Path:
        return self.folder / "config.toml"

    def write_config(self) -> None:
        text = _CONFIG.format(
            database=self.database, page=self.server.page.me.id, secret=_SECRET,
            url=self.server.url,
        )  # fmt: skip
        self.config.write_text(text)

    def start(self, *words: str) -> Process:
        """A real process."""
        environment = dict(os.environ) | {_SECRET: _TOKEN, "HOME": str(self.folder)}
        command = [str(REPLYBY), "--config", str(self.config), "--as", WHO, *words]
        return Process(command, environment, self.folder / "said.txt")

    def tell(self, *words: str) -> None:
        """What people do between the kills."""
        assert main(["--config", str(self.config), "--as", WHO, *words]) == 0, words

    def customer_writes(self) -> None:
        """A new customer, with a token of their own."""
        token, page = f"token-{len(self.tokens):06d}", self.server.page
        self.tokens.append(token)
        person = page.person(token)
        if len(self.tokens) % 2:
            self.comments[token] = page.comment(person, f"Where is it? {token}", self.post)
        else:
            page.write(person, f"Where is it? {token}")

    def customer_changes_their_mind(self, token: str, *, deletes: bool) -> None:
        """A comment gets other words, or goes away before anybody answers it."""
        comment = self.comments[token]
        if deletes:
            self.server.page.delete(comment)
            self.deleted.add(token)
        else:
            self.server.page.edit(comment, f"{comment.message} Please!")
            self.edited.add(token)

    def noticed(self) -> tuple[set[str], set[str]]:
        """Whose comments are known to be edited, and to be gone."""
        sql = "SELECT author_name, edited_at, deleted_at, body FROM message WHERE direction = 0"
        with self.store() as store:
            rows = store.database.read(sql)
        edited = {str(r[0]) for r in rows if r[1] and str(r[3]) == self.comments[r[0]].message}
        return edited, {str(r[0]) for r in rows if r[2]}

    def arrived(self, token: str) -> int:
        """How many answers with the token are on the page."""
        page = self.server.page
        with page.lock:
            written = [c.message for c in self.post.comments if c.author is page.me]
            written += [m.message for m in page.messages.values() if m.author is page.me]
        return written.count(answer(token))

    @contextmanager
    def store(self) -> Iterator[Store]:
        opened = open_store(self.database, now())
        try:
            yield opened
        finally:
            opened.close()

    def conversations(self, where: str) -> dict[str, str]:
        """Tokens to conversation ids."""
        sql = f"SELECT customer_name, id FROM conversation WHERE {where} ORDER BY id"
        with self.store() as store:
            return {str(token): str(number) for token, number in store.database.read(sql)}

    def states(self) -> Counter[SendState]:
        with self.store() as store:
            rows = store.database.read("SELECT state FROM outbox")
        return Counter(SendState(str(row[0])) for row in rows)


@contextmanager
def open_page_desk(folder: Path, database: str) -> Iterator[PageDesk]:
    """A page with one post, and a desk on an empty database."""
    os.environ[_SECRET] = _TOKEN
    with GraphServer(_TOKEN) as server:
        desk = PageDesk(folder, database, server, server.page.publish("Our winter hours"))
        desk.write_config()
        yield desk
