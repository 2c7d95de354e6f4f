"""What a mailbox's servers let an account do, found out without sending or marking anything."""

from __future__ import annotations

from collections.abc import Callable

from connectors.mailbox import sign_in, smtp
from connectors.mailbox.imap.connection import tls_context
from connectors.mailbox.imap.session import NoFolder, Session
from connectors.mailbox.settings import EmailSettings, deliverable, parse_server
from connectors.mailbox.sign_in import Unaccepted
from monitor.checked import Checked, Findings
from monitor.clock import Clock
from monitor.duration import format_duration
from monitor.errors import AuthError, ConfigError, ConnectorError

_SMALL = 10 * 2**20
_IN_WORDS = (
    ("NOTIFY", "tells of news in the other folders as well (NOTIFY)"),
    ("QRESYNC", "tells what changed since the last poll (QRESYNC)"),
    ("X-GM-EXT-1", "knows Gmail's threads (X-GM-EXT-1)"),
)


class MailCheck:
    """One check of both servers, reading first.

    `signed_in` gives the session for reading, `sent_folder` the name of the folder for sent mail.
    """

    def __init__(
        self,
        settings: EmailSettings,
        signed_in: Callable[[], Session],
        sent_folder: Callable[[], str | None],
        clock: Clock,
    ) -> None:
        self._settings = settings
        self._signed_in = signed_in
        self._sent_folder = sent_folder
        self._clock = clock
        self._findings = Findings()

    def run(self) -> Checked:
        """Both servers, one after the other; a failure of one is no reason to leave out another."""
        findings, settings, who = self._findings, self._settings, ""
        try:
            session = self._signed_in()
        except (ConnectorError, ConfigError) as error:
            findings.failed(error, "reading")
            pointless = self._would_be_refused(error)
        else:
            pointless, who = False, f"{settings.user} at {parse_server(settings.imap).host}"
            with findings.trying("reading"):
                self._reading(session)
        if pointless:
            # Every wrong password counts towards a lock at many a provider.
            findings.note("sending was not tried: it has the sign-in that was just refused")
        else:
            with findings.trying("sending"):
                self._sending()
        return findings.checked(who)

    def _would_be_refused(self, error: Exception) -> bool:
        settings = self._settings
        kind = AuthError if settings.oauth else Unaccepted
        return isinstance(error, kind) and not (settings.smtp_password or settings.smtp_username)

    def _reading(self, session: Session) -> None:
        host = parse_server(self._settings.imap).host
        way = f"signed in by {session.mechanism}, {_over(session.encryption)}"
        self._findings.fine(f"reads from {host}: {way}")
        self._tokens()
        for name in dict.fromkeys(self._settings.folders):
            self._folder(session, name)
        self._sent(session)
        self._announcements(session)

    def _tokens(self) -> None:
        settings = self._settings
        if settings.oauth:
            from connectors.oauth.standing import tell
            from connectors.oauth.tokens import token_store

            client, store = sign_in.client_of(settings), token_store(settings.oauth.tokens)
            tell(self._findings, settings.name, client, store, self._clock())

    def _folder(self, session: Session, name: str) -> None:
        try:
            count = session.examine(name).exists
        except NoFolder as error:
            self._findings.failed(error)
        else:
            self._findings.fine(f"folder '{name}': {count:,} {'mail' if count == 1 else 'mails'}")

    def _sent(self, session: Session) -> None:
        settings = self._settings
        if settings.sent == "off" and not settings.watch_sent:
            return
        name = self._sent_folder() if settings.sent != "off" else None
        if name is None:
            self._findings.note(
                "no folder for sent mail: no copy of answers is kept, and those that colleagues "
                "send from elsewhere are not seen",
                "name it with `sent` in the account's section",
            )
            return
        try:
            session.examine(name)
        except NoFolder as error:
            self._findings.failed(error, "sent mail")
        else:
            self._findings.fine(f"sent mail lies in '{name}'")

    def _announcements(self, session: Session) -> None:
        every = format_duration(self._settings.every)
        if not self._settings.push:
            self._findings.fine(f"polled every {every} (push = false)")
        elif session.offers("IDLE"):
            self._findings.fine("new mail is announced at once (IDLE)")
        else:
            self._findings.note(f"the server announces nothing (no IDLE): polled every {every}")
        said = [words for name, words in _IN_WORDS if session.offers(name)]
        if said:
            self._findings.fine(f"the server {' and '.join(said)}")

    def _sending(self) -> None:
        settings = self._settings
        server, sender = parse_server(settings.smtp), deliverable(settings.address)
        context = tls_context(settings.ca)
        offer = sign_in.sending(settings, self._clock).attempt(
            lambda credentials: smtp.ask(server, context, settings.timeout, credentials, sender)
        )
        how = "signed in" if offer.mechanisms else "without a sign-in, for it wants none"
        self._findings.fine(f"sends by {server.host}: {how}, {_over(offer.encryption)}")
        if offer.objection:
            self._findings.missing(
                f"the server takes no mail from {sender}: {offer.objection}",
                "sign in as whom that address belongs to, or let the provider allow it",
            )
        self._size(offer.size)

    def _size(self, size: int) -> None:
        megabytes = f"{size / 2**20:,.0f} MB"
        if not size:
            self._findings.fine("the server names no limit to the size of a mail")
        elif size < _SMALL:
            self._findings.note(f"the server takes mails of up to {megabytes} only, files included")
        else:
            self._findings.fine(f"the server takes mails of up to {megabytes}, files included")


def _over(encryption: str) -> str:
    return f"over {encryption}" if encryption else "unencrypted, within this machine"
