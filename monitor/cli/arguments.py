"""What several commands take: conversation ids, account names, text from a file or a pipe."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from monitor.clock import micros
from monitor.command import Shell, stdin_or
from monitor.errors import UsageError
from monitor.wiring import House

_ID_MOST = 2**63 - 1


def conversation_id(text: str) -> int:
    """A conversation's number, with or without the `#` that screens put before it."""
    digits = text.removeprefix("#")
    if not digits.isascii() or not digits.isdigit() or not 0 < int(digits) <= _ID_MOST:
        raise argparse.ArgumentTypeError(f"'{text[:40]}' is not the number of a conversation")
    return int(digits)


def count(text: str) -> int:
    """A number of rows, from 1 to what a database can count."""
    if not text.isascii() or not text.isdigit() or not 0 < int(text[:30]) <= _ID_MOST:
        raise argparse.ArgumentTypeError(f"'{text[:40]}' is not a number from 1")
    return int(text)


def account_ids(house: House, names: Sequence[str]) -> tuple[int, ...]:
    """The store's ids of configured accounts; ConfigError names the nearest where one is wrong."""
    for name in names:
        house.config.account(name)
    ids = house.store.accounts.ids() if names else {}
    return tuple(ids[name] for name in names)


def add_text(parser: argparse.ArgumentParser, what: str) -> None:
    """`--text`, and the conversation before it."""
    add_id(parser)
    parser.add_argument("--text", required=True, metavar="T", help=f"{what}, or - to read it")


def text_of(args: argparse.Namespace) -> str:
    """What `--text` gives."""
    text = stdin_or(args.text)
    if not text.strip():
        raise UsageError("--text is empty")
    return text


def add_id(parser: argparse.ArgumentParser) -> None:
    """The conversation, and `--json`."""
    parser.add_argument("id", type=conversation_id, help="as `replyby list` shows it")
    parser.add_argument(
        "--json", action="store_true", help="print the conversation as it is then, for scripts"
    )


def done(shell: Shell, args: argparse.Namespace, text: str, **more: object) -> int:
    """Say what was done, or with `--json` show the conversation as it is now; success."""
    if args.json:
        house = shell.house
        conversation = house.desk.find(args.id)
        shell.say_json(conversation.as_json(micros(house.clock())) | more)
    else:
        shell.say(text)
    return 0
