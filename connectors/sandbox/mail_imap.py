"""The IMAP half of the played mail platform: mailboxes in memory, served by pymap."""

from __future__ import annotations

import asyncio
import hmac
import logging
import ssl
from argparse import Namespace
from collections.abc import Iterable, Sequence
from contextlib import AsyncExitStack, closing
from datetime import UTC, datetime
from types import MappingProxyType

from proxyprotocol.noop import ProxyProtocolNoop
from proxyprotocol.sock import SocketInfoLocal
from pymap.backend.dict import Config, Identity, Login
from pymap.backend.dict.filter import FilterSet
from pymap.backend.dict.mailbox import MailboxData, MailboxSet, Message
from pymap.concurrent import Subsystem
from pymap.config import BackendCapability
from pymap.context import connection_exit
from pymap.exceptions import InvalidAuth
from pymap.imap import IMAPConnection
from pymap.imap.state import ConnectionState
from pymap.listtree import ListEntry, ListTree
from pymap.mime import MessageContent
from pymap.parsing.message import AppendMessage
from pymap.parsing.response import Response
from pymap.parsing.specials import FetchRequirement, ObjectId
from pymap.user import UserMetadata
from pysasl.creds.server import ServerCredentials
from pysasl.hashing import Cleartext

from connectors.sandbox.faults import Faults

SPECIAL_FOLDERS = MappingProxyType(
    {"Sent": b"Sent", "Drafts": b"Drafts", "Junk": b"Junk", "Trash": b"Trash"}
)
_HANG_LOOK = 0.02  # seconds between two looks at a hang switch

_log = logging.getLogger(__name__)


class _WholeContent(MessageContent):
    """A mail kept as its bytes, taken apart only when a client asks for a part.

    pymap's own content holds ten times the mail's size, and cuts the last byte off a mail
    that ends right after its header lines.
    """

    __slots__ = ()

    def __init__(self, data: bytes) -> None:
        # Not the inherited one: it fills header, body and lines, which are parsed on demand here.
        self._raw = memoryview(data)

    def __getattr__(self, name: str) -> object:
        if name not in {"header", "body", "lines"}:
            raise AttributeError(name)
        return getattr(MessageContent.parse(bytes(self)), name)


class _Folder(MailboxData):
    async def append(self, append_msg: AppendMessage, *, recent: bool = False) -> Message:
        content = _WholeContent(append_msg.literal)
        email_id = self._content_cache.add(content)
        async with self.messages_lock.write_lock():
            self._max_uid += 1
            message = Message(
                self._max_uid,
                append_msg.when or datetime.now(UTC),
                append_msg.flag_set,
                email_id=email_id,
                recent=recent,
                content=content,
            )
            self._messages[message.uid] = message
            self._mod_sequences.update([message.uid])
            self._updated.set()
        return message


class _SpecialEntry(ListEntry):
    @property
    def attributes(self) -> Sequence[bytes]:
        special = SPECIAL_FOLDERS.get(self.name)
        return [*super().attributes, *([special] if special else [])]


class _SpecialTree(ListTree):
    __slots__ = ()

    def list(self) -> Iterable[ListEntry]:
        for entry in super().list():
            yield _SpecialEntry(entry.name, entry.exists, entry.marked, entry.has_children)


class _Folders(MailboxSet):
    def __init__(self) -> None:
        super().__init__()
        self._inbox = self._new_folder()

    def _new_folder(self) -> _Folder:
        return _Folder(self._content_cache, self._thread_cache)

    async def add_mailbox(self, name: str) -> ObjectId:
        async with self._set_lock.write_lock():
            if name in self._set:
                raise ValueError(name)
            self._set[name] = folder = self._new_folder()
        return folder.mailbox_id

    async def list_mailboxes(self) -> ListTree:
        async with self._set_lock.read_lock():
            names = list(self._set)
        return _SpecialTree(self.delimiter).update("INBOX", *names)


class _PlainWords(Cleartext):
    __slots__ = ()

    def verify(self, secret: str, hash: str) -> bool:
        # The inherited comparison raises TypeError for a password beyond ASCII.
        return hmac.compare_digest(secret.encode(), hash.encode())


class _Config(Config):
    @property
    def greeting(self) -> bytes:
        # The inherited one looks up this host's full name, which can take seconds offline.
        return b"mail.sandbox.example ready"

    @property
    def backend_capability(self) -> BackendCapability:
        return BackendCapability(
            idle=True, object_id=True, multi_append=True, custom=[b"SPECIAL-USE"]
        )


class _Login(Login):
    def __init__(self, config: Config, faults: Faults) -> None:
        super().__init__(config)
        self._faults = faults

    async def authenticate(self, credentials: ServerCredentials) -> Identity:
        if self._faults.imap_refuse_login:
            raise InvalidAuth
        return await super().authenticate(credentials)


class _Connection(IMAPConnection):
    __slots__ = ("faults",)

    faults: Faults

    async def write_response(self, resp: Response) -> None:
        while self.faults.imap_hang and not self._gone():
            await asyncio.sleep(_HANG_LOOK)
        await super().write_response(resp)

    def _gone(self) -> bool:
        return self.writer.is_closing() or self.reader.at_eof()


def _config() -> _Config:
    return _Config(
        Namespace(),
        host="127.0.0.1",
        port=0,
        demo_data=False,
        demo_user="",
        demo_password="",
        tls_enabled=False,
        # Given, so that pymap neither opens a thread pool nor reads certificates named by
        # the environment, nor hashes half a million rounds at each login.
        cpu_subsystem=Subsystem.for_asyncio(),
        hash_context=_PlainWords(),
        ssl_context=ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER),
        proxy_protocol=ProxyProtocolNoop(),
        reject_dnsbl=False,
        invalid_user_sleep=0.0,
    )


class ImapSide:
    """Mailboxes and the connections into them; every method runs on the server's loop."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults
        self._config = _config()
        self._login = _Login(self._config, faults)
        self._folders: dict[str, _Folders] = {}
        self._writers: set[asyncio.StreamWriter] = set()

    async def add(self, address: str, password: str) -> None:
        """Open a mailbox with its folders; the address is in small letters and new."""
        folders = _Folders()
        for name in SPECIAL_FOLDERS:
            await folders.add_mailbox(name)
        self._folders[address] = folders
        self._config.set_cache[address] = (folders, FilterSet())
        self._login.users_dict[address] = UserMetadata(self._config, address, password=password)

    async def put(self, address: str, raw: bytes, at: datetime) -> None:
        """Lay a mail into the inbox; KeyError for an unknown address."""
        inbox = await self._folders[address].get_mailbox("INBOX")
        await inbox.append(AppendMessage(raw, at), recent=True)

    async def read(self, address: str, folder: str, skip: int) -> list[bytes]:
        """A folder's mails after the `skip` oldest; KeyError for an unknown address or folder."""
        box = await self._folders[address].get_mailbox(folder)
        messages = [message async for message in box.messages()][skip:]
        return [bytes(await each.load_content(FetchRequirement.CONTENT)) for each in messages]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry one client from greeting to goodbye."""
        self._writers.add(writer)
        info = SocketInfoLocal(writer)
        connection = _Connection(self._config.commands, self._config, reader, writer, info)
        connection.faults = self._faults
        try:
            async with AsyncExitStack() as stack:
                connection_exit.set(stack)
                stack.enter_context(closing(connection))
                await connection.run(ConnectionState(self._login, self._config))
        except (ConnectionError, asyncio.CancelledError):
            # Cancelled only by stop; Python 3.11 would log a cancelled connection as an error.
            pass
        except Exception:  # noqa: BLE001 - a client must not end the server, whatever it sends
            _log.exception("IMAP connection broke")
        finally:
            self._writers.discard(writer)

    def cut(self) -> None:
        """Cut every open connection."""
        for writer in self._writers:
            writer.transport.abort()
