"""The SMTP half of the played mail platform: submission with AUTH, served by aiosmtpd."""

from __future__ import annotations

import asyncio
import hmac
import itertools
import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from email.parser import BytesHeaderParser
from email.utils import format_datetime
from typing import AnyStr

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from connectors.sandbox.faults import Faults

HOST_NAME = "mail.sandbox.example"
_HANG_LOOK = 0.02  # seconds between two looks at a hang switch

_log = logging.getLogger(__name__)

Put = Callable[[str, bytes, datetime], Awaitable[None]]


class _Connection(SMTP):
    def __init__(self, side: SmtpSide, faults: Faults) -> None:
        super().__init__(
            side,
            hostname=HOST_NAME,
            ident="ESMTP",
            auth_require_tls=False,
            authenticator=side.authenticate,
            loop=asyncio.get_running_loop(),
        )
        self._side = side
        self._faults = faults

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._side.open.add(self)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        self._side.open.discard(self)
        super().connection_lost(error)

    async def push(self, status: AnyStr) -> None:
        while self._faults.smtp_hang:
            await asyncio.sleep(_HANG_LOOK)
        await super().push(status)

    def cut(self) -> None:
        if isinstance(self.transport, asyncio.Transport):
            self.transport.abort()


class SmtpSide:
    """What is asked of a submission and where it goes; every method runs on the server's loop."""

    def __init__(self, passwords: Mapping[str, str], put: Put, faults: Faults) -> None:
        self.open: set[_Connection] = set()
        self.delivered: list[tuple[str, str]] = []
        self._passwords = passwords
        self._put = put
        self._faults = faults
        self._numbers = itertools.count(1)

    def connection(self) -> _Connection:
        """A protocol for one new client."""
        return _Connection(self, self._faults)

    def cut(self) -> None:
        """Cut every open connection."""
        for connection in list(self.open):
            connection.cut()

    def authenticate(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: object
    ) -> AuthResult:
        """Take the name and password of any mailbox."""
        if not isinstance(data, LoginPassword):
            return AuthResult(success=False, handled=False)
        login = data.login.decode("utf-8", "replace").lower()
        known = self._passwords.get(login)
        right = known is not None and hmac.compare_digest(known.encode(), data.password)
        return AuthResult(success=right, handled=False, auth_data=data)

    # The upper-case endings are the names aiosmtpd looks for.
    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Refuse a sender who has not logged in."""
        if not session.authenticated:
            return "530 5.7.0 Authentication required"
        if refusal := self._faults.take_refusal("mail"):
            return refusal
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 Ok"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Refuse a recipient who has no mailbox here."""
        if refusal := self._faults.take_refusal("rcpt"):
            return refusal
        if address.lower() not in self._passwords:
            return f"550 5.1.1 <{address}>: Recipient address rejected: User unknown"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 Ok"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Lay the mail into each recipient's inbox once, then say so unless told to fail."""
        if refusal := self._faults.take_refusal("data-end"):
            return refusal
        number = f"{next(self._numbers):08X}"
        for recipient in dict.fromkeys(address.lower() for address in envelope.rcpt_tos):
            await self._deliver(recipient, number, session, envelope)
        if self._faults.take_drop() and isinstance(server, _Connection):
            server.cut()
            # The lost connection cancels this task; an answer must never get out before.
            await asyncio.Event().wait()
        return f"250 2.0.0 Ok: queued as {number}"

    async def _deliver(
        self, recipient: str, number: str, session: Session, envelope: Envelope
    ) -> None:
        content = envelope.original_content or b""
        now = datetime.now(UTC)
        trace = _trace_lines(recipient, number, session, envelope, now)
        await self._put(recipient, trace + content, now)
        self.delivered.append((recipient, _message_id(content)))

    async def handle_exception(self, error: Exception) -> str:
        """Answer a fault of this server's own."""
        _log.error("SMTP session broke", exc_info=error)
        return "451 4.3.0 Local error in processing"


def _trace_lines(
    recipient: str, number: str, session: Session, envelope: Envelope, now: datetime
) -> bytes:
    sender = (envelope.mail_from or "").strip("<>")
    hello = (session.host_name or "unknown").encode("ascii", "replace").decode()
    return (
        f"Return-Path: <{sender}>\r\n"
        f"Received: from {hello} ([127.0.0.1])\r\n"
        f"\tby {HOST_NAME} with ESMTPA id {number}\r\n"
        f"\tfor <{recipient}>; {format_datetime(now)}\r\n"
    ).encode("ascii", "replace")


def _message_id(content: bytes) -> str:
    found = BytesHeaderParser().parsebytes(content).get("Message-ID", "")
    return str(found).strip()
