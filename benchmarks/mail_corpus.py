"""Mails as a help desk gets them, the same on every run, put straight into a Maildir."""

from __future__ import annotations

import binascii
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.header import Header
from pathlib import Path
from random import Random

_SEED = 20261122
_LINE_END = "\r\n"
_KIB = 1024


@dataclass(frozen=True, slots=True)
class _Language:
    """How people of one language write to a desk; `wrote` stands above what they quote."""

    name: str
    charset: str
    sentences: tuple[str, ...]
    wrote: str
    farewell: str


_LANGUAGES = (
    _Language("Jane Miller", "us-ascii", (
        "I ordered this two weeks ago and it has not come.",
        "Could you please find out where the parcel is?",
        "The second one arrived damaged, and the box was open.",
        "Thank you for your quick answer.", "Nobody picks up the phone on Tuesdays.",
        "I would like to have my money back, or the same thing in blue.",
    ), "On Fri, 20 Nov 2026 at 09:12, Acme support <support@acme.example> wrote:",
    "Kind regards\nJane"),
    _Language("Jürgen Müller", "iso-8859-1", (
        "die Rechnung stimmt leider nicht mit der Bestellung überein.",
        "Könnten Sie bitte prüfen, wann die Ware ausgeliefert wird?",
        "Das Gerät geht nach fünf Minuten von selbst aus.", "Vielen Dank für Ihre Mühe.",
        "Ich habe schon zweimal angerufen und niemanden erreicht.",
    ), "Am 20.11.2026 um 09:12 schrieb Acme support <support@acme.example>:",
    "Mit freundlichen Grüßen\nJürgen Müller"),
    _Language("Amélie Lefèvre", "utf-8", (
        "je n'ai toujours pas reçu ma commande.", "Le colis est arrivé ouvert et abîmé.",
        "Pourriez-vous m'indiquer la date de livraison prévue ?",
        "Je souhaite être remboursée dès que possible.", "Merci d'avance pour votre réponse.",
    ), "Le ven. 20 nov. 2026 à 09:12, Acme support <support@acme.example> a écrit :",
    "Cordialement\nAmélie"),
    _Language("José Núñez", "utf-8", (
        "todavía no he recibido el pedido.", "La factura lleva una dirección equivocada.",
        "¿Podrían decirme cuándo llegará?", "Quisiera cambiarlo por otra talla.",
    ), "El vie, 20 nov 2026 a las 9:12, Acme support (<support@acme.example>) escribió:",
    "Un saludo\nJosé"),
    _Language("山田花子", "utf-8", (
        "先週注文した商品がまだ届いておりません。", "配送状況を確認していただけますでしょうか。",
        "請求書の宛名を変更してください。", "よろしくお願いいたします。",
    ), "2026年11月20日(金) 9:12 Acme support <support@acme.example>:", "山田"),
    _Language("Иван Петров", "utf-8", (
        "заказ до сих пор не пришёл.", "Посылка пришла повреждённой.",
        "Сообщите, пожалуйста, когда будет доставка.", "Спасибо за быстрый ответ.",
    ), "пт, 20 нояб. 2026 г. в 09:12, Acme support <support@acme.example>:",
    "С уважением\nИван"),
)  # fmt: skip


def mails(count: int) -> Iterator[bytes]:
    """60 % text of 2-3 KB, 30 % alternatives of 10-12 KB, 10 % with a file, of 130-250 KB."""
    made = Random(_SEED)
    for number in range(count):
        kind = _KINDS[number % len(_KINDS)]
        yield kind(made, number)


def small_mails(count: int) -> Iterator[bytes]:
    """Text of 1 KB or so: many of them fit on a disk."""
    made = Random(_SEED)
    for number in range(count):
        yield _text_mail(made, number, 300)


def fill(maildir: Path, given: Iterator[bytes], owner: tuple[int, int]) -> int:
    """Write a new Maildir that belongs to (uid, gid), UIDs in the order given; bytes written."""
    current, written = _new_maildir(maildir, owner), 0
    for number, raw in enumerate(given):
        path = current / _file_name(number, len(raw))
        path.write_bytes(raw)
        os.chown(path, *owner)
        written += len(raw)
    return written


def share(maildir: Path, other: Path, count: int, owner: tuple[int, int]) -> None:
    """Make `other` a Maildir with the first mails of the first one, as further links to them."""
    current = _new_maildir(other, owner)
    for path in sorted((maildir / "cur").iterdir())[:count]:
        os.link(path, current / path.name)


def _new_maildir(maildir: Path, owner: tuple[int, int]) -> Path:
    for folder in (maildir.parent, maildir, *(maildir / part for part in ("cur", "new", "tmp"))):
        folder.mkdir(exist_ok=True)
        os.chown(folder, *owner)
    return maildir / "cur"


def _file_name(number: int, size: int) -> str:
    # Dovecot takes the sizes from the name; line ends are CRLF, so that both are the same.
    return f"1795000000.M{number:09}P1.bench,S={size},W={size}:2,"


def _text_mail(made: Random, number: int, chars: int = 0) -> bytes:
    language = _language(number)
    body = _body(made, language, chars or made.randint(900, 1500), number)
    head, encoded = _part("plain", body, language.charset)
    return _mail(made, language, number, head, encoded)


def _alternative_mail(made: Random, number: int) -> bytes:
    language = _language(number)
    return _mail(made, language, number, *_alternative(made, language, number, 10 * _KIB))


def _attachment_mail(made: Random, number: int) -> bytes:
    language = _language(number)
    text = _joined(*_alternative(made, language, number, 8 * _KIB))
    file = made.randbytes(made.randint(90, 170) * _KIB)
    head = ('Content-Type: image/jpeg; name="damage.jpg"', "Content-Transfer-Encoding: base64",
            'Content-Disposition: attachment; filename="damage.jpg"')  # fmt: skip
    return _mail(made, language, number, *_multipart("mixed", text, _joined(head, _base64(file))))


def _customer(number: int) -> int:
    """The mail that began the conversation: of twelve mails, one goes on in three others."""
    return number if number % 3 else number - number % 12


def _language(number: int) -> _Language:
    return _LANGUAGES[_customer(number) % 7 % len(_LANGUAGES)]


_KINDS: tuple[Callable[[Random, int], bytes], ...] = (
    _text_mail, _alternative_mail, _text_mail, _text_mail, _attachment_mail,
    _text_mail, _alternative_mail, _text_mail, _alternative_mail, _text_mail,
)  # fmt: skip
_Part = tuple[tuple[str, ...], bytes]


def _alternative(made: Random, language: _Language, number: int, size: int) -> _Part:
    body = _body(made, language, made.randint(700, 1300), number)
    plain = _joined(*_part("plain", body, "utf-8"))
    paragraphs = "".join(f"<p style='margin:0'>{line}</p>\n" for line in body.splitlines())
    style = "p.MsoNormal {margin:0cm; font-size:11.0pt; font-family:Calibri}\n"
    fill = style * max(1, (size - len(plain) - len(paragraphs.encode())) // len(style))
    page = f"<html><head><style>{fill}</style></head><body>{paragraphs}</body></html>"
    return _multipart("alternative", plain, _joined(*_part("html", page, "utf-8")))


def _body(made: Random, language: _Language, chars: int, number: int) -> str:
    """What a person writes, with a signature; in every third mail above what they answer."""
    written = _paragraphs(made, language, chars)
    text = f"{written}\n\n{language.farewell}\n\n-- \n{language.name}, customer {number}\n"
    if number % 3:
        return text
    quoted = "\n".join(f"> {line}" for line in _paragraphs(made, language, chars // 2).split("\n"))
    return f"{text}\n{language.wrote}\n{quoted}\n"


def _paragraphs(made: Random, language: _Language, chars: int) -> str:
    lines: list[str] = []
    length = 0
    while length < chars:
        lines.append(" ".join(made.choices(language.sentences, k=2)))
        length += len(lines[-1].encode())
    return "\n".join(lines)


def _part(subtype: str, text: str, charset: str) -> _Part:
    data = text.replace("\n", _LINE_END).encode(charset, "replace")
    encoding = "7bit" if data.isascii() else "quoted-printable"
    if sum(byte > 127 for byte in data[:300]) > 150:
        encoding, data = "base64", _base64(data)
    elif encoding != "7bit":
        data = binascii.b2a_qp(data, istext=True)
    head = (f"Content-Type: text/{subtype}; charset={charset}",
            f"Content-Transfer-Encoding: {encoding}")  # fmt: skip
    return head, data


def _multipart(subtype: str, *parts: bytes) -> _Part:
    boundary = f"----=_{subtype}_0001"
    between = f"{_LINE_END}--{boundary}".encode()
    body = b"".join(between + _LINE_END.encode() + part for part in parts)
    end = between + b"--" + _LINE_END.encode()
    return (f'Content-Type: multipart/{subtype}; boundary="{boundary}"',), body + end


def _mail(
    made: Random, language: _Language, number: int, head: tuple[str, ...], body: bytes
) -> bytes:
    customer = _customer(number)
    token = made.randbytes(48).hex()
    subject = language.sentences[customer % len(language.sentences)]
    lines = (
        f"Return-Path: <customer{customer}@customer.test>",
        f"Received: from mx.customer.test (mx.customer.test [192.0.2.{number % 250}])\r\n"
        f"\tby mail.acme.example (Postfix) with ESMTPS id {token[:12]}\r\n"
        "\tfor <support@acme.example>; Fri, 20 Nov 2026 09:30:00 +0000 (UTC)",
        "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=customer.test; s=mail;\r\n"
        f"\th=from:to:subject:date:message-id; bh={token[12:56]};\r\n\tb={token[56:]}",
        f"From: {Header(language.name).encode()} <customer{customer}@customer.test>",
        "To: Acme support <support@acme.example>",
        f"Subject: {Header(subject).encode(linesep=_LINE_END)}",
        f"Date: Fri, 20 Nov 2026 09:{number // 60 % 60:02}:{number % 60:02} +0000",
        f"Message-ID: {_id(number)}",
        *((f"In-Reply-To: {_id(customer)}", f"References: {_id(customer)}")
          if customer != number else ()),
        "MIME-Version: 1.0",
        "X-Mailer: replyby bench",
    )  # fmt: skip
    return _joined((*lines, *head), body)


def _id(number: int) -> str:
    return f"<bench.{number:06}@customer.test>"


def _joined(head: tuple[str, ...], body: bytes) -> bytes:
    return _LINE_END.join((*head, "", "")).encode() + body


def _base64(data: bytes) -> bytes:
    lines = (data[start : start + 57] for start in range(0, len(data), 57))
    return b"\r\n".join(binascii.b2a_base64(line, newline=False) for line in lines)
