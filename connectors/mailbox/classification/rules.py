"""The rules by which a mail is called automatic, a list's, or not to be answered by machine."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from email.message import Message

from connectors.mailbox.classification import signs as header
from connectors.mailbox.classification import words
from connectors.mailbox.classification.delivery import Notice, delivery_notice
from connectors.mailbox.classification.signs import Signs
from connectors.mailbox.mime.headers import Headers
from monitor.message import DeliveryReport
from monitor.subject import answers_automatically, answers_or_forwards

Rule = Callable[[Signs], str]
"""Gives a reason in words for an operator, "" where it doesn't hold."""

_SUBJECT_CHARS = 300
_BULK = ("bulk", "list", "junk", "auto_reply", "auto-reply")
_LIST_FIELDS = (
    "list-id", "list-post", "mailing-list", "x-mailing-list", "x-beenthere", "x-mailman-version",
    "x-ml-name", "x-mlserver", "x-ml-count", "x-google-group-id", "x-listname", "x-list-id",
    "x-listserver", "x-majordomo", "x-ezmlm", "list-owner", "list-archive", "x-sympa-to",
)  # fmt: skip
_LIST_ADDRESS = re.compile(
    r"(?:^|<)\s*(?:owner-[^@\s]{1,100}|[^@\s<]{1,100}[-+](?:owner|bounces?|request)"
    r"(?:[-+=][^@\s]{0,150})?)@",
    re.IGNORECASE,
)
# Fields that only auto-responders write, whatever each of them calls it.
_RESPONDER_FIELD = re.compile(
    r"^(?!x-auto-response-suppress$)(?:x-[\w-]{0,40})?(?:auto[-_]?(?:repl(?:y|ied)|respon(?:d|se|der)|answer|generated)"
    r"|vacation|out-?of-?office|holidayreply|machinegenerated)[\w-]{0,40}$",
    re.MULTILINE,
)
_RESPONDER_STEMS = ("auto", "vacation", "office", "holidayreply", "machinegenerated")
_NOT = frozenset({"", "no", "none", "false", "0", "off", "forward", "forwarded"})
_RESPONDER_PROGRAM = re.compile(r"auto[-_ ]?(?:respon|repl|answer)|\bvacation\b|out of office")
# Exchange marks people's own mail with these five together; only a shorter list means something.
_EXCHANGE_QUIRK = frozenset({"dr", "rn", "nrn", "oof", "autoreply"})
_NO_ANSWER_WANTED = frozenset({"all", "oof", "autoreply"})
_AUTOMATIC_ADDRESS = re.compile(
    r"^(?:mailer-?daemon|post-?master|bounces?|daemon|root|cron)(?:[-+=][^@]*)?@"
)


@dataclass(frozen=True, slots=True)
class Classification:
    """Reasons in words for an operator; "" means no.

    `auto`: a machine wrote it in answer or as a notice, so that it starts no clock.
    `suppress_ack`: no automatic mail may go back to its sender.
    `mailing_list`: it came over a list; a person may well have written it.
    `report`: what a mail server says of the delivery of a mail of ours.
    """

    auto: str = ""
    suppress_ack: str = ""
    mailing_list: str = ""
    report: DeliveryReport | None = None

    @property
    def bounce(self) -> bool:
        """Whether a mail server says that a delivery failed for good."""
        return self.report is not None and self.report.failed

    @property
    def delay(self) -> bool:
        """Whether a mail server says that it still tries to deliver."""
        return self.report is not None and not self.report.failed

    @property
    def reason(self) -> str:
        """The reason that weighs most."""
        return self.auto or self.suppress_ack or self.mailing_list


def classify(
    headers: Headers, text: Callable[[], str], whole: Callable[[], Message]
) -> Classification:
    """Who wrote a mail: a person, a list, a responder or a mail server.

    `headers` are the mail's own. `whole` gives the mail with its parts, `text` its plain
    text; they are called only where the header speaks of a delivery.
    """
    signs = header.read(headers)
    notice = delivery_notice(signs, text, whole)
    over_list = _over_list(signs)
    auto = notice.reason if notice else _first(_AUTO_RULES, signs)
    suppress = auto or over_list or _first(_SUPPRESS_RULES, signs)
    return Classification(auto, suppress, over_list, _report(notice))


def _report(notice: Notice | None) -> DeliveryReport | None:
    return notice.report if notice else None


def _first(rules: Iterable[Rule], signs: Signs) -> str:
    return next((reason for rule in rules if (reason := rule(signs))), "")


def _over_list(signs: Signs) -> str:
    name = signs.any_of(_LIST_FIELDS)
    if name:
        return f"it came over a mailing list ({name.title()}: {signs.raw(name)[:80]})"
    for name in ("sender", "return-path"):
        if _LIST_ADDRESS.search(signs.raw(name)):
            return f"it came over a mailing list ({name.title()}: {signs.raw(name)[:80]})"
    return ""


def _machine_report(signs: Signs) -> str:
    kind = signs.content_type
    if not kind.startswith("multipart/report"):
        return ""
    if "disposition-notification" in kind:
        return "a receipt that says what became of a mail (RFC 8098)"
    if "feedback-report" in kind:
        return "a complaint that a mail provider passes on (RFC 5965)"
    return "a report written by a mail server"


def _auto_submitted(signs: Signs) -> str:
    """RFC 3834; web forms say `auto-generated` of what their visitors write."""
    word = signs.word("auto-submitted")
    if word.startswith(("auto-repl", "auto-notif")):
        return f"an automatic answer (Auto-Submitted: {word[:40]})"
    if word.startswith("auto-gen") and not _from_web_form(signs):
        return f"an automatic notice (Auto-Submitted: {word[:40]})"
    return ""


def _from_web_form(signs: Signs) -> bool:
    """The answer would go to somebody outside the house that sent the mail."""
    answered, sender = signs.address("reply-to"), signs.address("from")
    if not answered or not sender or _takes_no_answers(answered):
        return False
    return _house(answered) != _house(sender)


def _takes_no_answers(address: str) -> bool:
    return words.mentions(words.spaced(address), words.NO_REPLY)


def _house(address: str) -> list[str]:
    return address.rpartition("@")[2].split(".")[-2:]


def _responder_field(signs: Signs) -> str:
    names = "\n".join(signs.values)
    worth_it = any(stem in names for stem in _RESPONDER_STEMS)
    for found in _RESPONDER_FIELD.finditer(names) if worth_it else ():
        if signs.raw(found[0]).lower() not in _NOT and not _from_web_form(signs):
            return f"an automatic answer ({found[0][:60].title()})"
    if signs.word("x-apple-action") == "vacation":
        return "an automatic answer (X-Apple-Action: vacation)"
    program = signs.raw("x-mailer").lower()
    if _RESPONDER_PROGRAM.search(program):
        return f"an automatic answer (X-Mailer: {program[:60]})"
    return ""


def _exchange_rule(signs: Signs) -> str:
    """Redirected mail has the loop mark too, but asks for no silence."""
    if "x-ms-exchange-inbox-rules-loop" in signs.values and "all" in _suppressed(signs):
        return "an automatic answer of an Exchange rule (X-MS-Exchange-Inbox-Rules-Loop)"
    return ""


def _precedence(signs: Signs) -> str:
    """Lists call people's own mail bulk, too; what is bulk without a list is a machine's."""
    word = _precedence_word(signs)
    if word in ("auto_reply", "auto-reply"):
        return f"an automatic answer (Precedence: {word})"
    if word in _BULK and not _over_list(signs) and "x-loop" not in signs.values:
        return "" if _from_web_form(signs) else f"sent in bulk (Precedence: {word})"
    return ""


def _precedence_word(signs: Signs) -> str:
    return signs.word("precedence") or signs.word("x-precedence")


def _absence(signs: Signs) -> str:
    """A subject that only responders write, or one of absence beside another sign."""
    subject = signs.decoded("subject")[:_SUBJECT_CHARS]
    lowered = subject.lower()
    if answers_automatically(subject):
        return f"an automatic answer (Subject: {subject[:60]})"
    if lowered.startswith("auto:") and signs.any_of(("in-reply-to", "references")):
        return f"an automatic answer (Subject: {subject[:60]})"
    if _answers_by_machine(signs) and words.ABSENCE_SUBJECT.search(lowered):
        return f"an automatic answer (Subject: {subject[:60]})"
    return ""


def _answer_without_return(signs: Signs) -> str:
    """An answer that wants to hear of no failure is a responder's (RFC 3834, 3.3)."""
    if not signs.null_path or signs.any_of(("x-mailer", "user-agent")) or _from_web_form(signs):
        return ""
    answers = signs.any_of(("in-reply-to", "references", "x-auto-response-suppress"))
    if answers or answers_or_forwards(signs.decoded("subject")):
        return "an automatic answer (it answers with an empty Return-Path)"
    return ""


def _daemon(signs: Signs) -> str:
    """What a mail server writes that is no report of a delivery."""
    sender = signs.address("from")
    if sender.startswith(("mailer-daemon@", "mailer_daemon@", "mailerdaemon@")):
        return f"a mail server's notice ({sender[:80]})"
    return ""


def _answers_by_machine(signs: Signs) -> bool:
    suppressed = _suppressed(signs)
    return (
        signs.null_path
        or (bool(suppressed & _NO_ANSWER_WANTED) and suppressed != _EXCHANGE_QUIRK)
        or (_precedence_word(signs) in _BULK and not _over_list(signs))
        or signs.word("auto-submitted").startswith("auto-")
    )


def _suppressed(signs: Signs) -> frozenset[str]:
    value = signs.raw("x-auto-response-suppress").lower()
    return frozenset(re.split(r"[\s,;]+", value)) - {""}


def _asks_for_silence(signs: Signs) -> str:
    asked = _suppressed(signs)
    if asked & _NO_ANSWER_WANTED and asked != _EXCHANGE_QUIRK:
        return "it asks for no automatic answer (X-Auto-Response-Suppress)"
    return ""


def _bulk(signs: Signs) -> str:
    word = _precedence_word(signs)
    return f"it calls itself {word} mail (Precedence)" if word in _BULK else ""


def _marked(signs: Signs) -> str:
    found = signs.any_of(
        ("x-loop", "list-unsubscribe", "list-help", "feedback-id", "list-subscribe")
    )
    if found:
        return f"it is marked as passed on or sent to many ({found.title()})"
    word = signs.word("auto-submitted")
    return f"it calls itself automatic (Auto-Submitted: {word[:40]})" if word not in _NOT else ""


def _no_return(signs: Signs) -> str:
    return "nobody takes what comes back (empty Return-Path)" if signs.null_path else ""


def _no_reply_sender(signs: Signs) -> str:
    answered = signs.address("reply-to") or signs.address("from")
    if not answered:
        return "it names no address to answer"
    if _takes_no_answers(answered) or _AUTOMATIC_ADDRESS.search(answered):
        return f"its sender takes no answers ({answered[:80]})"
    return ""


_AUTO_RULES: tuple[Rule, ...] = (
    _machine_report, _auto_submitted, _responder_field, _exchange_rule, _precedence, _absence,
    _answer_without_return, _daemon,
)  # fmt: skip
_SUPPRESS_RULES: tuple[Rule, ...] = (
    _bulk, _asks_for_silence, _marked, _no_return, _no_reply_sender,
)  # fmt: skip
