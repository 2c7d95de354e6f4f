"""`replyby demo`: a whole desk in one process, with customers who write and answer back."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from connectors.sandbox.crowd import Crowd
from connectors.sandbox.mail import MailServer
from monitor import plugins
from monitor.command import Shell
from monitor.config import parse_config
from monitor.errors import DeskError, UsageError
from monitor.message import Conversation
from monitor.poller import Pass
from monitor.schedule import Daemon
from monitor.wiring import House

_INBOX = "support@acme.example"
_PASSWORD = "sandbox"  # noqa: S105 # of a mailbox that exists in this process only
_SETTLE_SECONDS = 20
_CONFIG = """
[desk]
name = "Acme support"
database = "sqlite:///demo.db"

# Shorter than in life, so that something becomes urgent while you watch.
[windows]
email = "10m"
lead = "3m"

[[accounts]]
name = "support"
channel = "email"
every = "1s"
address = "{inbox}"
imap = "{imap}"
smtp = "{smtp}"
password = "env:REPLYBY_DEMO_PASSWORD"

[[rules]]
when = {{ subject = "/quote|pricing|offer/" }}
then = {{ lead = true, tags = ["sales"] }}
"""


@dataclass
class Stage:
    """The played platform, its customers, and the desk that serves them."""

    server: MailServer
    crowd: Crowd
    house: House
    daemon: Daemon
    problems: list[str] = field(default_factory=list)


class DemoCommand:
    """The entry point `demo`."""

    help = (
        "Try replyby without an account, a network or anything to set up: a mail server inside\n"
        "this process, about twenty customers who write and answer back, the real connector, the\n"
        "real queue in a temporary file, and the terminal open on it."
    )

    def arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "--headless", action="store_true",
            help="no screen: a script answers, and a line per channel sums up",
        )  # fmt: skip
        parser.add_argument("--seconds", type=float, default=30, help="how long, headless (30)")
        parser.add_argument("--pace", type=float, help="mails that customers write a second")
        parser.add_argument("--seed", type=int, default=1, help="another number, another crowd")

    def run(self, args: argparse.Namespace, shell: Shell) -> int:
        if args.seconds <= 0 or (args.pace is not None and args.pace <= 0):
            raise UsageError("--seconds and --pace want numbers above 0")
        pace = args.pace or (2.0 if args.headless else 0.3)
        with tempfile.TemporaryDirectory(prefix="replyby-demo-") as folder:
            return _play(args, shell, Path(folder), pace)


def _play(args: argparse.Namespace, shell: Shell, folder: Path, pace: float) -> int:
    with MailServer() as server:
        server.add_mailbox(_INBOX, _PASSWORD)
        crowd = Crowd(server, _INBOX, seed=args.seed, pace=pace)
        house = _house(server, folder, shell)
        stage = Stage(server, crowd, house, Daemon(house, lambda done: _heard(stage, done)))
        try:
            if args.headless:
                return _headless(stage, args.seconds, shell)
            return _on_screen(stage, shell)
        finally:
            crowd.stop()
            house.close()


def _house(server: MailServer, folder: Path, shell: Shell) -> House:
    os.environ["REPLYBY_DEMO_PASSWORD"] = _PASSWORD
    text = _CONFIG.format(inbox=_INBOX, imap=server.imap_url, smtp=server.smtp_url)
    models = {name: channel.settings for name, channel in plugins.channels().items()}
    return House(parse_config(text, folder / "config.toml", models), say=shell.complain)


def _heard(stage: Stage, done: Pass) -> None:
    if done.problem:
        stage.problems.append(f"{done.account}: {done.problem}")


def _on_screen(stage: Stage, shell: Shell) -> int:
    shell.complain("customers are writing…")
    for _ in range(12):
        stage.crowd.step()
    stage.daemon.start()
    stage.crowd.start()
    try:
        queue = plugins.command("queue")
        args = argparse.Namespace(seconds=None)
        return queue.run(args, Shell.at(stage.house, shell.who))
    finally:
        stage.daemon.stop()


def _headless(stage: Stage, seconds: float, shell: Shell) -> int:
    ends = time.monotonic() + seconds
    stage.daemon.start()
    stage.crowd.start()
    quiet = threading.Event()
    agent = threading.Thread(target=_answer, args=(stage, shell, quiet), name="demo-agent")
    agent.start()
    shell.say(f"{stage.server.imap_url} is polled every second; customers write for {seconds:g} s")
    quiet.wait(seconds)
    stage.crowd.stop()
    _let_settle(stage, max(ends, time.monotonic()) + _SETTLE_SECONDS)
    quiet.set()
    agent.join()
    stage.daemon.stop()
    return _sum_up(stage, shell)


def _answer(stage: Stage, shell: Shell, quiet: threading.Event) -> None:
    """A colleague who never tires: claims what is most urgent, and answers it."""
    desk = stage.house.desk
    while not quiet.wait(0.1):
        while (claimed := desk.claim_next("demo")) is not None:
            try:
                desk.reply(claimed.id, "demo", _words_for(claimed), seen=None)
            except DeskError as error:
                stage.problems.append(str(error))
            who = claimed.customer_name or claimed.customer_address
            shell.say(f"{time.strftime('%H:%M:%S')}  #{claimed.id}  {who}: {claimed.subject}")


def _words_for(claimed: Conversation) -> str:
    name = claimed.customer_name or "there"
    return f"Hello {name},\n\nthank you for writing; we have looked into it.\n\nYour Acme support"


def _let_settle(stage: Stage, deadline: float) -> None:
    """Wait until all that was written is in, answered and sent, or the time is up."""
    pause = threading.Event()
    while time.monotonic() < deadline:
        received = stage.house.store.archive.traffic().get("email", (0, 0))[0]
        waiting = stage.house.desk.overview().waiting
        if received >= stage.crowd.sent and waiting == 0:
            return
        pause.wait(0.2)


def _sum_up(stage: Stage, shell: Shell) -> int:
    crowd = stage.crowd
    crowd.read_answers()
    faults = [*dict.fromkeys(stage.problems)]
    faults += [f"an answer came {n} times: {i}" for i, n in crowd.doubled().items()]
    faults += [f"an answer reached somebody else: {i}" for i in crowd.misdirected()]
    faults += [f"an answer belongs to no thread: {i}" for i in crowd.strays]
    good = True
    for channel, (received, answered) in sorted(stage.house.store.archive.traffic().items()):
        arrivals = Counter(crowd.received)
        reached = sum(1 for count in arrivals.values() if count == 1)
        good &= received > 0 and answered > 0 and reached == answered
        shell.say(f"{channel}: {received} in, {answered} answered, {reached} reached")
    if not crowd.received or not good:
        faults.append("not everything came in, was answered and reached its customer once")
    for fault in faults:
        shell.complain(fault)
    sys.stdout.flush()
    return 1 if faults else 0
