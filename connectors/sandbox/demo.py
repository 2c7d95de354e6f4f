"""`replyby demo`: a whole desk in one process, with customers who write and answer back."""

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import ClassVar

from connectors.sandbox.demo_desk import PlayedDesk
from connectors.sandbox.demo_stage import platforms
from monitor import plugins
from monitor.command import Shell
from monitor.errors import ReplybyError, UsageError
from monitor.wiring import House

_SETTLE_SECONDS = 20
_ANSWERS_A_SECOND = 5  # on a slow machine
_HEADLESS_SECONDS = 30
_MOST_CUSTOMERS = 2000


class DemoCommand:
    """The entry point `demo`."""

    help = (
        "Try replyby without an account, a network or anything to set up: X, a Facebook page and\n"
        "a mail server inside this process, customers on all three who write and answer back, the\n"
        "real connectors, the real queue in a temporary file, and the terminal open on it."
    )
    _paces: ClassVar[dict[str, float]] = {"screen": 0.2, "headless": 3.0, "serve": 20.0}

    def arguments(self, parser: argparse.ArgumentParser) -> None:
        how = parser.add_mutually_exclusive_group()
        how.add_argument(
            "--headless", action="store_true",
            help="no screen: a script answers, and a line per channel sums up",
        )  # fmt: skip
        how.add_argument(
            "--serve", action="store_true",
            help="no screen and nobody who answers: for terminals that join by --keep's folder",
        )  # fmt: skip
        parser.add_argument("--seconds", type=float, help="how long, without a screen (30)")
        parser.add_argument(
            "--customers", type=int, metavar="N",
            help="so many conversations at once, and none after them; else 24, and more and more",
        )  # fmt: skip
        parser.add_argument(
            "--keep", type=Path, metavar="DIR",
            help="keep config.toml and the database there, and at the end outcome.json",
        )  # fmt: skip
        parser.add_argument("--pace", type=float, help="messages that customers write a second")
        parser.add_argument("--seed", type=int, default=1, help="another number, another crowd")

    def run(self, args: argparse.Namespace, shell: Shell) -> int:
        _check(args)
        mode = "headless" if args.headless else "serve" if args.serve else "screen"
        args.pace = args.pace or self._paces[mode]
        play = {"headless": _headless, "serve": _serve, "screen": _on_screen}[mode]
        with _folder(args.keep) as folder, platforms(folder) as stage:
            desk = PlayedDesk(
                stage, folder, shell.complain, seed=args.seed, pace=args.pace,
                customers=args.customers, orderly=mode != "screen", asides=mode != "serve",
            )  # fmt: skip
            try:
                return play(desk, args, shell)
            finally:
                desk.stop()
                if args.keep:
                    desk.write_outcome(folder / "outcome.json")


def _check(args: argparse.Namespace) -> None:
    given = (value for value in (args.seconds, args.pace, args.customers) if value is not None)
    if any(value <= 0 for value in given):
        raise UsageError("--seconds, --pace and --customers want numbers above 0")
    if (args.customers or 0) > _MOST_CUSTOMERS:
        raise UsageError(f"--customers takes {_MOST_CUSTOMERS:,} at the most")
    if args.serve and not args.keep:
        raise UsageError("--serve wants --keep DIR, by which other terminals join")
    if args.keep and (args.keep / "config.toml").exists():
        raise UsageError(f"{args.keep} has a config.toml; name a folder without one")


@contextmanager
def _folder(keep: Path | None) -> Iterator[Path]:
    """The one to keep, made where it is missing, or one that goes with the demo."""
    if keep:
        yield _made(keep)
        return
    with tempfile.TemporaryDirectory(prefix="replyby-demo-") as name:
        yield Path(name)


def _made(folder: Path) -> Path:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"can't make the folder {folder}: {error.strerror}") from None
    return folder


def _on_screen(desk: PlayedDesk, args: argparse.Namespace, shell: Shell) -> int:
    """The terminal is opened at once; what takes its time to import is so behind it."""
    screen = House(desk.config(), say=shell.complain)
    if args.keep:
        shell.complain(desk.joining)
    failed: list[str] = []
    backstage = threading.Thread(target=_start, args=(desk, failed), name="demo-start", daemon=True)
    backstage.start()
    try:
        with _ended_by_signals():
            queue = plugins.command("queue")
            code = queue.run(argparse.Namespace(seconds=None), Shell.at(screen, shell.given_who))
    finally:
        backstage.join()
        screen.close()
    for reason in failed:
        shell.complain(f"the platforms could not be played: {reason}")
    return 1 if failed else code


def _start(desk: PlayedDesk, failed: list[str]) -> None:
    try:
        desk.start()
    except (OSError, ReplybyError) as error:
        failed.append(str(error))


def _serve(desk: PlayedDesk, args: argparse.Namespace, shell: Shell) -> int:
    with _stopped_by_signals() as stopped:
        desk.start()
        shell.say(desk.joining)
        sys.stdout.flush()
        stopped.wait(args.seconds)
    return 0


def _headless(desk: PlayedDesk, args: argparse.Namespace, shell: Shell) -> int:
    from connectors.sandbox.demo_agent import Agent

    seconds = args.seconds or _HEADLESS_SECONDS
    with _stopped_by_signals() as stopped:
        desk.start()
        agent = Agent(desk.house, desk.crowd, shell.say)
        agent.start()
        shell.say(f"all are polled every second; customers write for {seconds:g} s")
        stopped.wait(seconds)
        desk.crowd.stop()
        _let_settle(desk, time.monotonic() + _settle_seconds(args), stopped)
        agent.stop()
    desk.stop()
    for line in desk.traffic():
        shell.say(line)
    early = ["stopped early, which proves nothing"]
    faults = early if stopped.is_set() else [*agent.problems, *desk.faults()]
    for fault in faults:
        shell.complain(fault)
    sys.stdout.flush()
    return 1 if faults else 0


@contextmanager
def _ended_by_signals() -> Iterator[None]:
    """SIGTERM, and the terminal that goes away, end the program in order: no files are left."""

    def end(number: int, frame: FrameType | None) -> None:
        raise SystemExit(128 + number)

    with _handled((signal.SIGTERM, signal.SIGHUP), end):
        yield


@contextmanager
def _stopped_by_signals() -> Iterator[threading.Event]:
    """An event that is set by what usually ends a program."""
    stopped = threading.Event()

    def stop(number: int, frame: FrameType | None) -> None:
        stopped.set()

    with _handled((signal.SIGTERM, signal.SIGINT, signal.SIGHUP), stop):
        yield stopped


@contextmanager
def _handled(numbers: Sequence[int], by: Callable[[int, FrameType | None], None]) -> Iterator[None]:
    before = [signal.signal(number, by) for number in numbers]
    try:
        yield
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)


def _settle_seconds(args: argparse.Namespace) -> float:
    """How long all that was written may take to be answered: longer for a crowd."""
    return _SETTLE_SECONDS + (args.customers or 0) / _ANSWERS_A_SECOND


def _let_settle(desk: PlayedDesk, deadline: float, stopped: threading.Event) -> None:
    """Wait until all that was written is in, answered and sent, or the time is up."""
    while time.monotonic() < deadline and not desk.is_settled():
        if stopped.wait(0.2):
            return
