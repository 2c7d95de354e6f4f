"""A submission server that takes tokens as Gmail and Microsoft 365 do, served by aiosmtpd."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from .process import LOOPBACK, free_port

Known = Callable[[str], str]
"""Whose a token is, "" where it is nobody's."""


class _Handler:
    def __init__(self, known: Known) -> None:
        self.known = known
        self.delivered: list[bytes] = []
        self.reasons_heard: list[bytes] = []

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if not session.authenticated:
            return "530 5.7.0 Authentication required"
        envelope.mail_from = address
        return "250 ok"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        self.delivered.append(envelope.original_content or b"")
        return "250 taken"

    async def check(self, server: SMTP, user: str, words: list[bytes]) -> AuthResult:
        token = next(w for w in words if w.startswith(b"auth=Bearer "))[12:].decode()
        if self.known(token) == user:
            return AuthResult(success=True, auth_data=user)
        reason = json.dumps({"status": "400", "schemes": "Bearer", "scope": "mail"})
        self.reasons_heard.append(await server.challenge_auth(reason))  # type: ignore[arg-type]
        return AuthResult(success=False, handled=False)


class _Microsoft(_Handler):
    async def auth_XOAUTH2(self, server: SMTP, args: list[str]) -> AuthResult:
        user, *words = _said(args)
        return await self.check(server, user.removeprefix(b"user=").decode(), words)


class _Standard(_Handler):
    async def auth_OAUTHBEARER(self, server: SMTP, args: list[str]) -> AuthResult:
        name, *words = _said(args)
        return await self.check(server, name.decode().split("a=")[1].rstrip(","), words)


def _said(args: list[str]) -> list[bytes]:
    return base64.b64decode(args[1]).split(b"\1")


class Submission(Controller):
    """Takes mail from whoever has a token, by XOAUTH2 or else by OAUTHBEARER; as a context."""

    def __init__(self, known: Known, *, standard: bool = False) -> None:
        self.taken = (_Standard if standard else _Microsoft)(known)
        own: dict[str, Any] = {
            "auth_require_tls": False,
            "auth_exclude_mechanism": ["LOGIN", "PLAIN"],
        }
        super().__init__(self.taken, hostname=LOOPBACK, port=free_port(), **own)

    @property
    def url(self) -> str:
        return f"smtp://{LOOPBACK}:{self.port}"

    def __enter__(self) -> Submission:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
