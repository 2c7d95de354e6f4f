"""The command line: finds the command, runs it, and turns every error into a sentence."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence
from io import TextIOWrapper

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from monitor.command import Command

FAILURE, USAGE = 1, 2
_TRACEBACK = "REPLYBY_TRACEBACK"
# What a start loads is all kept: to look through it for garbage takes a tenth of the time.
_OBJECTS_BEFORE_GARBAGE = 50_000
_DESCRIPTION = (
    "One queue for X, Facebook and e-mail, ordered by the moment by which each customer expects "
    "an answer."
)
_FIRST_STEPS = """
first steps:
  replyby demo              try it: no account, no network, nothing to set up
  replyby init              set up your own accounts, one question at a time
  replyby poll              fetch once what came in (for cron); replyby run keeps on
  replyby queue             work through what waits, in the terminal

`replyby COMMAND --help` explains each command.
"""

# A line each, so that `--help` and `--version` load nothing else.
_COMMANDS = {
    "init": ("monitor.cli.init:Init", "set up config.toml by answering questions"),
    "queue": ("", "work through the queue in the terminal"),
    "work": ("", "the same line by line, without a full screen"),
    "board": ("", "what is late, on which channel, and whose: the lead's screen"),
    "status": ("monitor.cli.status:Status", "the same in a line, for scripts, prompts and alarms"),
    "list": ("monitor.cli.reading:List", "show what waits, most urgent first"),
    "show": ("monitor.cli.reading:Show", "show a conversation whole"),
    "search": ("monitor.cli.reading:Search", "find words in everything ever received"),
    "claim": ("monitor.cli.work:Claim", "claim the next conversation, or the one named"),
    "release": ("monitor.cli.work:Release", "give a claimed conversation back"),
    "reply": ("monitor.cli.work:Reply", "answer a customer"),
    "canned": ("monitor.cli.canned:Canned", "the canned replies that there are"),
    "undo": ("monitor.cli.work:Undo", "take back an answer that has not left yet"),
    "settle": ("monitor.cli.work:Settle", "say whether an unsure answer arrived"),
    "note": ("monitor.cli.work:Note", "write a note for colleagues"),
    "snooze": ("monitor.cli.work:Snooze", "put a conversation aside until later"),
    "no-reply": ("monitor.cli.work:NoReply", "end the wait: no answer is needed"),
    "answered": ("monitor.cli.work:Answered", "say that it was answered on the platform itself"),
    "reopen": ("monitor.cli.work:Reopen", "start the clock of a conversation again"),
    "close": ("monitor.cli.work:Close", "close without an answer"),
    "tag": ("monitor.cli.work:Tag", "set a conversation's tags"),
    "poll": ("monitor.cli.operate:Poll", "fetch once, and send what is due (for cron)"),
    "run": ("monitor.cli.operate:Run", "poll and send in the background until stopped"),
    "accounts": ("monitor.cli.operate:Accounts", "how each account is doing, and what to do"),
    "check": ("monitor.cli.check:Check", "sign in everywhere: what works, what is missing"),
    "login": ("", "sign an account in whose provider wants tokens (Gmail, Microsoft 365)"),
    "rebuild": ("monitor.cli.operate:Rebuild", "compare the database with its own log"),
    "when": ("monitor.cli.clock:When", "say when a message would be due"),
    "explain": ("monitor.cli.clock:Explain", "show the whole sum behind a deadline"),
    "inspect": ("", "show how a mail is understood, and why"),
    "demo": ("", "a desk with customers who write, all inside this process"),
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; 0 done, 1 failed, 2 asked for something that isn't there."""
    gc.set_threshold(_OBJECTS_BEFORE_GARBAGE)
    given = sys.argv[1:] if argv is None else argv
    # What is no UTF-8 reaches Python as lone surrogates, which nothing could store or print.
    words = [word.encode("utf-8", "surrogateescape").decode("utf-8", "replace") for word in given]
    if words == ["--version"]:
        return _version()
    if "--prompt" in words:
        # Asked for every few seconds by prompts: not even a parser is loaded for it.
        from monitor.cli.prompt import asked, prompt

        if (question := asked(words)) is not None:
            return prompt(question)
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        # A terminal that knows no é, or a paste that is no UTF-8, is no reason to fail.
        if isinstance(stream, TextIOWrapper) and stream.errors != "replace":
            stream.reconfigure(errors="replace")
    try:
        code = _run(words)
        sys.stdout.flush()  # a reader who has gone is noticed here, not when Python ends
        return code
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        _drop_stdout()
        return FAILURE


def _version() -> int:
    from importlib.metadata import version

    sys.stdout.write(f"replyby {version('replyby')}\n")
    return 0


def _run(words: list[str]) -> int:
    import argparse

    from monitor.cli.parser import Parser

    top = _top_parser()
    args = top.parse_args(words)
    if args.version:
        return _version()
    if args.command is None:
        top.print_help()
        return 0
    command = _command(args.command, top)
    parser = Parser(prog=f"replyby {args.command}", description=command.help)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    _common(parser)
    command.arguments(parser)
    parser.code = _code(command, USAGE)
    return _execute(command, parser.parse_args(args.rest, args))


def _code(command: Command, usual: int) -> int:
    """The exit code for what went wrong: the usual one, unless the command has its own for it."""
    return int(getattr(command, "unable", usual))


def _execute(command: Command, args: argparse.Namespace) -> int:
    from monitor.command import Shell
    from monitor.errors import ConfigError, ReplybyError, UsageError

    shell = Shell(args.config, args.who)
    try:
        return command.run(args, shell)
    except (ConfigError, UsageError) as error:
        _say_error(str(error))
        return _code(command, USAGE)
    except ReplybyError as error:
        _say_error(str(error))
        return _code(command, FAILURE)
    except (KeyboardInterrupt, BrokenPipeError):
        raise
    except Exception as error:
        # The edge of every command: a fault of ours is a sentence too.
        if os.environ.get(_TRACEBACK):
            raise
        _say_error(f"a fault in replyby ({type(error).__name__}); {_TRACEBACK}=1 shows where")
        return _code(command, FAILURE)
    finally:
        shell.close()


def _top_parser() -> argparse.ArgumentParser:
    import argparse

    from monitor.cli.parser import Parser

    width = max(map(len, _COMMANDS))
    listing = "\n".join(f"  {name:<{width}}  {text}" for name, (_, text) in _COMMANDS.items())
    parser = Parser(
        prog="replyby",
        description=_DESCRIPTION,
        epilog=f"commands:\n{listing}\n{_FIRST_STEPS}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        usage="replyby [--config PATH] [--as NAME] COMMAND …",
    )
    parser.add_argument("--version", action="store_true", help="print the version")
    parser.add_argument("command", nargs="?", metavar="COMMAND", help="what to do, see below")
    parser.add_argument("rest", nargs=argparse.REMAINDER, help=argparse.SUPPRESS)
    parser.set_defaults(config=None, who=None)
    _common(parser)
    return parser


def _common(parser: argparse.ArgumentParser) -> None:
    """Understood before the command and after it."""
    from argparse import SUPPRESS

    group = parser.add_argument_group("for every command")
    group.add_argument(
        "--config", metavar="PATH", default=SUPPRESS,
        help="the configuration; else ./config.toml, then the user's configuration folder",
    )  # fmt: skip
    group.add_argument(
        "--as", dest="who", metavar="NAME", default=SUPPRESS,
        help="who does it; else your login name",
    )  # fmt: skip


def _command(name: str, parser: argparse.ArgumentParser) -> Command:
    where = _COMMANDS.get(name, ("", ""))[0]
    if where:
        from importlib import import_module

        module, _, attribute = where.partition(":")
        command: Command = getattr(import_module(module), attribute)()
        return command
    from monitor import plugins

    if name in plugins.command_entries():
        return plugins.command(name)
    from difflib import get_close_matches

    near = get_close_matches(name, [*_COMMANDS, *plugins.command_entries()], n=1)
    ask = f"; did you mean '{near[0]}'?" if near else "; `replyby --help` lists them"
    return parser.error(f"unknown command '{_printable(name)}'{ask}")


def _say_error(text: str) -> None:
    for line in text.splitlines() or [""]:
        sys.stderr.write(f"replyby: {_printable(line)}\n")


def _printable(text: str) -> str:
    from monitor.clean import clean_line

    return clean_line(text)


def _drop_stdout() -> None:
    """Whoever read our output has gone: let the interpreter's last flush go nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
