"""One mail over SMTP, with the moment known after which it can't be taken back."""

from __future__ import annotations

import base64
import contextlib
import re
import smtplib
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from connectors.mailbox.settings import Server
from connectors.mailbox.sign_in import (
    Credentials,
    Exchange,
    decoded,
    exchange,
    refused,
    scrubbed,
)
from monitor.errors import AuthError, ConnectorError, Refused, Unsure

_OWN_NAME = "[127.0.0.1]"
_SIGNED_IN, _CHALLENGE = 235, 334


@dataclass(frozen=True, slots=True)
class Envelope:
    """Who sends to whom, and the mail itself with CRLF line ends."""

    sender: str
    recipient: str
    data: bytes

    @property
    def addresses(self) -> tuple[str, str]:
        """Both of them."""
        return self.recipient, self.sender


def send(
    server: Server,
    context: ssl.SSLContext,
    timeout: timedelta,
    credentials: Credentials,
    envelope: Envelope,
    hand_over: Callable[[], None],
) -> None:
    """Send one mail; `hand_over` is called when the next byte may make the server deliver it."""
    with _translated(server):
        smtp = _connect(server, context, timeout.total_seconds())
        try:
            _login(smtp, server, credentials)
            _announce(smtp, server, envelope)
            hand_over()
            _transmit(smtp, server, envelope.data)
            _leave(smtp)
        finally:
            smtp.close()


def try_out(
    server: Server, context: ssl.SSLContext, timeout: timedelta, credentials: Credentials
) -> None:
    """Sign in and leave again."""
    with _translated(server):
        smtp = _connect(server, context, timeout.total_seconds())
        try:
            _login(smtp, server, credentials)
            _leave(smtp)
        finally:
            smtp.close()


@dataclass(frozen=True, slots=True)
class Offer:
    """What a server that was signed in to offers: `size` is the longest mail in bytes, 0 for any.

    `mechanisms` are its ways to sign in, () where it wants none; `encryption` is "" without any;
    `objection` is why it does not take the sender, "" where it does.
    """

    encryption: str
    mechanisms: tuple[str, ...]
    size: int
    objection: str


def ask(
    server: Server,
    context: ssl.SSLContext,
    timeout: timedelta,
    credentials: Credentials,
    sender: str,
) -> Offer:
    """Sign in, name a sender, take it back and leave: nothing is sent."""
    with _translated(server):
        smtp = _connect(server, context, timeout.total_seconds())
        try:
            _login(smtp, server, credentials)
            offer = _offer(smtp, server, sender)
            _leave(smtp)
            return offer
        finally:
            smtp.close()


def _offer(smtp: smtplib.SMTP, server: Server, sender: str) -> Offer:
    line, size = smtp.sock, smtp.esmtp_features.get("size", "")
    code, said = smtp.mail(sender, [] if sender.isascii() else ["SMTPUTF8"])
    smtp.rset()
    return Offer(
        (line.version() or "") if isinstance(line, ssl.SSLSocket) else "",
        tuple(smtp.esmtp_features.get("auth", "").upper().split()),
        int(size) if size.isascii() and size.isdigit() and len(size) < 16 else 0,
        "" if code == 250 else str(_answer(server, code, said)),
    )


@contextlib.contextmanager
def _translated(server: Server) -> Iterator[None]:
    where = f"{server.host}:{server.port}"
    try:
        yield
    except ssl.SSLCertVerificationError as error:
        raise ConnectorError(f"{where} can't be trusted: {error.verify_message}") from None
    except smtplib.SMTPResponseException as error:
        raise _answer(server, error.smtp_code, error.smtp_error) from None
    except smtplib.SMTPException as error:
        raise ConnectorError(f"{where}: {error}") from None
    except TimeoutError:
        raise ConnectorError(f"{where} does not answer") from None
    except OSError as error:
        raise ConnectorError(f"can't reach {where}: {error.strerror or error}") from None


def _connect(server: Server, context: ssl.SSLContext, timeout: float) -> smtplib.SMTP:
    # Named, since smtplib would otherwise ask the network for this machine's name.
    name = _OWN_NAME
    if server.tls:
        return smtplib.SMTP_SSL(
            server.host, server.port, local_hostname=name, timeout=timeout, context=context
        )
    smtp = smtplib.SMTP(server.host, server.port, local_hostname=name, timeout=timeout)
    smtp.ehlo_or_helo_if_needed()
    if smtp.has_extn("starttls"):
        smtp.starttls(context=context)
        smtp.ehlo_or_helo_if_needed()
    elif not server.loopback:
        smtp.close()
        raise AuthError(f"{server.host} offers no encryption: the password is not sent")
    return smtp


def _login(smtp: smtplib.SMTP, server: Server, credentials: Credentials) -> None:
    smtp.ehlo_or_helo_if_needed()
    if not smtp.has_extn("auth"):
        return
    talk = exchange(credentials, server, set(smtp.esmtp_features["auth"].upper().split()))
    try:
        if talk:
            _authenticate(smtp, talk)
        else:
            smtp.login(credentials.user, credentials.secret)
    except smtplib.SMTPAuthenticationError as error:
        said = scrubbed(_text(error.smtp_error), credentials)
        if 400 <= error.smtp_code < 500:
            raise _answer(server, error.smtp_code, said) from None
        answer = f"for sending ({error.smtp_code} {said[:200]})"
        raise refused(server, credentials, answer, talk) from None


def _authenticate(smtp: smtplib.SMTP, talk: Exchange) -> None:
    """AUTH with the first response at once (RFC 4954), in UTF-8, which smtplib can't."""
    code, text = smtp.docmd("AUTH", f"{talk.mechanism} {_base64(talk(b''))}")
    while code == _CHALLENGE:
        code, text = smtp.docmd(_base64(talk(decoded(text))))
    if code != _SIGNED_IN:
        raise smtplib.SMTPAuthenticationError(code, text)


def _base64(response: bytes) -> str:
    return base64.b64encode(response).decode()


def _announce(smtp: smtplib.SMTP, server: Server, envelope: Envelope) -> None:
    options = [f"SIZE={len(envelope.data)}"] if smtp.has_extn("size") else []
    if strange := next((a for a in envelope.addresses if not a.isascii()), ""):
        if not smtp.has_extn("smtputf8"):
            raise Refused(f"{server.host} takes no address like '{strange}' (no SMTPUTF8)")
        options += ["SMTPUTF8", "BODY=8BITMIME"]
        smtp.command_encoding = "utf-8"
    _expect(server, 250, smtp.mail(envelope.sender, options))
    code, text = smtp.rcpt(envelope.recipient)
    if code not in (250, 251):
        raise _answer(server, code, text)
    _expect(server, 354, smtp.docmd("DATA"))


def _transmit(smtp: smtplib.SMTP, server: Server, data: bytes) -> None:
    try:
        smtp.send(re.sub(rb"(?m)^\.", b"..", data))
        smtp.send(b".\r\n" if data.endswith(b"\r\n") else b"\r\n.\r\n")
        answer = smtp.getreply()
    except (smtplib.SMTPException, OSError) as error:
        raise Unsure(
            f"{server.host} got the mail and did not say whether it took it"
            f" ({type(error).__name__})"
        ) from None
    if answer[0] != 250 and not 400 <= answer[0] < 600:
        raise Unsure(f"{server.host} got the mail and answered what means nothing ({answer[0]})")
    _expect(server, 250, answer)


def _leave(smtp: smtplib.SMTP) -> None:
    with contextlib.suppress(smtplib.SMTPException, OSError):
        smtp.quit()


def _expect(server: Server, code: int, answer: tuple[int, bytes]) -> None:
    if answer[0] != code:
        raise _answer(server, *answer)


def _answer(server: Server, code: int, text: bytes | str) -> ConnectorError:
    message = f"{server.host} answered {code}: {' '.join(_text(text).split())[:200]}"
    return Refused(message) if code >= 500 else ConnectorError(message)


def _text(answer: bytes | str) -> str:
    return answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
