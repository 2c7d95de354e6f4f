"""Servers that say exactly what a test wants, on real sockets."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Answer = Callable[[bytes], bytes]


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    greeting: bytes
    answer: Answer


class _Talk(socketserver.StreamRequestHandler):
    server: _Server

    def handle(self) -> None:
        try:
            self.wfile.write(self.server.greeting)
            while line := self.rfile.readline(1_000_000):
                self.wfile.write(self.server.answer(line))
        except OSError:
            return


@contextmanager
def scripted(greeting: bytes, answer: Answer) -> Iterator[int]:
    """The port of a server that greets, and gives to each line the answer that is made of it."""
    with _Server(("127.0.0.1", 0), _Talk) as server:
        server.greeting, server.answer = greeting, answer
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()


def imap_script(extra: Callable[[str, bytes], bytes | None]) -> Answer:
    """An IMAP server with one folder of one mail, UID 1, but for what `extra` answers itself.

    `extra` gets the tag and the command without it; None leaves the command to the script.
    """

    def answer(line: bytes) -> bytes:
        tag, _, command = line.rstrip().partition(b" ")
        special = extra(tag.decode(), command)
        return special if special is not None else usual(tag.decode(), command)

    return answer


def usual(tag: str, command: bytes) -> bytes:
    """What the script says to a command."""
    word = command.upper()
    said = b""
    if word.startswith(b"CAPABILITY"):
        said = b"* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n"
    elif word.startswith(b"EXAMINE"):
        said = b"* 1 EXISTS\r\n* OK [UIDVALIDITY 7] ok\r\n* OK [UIDNEXT 2] ok\r\n"
    elif word.startswith(b"UID SEARCH"):
        said = b"* SEARCH 1\r\n"
    elif word.startswith(b"UID FETCH") and b"BODY.PEEK" in word:
        mail = b"From: mira@customer.test\r\nMessage-ID: <1@x>\r\n\r\nhello\r\n"
        said = b"* 1 FETCH (UID 1 BODY[] {%d}\r\n%s)\r\n" % (len(mail), mail)
    elif word.startswith(b"UID FETCH"):
        date = b'"20-Nov-2026 08:00:00 +0000"'
        said = b"* 1 FETCH (UID 1 RFC822.SIZE 70 INTERNALDATE %s)\r\n" % date
    return said + tag.encode() + b" OK done\r\n"


def smtp_script(heard: list[bytes], at_the_end: bytes = b"250 taken\r\n") -> Answer:
    """An SMTP server that takes everything (SMTPUTF8 too) and writes down what it hears."""
    in_data = False

    def answer(line: bytes) -> bytes:
        nonlocal in_data
        heard.append(line)
        if in_data:
            in_data = line != b".\r\n"
            return b"" if in_data else at_the_end
        in_data = line.upper() == b"DATA\r\n"
        if in_data:
            return b"354 go on\r\n"
        return b"250-hi\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n" if b"ehlo" in line else b"250 ok\r\n"

    return answer
