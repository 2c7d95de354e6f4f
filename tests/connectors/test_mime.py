"""Mails as they are really sent, of every broken kind that we know."""

from __future__ import annotations

import base64
import hashlib
from email.message import EmailMessage

import pytest

from connectors.mailbox.mime import Limits, Mail, Mailbox, read_mail

PDF = b"%PDF-1.4 not really"


def with_fields(*fields: bytes, body: bytes = b"x") -> Mail:
    return read_mail(b"\r\n".join((*fields, b"", body)))


def with_body(body: bytes, *fields: bytes) -> Mail:
    return with_fields(b"From: Mira <mira@customer.test>", b"Subject: s", *fields, body=body)


def multipart(*parts: bytes, kind: bytes = b"mixed", boundary: bytes = b"b") -> Mail:
    field = b'Content-Type: multipart/%s; boundary="%s"' % (kind, boundary)
    between = b"\r\n--" + boundary + b"\r\n"
    body = between.join((b"", *parts)) + b"\r\n--" + boundary + b"--\r\n"
    return with_body(body, field)


def file_part(*fields: bytes, content: bytes = PDF) -> bytes:
    encoded = base64.b64encode(content)
    return b"\r\n".join((*fields, b"Content-Transfer-Encoding: base64", b"", encoded))


def names(mail: Mail) -> list[str]:
    return [file.name for file in mail.attachments]


PLAIN = b"Content-Type: text/plain; charset=utf-8\r\n\r\nhello"
HTML = b"Content-Type: text/html; charset=utf-8\r\n\r\n<p>hello <b>you</b></p>"


# Header fields


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (b"=?utf-8?q?caf=C3=A9?=", "café"),
        (b"=?utf-8?b?Y2Fmw?= =?utf-8?b?6k=?=", "café"),
        (b"=?utf-8?q?caf=C3?=\r\n\t=?utf-8?q?=A9_noir?=", "café noir"),
        (b"=?UTF-8?Q?a?= =?iso-8859-1?Q?=E9?=", "aé"),
        (b"=?utf-8*de?q?Gr=C3=BC=C3=9Fe?=", "Grüße"),
        (b"=?utf-8?q?why_not??=", "why not?"),
        (b"=?utf-8?q?white space inside?=", "white space inside"),
        (b"=?utf-8?q?never_closed", "never closed"),
        (b"=?gb2312?B?xOO6ww==?=", "你好"),
        (b"=?ISO-2022-JP?B?GyRCJDMkcyRLJEEkTxsoQg==?=", "こんにちは"),
        (b"=?koi8-r?Q?=F0=D2=C9=D7=C5=D4?=", "Привет"),
        (b"=?x-unknown?Q?caf=C3=A9?=", "café"),
        (b"Re: =?utf-8?q?a?= b =?utf-8?q?c?=", "Re: a b c"),
        ("Grüße".encode(), "Grüße"),
        ("Grüße".encode("latin-1"), "Grüße"),
        (b"plain \xe2\x82", "plain â‚"),
        (b"\x1b$B$3$s\x1b(B", "こん"),
        (b"nul\x00 inside", "nul inside"),
        (b"folded\r\n\twith a tab", "folded with a tab"),
    ],
)
def test_a_subject_is_read_however_it_is_encoded(value: bytes, expected: str) -> None:
    assert with_fields(b"Subject: " + value).subject == expected


def test_raw_letters_in_the_header_are_in_the_charset_of_the_body() -> None:
    subject = "Привет".encode("koi8-r")
    mail = with_fields(b"Subject: " + subject, b"Content-Type: text/plain; charset=koi8-r")
    assert mail.subject == "Привет"


@pytest.mark.parametrize(
    ("value", "name", "address"),
    [
        (b"mira@customer.test", "", "mira@customer.test"),
        (b"<mira@customer.test>", "", "mira@customer.test"),
        (b"Mira Foo <mira@customer.test>", "Mira Foo", "mira@customer.test"),
        (b'"Foo, Mira" <mira@customer.test>', "Foo, Mira", "mira@customer.test"),
        (b'"Mira \\"Mo\\" Foo" <mira@customer.test>', 'Mira "Mo" Foo', "mira@customer.test"),
        (b"Foo, Mira <mira@customer.test>", "Foo, Mira", "mira@customer.test"),
        (b"Mira F. [Acme] <mira@customer.test>", "Mira F. [Acme]", "mira@customer.test"),
        (b"mira@customer.test (Mira Foo)", "Mira Foo", "mira@customer.test"),
        (b"=?utf-8?q?M=C3=ADra=2C_F?= <mira@customer.test>", "Míra, F", "mira@customer.test"),
        (b'"=?utf-8?q?M=C3=ADra?=" <mira@customer.test>', "Míra", "mira@customer.test"),
        (b"=?utf-8?q?Mira_=3Cmira=40customer=2Etest=3E?=", "Mira", "mira@customer.test"),
        (b"mira@old.test <mira@customer.test>", "mira@old.test", "mira@customer.test"),
        (b'"Mira <mira@customer.test>', "Mira", "mira@customer.test"),
        (b"Mira <mailto:mira@customer.test>", "Mira", "mira@customer.test"),
        (b"Mira <<mira@customer.test>>", "Mira", "mira@customer.test"),
        (b"Mira <@relay.test:mira@customer.test>", "Mira", "mira@customer.test"),
        (b"Mira < mira@customer.test >", "Mira", "mira@customer.test"),
        (b'"mira foo"@customer.test', "", '"mira foo"@customer.test'),
        (b'"Nobody" <>, "Mira" <mira@customer.test>', "Mira", "mira@customer.test"),
        ("Míra <mira@customer.test>".encode("latin-1"), "Míra", "mira@customer.test"),
        (b"Moderator <moderator>", "Moderator", "moderator"),
        (b"root", "", "root"),
        (b"Mira Foo", "Mira Foo", ""),
        (b"MAILER-DAEMON <>", "MAILER-DAEMON", ""),
    ],
)
def test_a_sender_is_found_however_it_is_written(value: bytes, name: str, address: str) -> None:
    mail = with_fields(b"From: " + value)
    assert (mail.from_name, mail.from_addr) == (name, address)


def test_of_two_from_fields_the_first_with_an_address_counts() -> None:
    mail = with_fields(b"From: nobody here", b"From: Mira <mira@customer.test>")
    assert mail.from_addr == "mira@customer.test"


@pytest.mark.parametrize("other", [b"Reply-To", b"Sender", b"Return-Path"])
def test_an_empty_from_leaves_the_other_fields_to_name_the_sender(other: bytes) -> None:
    assert with_fields(b"From: ", other + b": <mira@customer.test>").from_addr


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (b"a@x.test, b@x.test", ["a@x.test", "b@x.test"]),
        (b"a@x.test; b@x.test", ["a@x.test", "b@x.test"]),
        (b"Friends: a@x.test, B <b@x.test>;", ["a@x.test", "b@x.test"]),
        (b"undisclosed-recipients:;", []),
        (b"A (one, two) <a@x.test>, b@x.test", ["a@x.test", "b@x.test"]),
        (b"A B, C <c@x.test>,\r\n d@x.test", ["c@x.test", "d@x.test"]),
        (b"", []),
    ],
)
def test_recipients_are_found_however_they_are_listed(value: bytes, expected: list[str]) -> None:
    assert [m.address for m in with_fields(b"To: " + value).to] == expected


def test_names_of_recipients_are_kept() -> None:
    assert with_fields(b"Cc: A <a@x.test>").cc == [Mailbox("A", "a@x.test")]


@pytest.mark.parametrize(
    "raw",
    [
        b"From mira@customer.test Thu May  3 12:04:29 2012\nFrom: mira@customer.test\n\nx",
        b"\xef\xbb\xbfFrom: mira@customer.test\n\nx",
        b"\r\n\r\nFrom: mira@customer.test\r\n\r\nx",
        b"From: mira@customer.test\rSubject: s\r\rx",
        b"From: mira@customer.test\r\r\nSubject: s\r\r\n\r\r\nx",
        b"From : mira@customer.test\n\nx",
        b"FROM: mira@customer.test\n\nx",
        b"---- Original mail ----\nFrom: mira@customer.test\nMIME-Version: 1.0\n\nx",
        b"Subject: s\nnonsense without colon\nFrom: mira@customer.test\n\nx",
        b"From: mira@customer.test\nx",
        b"Fr\x00om: mira@customer.test\n\nx",
    ],
    ids=["mbox", "bom", "blank", "cr", "crcrlf", "space", "case", "junk", "inside", "none", "nul"],
)
def test_a_header_is_found_whatever_stands_around_it(raw: bytes) -> None:
    mail = read_mail(raw)
    assert (mail.from_addr, mail.written) == ("mira@customer.test", "x")


def test_a_text_without_any_header_is_a_body() -> None:
    assert read_mail(b"Hi there,\n\nall is well: really\n").written.startswith("Hi there,")


def test_a_text_that_quotes_a_mail_is_no_header() -> None:
    text = b"Fine with me!\n\n-----\nFrom: a@x.test\nSent: today\nSubject: s\n\nold\n"
    assert read_mail(text).written == text.decode().strip()
    assert read_mail(text.replace(b"\n\n---", b"\n---")).written.startswith("Fine with me!")


def test_ids_are_read_without_their_brackets_too() -> None:
    mail = with_fields(
        b"Message-Id: 1@x.test", b"References: <a@x>\r\n <b@x>", b"In-Reply-To: <b@x>"
    )
    assert (mail.message_id, mail.references, mail.in_reply_to) == (
        "<1@x.test>", ["<a@x>", "<b@x>"], ["<b@x>"],
    )  # fmt: skip


def test_a_date_that_is_none_is_none() -> None:
    assert with_fields(b"Date: yesterday").date is None
    assert with_fields(b"Date: Thu, 3 May 2012 11:36:43 +0200").date is not None


# Text


@pytest.mark.parametrize(
    ("charset", "codec", "text"),
    [
        ("gb2312", "gb18030", "镕你好"),
        ("iso-2022-jp", "iso2022_jp_2004", "①こんにちは"),
        ("ks_c_5601-1987", "cp949", "안녕하세요"),
        ("shift_jis", "cp932", "①こんにちは"),
        ("utf-7", "utf-7", "Grüße"),
        ("utf-16", "utf-16-le", "Grüße an alle"),
        ("utf-16", "utf-16-be", "Grüße an alle"),
        ("windows-1251", "cp1251", "Привет"),
        ("cp-1250", "cp1250", "Čtvrtek"),
        ("iso-8859-1", "cp1252", "“Grüße” – 5 €"),
        ("macintosh", "mac_roman", "Grüße"),
        ("x-unknown", "utf-8", "Grüße"),
        ("us-ascii", "utf-8", "Grüße"),
        ("us-ascii", "latin-1", "Grüße"),
        ("utf-8", "latin-1", "Grüße"),
        ("idna", "utf-8", "Grüße"),
        ('"utf-8;"', "utf-8", "Grüße"),
    ],
)
def test_text_is_read_in_the_charset_that_it_is_in(charset: str, codec: str, text: str) -> None:
    field = f"Content-Type: text/plain; charset={charset}".encode()
    body = base64.encodebytes(text.encode(codec))
    assert with_body(body, field, b"Content-Transfer-Encoding: base64").written == text


def test_html_tells_its_charset_in_the_page() -> None:
    page = '<meta charset="windows-1251"><p>Привет</p>'.encode("cp1251")
    assert with_body(page, b"Content-Type: text/html").written == "Привет"


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        (b"base64", b"aGVsbG8gd29ybGQ"),
        (b"BASE64", b"aGVs\r\n!bG8gd29y\r\nbGQ="),
        (b"base64", b"aGVsbG8=\r\nIHdvcmxk"),
        (b"base64", b"hello world"),
        (b"quoted-printable", b"hello=20w=\r\norld"),
        (b"Quoted-Printable", b"hello w= \r\norld="),
        (b"quoted-printable", b"hello wor=6Cd"),
        (b"8bit", b"hello world"),
        (b"binary", b"hello world"),
        (b"nonsense", b"hello world"),
        (b"x-uuencode", b"begin 644 a.txt\r\n+:&5L;&\\@=V]R;&0\r\n`\r\nend\r\n"),
    ],
)
def test_an_encoding_is_undone_as_far_as_it_goes(encoding: bytes, body: bytes) -> None:
    mail = with_body(body, b"Content-Transfer-Encoding: " + encoding)
    assert mail.written == "hello world"


def test_flowed_lines_are_made_whole() -> None:
    body = b"one \r\ntwo\r\n> quoted \r\n> on\r\n-- \r\nsig"
    mail = with_body(body, b"Content-Type: text/plain; format=flowed")
    assert mail.written == "one two\n> quoted on\n-- \nsig"


def test_of_an_alternative_the_plain_text_is_read_and_the_html_kept() -> None:
    mail = multipart(PLAIN, HTML, kind=b"alternative")
    assert (mail.written, mail.html_text, names(mail)) == ("hello", "hello you", [])


def test_html_alone_becomes_text() -> None:
    assert multipart(HTML, kind=b"alternative").written == "hello you"


def test_several_texts_are_one_after_the_other() -> None:
    assert multipart(PLAIN, PLAIN.replace(b"hello", b"bye")).written == "hello\nbye"


def test_an_empty_plain_text_beside_html_is_passed_over() -> None:
    assert (
        multipart(PLAIN.replace(b"hello", b" "), HTML, kind=b"alternative").written == "hello you"
    )


# Structure


def test_a_boundary_may_be_missing_from_the_header() -> None:
    body = b"--xyz\r\nContent-Type: text/plain\r\n\r\nhello\r\n--xyz--\r\n"
    assert with_body(body, b"Content-Type: multipart/mixed").written == "hello"


def test_a_boundary_is_found_without_its_semicolon() -> None:
    body = b"--b\r\n" + PLAIN + b"\r\n--b--\r\n"
    assert with_body(body, b"Content-Type: multipart/mixed\r\n boundary=b").written == "hello"


def test_a_multipart_need_not_be_closed_and_white_space_may_follow_its_boundary() -> None:
    body = b"--b  \r\n" + PLAIN + b"\r\n--b \t\r\n" + file_part(b"Content-Type: application/pdf")
    mail = with_body(body, b"Content-Type: multipart/mixed; boundary=b")
    assert (mail.written, [file.content for file in mail.attachments]) == ("hello", [PDF])


def test_a_multipart_with_no_part_is_its_text() -> None:
    assert with_body(b"hello", b"Content-Type: multipart/mixed; boundary=b").written == "hello"


def test_parts_within_parts_may_have_the_same_boundary() -> None:
    inner = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n" + PLAIN + b"\r\n--b--"
    mail = multipart(inner, file_part(b"Content-Type: application/pdf; name=a.pdf"))
    assert (mail.written, names(mail)) == ("hello", ["a.pdf"])


def test_a_boundary_that_begins_like_another_is_not_that() -> None:
    inner = b"Content-Type: multipart/mixed; boundary=bb\r\n\r\n--bb\r\n" + PLAIN + b"\r\n--bb--"
    assert multipart(inner, PLAIN).written == "hello\nhello"


def test_a_part_may_have_no_header() -> None:
    assert multipart(b"\r\nhello").written == "hello"
    assert multipart(b"hello").written == "hello"


# Files


@pytest.mark.parametrize(
    "fields",
    [
        (b'Content-Disposition: attachment; filename="r\xc3\xa9sum\xc3\xa9.pdf"',),
        (b'Content-Disposition: attachment; filename="r\xe9sum\xe9.pdf"',),
        (b"Content-Type: application/pdf; name*=utf-8''r%C3%A9sum%C3%A9.pdf",),
        (b"Content-Type: application/pdf; name*0*=utf-8''r%C3; name*1*=%A9sum%C3%A9.pdf",),
        (b"Content-Type: a/b; name*1*=%C3%A9.pdf;\r\n name*0*=utf-8''r%C3%A9sum",),
        (b"Content-Disposition: attachment; filename*=iso-8859-1''r%E9sum%E9.pdf",),
        (b'Content-Disposition: attachment; filename="=?utf-8?q?r=C3=A9sum=C3=A9=2Epdf?="',),
        (b"Content-Type: a/b; name==?utf-8?b?csOpc3Vtw6kucGRm?=",),
        (b'Content-Disposition: ;\r\n filename="=?utf-8?b?csOp?=\r\n =?utf-8?q?sum=C3=A9.pdf?="',),
        (b"Content-Disposition: attachment; filename=utf-8''r%C3%A9sum%C3%A9.pdf",),
    ],
)
def test_a_file_has_its_name_however_it_is_given(fields: tuple[bytes, ...]) -> None:
    mail = multipart(PLAIN, file_part(*fields))
    assert names(mail) == ["résumé.pdf"]


def test_quotes_within_the_quotes_of_a_name_belong_to_it() -> None:
    field = b'Content-Disposition: attachment; filename="the "best" one.pdf"; size=3'
    assert names(multipart(PLAIN, file_part(field))) == ['the "best" one.pdf']


def test_parameters_need_no_semicolons_between_them() -> None:
    field = b'Content-Type: a/b name="a.pdf" x="y"'
    assert names(multipart(PLAIN, file_part(field))) == ["a.pdf"]


def test_a_file_is_decoded_when_it_is_asked_for() -> None:
    [file] = multipart(PLAIN, file_part(b"Content-Type: application/pdf; name=a.pdf")).attachments
    assert (file.number, file.type, file.size, file.content) == (1, "application/pdf", 19, PDF)
    assert file.md5 == hashlib.md5(PDF).hexdigest()


def test_a_file_without_a_name_gets_one_that_tells_its_kind() -> None:
    assert names(multipart(PLAIN, file_part(b"Content-Type: image/png"))) == ["part-1.png"]


def test_pictures_inside_the_text_are_files_too() -> None:
    picture = file_part(b"Content-Type: image/png; name=a.png", b"Content-ID: <1@x>")
    mail = multipart(HTML, picture, kind=b"related")
    assert [(file.name, file.inline) for file in mail.attachments] == [("a.png", True)]


def test_a_text_that_is_attached_is_a_file() -> None:
    attached = (
        b"Content-Type: text/plain\r\nContent-Disposition: attachment; filename=a.txt\r\n\r\nno"
    )
    mail = multipart(PLAIN, attached)
    assert (mail.written, names(mail)) == ("hello", ["a.txt"])


def test_a_forwarded_mail_is_a_file_named_by_its_subject() -> None:
    inner = b"Content-Type: message/rfc822\r\n\r\nFrom: a@x.test\r\nSubject: old/news\r\n\r\nthen"
    mail = multipart(PLAIN, inner)
    assert (mail.written, names(mail)) == ("hello", ["old news.eml"])
    assert "[attached mail: From: a@x.test, Subject: old/news]" in mail.text


def test_uuencoded_files_are_taken_out_of_the_text() -> None:
    mail = with_body(b"before\r\nbegin 644 a.txt\r\n+:&5L;&\\@=V]R;&0\r\n`\r\nend\r\nafter")
    assert mail.written == "before\nafter"
    assert [(f.name, f.content) for f in mail.attachments] == [("a.txt", b"hello world")]


def test_words_that_look_like_uuencode_stay_in_the_text() -> None:
    text = "begin 644 things at once\nand end\n"
    assert with_body(text.encode()).written == text.strip()


# Invites, seals, winmail.dat

INVITE = """BEGIN:VCALENDAR\r
METHOD:REQUEST\r
BEGIN:VEVENT\r
SUMMARY:Planning\\, part two\r
DTSTART;TZID=Europe/Berlin:20261122T093000\r
DTEND;TZID=Europe/Berlin:20261122T103000\r
LOCATION:Room\r
  7\r
ORGANIZER;CN="Foo, Mira":mailto:mira@customer.test\r
END:VEVENT\r
END:VCALENDAR\r
"""


def test_an_invite_says_what_when_where_and_who() -> None:
    part = b"Content-Type: text/calendar; method=REQUEST\r\n\r\n" + INVITE.encode()
    mail = multipart(PLAIN, part, kind=b"alternative")
    assert mail.invites == (
        "What: Planning, part two\nWhen: 2026-11-22 09:30 to 10:30 (Europe/Berlin)\n"
        "Where: Room 7\nOrganizer: Foo, Mira <mira@customer.test>",
    )
    assert mail.text == f"hello\n\n{mail.invites[0]}"
    assert names(mail) == ["part-1.ics"]


def test_a_broken_invite_is_a_file_and_no_more() -> None:
    mail = multipart(PLAIN, b"Content-Type: text/calendar\r\n\r\nBEGIN:VEVENT\r\nDTSTART:x")
    assert (mail.text, names(mail)) == ("hello", ["part-1.ics"])


@pytest.mark.parametrize(
    ("type_", "label"),
    [
        (b"application/pgp-signature", "[signed with PGP]"),
        (b"application/pkcs7-signature", "[signed with S/MIME]"),
        (b"application/pkcs7-mime; smime-type=signed-data", "[signed with S/MIME]"),
        (b"application/pkcs7-mime", "[encrypted with S/MIME: replyby can't read it]"),
        (b"application/pgp-encrypted", "[encrypted with PGP: replyby can't read it]"),
    ],
)
def test_a_seal_is_labelled_and_kept(type_: bytes, label: str) -> None:
    mail = multipart(PLAIN, file_part(b"Content-Type: " + type_), kind=b"signed")
    assert (mail.labels, len(mail.attachments)) == ((label,), 1)
    assert mail.text.endswith(label)


def attribute(number: int, data: bytes, level: int = 2) -> bytes:
    size = len(data).to_bytes(4, "little")
    return bytes([level]) + number.to_bytes(4, "little") + size + data + b"\x00\x00"


def winmail(*attributes: bytes) -> bytes:
    return b"\x78\x9f\x3e\x22\x01\x00" + b"".join(attributes)


def test_the_files_in_a_winmail_dat_are_listed_instead_of_it() -> None:
    long_name = "résumé.pdf\x00".encode("utf-16-le") + b"\x00\x00"
    name = b"\x1f\x00\x07\x37\x01\x00\x00\x00" + (22).to_bytes(4, "little") + long_name
    data = winmail(
        attribute(0x69002, b"\x00" * 14),
        attribute(0x18010, b"RESUME~1.PDF\x00"),
        attribute(0x6800F, PDF),
        attribute(0x69005, b"\x01\x00\x00\x00" + name),
    )
    mail = multipart(PLAIN, file_part(b"Content-Type: application/ms-tnef", content=data))
    assert [(file.name, file.content) for file in mail.attachments] == [("résumé.pdf", PDF)]


@pytest.mark.parametrize("data", [b"\x89PNG no tnef", winmail(), winmail(b"\x02\x02\x90")])
def test_a_winmail_dat_without_files_is_listed_itself(data: bytes) -> None:
    part = file_part(b"Content-Type: application/octet-stream; name=winmail.dat", content=data)
    assert names(multipart(PLAIN, part)) == ["winmail.dat"]


# Limits


def test_what_is_cut_is_said() -> None:
    mail = read_mail(b"Subject: s\n\n" + b"word " * 100, Limits(mail_bytes=100, text_chars=20))
    assert len(mail.written) <= 20
    assert mail.notices == [
        "only the first 100 of 512 bytes were read", "the text was cut after 20 characters",
    ]  # fmt: skip
    assert len(mail.raw) == 512


@pytest.mark.parametrize(
    ("limits", "notice"),
    [
        (Limits(parts=2), "only the first 2 parts were read"),
        (Limits(depth=1), "parts more than 1 levels deep were left as they are"),
    ],
)
def test_too_many_parts_are_cut_with_a_notice(limits: Limits, notice: str) -> None:
    mail = multipart(PLAIN, PLAIN, PLAIN)
    assert not mail.notices
    assert read_mail(mail.raw, limits).notices == [notice]


def test_recipients_and_references_are_cut() -> None:
    raw = (
        b"To: "
        + b", ".join(b"a%d@x.test" % i for i in range(9))
        + b"\nReferences: <1@x> <2@x> <3@x>"
    )
    mail = read_mail(raw + b"\n\nx", Limits(recipients=2, references=2))
    assert len(mail.to) == 2
    assert mail.references == ["<1@x>", "<3@x>"]


# Beside the standard library


def test_a_usual_mail_reads_as_the_standard_library_wrote_it() -> None:
    written = EmailMessage()
    written["From"], written["To"] = "Míra Foo <mira@customer.test>", "desk@acme.test"
    written["Subject"] = "Grüße aus der Ferne, " * 9
    written.set_content("Guten Tag,\n\nalles Gute – wirklich.\n" * 20)
    written.add_alternative("<p>Guten Tag</p>", subtype="html")
    written.add_attachment(PDF, maintype="application", subtype="pdf", filename="été.pdf")
    mail = read_mail(written.as_bytes())
    assert (mail.from_name, mail.subject) == ("Míra Foo", str(written["Subject"]).strip())
    assert mail.written == written.get_body(("plain",)).get_content().strip()  # type: ignore[union-attr]
    assert [(f.name, f.content) for f in mail.attachments] == [("été.pdf", PDF)]


def test_the_standard_librarys_message_is_at_hand() -> None:
    mail = multipart(PLAIN, HTML)
    assert mail.message["Subject"] == "s"
    assert len(list(mail.whole_message.walk())) == 3


@pytest.mark.parametrize("length", [*range(1, 9), 56, 57, 58, 114, 115])
@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_the_size_that_lines_tell_is_the_size_of_the_content(length: int, end: bytes) -> None:
    encoded = base64.encodebytes(b"\x00" * length).replace(b"\n", end)
    part = b"Content-Type: a/b\r\nContent-Transfer-Encoding: base64\r\n\r\n" + encoded
    [file] = multipart(part).attachments
    assert file.size == len(file.content) == length
