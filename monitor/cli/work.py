"""`claim`, `reply` and what else staff do, for scripts and for those without a full screen."""

from __future__ import annotations

import argparse
import threading
from pathlib import Path
from zoneinfo import ZoneInfo

from monitor import wording
from monitor.cli.arguments import (
    account_ids,
    add_id,
    add_text,
    conversation_id,
    count,
    done,
    text_of,
)
from monitor.cli.canned import add_answer, answer_of
from monitor.clock import micros
from monitor.command import Shell
from monitor.errors import DeskError, UsageError
from monitor.files import read
from monitor.message import OWED, WAY_OUT, SendState
from monitor.when import EXAMPLES, parse_when


class Claim:
    """Who takes it."""

    help = "Claim the most urgent conversation that nobody has, or the one named."

    def arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("id", type=conversation_id, nargs="?", help="else the next one")
        parser.add_argument("--account", help="the next one of this account only")
        parser.add_argument("--json", action="store_true", help="print an object, for scripts")

    def run(self, args: argparse.Namespace, shell: Shell) -> int:
        house = shell.house
        if args.id is not None:
            claimed = house.desk.claim(args.id, shell.who)
        else:
            account = account_ids(house, [args.account])[0] if args.account else None
            found = house.desk.claim_next(shell.who, account)
            if found is None:
                shell.complain("nobody waits whom you could claim")
                return 1
            claimed = found
        if args.json:
            shell.say_json(claimed.as_json(micros(house.clock())))
            return 0
        zone = ZoneInfo(house.config.desk.timezone)
        who = claimed.customer_name or claimed.customer_address
        shell.say(f"#{claimed.id}  {who}  {wording.standing(claimed, zone, house.clock())}")
        return 0


class Release:
    """Back to the others."""

    help = "Give a claimed conversation back; your draft stays."

    def arguments(self, parser: argparse.ArgumentParser) -> None:
        add_id(parser)

    def run(self, args: argparse.Namespace, shell: Shell) -> int:
        shell.house.desk.release(args.id, shell.who)
        return done(shell, args, f"#{args.id} released")


class Reply:
    """The answer."""

    help = (
        "Answer a customer. The answer is written down at once and sent by `replyby run`,\n"
        "by the next `replyby poll`, or, with --wait, now."
    )

    def arguments(self, parser: argparse.ArgumentParser) -> None:
        add_answer(parser)
        parser.add_argument(
            "--wait", action="store_true",
            help="send it now and wait until its fate is known (exit 1 where it was not sent)",
        )  # fmt: skip
        parser.add_argument(
            "--attach", action="append", default=[], type=Path, metavar="FILE",
            help="send this file along; may be given several times",
        )  # fmt: skip
        parser.add_argument(
            "--again", action="store_true", help="even where nobody waits: it was answered already"
        )
        parser.add_argument(
            "--seen", type=count, metavar="MESSAGE",
            help="the last message you have read; refused where the customer wrote again since",
        )  # fmt: skip
        parser.add_argument(
            "--way", default="", metavar="NAME",
            help="how to answer, where the channel has several ways (a wrong one lists them)",
        )  # fmt: skip

    def run(self, args: argparse.Namespace, shell: Shell) -> int:
        desk = shell.house.desk
        files = read(args.attach)
        if desk.find(args.id).state not in OWED and not args.again:
            raise DeskError(
                f"nobody waits in conversation {args.id}: it is {desk.find(args.id).state.label}; "
                "say --again to write all the same"
            )
        text = answer_of(args, shell)
        check_answer(shell, args.id, text, args.way)
        number = desk.reply(
            args.id, shell.who, text, seen=args.seen, files=files, way=args.way
        )  # fmt: skip
        state = wait_for(shell, number) if args.wait else desk.answer(number).state
        answer = {"id": number, "state": str(state), "error": desk.answer(number).error}
        if not args.wait or state is SendState.SENT:
            fate = "is sent" if args.wait else "is written down and will be sent"
            return done(shell, args, f"#{args.id}: answer {number} {fate}", answer=answer)
        if args.json:
            done(shell, args, "", answer=answer)
        shell.complain(f"#{args.id}: answer {number} is {state}: {answer['error']}")
        return 1


def check_answer(shell: Shell, conversation: int, text: str, way: str) -> None:
    """What the platform would refuse is refused now, before it is written down."""
    house = shell.house
    opened = house.desk.open(conversation, shell.who)
    if opened.question is None:
        return  # the outbox says better than we could why nothing can be sent
    prospect = house.foresee(opened, text, way)
    ways = [offered.name for offered in prospect.ways if offered.name]
    if way and way not in ways:
        there = f"there are: {', '.join(ways)}" if ways else "there is only the usual one"
        raise UsageError(
            f"no way of answering conversation {conversation} is called '{way}'; {there}"
        )
    if prospect.refusal:
        raise DeskError(
            f"conversation {conversation} can't be answered like this: {prospect.refusal}"
        )


def wait_for(shell: Shell, number: int) -> SendState:
    """Send an answer from here unless another process does, until it is sent or has failed.

    A temporary failure ends the wait: the answer stays queued, and is tried again later.
    """
    house, pause = shell.house, threading.Event()
    while True:
        tried = house.outbox.deliver(number)
        state = house.desk.answer(number).state
        if state not in WAY_OUT or (tried and state is SendState.QUEUED):
            return state
        pause.wait(0.2)


class Undo:
    """Second thoughts."""

    help = "Take back your answer as long as it has not left; its text is your draft again."

    def arguments(self, parser: argparse.ArgumentParser) -> None:
        add_id(parser)

    def run(self, args: argparse.Namespace, shell: Shell) -> int:
        shell.house.desk.undo(args.id, shell.who)
        return done(shell, args, f"#{args.id}: the answer is taken back; it is your draft again")


class Settle:
    """What a machine can't know."""

    help = (
        "Say what became of an answer whose fate is unsure: the server got it and never said\n"
        "whether it took it. Look into the Sent folder, or ask the customer."
    )

    def arguments(self, parser: argparse.ArgumentParser) -> None:
        add_id(parser)
        fate = parser.add_mutually_exclusive_group(required=True)
        fate.add_argument("--arrived", action="store_true", help="it arrived: the clock stops")
        fate.add_argument(
            "--not-arrived", dest="arrived", action="store_false",
            help="it did not: its text is a draft again, for you to send",
        )  # fmt: skip

    def run(self, args: argparse.Namespace, shell: Shell) -> int:
        shell.house.desk.settle(args.id, shell.who, arrived=args.arrived)
        fate = "answered" if args.arrived else "back in the queue"
        return done(shell, args, f"#{args.id}: {fate}")


class Note:
    """Among colleagues."""

    help = "Write a note that only colleagues see."

    def arguments(self, parser: argparse.ArgumentParser) -> None:
        add_text(parser, "the note")

    def run(self, args: argparse.Namespace, shell: Shell) -> int:
        shell.house.desk.note(args.id, shell.who, text_of(args))
        return done(shell, args, f"#{args.id}: noted")


class Snooze:
    """Later."""

    help = f"Put a conversation aside until then: {EXAMPLES}. Its clock runs on."

    def arguments(self, parser: argparse.ArgumentParser) -> None:
        add_id(parser)
        parser.add_argument("until", nargs="+", help="when it comes back")
        parser.add_argument(
            "--past-deadline", action="store_true",
            help="even though that is after the moment it has to be answered by",
        )  # fmt: skip

    def run(self, args: argparse.Namespace, shell: Shell) -> int:
        house = shell.house
        zone = ZoneInfo(house.config.desk.timezone)
        try:
            until = parse_when(" ".join(args.until), house.clock(), zone)
        except ValueError as error:
            raise UsageError(str(error)) from None
        house.desk.snooze(args.id, shell.who, until, past_deadline=args.past_deadline)
        return done(shell, args, f"#{args.id}: snoozed until {wording.stamp(until, zone)}")


class _Ending:
    """What ends a wait without an answer takes a reason."""

    def arguments(self, parser: argparse.ArgumentParser) -> None:
        add_id(parser)
        parser.add_argument("--reason", default="", help="kept in the log")


class NoReply(_Ending):
    """An outcome of its own."""

    help = "End the wait: nothing has to be answered. It never counts as answered in time."

    def run(self, args: argparse.Namespace, shell: Shell) -> int:
        shell.house.desk.no_reply_needed(args.id, shell.who, args.reason)
        return done(shell, args, f"#{args.id}: no reply needed")


class Answered:
    """On the platform itself."""

    help = (
        "Say that a conversation was answered on the platform itself, just now: the clock stops.\n"
        "Only needed where replyby can't find that answer on its own."
    )

    def arguments(self, parser: argparse.ArgumentParser) -> None:
        add_id(parser)

    def run(self, args: argparse.Namespace, shell: Shell) -> int:
        shell.house.desk.answered_outside(args.id, shell.who)
        return done(shell, args, f"#{args.id}: answered outside")


class Close(_Ending):
    """Without an answer."""

    help = "Close a conversation without an answer. It never counts as answered in time."

    def run(self, args: argparse.Namespace, shell: Shell) -> int:
        shell.house.desk.close(args.id, shell.who, args.reason)
        return done(shell, args, f"#{args.id}: closed")


class Reopen:
    """Taken for a machine's, or closed too early."""

    help = (
        "Start the clock of a conversation again: the customer waits since their last message.\n"
        "For a mail that was taken for a machine's, or what was closed too early."
    )

    def arguments(self, parser: argparse.ArgumentParser) -> None:
        add_id(parser)

    def run(self, args: argparse.Namespace, shell: Shell) -> int:
        shell.house.reopen(args.id, shell.who)
        return done(shell, args, f"#{args.id}: waits for an answer again")


class Tag:
    """Words of our own."""

    help = "Set a conversation's tags; none takes them all off."

    def arguments(self, parser: argparse.ArgumentParser) -> None:
        add_id(parser)
        parser.add_argument("tags", nargs="*", help="all tags that it is to have")

    def run(self, args: argparse.Namespace, shell: Shell) -> int:
        shell.house.desk.tag(args.id, shell.who, tuple(args.tags))
        return done(shell, args, f"#{args.id}: {', '.join(args.tags) or 'no tags'}")
