"""An account at the sandbox's X, its customers, and settings that reach it."""

from __future__ import annotations

import itertools
from datetime import datetime, timedelta
from pathlib import Path

from connectors.sandbox.x import Exchange, XServer
from connectors.sandbox.x_routes import gone, problem
from connectors.sandbox.x_world import NOT_MENTIONED, Post, User
from connectors.twitter.channel import TwitterChannel
from connectors.twitter.settings import TwitterSettings
from monitor.connector import Connector, Surroundings
from tests.connectors.platforms import Fault, Got, Platform
from tests.connectors.x_document import PATH, complaints
from tests.fakes import START, FakeClock

KEY = b"k" * 32
OVERLOADED = problem(503, "Service Unavailable", "Service Unavailable")
_PLANS = {
    Fault.REFUSES: ("GET", "/2/tweets/", gone("tweet", "id", "1")),
    Fault.BUSY: ("GET", "/2/tweets/", OVERLOADED),
    Fault.REFUSES_LATE: ("POST", "/2/tweets", problem(403, "Forbidden", NOT_MENTIONED)),
    Fault.BUSY_LATE: ("POST", "/2/tweets", problem(429, "Too Many Requests", "")),
}


class XPlatform(Platform):
    """The sandbox's X with the account @acme, and a user for each customer."""

    def __init__(self, folder: Path, clock: FakeClock, server: XServer) -> None:
        self._folder = folder
        self._clock = clock
        self._numbers = itertools.count(1)
        self.server = server
        self.world = server.world
        self.acme: User = self.world.add_user("acme", "Acme Tools")
        self.keys = server.door.give_keys(self.acme)
        keys = self.keys
        self.exchanges: list[Exchange] = []
        server.watchers.append(self.exchanges.append)
        self.secrets = (keys.consumer_secret, keys.access_token, keys.access_token_secret)

    def complaints(self) -> list[str]:
        """What X's own document has against what was said here, where it is at hand."""
        judged = [e for e in self.exchanges if "/oauth2/" not in e.target] if PATH.exists() else []
        return [complaint for exchange in judged for complaint in complaints(exchange)]

    @property
    def asked(self) -> list[str]:
        """Every request so far: its method and path."""
        return [f"{e.method} {e.target.partition('?')[0]}" for e in self.exchanges]

    def connect(self, *, secret: str | None = None, **given: object) -> Connector:
        settings = self.settings(secret=secret, **given)
        return TwitterChannel().connect(settings, surroundings(self._clock))

    def settings(self, *, secret: str | None = None, **given: object) -> TwitterSettings:
        """The account's section, with the given keys changed or added."""
        keys = self.keys
        fields: dict[str, object] = {
            "name": "support",
            "channel": "twitter",
            "consumer_key": self._kept(keys.consumer_key),
            "consumer_secret": self._kept(keys.consumer_secret),
            "access_token": self._kept(keys.access_token),
            "access_token_secret": self._kept(secret or keys.access_token_secret),
            "api_url": self.server.url,
            "timeout": timedelta(seconds=self.patience),
        }
        both = {name: value for name, value in (fields | given).items() if value is not None}
        return TwitterSettings.model_validate(both, context={"base": self._folder})

    def _kept(self, secret: str) -> str:
        path = self._folder / f"secret-{next(self._numbers)}"
        path.write_text(secret)
        return f"file:{path.name}"

    def customer(self) -> User:
        """Somebody new."""
        number = next(self._numbers)
        return self.world.add_user(f"customer{number}", f"Customer {number}")

    def customer_writes(self, text: str, at: datetime = START) -> None:
        self.mention(text, at=at)

    def mention(self, text: str, *, at: datetime = START, author: User | None = None) -> Post:
        """Somebody begins a thread that names us."""
        return self.world.post(author or self.customer(), f"@acme {text}", at=at)

    def customer_answers(self, text: str, at: datetime) -> None:
        ours = self.world.written_by(self.acme)[0]
        assert ours.answers
        self.world.post(ours.answers.author, f"@acme {text}", at=at, answers=ours)

    def edit(self, text: str, new: str) -> None:
        self.world.edit(self._post(text), f"@acme {new}")

    def delete(self, text: str) -> None:
        self.world.delete(self._post(text))

    def _post(self, text: str) -> Post:
        return next(p for p in self.world.posts.values() if p.text == f"@acme {text}")

    def customers_got(self) -> list[Got]:
        return [
            Got(post.text.partition(" ")[2], post.answers.text.partition(" ")[2])
            for post in reversed(self.world.written_by(self.acme))
            if post.answers
        ]

    def cause(self, fault: Fault) -> None:
        faults = self.server.faults
        if fault is Fault.DOWN:
            self.server.stop()
        elif fault is Fault.SILENT:
            faults.silent = True
        elif fault is Fault.GARBAGE:
            faults.garbage = True
        elif fault is Fault.CUT:
            faults.cut_writes, faults.mute_after_cut = 1, True
        else:
            faults.plan(*_PLANS[fault])

    def mend(self) -> None:
        self.server.faults.mend()
        self.server.start()


def surroundings(clock: FakeClock) -> Surroundings:
    """What the house gives a connector."""
    return Surroundings("Acme support", lambda: KEY, clock)
