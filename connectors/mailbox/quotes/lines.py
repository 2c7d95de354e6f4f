"""Lines of a mail by class: text, quote, attribution, header, rule, signature of a device."""

from __future__ import annotations

import re
from collections.abc import Sequence

from connectors.mailbox.quotes import attribution, headers, languages
from connectors.mailbox.quotes.attribution import Proof, plain

EMPTY, TEXT, GREETING, QUOTE = "e", "t", "g", "q"
ATTRIBUTION, HEADER, RULE, DASHES, DEVICE, CUT = "b", "h", "d", "D", "s", "c"

_LINES_MOST = 20_000
_LINE_CHARS = 1000
_ATTRIBUTIONS_MOST = 500
_BLANK = (
    " \t\r\xa0\u3000\u200b\ufeff\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
)
_RULE = re.compile(
    r"[-_=~#*\u1427\u2014\u2013\u2015\u2500\u2501\u30fc,]{2,}$|[-_\u2014\u2013\u1427\u2015]$|\+{2,}$|(?:([-_=*~#]) )+\1$"
)
_UNDERLINE = re.compile(r"[=~-]{3,}$")
_SEPARATOR_WORDS = "|".join(re.escape(word) for word in languages.words("original"))
_SEPARATOR = re.compile(
    rf"(?:[-_=*#<>~\u2014\u2500]\s*){{2,}}\s*(?:{_SEPARATOR_WORDS})(?!\w)|(?:{_SEPARATOR_WORDS})\s*[:：]$"
)
_DEVICES = languages.words("device")
_DEVICE_STARTS = frozenset(phrase[:3] for phrase in _DEVICES)
_DEVICE = re.compile("|".join(re.escape(phrase) for phrase in _DEVICES))
_PLAINLY_SENT = re.compile(
    r"sent (?:from|via|with|using|by)|get outlook|enviado d|inviato da|envoyé d|verzonden m|verstuurd v|sendt fra|skickat från|gesendet mit|wysłane z|отправлено (?:с|из)|발|從|从|發|发|来自"
)
_THING = re.compile(
    r"i-?(?:phone|pad|pod|os|mac)|android|samsung|galaxy|blackberry|nokia|huawei|xiaomi|xperia|pixel"
    r"|windows|outlook|mobil|m[oó]vil|m[oò]bil|phone|handy|tablet|telefo|téléphone|teléfono|telemóvel"
    r"|cellul|celular|\bgsm\b|mail|\bapp\b|yahoo|proton|thunderbird|\bspark|sparrow|\bk-9|treo|palm|verizon"
    r"|at&t|wireless|superhuman|zoho|\baol\b|tutanota|postbox|device|dispositi|gerät|appareil|aparelho"
    r"|手机|手機|電話|スマート|携帯|휴대|телефон|смартфон|почт|яндекс|устройств|κινητ|\bcep\b|\bmac\b|posta"
    r"|puhelim|matkapuh|luurista|telefón|komórk|készülék|הטלפון|הנייד|جوال|هاتف|điện thoại|blue ?mail|\bmy \S{2,20}$"
)
_LINK = re.compile(r"[<(]?https?://[^\s>)]*[>)]?")
_CUTS = re.compile(
    r"\W*(?:please )?(?:type|write|enter|add)? ?(?:your )?repl(?:y|ies) above (?:this|the) (?:dotted )?line"
    r"|\W*please type your reply above|\W*previous (?:replies|messages|conversation)\W*$"
    r"|-+begin pgp signature-+|\W*unsubscribe: ?\S+\W*$"
    r"|you received this message because you are subscribed to"
    r"|to unsubscribe from (?:this (?:list|group|email|thread)|these emails)"
    r"|(?:this|the information in this|the contents of this) (?:e-?mail|message|communication)\b[^.]{0,80}"
    r"\b(?:is|are|may be|contains?|may contain)\b[^.]{0,40}\b(?:confidential|privileged|intended (?:only|solely|for))"
    r"|confidentiality (?:notice|note|disclaimer)|legal disclaimer|disclaimer ?:|important notice: this e"
    r"|diese (?:e-?mail|nachricht) (?:enthält|kann|ist)[^.]{0,60}(?:vertraulich|rechtlich)"
    r"|ce (?:message|courriel|mail)[^.]{0,80}confidentiel|este (?:mensaje|correo)[^.]{0,90}confidencial"
    r"|esta mensagem[^.]{0,90}confidencia|dit (?:bericht|e-?mail)[^.]{0,80}vertrouwelijk"
    r"|(?:questo|il presente) messaggio[^.]{0,90}(?:riservat|confidenzial)|avis de confidentialité"
    r"|denne (?:e-?mail|e-?post)[^.]{0,80}(?:fortrolig|konfidensiel)|ta wiadomość[^.]{0,80}poufn"
)
_CUT_STARTS = frozenset(
    word[:3]
    for word in [
        "you",
        "to",
        "this",
        "the",
        "confidentiality",
        "legal",
        "disclaimer",
        "important",
        "diese",
        "ce",
        "este",
        "esta",
        "dit",
        "questo",
        "il",
        "avis",
        "denne",
        "ta",
        "reply",
        "please",
        "type",
        "write",
        "enter",
        "add",
        "previous",
        "unsubscribe",
    ]
)
_PGP_START = "-----BEGIN PGP SIGNED MESSAGE-----"
_ENCLOSED = re.compile(r">{3,} ?(?:.+ ?>>>)?\s*$")
_PREFIXED = re.compile(r"\s*[^\W\d_]{1,15}>(?:\s|$)|\s*\|(?!.*\|\s*$)")
_ALIAS = re.compile(r'>{5} "[^"]+" == ')
_GREETING = re.compile(r"[^\W\d][^,.:;!?\d]{0,40}[,!]$")


def classify(lines: Sequence[str]) -> str:
    """One letter for each line, as named above."""
    codes = [_first_look(line) for line in lines[:_LINES_MOST]]
    _mark_code_fences(lines, codes)
    _mark_headers(lines, codes)
    _mark_attributions(lines, codes)
    _mark_enclosed(lines, codes)
    _mark_pgp(lines, codes)
    _settle(lines, codes)
    return "".join(codes) + TEXT * (len(lines) - len(codes))


def _first_look(raw: str) -> str:
    line = raw.strip(_BLANK)
    if not line:
        return EMPTY
    first = line[0]
    if first == ">":
        return TEXT if line.startswith(">From ") else QUOTE
    if len(line) > _LINE_CHARS:
        return TEXT
    if not first.isalnum() and (code := _of_signs(line)):
        return code
    low = line[:250].lower()
    if low[:3] in _DEVICE_STARTS or not first.isalnum():
        if _is_device(low):
            return DEVICE
    if low[:3].rstrip() in _CUT_STARTS and _CUTS.match(low):
        return CUT
    if line[-1] in ":：" and _SEPARATOR.match(low):
        return ATTRIBUTION
    if low.endswith(" from mobile") and len(low) < 40:
        return DEVICE
    return TEXT


def _of_signs(line: str) -> str:
    if _RULE.match(line):
        return DASHES if line.rstrip() in ("--", "-", "\u2014", "\u2013") else RULE
    low = line[:250].lower()
    if _SEPARATOR.match(low):
        return ATTRIBUTION
    return CUT if _CUTS.match(low) else ""


def _is_device(low: str) -> bool:
    low = _LINK.sub(" ", low.lstrip('([<*_ \u2022\u201c"-'))
    phrase = _DEVICE.match(low)
    if not phrase:
        return False
    rest = low[phrase.end() :]
    if len(rest.split()) > (3 if phrase[0] == "from my" else 9):
        return False
    if _THING.search(low[: phrase.end() + 45]):
        return True
    return (
        bool(_PLAINLY_SENT.match(low)) and len(rest.split()) <= 5 and not re.search(r"[,;!?]", rest)
    )


def _mark_code_fences(lines: Sequence[str], codes: list[str]) -> None:
    """What stands between two fences is what its author wrote, whatever it looks like."""
    fences = [at for at, code in enumerate(codes) if code == TEXT and lines[at].startswith("```")]
    for start, end in zip(fences[::2], fences[1::2], strict=False):
        codes[start : end + 1] = TEXT * (end + 1 - start)
        codes[start:end] = ["T"] * (end - start)


def _mark_headers(lines: Sequence[str], codes: list[str]) -> None:
    position, size = 0, len(codes)
    while position < size:
        if codes[position] != TEXT or not headers.roles(lines[position]):
            position += 1
            continue
        end, good = headers.block_end(lines, position, _announced(codes, position))
        if good:
            codes[position:end] = HEADER * (end - position)
        position = end


def _announced(codes: Sequence[str], position: int) -> bool:
    above = "".join(codes[max(0, position - 3) : position]).rstrip(EMPTY)
    return above.endswith((ATTRIBUTION, RULE, CUT))


def _mark_attributions(lines: Sequence[str], codes: list[str]) -> None:
    tried = 0
    for end, code in enumerate(codes):
        line = lines[end].strip(_BLANK)
        wrapped = code == QUOTE and _is_wrapped(lines, codes, end)
        if not wrapped and (code not in (TEXT, RULE) or len(line) > _LINE_CHARS):
            continue
        if code == RULE or not attribution.may_end(line):
            continue
        start, proof = attribution.find(lines, end)
        tried += 1
        if proof is Proof.STRONG or (proof is Proof.WEAK and _quote_follows(codes, end)):
            _set_attribution(lines, codes, start, end)
        if tried > _ATTRIBUTIONS_MOST:
            return


def _is_wrapped(lines: Sequence[str], codes: Sequence[str], at: int) -> bool:
    """The closing bracket of an address, and what follows, wrapped to a line of its own."""
    if not at or codes[at - 1] != TEXT or len(lines[at]) > 40:
        return False
    return lines[at - 1].count("<") > lines[at - 1].count(">") and lines[at].rstrip().endswith(":")


def _quote_follows(codes: Sequence[str], end: int) -> bool:
    return "".join(codes[end + 1 : end + 4]).lstrip(EMPTY).startswith(QUOTE)


def _set_attribution(lines: Sequence[str], codes: list[str], start: int, end: int) -> None:
    """The attribution, and the lines after it with another quote sign than ">"."""
    codes[start : end + 1] = ATTRIBUTION * (end + 1 - start)
    at = end + 1
    while at < len(codes) and codes[at] == EMPTY:
        at += 1
    while at < len(codes) and codes[at] in (TEXT, EMPTY, ATTRIBUTION):
        if codes[at] != EMPTY and not _PREFIXED.match(lines[at][:200]):
            return
        if codes[at] != EMPTY:
            codes[at] = QUOTE
        at += 1


def _mark_enclosed(lines: Sequence[str], codes: list[str]) -> None:
    """Quotes between a line of ">>>>" and a line of "<<<<"."""
    if not any(line.startswith("<<<") for line in lines[: len(codes)]):
        return
    start = None
    for at in range(len(codes)):
        if start is None and _ENCLOSED.match(lines[at][:_LINE_CHARS]):
            start = at
        elif start is not None and lines[at].startswith("<<<"):
            codes[start : at + 1] = QUOTE * (at + 1 - start)
            start = None


def _mark_pgp(lines: Sequence[str], codes: list[str]) -> None:
    """The two marks of a signed text (RFC 9580, 7): its head up to the blank line."""
    for start in range(min(3, len(codes))):
        if lines[start].strip() == _PGP_START:
            end = start + 1
            while end < len(codes) and codes[end] != EMPTY and ":" in lines[end]:
                end += 1
            codes[start:end] = DEVICE * (end - start)
            return


def _settle(lines: Sequence[str], codes: list[str]) -> None:
    """What the neighbours decide: underlined headings, table rules, devices named in a text."""
    seen_text = False
    for at, code in enumerate(codes):
        if code == RULE and _is_heading_or_table(lines, codes, at):
            codes[at] = TEXT
        elif (
            code == DEVICE
            and at + 1 < len(codes)
            and codes[at + 1] == TEXT
            and lines[at] != _PGP_START
        ):
            codes[at] = _device_before_text(lines, at)
        elif code == "T":
            codes[at] = TEXT
        elif code == TEXT and not seen_text and _GREETING.match(lines[at].strip()):
            codes[at] = GREETING
        elif code == QUOTE and _ALIAS.search(lines[at]):
            codes[at] = ATTRIBUTION
        seen_text = seen_text or codes[at] == TEXT


def _device_before_text(lines: Sequence[str], at: int) -> str:
    """A device's line is a line alone; a sentence that goes on is a person's."""
    return TEXT if lines[at + 1][:1].islower() else DEVICE


def _is_heading_or_table(lines: Sequence[str], codes: Sequence[str], at: int) -> bool:
    if not at or codes[at - 1] not in (TEXT, GREETING):
        return False
    above, below = lines[at - 1].strip(), lines[at + 1].strip() if at + 1 < len(lines) else ""
    if "|" in above and "|" in below:
        return True
    line = plain(lines[at])
    alone = at == 1 or codes[at - 2] == EMPTY
    same = abs(len(above) - len(line)) <= 2 and above[-1] not in ",.!?"
    return bool(_UNDERLINE.match(line)) and alone and same and len(above) > 3
