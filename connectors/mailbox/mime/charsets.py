"""Bytes in the charset that is declared, or the one they are likely to be in, as text."""

from __future__ import annotations

import codecs
import re
from functools import lru_cache

# A label stands for the superset that mail programs write under its name (WHATWG Encoding).
_ALIASES = {
    "ascii": "utf-8", "us-ascii": "utf-8", "ansi_x3.4-1968": "utf-8", "default": "utf-8",
    "unknown": "utf-8", "unknown-8bit": "utf-8", "x-unknown": "utf-8", "binary": "utf-8",
    "8bit": "utf-8", "utf8mb4": "utf-8", "iso-8859-1": "cp1252", "latin1": "cp1252",
    "latin-1": "cp1252", "iso-8859-8-i": "iso-8859-8", "iso-8859-8-e": "iso-8859-8",
    "iso-8859-9": "cp1254", "tis-620": "cp874", "iso-8859-11": "cp874", "gb2312": "gb18030",
    "gb_2312-80": "gb18030", "x-gbk": "gb18030", "gbk": "gb18030", "chinese": "gb18030",
    "hz-gb-2312": "hz", "big5": "big5hkscs", "x-x-big5": "big5hkscs", "big5-eten": "big5hkscs",
    "ks_c_5601-1987": "cp949", "ks_c_5601-1989": "cp949", "ks_c_5601": "cp949",
    "ksc5601": "cp949", "ksc_5601": "cp949", "korean": "cp949", "euc-kr": "cp949",
    "shift_jis": "cp932", "shift-jis": "cp932", "sjis": "cp932", "x-sjis": "cp932",
    "windows-31j": "cp932", "ms_kanji": "cp932", "x-euc-jp": "euc_jis_2004",
    "euc-jp": "euc_jis_2004", "iso-2022-jp": "iso2022_jp_ext", "cp50220": "iso2022_jp_ext",
    "cp50221": "iso2022_jp_ext", "x-mac-roman": "mac_roman", "macintosh": "mac_roman",
    "mac": "mac_roman", "x-mac-cyrillic": "mac_cyrillic", "x-mac-ce": "mac_latin2",
    "unicode-1-1-utf-7": "utf-7", "unicode-1-1-utf-8": "utf-8", "unicode": "utf-16",
    "visual": "iso-8859-8", "koi": "koi8-r", "koi8": "koi8-r",
}  # fmt: skip
_NUMBERED = re.compile(r"(?:x-)?(?:cp|windows|win|ibm|dos|ms)[-_ ]?(\d{3,5})")
# Python's codecs that are no charset of mail, or take time that grows with the square.
_NO_CHARSET = frozenset({"idna", "punycode", "unicode-escape", "raw-unicode-escape", "undefined"})
_JIS_X_0208 = re.compile(rb"\x1b\$[@B]")
_SHIFTING = ("utf-7", "hz", "utf-16", "utf-32")
_WRONG_SHARE = 0.1


def decode_bytes(data: bytes, charset: str = "", likely: str = "") -> str:
    """The text; never fails.

    `charset` is what is declared and `likely` what else may be tried, before and after UTF-8.
    """
    if data.isascii() and b"\x1b" not in data and not _shifts(charset):
        return data.decode("ascii")
    declared = codec_of(charset)
    for codec in (declared, "utf-8", codec_of(likely)):
        text = _exactly(data, codec)
        if text is not None:
            return text
    return _roughly(data, declared)


def _shifts(charset: str) -> bool:
    """Whether it writes other letters in ASCII characters, or two bytes for each."""
    return bool(charset) and codec_of(charset).startswith(_SHIFTING)


@lru_cache(maxsize=256)
def codec_of(charset: str) -> str:
    """Python's name of a charset, "" where it knows none."""
    label = charset.strip(" \t\r\n\"';").lower()
    label = _ALIASES.get(label, label)
    if numbered := _NUMBERED.fullmatch(label):
        label = f"cp{numbered[1]}"
    label = _ALIASES.get(label.replace("_", "-"), label)
    try:
        codec = codecs.lookup(label)
    except (LookupError, ValueError):
        return ""
    name = codec.name.replace("_", "-")
    return codec.name if _is_text(codec) and name not in _NO_CHARSET else ""


def _is_text(codec: codecs.CodecInfo) -> bool:
    return bool(getattr(codec, "_is_text_encoding", True))


def _exactly(data: bytes, codec: str) -> str | None:
    if not codec:
        return None
    if codec == "utf-16" and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        # RFC 2781, 4.3, wants big-endian; what is written is told by where the zeros stand.
        codec = "utf-16-le" if data[1::2].count(0) > data[::2].count(0) else "utf-16-be"
    try:
        return data.decode(codec)
    except (UnicodeError, ValueError):
        return _newer_japanese(data) if codec.startswith("iso2022_jp") else None


def _newer_japanese(data: bytes) -> str | None:
    """Characters of Windows' row 13 stand where JIS X 0213 has them, under another escape."""
    try:
        return _JIS_X_0208.sub(b"\x1b$(Q", data).decode("iso2022_jp_2004")
    except (UnicodeError, ValueError):
        return None


def _roughly(data: bytes, declared: str) -> str:
    """Text that no charset fits: what is declared if few letters are wrong, else Western."""
    beyond = len(data) - len(data.decode("ascii", "ignore"))
    for codec in dict.fromkeys((declared, "utf-8")):
        if codec and codec != "cp1252":
            text = data.decode(codec, "replace")
            if text.count("\ufffd") <= max(1, beyond * _WRONG_SHARE) and beyond > 3:
                return text
    return data.decode("cp1252", "replace") if declared != "cp1252" else data.decode("latin-1")
