"""`canned`: the canned replies that there are, and an answer made from one."""

from __future__ import annotations

import argparse

from monitor.canned import CannedReplies, expand, read_canned, values_of
from monitor.cli.arguments import add_id, text_of
from monitor.command import Shell, columns
from monitor.errors import UsageError
from monitor.message import preview


class Canned:
    """What can be sent without being typed."""

    help = (
        "List the canned replies, or print one. They stand in [canned] of config.toml and in the\n"
        "folder that it names; `replyby reply ID --canned CODE` sends one."
    )

    def arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("code", nargs="?", help="print this one as it was written")
        parser.add_argument("--json", action="store_true", help="print a list of objects")

    def run(self, args: argparse.Namespace, shell: Shell) -> int:
        replies = read_canned(shell.house.config.canned)
        found = [replies.get(args.code)] if args.code else replies.find("", len(replies))
        if args.json:
            shell.say_json([{"code": reply.code, "text": reply.text} for reply in found])
        elif args.code:
            shell.say(found[0].text)
        elif found:
            shell.say(columns([(reply.code, preview(reply.text)) for reply in found]))
        else:
            shell.say("no canned replies yet: [canned] in config.toml")
        return 0


def add_answer(parser: argparse.ArgumentParser) -> None:
    """The conversation, and `--text` or `--canned`."""
    add_id(parser)
    answer = parser.add_mutually_exclusive_group(required=True)
    answer.add_argument("--text", metavar="T", help="the answer, or - to read it")
    answer.add_argument("--canned", metavar="CODE", help="a canned reply (`replyby canned`)")


def answer_of(args: argparse.Namespace, shell: Shell) -> str:
    """What `--text` gives, or the canned reply filled in; UsageError where a blank is left."""
    if not args.canned:
        return text_of(args)
    house = shell.house
    replies = read_canned(house.config.canned)
    values = values_of(house.desk.find(args.id), shell.who, house.config.desk.name)
    text = expand(replies.get(args.canned).text, values)
    _check(replies, text)
    return text


def _check(replies: CannedReplies, text: str) -> None:
    if blanks := replies.unresolved(text):
        raise UsageError(f"{', '.join(blanks)} is not known here: write the answer with --text")
