"""A Facebook page and a desk to be killed: config.toml, the stand-in, real `replyby` processes."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

from connectors.sandbox.graph import GraphServer
from connectors.sandbox.graph_data import Comment, Post
from tests.kill.desk import answer
from tests.kill.killed_desk import KilledDesk

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
class PageDesk(KilledDesk):
    """A page; every other customer comments, the rest write on Messenger."""

    token: ClassVar[str] = "customer_name"
    environment: ClassVar[Mapping[str, str]] = {_SECRET: _TOKEN}

    server: GraphServer
    post: Post
    tokens: list[str] = field(default_factory=list)
    comments: dict[str, Comment] = field(default_factory=dict)
    edited: set[str] = field(default_factory=set)
    deleted: set[str] = field(default_factory=set)

    def write_config(self) -> None:
        text = _CONFIG.format(
            database=self.database, page=self.server.page.me.id, secret=_SECRET,
            url=self.server.url,
        )  # fmt: skip
        self.config.write_text(text)

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
        rows = self.rows(sql)
        edited = {str(r[0]) for r in rows if r[1] and str(r[3]) == self.comments[str(r[0])].message}
        return edited, {str(r[0]) for r in rows if r[2]}

    def answer(self, token: str, number: str) -> None:
        """Every other comment is answered in private."""
        way = "private" if token in self.comments and int(token[-6:]) % 4 == 0 else ""
        self.tell("reply", number, "--text", answer(token), "--way", way)

    def arrived(self, token: str) -> int:
        """How many answers with the token are on the page."""
        page = self.server.page
        with page.lock:
            written = [c.message for c in self.post.comments if c.author is page.me]
            written += [m.message for m in page.messages.values() if m.author is page.me]
        return written.count(answer(token))


@contextmanager
def open_page_desk(folder: Path, database: str) -> Iterator[PageDesk]:
    """A page with one post, and a desk on an empty database."""
    os.environ[_SECRET] = _TOKEN
    with GraphServer(_TOKEN) as server:
        desk = PageDesk(folder, database, server, server.page.publish("Our winter hours"))
        desk.write_config()
        yield desk
