"""Hostile words from servers and in mails: in no line of the log, and in no command's output."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from monitor.store import open_store
from tests.connectors.http_far_side import far_side, says
from tests.fakes import START
from tests.hostile import obeyed, strange, texts
from tests.replyby import replyby_inside
from tests.servers.scripted_imap import Said, Script, playing

pytestmark = pytest.mark.slow

_CHARS, _TOGETHER = 24, 8
_ACCOUNTS = """
[desk]
database = "sqlite:///replyby.db"

[[accounts]]
name = "x"
channel = "twitter"
consumer_key = "file:secret"
consumer_secret = "file:secret"
access_token = "file:secret"
access_token_secret = "file:secret"
api_url = "{x}"
timeout = "5s"

[[accounts]]
name = "page"
channel = "facebook"
page = "100200300400"
token = "file:secret"
app_secret = "file:secret"
api_url = "{page}"
timeout = "5s"
"""
_MAIL = """
[desk]
database = "sqlite:///replyby.db"

[[accounts]]
name = "mail"
channel = "email"
address = "help@desk.test"
imap = "imap://127.0.0.1:{imap}"
smtp = "smtp://127.0.0.1:1"
password = "file:secret"
timeout = "2s"
"""
_LOOKS = (("check",), ("accounts",), ("accounts", "--json"), ("board", "--once"))


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database in which nothing has happened, to be copied."""
    path = tmp_path_factory.mktemp("template") / "replyby.db"
    open_store(f"sqlite:///{path}", START).close()
    return path


@pytest.fixture
def folder(tmp_path: Path, template: Path) -> Path:
    (tmp_path / "secret").write_text("s3cret-of-the-desk")
    shutil.copy(template, tmp_path)
    return tmp_path


def polled_anew(folder: Path, template: Path) -> str:
    """What the first poll of these accounts says: a trouble that goes on is logged once."""
    for path in folder.glob("replyby.db*"):
        path.unlink()
    shutil.copy(template, folder)
    return said(folder, "poll", "--verbose")


def said(folder: Path, *words: str) -> str:
    """What a command says on either stream, judged."""
    env = {"HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
    done = replyby_inside(("--as", "ann", *words), folder, env)
    output = done.stdout + done.stderr
    judge(output)
    return output


def judge(output: str) -> None:
    assert "Traceback" not in output
    assert "a fault in replyby" not in output
    written = output.encode("utf-8", "surrogatepass")
    assert obeyed(written) == set()
    assert strange(written) == set()


def chunks() -> list[str]:
    """All strings, a few together: servers' words are cut after a while."""
    several = texts(_CHARS)
    return ["|".join(several[n : n + _TOGETHER]) for n in range(0, len(several), _TOGETHER)]


def raw(text: str) -> bytes:
    """As it may come over a line."""
    return text.encode("utf-8", "surrogatepass")


def refusal(words: str) -> bytes:
    """An answer by HTTP that says them wherever X or Facebook would say something."""
    told = dict.fromkeys(("message", "error_user_title", "error_user_msg", "type"), words)
    body = {"title": words, "detail": words, "type": words, "error": told | {"code": 100}}
    content = json.dumps(body).encode()
    line = raw(words.replace("\r", "").replace("\n", ""))
    return b"HTTP/1.1 400 %s\r\nX-Trace: %s\r\nContent-Type: application/json\r\n" \
           b"Content-Length: %d\r\n\r\n%s" % (line, line, len(content), content)  # fmt: skip


def test_what_x_and_facebook_say_is_told_clean(folder: Path, template: Path) -> None:
    for words in chunks():
        with far_side(says(refusal(words))) as origin:
            (folder / "config.toml").write_text(_ACCOUNTS.format(x=origin, page=origin))
            assert polled_anew(folder, template).count("WARNING") == len(("x", "page"))
            for look in _LOOKS:
                said(folder, *look)


@contextmanager
def mailbox(folder: Path, script: Script) -> Iterator[None]:
    with playing(script) as port:
        (folder / "config.toml").write_text(_MAIL.format(imap=port))
        yield


def refusing(moment: str, words: str) -> Script:
    """A server that says no to one kind of command, or to all."""
    line = raw(words.replace("\r", "").replace("\n", ""))

    def lie(tag: bytes, command: str) -> Said:
        return [b"* NO %s\r\n%s NO %s\r\n" % (line, tag, line)] if moment in command else None

    greeting = b"* BYE " + line if moment == "greeting" else b"* OK " + line
    return Script({1: b"From: a@b.test\r\n\r\nhello\r\n"}, greeting=greeting, lie=lie)


@pytest.mark.parametrize("moment", ["greeting", "LOGIN", "EXAMINE", "FETCH"])
def test_what_a_mail_server_says_is_told_clean(folder: Path, template: Path, moment: str) -> None:
    for words in chunks():
        with mailbox(folder, refusing(moment, words)):
            assert "WARNING" in polled_anew(folder, template)
            for look in _LOOKS[:2]:
                said(folder, *look)


def mails() -> list[bytes]:
    """Raw ones, a few strings in each, in every place where a mail can have them."""
    return [_mail(number, raw(text)) for number, text in enumerate(chunks())]


def _mail(number: int, text: bytes) -> bytes:
    line = text.replace(b"\r", b" ").replace(b"\n", b" ")
    word = b"=?utf-8?q?%s?=" % b"".join(b"=%02X" % byte for byte in text)
    headers = [
        b"From: %s %s <c%d@customer.test>" % (line, word, number), b"X-Mailer: " + line,
        b"Subject: about it, %s %s" % (line, word), b"Message-ID: <%d@customer.test>" % number,
        b"Authentication-Results: " + line, b"Content-Type: multipart/mixed; boundary=zz",
    ]  # fmt: skip
    part = b'Content-Type: text/plain\r\nContent-Disposition: attachment; filename="%s"' % line
    body = [b"--zz", b"", text, b"--zz", part, b"", b"file", b"--zz--", b""]
    return b"\r\n".join([*headers, b"", *body])


def test_what_stands_in_mails_is_told_clean(folder: Path) -> None:
    several = mails()
    with mailbox(folder, Script(dict(enumerate(several, 1)))):
        assert f"{len(several)} listed = {len(several)} new" in said(folder, "poll", "--verbose")
    for words in (
        ("list",),
        ("list", "--json"),
        ("search", "about"),
        ("search", "about", "--json"),
    ):
        said(folder, *words)
    for number in map(str, range(1, len(several) + 1)):
        for words in (("show",), ("show", "--full"), ("show", "--json"), ("explain", "--full")):
            said(folder, *words, number)


def test_a_hostile_mail_is_inspected_cleanly(folder: Path) -> None:
    (folder / "config.toml").write_text(_MAIL.format(imap=1))
    for number, mail in enumerate(mails()):
        (folder / f"{number}.eml").write_bytes(mail)
        said(folder, "inspect", f"{number}.eml")
        said(folder, "inspect", f"{number}.eml", "--json")
