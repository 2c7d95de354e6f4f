"""`replyby inspect`: how mails are understood, for scripts and for people who wonder why."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from connectors.mailbox.judging import judge, new_text
from connectors.mailbox.mime import Limits, Mail, read_mail
from monitor.clean import keepable
from monitor.command import Shell
from monitor.errors import ConfigError

if TYPE_CHECKING:
    from connectors.mailbox.deciding import Rules

_NOTHING: dict[str, Any] = {
    "from_addr": "", "from_name": "", "to": [], "cc": [], "subject": "", "message_id": "",
    "text": "", "html_text": "", "new_text": "", "attachments": [], "auto": False,
    "bounce": False, "delay": False, "suppress_ack": False, "mailing_list": False, "reason": "",
    "lead": False,
}  # fmt: skip


class InspectCommand:
    """The entry point `inspect`."""

    help = (
        "Show how mails are understood: who wrote them, what is new in them, which files came\n"
        "with them, and why one was taken for a person's or a machine's. FILE is a mail as it was\n"
        "sent (.eml); - is standard input. No account and no configuration is needed; where there\n"
        "is one, its rules say which mail is a lead."
    )

    def arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("files", nargs="+", metavar="FILE", help="a mail; - for standard input")
        parser.add_argument("--json", action="store_true", help="one JSON object a line")
        parser.add_argument("--account", metavar="NAME", help="whose rules to go by")

    def run(self, args: argparse.Namespace, shell: Shell) -> int:
        inspector = Inspector(shell, args.account)
        failed = False
        for number, name in enumerate(args.files):
            seen = inspector.look_at(name)
            failed |= bool(seen.error)
            if args.json:
                _say_json_line(seen.as_json())
            else:
                _explain(seen, shell, after_another=number > 0)
        return 1 if failed else 0


@dataclass
class Seen:
    """A file that was looked at: its mail, or the error that kept it from being read."""

    file: str
    mail: Mail | None
    rules: Rules | None
    error: str = ""

    def as_json(self) -> dict[str, Any]:
        """The public form, the same keys for every file; a file without a mail has an error."""
        try:
            return {"file": self.file} | (self._understood() if self.mail else self._empty())
        except Exception as error:  # noqa: BLE001 # one mail must not end the run over thousands
            self.error = f"a fault in replyby ({type(error).__name__})"
            return {"file": self.file} | self._empty()

    def _empty(self) -> dict[str, Any]:
        return _NOTHING | {"error": self.error}

    def _understood(self) -> dict[str, Any]:
        mail = self.mail
        assert mail
        judgement = judge(mail)
        return {
            "from_addr": mail.from_addr,
            "from_name": mail.from_name,
            "to": [mailbox.address for mailbox in mail.to],
            "cc": [mailbox.address for mailbox in mail.cc],
            "subject": mail.subject,
            "message_id": mail.message_id.strip("<>"),
            "text": mail.written or "\n\n".join((*mail.invites, *mail.labels)),
            "html_text": mail.html_text,
            "new_text": new_text(mail),
            "attachments": [
                {"name": file.name, "type": file.type, "md5": file.md5, "size": file.size}
                for file in mail.attachments
            ],
            "auto": bool(judgement.auto),
            "bounce": judgement.bounce,
            "delay": judgement.delay,
            "suppress_ack": bool(judgement.suppress_ack),
            "mailing_list": bool(judgement.mailing_list),
            "reason": judgement.reason,
            "lead": bool(self.rules and self.rules.verdict(mail).lead),
        } | self._troubles(mail)

    def _troubles(self, mail: Mail) -> dict[str, Any]:
        if mail.problem:
            self.error = mail.problem
        found = {"error": mail.problem, "notices": list(mail.notices)}
        return {key: value for key, value in found.items() if value}


class Inspector:
    """Reads files one after the other; none of them can stop it."""

    def __init__(self, shell: Shell, account: str | None) -> None:
        self._shell = shell
        self._account = account

    def look_at(self, name: str) -> Seen:
        """The mail in a file, or what is wrong with the file."""
        try:
            raw = _read(name, Limits().mail_bytes + 1)
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else ""
            return Seen(name, None, None, f"can't be read: {reason or type(error).__name__}")
        if not raw.strip():
            return Seen(name, None, None, "the file is empty")
        return Seen(name, read_mail(raw), self._rules)

    @cached_property
    def _rules(self) -> Rules | None:
        """The desk's own rules, None where no desk is set up here."""
        from monitor.location import find_config

        explicit = self._shell.given_config is not None or self._account is not None
        try:
            find_config(self._shell.given_config)
        except ConfigError:
            if explicit:
                raise
            return None
        try:
            from connectors.mailbox.deciding import Rules

            return Rules(self._shell.config, self._account)
        except ConfigError as error:
            if explicit:
                raise
            self._shell.complain(f"without your rules, for the configuration is wrong: {error}")
            return None


def _read(name: str, most: int) -> bytes:
    if name == "-":
        return sys.stdin.buffer.read(most)
    with Path(name).open("rb") as file:
        return file.read(most)


def _say_json_line(value: dict[str, Any]) -> None:
    """JSON in pure ASCII, at once: who reads it may wait for each line."""
    text = json.dumps(_keepable(value), ensure_ascii=True).replace("\x7f", "\\u007f")
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def _keepable(value: Any) -> Any:
    """The value without lone surrogates, which no other reader of JSON takes."""
    if isinstance(value, str):
        return keepable(value)
    if isinstance(value, dict):
        return {key: _keepable(item) for key, item in value.items()}
    return [_keepable(item) for item in value] if isinstance(value, list) else value


def _explain(seen: Seen, shell: Shell, *, after_another: bool) -> None:
    if after_another:
        shell.say()
    if seen.mail is None:
        shell.complain(f"{seen.file}: {seen.error}")
        return
    for line in _lines(seen):
        shell.say(line)


def _lines(seen: Seen) -> Iterator[str]:
    from connectors.mailbox.explaining import explanation

    assert seen.mail
    verdict = seen.rules.verdict(seen.mail) if seen.rules else None
    yield from explanation(seen.file, seen.mail, verdict)
