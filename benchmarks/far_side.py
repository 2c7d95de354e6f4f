"""A played platform in a process of its own, whose customers have written already."""

from __future__ import annotations

import json
import secrets
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.sandbox.graph import GraphServer
from connectors.sandbox.x import Exchange, XServer

_KEPT = 50
_TEXT = "Where is my order {}? It is late, and nobody picks up the phone. "


@dataclass(frozen=True, slots=True)
class Tally:
    """How often the platform was asked, what lately, and how many things it answered with.

    `asked` are the last calls, as path and parameters, where the platform keeps them.
    """

    requests: int
    items: int
    asked: Sequence[tuple[str, dict[str, str]]] = ()


@dataclass(frozen=True, slots=True)
class FarSide:
    """Where it is, what its account is called, and the secrets that let one in."""

    process: subprocess.Popen[str]
    facts: dict[str, str]

    def tally(self) -> Tally:
        """What was asked of it so far."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write("tally\n")
        self.process.stdin.flush()
        return Tally(**json.loads(self.process.stdout.readline()))


@contextmanager
def far_side(platform: str, number: int) -> Iterator[FarSide]:
    """One of `PLATFORMS`, where so many customers have written one thing each."""
    words = [sys.executable, "-m", "benchmarks.far_side", platform, str(number)]
    process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout
        yield FarSide(process, json.loads(process.stdout.readline()))
    finally:
        process.communicate()


Played = tuple[dict[str, Any], Callable[[], Tally]]


def _written() -> datetime:
    """Long enough ago that no poll lists it again to be sure."""
    return datetime.now(UTC) - timedelta(hours=3)


@contextmanager
def _x(number: int) -> Iterator[Played]:
    seen = [0, 0]

    def count(exchange: Exchange) -> None:
        body = exchange.answer.body
        seen[0] += 1
        seen[1] += len(body.get("data", ())) if isinstance(body, dict) else 0

    with XServer() as server:
        acme = server.world.add_user("acme")
        server.limits.most[""] = 1_000_000
        server.world.mentions_most = number
        server.watchers.append(count)
        for at in range(number):
            customer = server.world.add_user(f"c{at}", f"Customer {at}")
            server.world.post(customer, f"@acme {_TEXT.format(at) * 3}", at=_written())
        keys = asdict(server.door.give_keys(acme))
        yield {"url": server.url, "account": acme.id, **keys}, lambda: Tally(seen[0], seen[1])


@contextmanager
def _graph(number: int) -> Iterator[Played]:
    token, app_secret = secrets.token_hex(16), secrets.token_hex(16)
    with GraphServer(token, app_secret=app_secret) as server:
        page = server.page
        post = page.publish("Our winter hours")
        for at in range(number):
            page.comment(page.person(f"Customer {at}"), _TEXT.format(at) * 3, post, _written())
        facts = {
            "url": server.url, "account": page.me.id, "post": post.id, "token": token,
            "app_secret": app_secret,
        }  # fmt: skip
        yield (
            facts,
            lambda: Tally(
                len(server.asked), 0, [(a.path, dict(a.args)) for a in server.asked[-_KEPT:]]
            ),
        )


PLATFORMS = {"twitter": _x, "facebook": _graph}


def main() -> int:
    """Serve until standard input ends; each line of it is answered with a tally."""
    platform, number = sys.argv[1:]
    with PLATFORMS[platform](int(number)) as (facts, tally):
        print(json.dumps(facts), flush=True)
        for _ in sys.stdin:
            print(json.dumps(asdict(tally())), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
