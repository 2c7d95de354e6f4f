"""What a subject is about, apart from all that mail programs put around it."""

from __future__ import annotations

import re
from collections.abc import Iterable

_MOST_CHARS = 1000
_MOST_PREFIXES = 50

# What mail programs write before the subject of an answer, and of a mail passed on, in lower case.
_ANSWERED = (
    "re", "aw", "antw", "antwort", "antwoord", "sv", "vs", "vá", "odp", "odg", "res", "rif", "r",
    "rép", "réf", "ref", "ynt", "cev", "bls", "tl", "ats", "atb", "απ", "σχετ", "отв", "ответ",
    "на", "відп", "השב", "תגובה", "رد", "پاسخ", "ตอบ", "回复", "回覆", "答复", "答覆", "回信",
    "返信", "回答", "답장", "회신", "답변",
)  # fmt: skip
_PASSED_ON = (
    "fw", "fwd", "wg", "tr", "enc", "doorst", "rv", "i", "pd", "vl", "vb", "vid", "vk", "fs", "ilt",
    "i̇lt", "továbbítás", "továbbí", "prv", "předat", "redir", "weitergeleitet", "weiterleitung",
    "transféré", "reenv", "inoltro", "encaminhado", "прд", "пересл", "переслано", "fyi", "πρθ",
    "הועבר", "إعادة توجيه", "转发", "轉寄", "轉發", "転送", "전달",
)  # fmt: skip
_AUTOMATIC = (
    "automatic reply", "automatic response", "automatic answer", "auto reply", "auto-reply",
    "autoreply", "auto response", "auto-response", "autoresponse", "auto responder",
    "autoresponder", "auto-responder", "out of office", "out-of-office", "out of the office",
    "out of office autoreply", "out of office auto-reply", "out of office auto reply",
    "out of office reply", "out of office response", "out of office notification",
    "out of office message", "automatische antwort", "abwesenheitsnotiz", "abwesenheitsnachricht",
    "abwesenheitsmeldung", "abwesenheitsbenachrichtigung", "abwesenheitsassistent",
    "abwesenheitsagent", "abwesenheit", "abwesend", "automatisch antwoord", "automatische reactie",
    "automatische beantwoording", "afwezigheidsbericht", "afwezigheidsassistent", "afwezig",
    "automatisk svar", "automatiskt svar", "autosvar", "frånvaro", "frånvaromeddelande",
    "fraværsbesked", "fraværsmelding", "fravær", "ikke til stede", "automaattinen vastaus",
    "poissaoloviesti", "poissa", "sjálfvirkt svar", "réponse automatique", "reponse automatique",
    "message d'absence", "absence du bureau", "absent du bureau", "absente du bureau",
    "notification d'absence", "respuesta automática", "respuesta automatica", "fuera de la oficina",
    "fuera de oficina", "ausente de la oficina", "resposta automática", "resposta automatica",
    "fora do escritório", "ausência temporária", "risposta automatica", "fuori sede",
    "fuori ufficio", "risposta non al computer", "resposta automàtica", "fora de l'oficina",
    "răspuns automat", "odpowiedź automatyczna", "automatyczna odpowiedź", "autoodpowiedź",
    "poza biurem", "nieobecność", "automatická odpověď", "automatická odpoveď", "mimo kancelář",
    "automatikus válasz", "automatikus válaszüzenet", "házon kívül", "samodejni odgovor",
    "automatski odgovor", "automatinis atsakymas", "automātiskā atbilde", "automaatvastus",
    "automaatne vastus", "otomatik yanıt", "otomatik yanit", "otomatik cevap", "ofis dışında",
    "автоответ", "автоответчик", "автоматический ответ", "автоматична відповідь",
    "автоматичен отговор", "вне офиса", "нет на месте", "αυτόματη απάντηση", "εκτός γραφείου",
    "trả lời tự động", "tự động trả lời", "balasan otomatis", "jawapan automatik",
    "ตอบกลับอัตโนมัติ", "رد تلقائي", "תשובה אוטומטית", "מענה אוטומטי", "پاسخ خودکار", "自动回复",
    "自动答复", "自动回信", "自動回覆", "自動回復", "自動答覆", "自動返信", "自動応答", "自動返答",
    "不在通知", "不在のお知らせ", "不在連絡", "外出", "자동 회신", "자동회신", "자동 응답",
    "자동응답", "자동 답장", "부재 중", "부재중",
)  # fmt: skip


def _one_of(words: Iterable[str]) -> str:
    return "|".join(map(re.escape, sorted(words, key=len, reverse=True)))


_COUNT = r"(?:\[\d{1,4}\]|\(\d{1,4}\)|\^\d{1,4}|\d{1,3})?"
_TAG = re.compile(r"\[[^\[\]]{1,200}\] ?(?=.)")
_LEADER = re.compile(
    rf"(?:{_one_of((*_ANSWERED, *_PASSED_ON))}) ?{_COUNT} ?[:：] ?"
    rf"|(?:{_one_of((*_AUTOMATIC, 'auto'))}) ?(?:\([^()]{{1,40}}\))? ?[:：] ?"
    rf"|[(\[【](?:{_one_of(_AUTOMATIC)})[)\]】] ?[:：]? ?"
)
_ANSWER = re.compile(
    rf"(?:\[[^\[\]]{{1,200}}\] ?)?(?:{_one_of((*_ANSWERED, *_PASSED_ON))}) ?{_COUNT} ?[:：]"
)
_MACHINES = re.compile(
    rf"(?:{_one_of(_AUTOMATIC)}) ?(?:\([^()]{{1,40}}\))? ?[:：]"
    rf"|[(\[【](?:{_one_of(_AUTOMATIC)})[)\]】]"
)


def base_subject(subject: str) -> str:
    """The subject without prefixes of answers and forwards, tags and "(fwd)", in one case.

    After RFC 5256, 2.1, with the prefixes of mail programs in many languages and those of
    automatic answers. Two mails of one thread that differ in it are about different things.
    """
    base = _folded(subject)
    for _ in range(_MOST_PREFIXES):
        shorter = _without_leader(_unwrapped(_without_trailer(base)))
        if shorter == base:
            return base
        base = shorter
    return base


def answers_or_forwards(subject: str) -> bool:
    """Whether a subject begins as a mail program makes it for an answer or a mail passed on."""
    return _ANSWER.match(_folded(subject)) is not None


def answers_automatically(subject: str) -> bool:
    """Whether a subject begins as only automatic answers begin: "Automatic reply: ..."."""
    return _MACHINES.match(_folded(subject)) is not None


def _folded(subject: str) -> str:
    return " ".join(subject[:_MOST_CHARS].casefold().split())


def _without_leader(base: str) -> str:
    """A tag goes only where something is left behind it."""
    found = _LEADER.match(base) or _TAG.match(base)
    return base[found.end() :] if found else base


def _without_trailer(base: str) -> str:
    return base.removesuffix("(fwd)").rstrip()


def _unwrapped(base: str) -> str:
    """ "[Fwd: a subject]" without its brackets."""
    wrapped = base.startswith(("[fwd:", "[fw:")) and base.endswith("]")
    return base[1:-1] if wrapped else base
