"""A desk at the sandbox's X to be killed: real `replyby` processes, and what X saw of them."""

from __future__ import annotations

import re
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

from connectors.sandbox.x import Exchange, XServer
from connectors.sandbox.x_world import Post, User
from connectors.twitter.thread import thread
from tests.kill.killed_desk import KilledDesk, Process

_LOOK = 0.05
_KEYS = ("consumer_key", "consumer_secret", "access_token", "access_token_secret")
_NUMBERED = re.compile(rb" [(]([2-9])/[2-9][)]\"")
_CONFIG = """
[desk]
database = "{database}"

[[accounts]]
name = "support"
channel = "twitter"
every = "1s"
timeout = "5s"
api_url = "{url}"
"""


class Steps:
    """What X is asked, for tests that wait for it."""

    def __init__(self) -> None:
        self.last = ""
        self._seen: set[str] = set()
        self._news = threading.Condition()

    def __call__(self, exchange: Exchange) -> None:
        step = _step(exchange)
        with self._news:
            self.last = step
            self._seen.add(step)
            self._news.notify_all()

    def begin(self) -> None:
        with self._news:
            self.last = ""
            self._seen.clear()

    def wait_for(self, step: str, ended: Callable[[], bool]) -> bool:
        """False where the process came to its end first."""
        with self._news:
            while step not in self._seen:
                if ended():
                    return False
                self._news.wait(_LOOK)
        return True


def _step(exchange: Exchange) -> str:
    path = exchange.target.partition("?")[0].split("/")
    if exchange.method == "POST":
        return "publishing" if _NUMBERED.search(exchange.body) is None else "going on"
    return "looking" if path[2] == "tweets" else path[-1]


def answer_to(token: str) -> str:
    """What that post is answered: a third of them at length."""
    long = int(token.removeprefix("token-")) % 3 == 0
    return f"answer to {token}" + (f": {token} is on its way." * 20 if long else "")


def _words_for(token: str) -> tuple[str, ...]:
    text = answer_to(token)
    way = () if len(thread(text)) == 1 else ("--way", "thread")
    return ("--text", text, *way)


def _is_to(post: Post, other: Post) -> bool:
    return post.answers is not None and post.answers.id == other.id


def _line(post: Post, below: Mapping[str, Post]) -> list[str]:
    found = [post]
    while after := below.get(found[-1].id):
        found.append(after)
    return [each.text.partition(" ")[2] for each in found]


@dataclass
class XDesk(KilledDesk):
    """An account at X, and its customers."""

    token: ClassVar[str] = "substr(preview, 10, 12)"

    server: XServer
    acme: User
    steps: Steps = field(default_factory=Steps)
    asked: dict[str, Post] = field(default_factory=dict)

    def customers_write(self, number: int) -> None:
        """Posts of new customers, each with a token of its own."""
        for _ in range(number):
            token = f"token-{len(self.asked):06d}"
            customer = self.server.world.add_user(f"c{len(self.asked)}")
            self.asked[token] = self.server.world.post(customer, f"@acme where is {token}?")

    def start(self, *words: str) -> Process:
        """A real process, whose steps are counted from now on."""
        self.steps.begin()
        return super().start(*words)

    def answer(self, token: str, number: str) -> None:
        """Every third time with a text that is a thread."""
        self.tell("reply", number, *_words_for(token))

    def answer_again(self, token: str, number: str) -> None:
        """Of a thread its first post may be known by now, as an answer from outside."""
        self.tell("reply", number, *_words_for(token), "--again")

    def answers(self, token: str) -> list[list[str]]:
        """The posts that answer the one with that token, each with those that follow it."""
        ours = list(reversed(self.server.world.written_by(self.acme)))
        below = {post.answers.id: post for post in ours if post.answers}
        return [_line(post, below) for post in ours if _is_to(post, self.asked[token])]

    def arrived(self, token: str) -> int:
        """How often its answer is there, whole."""
        return self.answers(token).count(thread(answer_to(token)))

    def everything_is_stored_once(self) -> None:
        bodies = self.rows("SELECT body FROM message WHERE direction = 0")
        stored = Counter(str(body)[9:21] for (body,) in bodies)
        assert stored == Counter(self.asked.keys())

    def write_config(self) -> None:
        keys = self.server.door.give_keys(self.acme)
        lines = []
        for name in _KEYS:
            (self.folder / name).write_text(getattr(keys, name))
            lines.append(f'{name} = "file:{name}"')
        text = _CONFIG.format(database=self.database, url=self.server.url)
        self.config.write_text(text + "\n".join(lines) + "\n")


@contextmanager
def open_x_desk(folder: Path, database: str) -> Iterator[XDesk]:
    """A desk on an empty database, at an X without limits."""
    with XServer() as server:
        server.limits.most[""] = 1_000_000
        desk = XDesk(folder, database, server, server.world.add_user("acme"))
        server.watchers.append(desk.steps)
        desk.write_config()
        yield desk
