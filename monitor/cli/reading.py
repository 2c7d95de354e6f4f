"""`list`, `show` and `search`: what waits, and what was said."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from monitor import wording
from monitor.clean import Safe, clean_line
from monitor.cli.arguments import account_ids, conversation_id, count
from monitor.clock import iso, micros
from monitor.command import Shell, columns
from monitor.desk import Opened
from monitor.errors import NotFound, UsageError
from monitor.message import Conversation, Direction, Message, Party, State, new_text
from monitor.query import Query, QueryError, parse_query
from monitor.store.lists import View

_STATES = {state.label.replace(" ", "-"): state for state in State}


class List:
    """The queue, and other lists."""

    help = "Show what waits, most urgent first."

    def arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print an array, for scripts")
        parser.add_argument("--limit", type=count, default=50, metavar="N", help="at most N (50)")
        parser.add_argument("--account", action="append", default=[], help="only this account's")
        parser.add_argument("--mine", action="store_true", help="only what you have claimed")
        parser.add_argument("--unclaimed", action="store_true", help="only what nobody has")
        parser.add_argument("--overdue", action="store_true", help="only what is past its time")
        parser.add_argument("--leads", action="store_true", help="only sales leads")
        parser.add_argument(
            "--state", choices=[*_STATES, "any"], default="waiting", help="waiting if not given"
        )

    def run(self, args: argparse.Namespace, shell: Shell) -> int:
        house = shell.house
        now = house.clock()
        view = View(
            state=None if args.state == "any" else _STATES[args.state],
            accounts=account_ids(house, args.account),
            assignee=shell.who if args.mine else "" if args.unclaimed else None,
            overdue_at=micros(now) if args.overdue else None,
            leads=args.leads,
        )
        found = house.desk.page(view, args.limit)
        if args.json:
            shell.say_json([c.as_json(micros(now)) for c in found])
        else:
            overview = house.desk.overview()
            shell.say(wording.headline(overview))
            shell.say(table(found, now) or wording.empty(overview, now))
        _say_cut(shell, len(found), args.limit, lambda: house.desk.count(view))
        return 0


class Search:
    """Words in everything."""

    help = (
        "Find conversations in everything ever received, sent and noted.\n"
        "All of the words have to stand in a message; from:NAME channel:x account:NAME tag:NAME\n"
        "who:NAME before:2026-11-20 after:7d is:overdue (is:lead, is:mine, is:answered …)\n"
        "narrow it down."
    )

    def arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("words", nargs="+", help="what to look for")
        parser.add_argument("--json", action="store_true", help="print an array, for scripts")
        parser.add_argument("--limit", type=count, default=50, metavar="N", help="at most N (50)")

    def run(self, args: argparse.Namespace, shell: Shell) -> int:
        house = shell.house
        now, zone = house.clock(), ZoneInfo(house.config.desk.timezone)
        try:
            query = parse_query(" ".join(args.words), now, zone)
        except QueryError as error:
            raise UsageError(str(error)) from None
        if query == Query():
            raise UsageError("there is no word in it to look for")
        found = house.desk.search(query, shell.who, args.limit)
        if args.json:
            shell.say_json([c.as_json(micros(now)) for c in found.rows])
            return 0
        shell.say(table(found.rows, now) or "found nothing")
        if len(found.rows) < found.total:
            shell.complain(wording.cut_short(len(found.rows), found.total, more=found.more))
        return 0


class Show:
    """One conversation."""

    help = "Show a conversation: messages, notes, answers on their way, your draft."

    def arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("id", type=conversation_id, help="as `replyby list` shows it")
        parser.add_argument("--json", action="store_true", help="print an object, for scripts")
        parser.add_argument("--full", action="store_true", help="quotes and signatures too")
        parser.add_argument(
            "--save", type=Path, metavar="FOLDER", help="save its files there, nothing overwritten"
        )
        parser.add_argument(
            "--raw", type=count, metavar="MESSAGE", help="print a message as it came, byte for byte"
        )

    def run(self, args: argparse.Namespace, shell: Shell) -> int:
        house = shell.house
        if args.raw is not None:
            import sys

            if all(m.id != args.raw for m in house.store.lists.messages(args.id)):
                raise NotFound(f"conversation {args.id} has no message {args.raw}")
            if sys.stdout.isatty():
                raise UsageError(
                    "--raw is for a file or a pipe: what came may hold bytes that a terminal obeys"
                )
            sys.stdout.buffer.write(house.store.lists.raw(args.raw))
            return 0
        if args.save is not None:
            saved = house.save_files(args.id, args.save)
            shell.say(
                "\n".join(map(str, saved))
                or "no files to save (those of a mail that was cut stay with the server)"
            )
            return 0
        opened = house.desk.open(args.id, shell.who)
        if args.json:
            shell.say_json(as_json(opened, micros(house.clock())))
        else:
            zone = ZoneInfo(house.config.desk.timezone)
            shell.say(as_text(opened, house.clock(), zone, full=args.full))
        return 0


def _say_cut(shell: Shell, shown: int, limit: int, count: Callable[[], int]) -> None:
    """Nobody may take the first of a list for all of it; counted only where it may be more."""
    if shown >= limit and shown < (total := count()):
        shell.complain(f"{wording.cut_short(shown, total, more=False)}; --limit N shows more")


def table(found: Sequence[Conversation], now: datetime) -> str:
    """A line for each conversation, what customers wrote last on it."""
    return columns(
        [
            (
                str(c.id),
                wording.mark(c, now) + wording.due(c, now).rjust(8),
                c.account,
                c.assignee or "-",
                " ".join(filter(None, ("lead" if c.lead else "", c.send_state or ""))),
                c.customer_name or c.customer_address or "(unknown)",
                c.subject or c.preview,
            )
            for c in found
        ]
    )


def as_json(opened: Opened, now_us: int) -> dict[str, object]:
    """`replyby show --json`: the conversation, its messages, the answers sent from here."""
    return opened.conversation.as_json(now_us) | {
        "seen": opened.seen,
        "messages": [
            {
                "id": m.id,
                "direction": m.direction.name.lower(),
                "author": {"name": m.author.name, "address": m.author.address},
                "at": iso(m.at),
                "found_at": iso(m.found_at),
                "subject": m.subject,
                "text": m.text,
                "new_text": new_text(m.text, m.folds),
                "attachments": [
                    {"number": f.number, "name": f.name, "type": f.type, "size": f.size}
                    for f in m.attachments
                ],
                "remark": m.remark,
                "edited_at": iso(m.edited_at),
                "deleted_at": iso(m.deleted_at),
            }
            for m in opened.messages
        ],
        "answers": [
            {
                "id": a.id, "author": a.author, "to": a.to, "state": str(a.state),
                "tries": a.tries, "error": a.error, "text": a.text, "files": list(a.files),
            }
            for a in opened.answers
        ],
        "draft": opened.draft.text if opened.draft else None,
    }  # fmt: skip


def as_text(opened: Opened, now: datetime, zone: ZoneInfo, *, full: bool = False) -> str:
    """A conversation to read, newest last; quotes and signatures only if it is to be `full`."""
    c = opened.conversation
    lines: list[str] = [clean_line(f"#{c.id}  {c.subject}"), _facts(c, now, zone), ""]
    for message in opened.messages:
        text = message.text if full else wording.folded(message)
        lines += [_heading(message, zone, opened.conversation.window), *_indented(text)]
        lines += [*(clean_line(f"  {line}") for line in wording.attachments(message)), ""]
    for answer in opened.answers:
        if answer.state not in ("sent", "undone"):
            head = f"answer by {answer.author}: {answer.state}  {answer.error}"
            lines += [clean_line(head).rstrip()]
            lines += [
                *_indented(answer.text),
                *(clean_line(f"  with {name}") for name in answer.files),
                "",
            ]
    if opened.draft:
        lines += ["your draft:", *_indented(opened.draft.text), ""]
    return "\n".join(lines).rstrip()


def person(party: Party) -> str:
    """A name and an address, as far as there are any."""
    if party.name and party.address:
        return f"{party.name} <{party.address}>"
    return party.name or party.address or "(unknown)"


def _facts(c: Conversation, now: datetime, zone: ZoneInfo) -> Safe:
    parts = [f"{c.account} ({c.channel})", wording.standing(c, zone, now)]
    if c.reply_by:
        parts.append(f"due {wording.stamp(c.reply_by, zone)}, {wording.left(c.reply_by, now)}")
    if c.lead:
        parts.append("lead")
    if c.linked:
        parts.append(f"see also #{c.linked}")
    return clean_line("  ".join([*parts, *c.tags]))


def _heading(message: Message, zone: ZoneInfo, window: timedelta) -> Safe:
    who = person(message.author)
    kind = {Direction.IN: "", Direction.OUT: "answered", Direction.NOTE: "private note"}
    parts = [who, wording.stamp(message.at, zone), kind[message.direction]]
    to = message.recipients if "," in message.recipients else ""
    parts += [
        wording.found_late(message, window),
        wording.changed(message, zone),
        message.remark,
        f"to {to}" if to else "",
    ]
    parts.append(f"[message {message.id}]")
    return clean_line("  ".join(part for part in parts if part))


def _indented(text: str) -> list[str]:
    return [f"  {line}" for line in text.splitlines()]
