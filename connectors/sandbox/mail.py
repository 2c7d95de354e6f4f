"""A mail provider played inside this process: one IMAP and one SMTP server on loopback."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Coroutine
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any, TypeVar

from connectors.sandbox.faults import Faults
from connectors.sandbox.played import Played

_PATIENCE = 30.0  # seconds a call waits for the server's thread before it gives up
_LINE_LIMIT = 2**20  # bytes of one IMAP command line; literals may be longer

_T = TypeVar("_T")


class MailServer(Faults, Played):
    """Mailboxes that can be read over IMAP and written to over SMTP, both without TLS.

    Every submission needs AUTH with the address and password of any mailbox. Unknown recipients
    get 550, text lines over 998 bytes get 500. Everything lives in memory and is gone with the
    object. All methods may be called from any thread, before `start` and after `stop` too.
    The troubles a test can cause are described at `Faults`.
    """

    def __init__(self) -> None:
        super().__init__()
        # Here and not above: these two pull in the server libraries.
        from connectors.sandbox.mail_imap import ImapSide
        from connectors.sandbox.mail_smtp import SmtpSide

        # aiosmtpd narrates every command, mails included; asyncio each caller that hung up.
        for narrator in ("mail.log", "asyncio"):
            logging.getLogger(narrator).setLevel(logging.CRITICAL)
        self._passwords: dict[str, str] = {}
        self._imap = ImapSide(self)
        self._smtp = SmtpSide(self._passwords, self._imap.put, self)
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._quit = asyncio.Event()
        self._ports = (0, 0)
        # Held through each call, so that none is caught halfway by a stop.
        self._turn = threading.RLock()

    @property
    def imap_url(self) -> str:
        """Where to read, imap://127.0.0.1:PORT; PORT is 0 before the first start."""
        return f"imap://127.0.0.1:{self._ports[0]}"

    @property
    def smtp_url(self) -> str:
        """Where to submit, smtp://127.0.0.1:PORT; PORT is 0 before the first start."""
        return f"smtp://127.0.0.1:{self._ports[1]}"

    @property
    def delivered(self) -> list[tuple[str, str]]:
        """(recipient, Message-ID) of each mail that SMTP laid into an inbox, in that order."""
        return list(self._smtp.delivered)

    def knows(self, address: str) -> bool:
        """Whether the address has a mailbox here."""
        return address.lower() in self._passwords

    def add_mailbox(self, address: str, password: str) -> None:
        """Open a mailbox; the login name is the full address. ValueError if it exists."""
        name = address.lower()
        with self._turn:
            if name in self._passwords:
                raise ValueError(f"mailbox exists: {address}")
            self._call(self._imap.add(name, password))
            self._passwords[name] = password

    def deliver(self, address: str, raw: bytes, at: datetime | None = None) -> None:
        """Lay `raw` into the inbox as it is, with INTERNALDATE `at` (default now).

        A naive `at` is taken as local time. KeyError for an unknown address.
        """
        when = (at or datetime.now(UTC)).astimezone(UTC)
        self._call(self._imap.put(address.lower(), raw, when))

    def inbox(self, address: str, folder: str = "INBOX", skip: int = 0) -> list[bytes]:
        """What lies in the folder after the `skip` oldest, oldest first, byte for byte.

        KeyError for an unknown address or folder.
        """
        return self._call(self._imap.read(address.lower(), folder, skip))

    def start(self) -> None:
        """Listen on two random ports; RuntimeError when already running."""
        with self._turn:
            if self._thread is not None:
                raise RuntimeError("the mail server is running")
            ready: Future[None] = Future()
            self._thread = threading.Thread(
                target=self._run, args=(ready,), name="sandbox-mail", daemon=True
            )
            self._thread.start()
            try:
                ready.result(_PATIENCE)
            except BaseException:
                self._thread = None
                raise

    def stop(self) -> None:
        """Cut all connections and end the thread; the mails stay readable. Harmless if stopped."""
        with self._turn:
            thread, loop = self._thread, self._loop
            if thread is None or loop is None:
                return
            loop.call_soon_threadsafe(self._quit.set)
            thread.join(_PATIENCE)
            self._thread = self._loop = None

    def _call(self, work: Coroutine[Any, Any, _T]) -> _T:
        with self._turn:
            if self._loop is not None:
                return asyncio.run_coroutine_threadsafe(work, self._loop).result(_PATIENCE)
            # A thread of its own, since the caller's may have a running loop.
            with ThreadPoolExecutor(1) as pool:
                return pool.submit(asyncio.run, work).result(_PATIENCE)

    def _run(self, ready: Future[None]) -> None:
        try:
            asyncio.run(self._serve(ready))
        except BaseException as error:
            if ready.done():
                raise
            ready.set_exception(error)

    async def _serve(self, ready: Future[None]) -> None:
        loop = asyncio.get_running_loop()
        self._quit = asyncio.Event()
        imap = await asyncio.start_server(self._imap.serve, "127.0.0.1", 0, limit=_LINE_LIMIT)
        smtp = await loop.create_server(self._smtp.connection, "127.0.0.1", 0)
        self._ports = (_port(imap), _port(smtp))
        self._loop = loop
        ready.set_result(None)
        await self._quit.wait()
        imap.close()
        smtp.close()
        await self._hang_up()

    async def _hang_up(self) -> None:
        self._imap.cut()
        self._smtp.cut()
        # Two turns of the loop: the transports say goodbye, then the tasks they served end.
        await asyncio.sleep(0)
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.sleep(0)


def _port(server: asyncio.Server) -> int:
    port: int = server.sockets[0].getsockname()[1]
    return port
