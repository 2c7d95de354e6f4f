"""The sandbox's X in a process of its own, with posts that mention an account."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass

from connectors.sandbox.x import XServer
from connectors.sandbox.x_auth import Keys

MOST = 800
"""Mentions that X lists at the most."""


@dataclass(frozen=True, slots=True)
class FarSide:
    """Where it is, and how the account signs in."""

    url: str
    user: str
    keys: Keys


@contextmanager
def far_side(mentions: int) -> Iterator[FarSide]:
    """X with so many mentions, each of a user of its own."""
    words = [sys.executable, "-m", "benchmarks.x_far_side", str(mentions)]
    process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout
        found = json.loads(process.stdout.readline())
        yield FarSide(found["url"], found["user"], Keys(**found["keys"]))
    finally:
        process.communicate("")


def main() -> int:
    """Serve until standard input ends."""
    with XServer() as server:
        acme = server.world.add_user("acme")
        server.limits.most[""] = 1_000_000
        for number in range(int(sys.argv[1])):
            customer = server.world.add_user(f"c{number}", f"Customer {number}")
            server.world.post(customer, f"@acme where is my order {number}? It is late. " * 3)
        keys = asdict(server.door.give_keys(acme))
        print(json.dumps({"url": server.url, "user": acme.id, "keys": keys}), flush=True)
        sys.stdin.read()
    return 0


if __name__ == "__main__":
    sys.exit(main())
