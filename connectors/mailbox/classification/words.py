"""The words, in many languages, in which machines write of deliveries and of absence."""

from __future__ import annotations

import re
from collections.abc import Iterable


def _any_of(phrases: Iterable[str]) -> re.Pattern[str]:
    return re.compile("|".join(phrases))


_SEPARATORS = str.maketrans("-_.<>\"'()[]", "           ")


def spaced(sender: str) -> str:
    """A sender field in which every word, also of the address, begins after a space."""
    return f" {' '.join(sender.lower().translate(_SEPARATORS).split())}"


# Held against a sender as `spaced` gives it.
DAEMON = (
    "mailer daemon", "mailerdaemon", "mail daemon", "maildaemon", " mdaemon", "mailer deamon",
    "mail delivery", "mail deliver", "delivery subsystem", "delivery system", "deliverysystem",
    "deliverysubsystem", "double bounce", "email delivery", "message delivery", " mmdf@",
    " daemon@", "smtp daemon", "mail transport", "mail transfer", "mail dispatch", " mailer@",
    " ndr@", "delivery notification@", "deliverynotification@", "mailzustell", "メール配信システム",
    "メール配送システム", "邮件投递", "邮件系统", "郵件投遞", "郵件系統", "почтовая система",
)  # fmt: skip
POSTMASTER = (
    " postmaster", " poostmaster", " post master", "system administrator", "systemadministrator",
    " systemverwalter", " sysadmin@", "administrateur système", "administrateur du système",
    "administrador del sistema", "administrador de sistema", "amministratore di sistema",
    "mail admin", "mailadmin", "mail administrator", "mail system", "mail gateway", "mail server",
    "mailserver", "mail router", "content filter", "interscan", "mailmarshal", "mailguard",
    "mailsweeper", "mail sweeper", "symantec", "antivirus", "anti virus", "antispam", "anti spam",
    "mail return", "mailreturn", " bounce@", " bounces@", " bounce+", " bounces+", " mailgateway@",
    " gateway@", " mta@", " smtp@", " exchange@", "server administrator", "microsoft exchange",
    "message router", "email security", "mail security", "scanmail", "mailscanner", "groupwise",
    " listmaster@", "non delivery", "returned mail", "システム管理者", "系统管理员", "系統管理員",
    "администратор",
)  # fmt: skip
NO_REPLY = (
    " noreply", " no reply", "donotreply", " do not reply", "do notreply", " notreply",
    "not reply@", " noreplies", " noresponse", " no response", " noanswer", " no answer",
    " donotrespond", " do not respond", " never reply", "ne pas repondre", "nepasrepondre",
    "ne pas répondre", "pas de reponse", " noresponder", " no responder", "nocontestar",
    "no contestar", "naoresponda", "nao responda", "não responda", "nonrispondere",
    "non rispondere", " norispondi", "nichtantworten", "nicht antworten", "keineantwort",
    "keine antwort", "nietbeantwoorden", "niet beantwoorden", "nieodpowiadaj", "nie odpowiadaj",
    "svara inte", "svar ej", "ikke svar", "no reply@", "noreply@",
)  # fmt: skip


def mentions(line: str, table: Iterable[str]) -> bool:
    """Whether any of the words of a table is in a line that `spaced` made."""
    for word in table:  # noqa: SIM110 - a generator takes twice as long
        if word in line:
            return True
    return False


# Held against a subject in lower case with white space folded, as are all that follow.
DELIVERY_SUBJECT = _any_of(
    (
        # English
        r"un(?:-?)deliver(?:able|ed)\b.{0,20}(?:mail|message|:|return)", r"undeliver(?:able|ed)$",
        r"^\W*undeliver(?:able|ed)\b", r"non-?deliver(?:able|y)\b",
        r"return(?:ed|ing) (?:(?:e-?)?mail|message)",
        r"(?:mail|message)s? (?:has been |was )?returned", r"return(?:ed)? to sender",
        r"(?:(?:e-?)?mail|message) (?:delivery|transfer|routing|transport|system)? ?"
        r"(?:failed|failure|error|problem|warning|delayed|status|report|subsystem|notification)",
        r"(?:mail|message) system error", r"delivery (?:status )?(?:notification|report|notice)",
        r"delivery[- ]?(?:has )?(?:failed|failure|error|problem|delay(?:ed)?|unsuccessful)",
        r"^\W*fail(?:ed|ure)[- :]?(?:notice|delivery|mail|message|notification|to deliver)",
        r"^\W*failure\W", r"delivery status\b", r"mail delivery",
        r"^\W*bounced? (?:(?:e-?)?mail|message)", r"\[bounce\]",
        r"(?:(?:e-?)?mail|message) (?:could|can|was)(?: ?not|n't) (?:be )?deliver",
        r"(?:could not|cannot|can't|unable to) (?:send|deliver)\b.{0,30}(?:mail|message)",
        r"(?:mail|message).{0,30}(?:not (?:be )?delivered|undeliver|delayed|blocked|rejected)",
        r"message delivery has failed", r"message you sent blocked", r"postmaster notify",
        r"(?:mail|message) (?:error|failure)\b", r"^\W*(?:dsn|ndr|ndn)\b", r"delayed mail",
        r"mailbox (?:is )?(?:full|unavailable)", r"user unknown",
        r"unknown (?:user|recipient|address)", r"error sending your (?:mail|message)",
        r"could not be (?:sent|delivered)", r"loop alert", r"not member\b", r"ignored not",
        r"duplicated message-id", r"reject(?:ed)? mail", r"mail rejected",
        r"mail.{0,40}is rejected", r"security alert", r"system error", r"smtp server: errors",
        r"(?:was|been) frozen", r"in forwarding or filtering", r"error condition re:",
        r"requested mail action", r"nondeliv", r"message status\W+undeliv",
        r"^\W*warning: (?:message|could not|mail|(?:e-?)?mail)",
        r"recipient (?:unknown|not found|rejected)",
        r"invalid (?:e-?mail )?(?:address|recipient|mailbox)", r"mail not delivered",
        # German, Dutch, Scandinavian
        r"unzustellbar", r"nicht zu(?:ge)?stell", r"zustell(?:ung|fehler|bericht|status|problem)",
        r"fehler bei der (?:nachricht|mail|(?:e-?)?mail)?\W?(?:über|zu)", r"zurückgesendet",
        r"onbestelbaar", r"niet (?:worden )?(?:afgeleverd|bezorgd|verzonden)", r"onbezorg",
        r"kan inte levereras", r"kunne ikke leveres", r"kan ikke leveres", r"olevererbart",
        r"oleverer", r"toimitus epäonn", r"toimittamatta", r"kunne ikke sendes",
        # French, Spanish, Italian, Portuguese, Romanian
        r"non[- ](?:remis|délivr|distribu|deliver)",
        r"[ée]chec (?:de|d'|de la)? ?(?:remise|distribution|envoi|livraison|la)",
        r"impossible de (?:remettre|distribuer|délivrer)",
        r"no (?:se (?:puede|pudo|ha podido) )?entrega", r"no entregad",
        r"error (?:de|en la|en el) (?:entrega|envío)", r"fallo (?:de|en la) entrega",
        r"non recapitabil", r"mancat[ao] (?:recapito|consegna)",
        r"impossibile (?:recapitare|consegnare)", r"messaggio non (?:recapitat|consegnat)",
        r"recapito (?:non riuscito|fallito)",
        r"não (?:entregue|pôde ser entregue|é possível entregar)", r"falha (?:na|de) entrega",
        r"não foi possível entregar", r"nelivrat", r"devuelto", r"devolvid[ao]",
        # Slavic, Baltic, Hungarian, Turkish, Greek
        r"недоставлен", r"не (?:был[оаи]? )?доставлен", r"не удалось доставить",
        r"невозможно доставить", r"не может быть доставлен", r"возврат (?:почты|сообщения|письма)",
        r"отчет о доставке", r"сбой доставки", r"niedostarczaln",
        r"nie (?:została |można |dało się )?dostarcz", r"nedoručiteln", r"nedorucen",
        r"nelze doručit", r"nebyl[ao]? doručen", r"nedoručen", r"kézbesíthetetlen",
        r"nem kézbesíthető", r"teslim edilemedi", r"teslim edilemeyen", r"iletilemedi",
        r"iletilemeyen", r"δεν παραδόθηκε", r"не доставлено", r"не може бути доставлен",
        # Chinese, Japanese, Korean
        r"退信", r"退[回件]", r"无法(?:送达|投递|传递|发送)", r"無法(?:傳遞|傳送|寄送|投遞|送達)",
        r"未(?:能)?送达", r"未(?:能)?傳遞", r"投递失败", r"傳遞失敗", r"发送失败", r"投遞失敗",
        r"系统退信", r"配[信送](?:不能|不可|エラー|失敗|できません|遅延|不達)",
        r"送信(?:エラー|失敗|できません|できなかった|不能)", r"不達", r"返送", r"エラーメール",
        r"宛先不明", r"届けられません", r"届きません", r"未配信", r"配[信送]状況",
        r"メールを(?:配[信送]|送信|お届け)でき", r"メール.{0,6}エラー", r"メール.{0,8}できません",
        r"配達不能", r"배달[되하]지", r"배달 ?(?:실패|불능)", r"전송 ?실패", r"전달되지", r"반송",
        r"발송 ?실패",
    )
)  # fmt: skip
FAILURE = (
    "could not be delivered", "couldn't be delivered", "cannot be delivered",
    "can not be delivered", "can't be delivered", "was not delivered", "were not delivered",
    "wasn't delivered", "not be delivered to", "not been delivered", "has not been delivered",
    "unable to deliver", "wasn't able to deliver", "was not able to deliver",
    "not able to be delivered", "did not reach", "did not receive this message", "been frozen",
    "was frozen", "original mail as follows", "in: rcpt to", "message status", "errors from",
    "could not be reached", "couldn't reach", "failed to deliver", "delivery failed",
    "delivery failure", "delivery has failed", "delivery to the following", "delivery error",
    "delivery is impossible", "delivery problem", "undeliverable", "undelivered",
    "had permanent fatal errors", "permanent error", "permanent failure", "permanently failed",
    "failed permanently", "fatal error", "unrecoverable error", "error delivering your mail",
    "had delivery problems", "had delivery errors", "trouble delivering", "could not deliver",
    "couldn't deliver", "cannot deliver", "can't deliver", "problem delivering", "unknown user",
    "user unknown", "no such user", "no such recipient", "mailbox unavailable", "mailbox not found",
    "unknown recipient", "recipient unknown", "recipient not found", "does not exist",
    "doesn't exist", "invalid final delivery userid", "invalid recipient", "user not found",
    "unrouteable", "problems occurred", "bad destination", "no mailbox", "account disabled",
    "account is disabled", "is not a valid", "not a known user", "unroutable", "mailbox is full",
    "mailbox full", "over quota", "quota exceeded", "exceeded storage", "address rejected",
    "rejected your message", "was rejected", "were rejected", "has been rejected",
    "message blocked", "has been blocked", "returned to you", "returning message",
    "returned to sender", "returned mail", "being returned", "was returned", "failure reasons",
    "the following error", "following addresses", "following recipient", "following destination",
    "host unknown", "unknown host", "name server: ", "no mail exchanger", "duplicated message-id",
    "mail loop", "maximum hop", "too many hops", "no valid recipients", "could not be sent",
    "couldn't be sent", "not be sent to", "not listed in", "retry timeout", "error while sending",
    "error sending", "access denied", "relaying denied", "failure notice", "message was not sent",
    "mail was not sent", "i've given up", "giving up", "failed recipient", "diagnostic-code:",
    "transcript of session", "not accepted by", "refused by", "bounced", "nicht zugestellt",
    "unzustellbar", "nicht gefunden werden", "nicht übermittelt", "zustellung fehlgeschlagen",
    "konnte nicht an", "nicht ausgeliefert", "nicht weitergeleitet", "niet worden afgeleverd",
    "niet bezorgd", "niet afgeleverd", "kan inte levereras", "ikke leveres", "n'a pas pu être",
    "n'a pas été remis", "n'a pas été délivré", "impossible de remettre", "non remis",
    "échec de la remise", "impossible de délivrer", "n'ont pas pu être", "no se pudo entregar",
    "no se ha podido entregar", "no pudo ser entregado", "no entregado", "no se puede entregar",
    "no ha podido ser", "error en la entrega", "non è stato possibile", "non è stato recapitato",
    "non recapitabile", "impossibile recapitare", "mancata consegna", "não pôde ser entregue",
    "não foi entregue", "não foi possível entregar", "falha na entrega", "не доставлено",
    "не было доставлено", "не может быть доставлен", "не удалось доставить", "недоставлен",
    "невозможно доставить", "не смогли доставить", "не получилось доставить",
    "nie mogła zostać dostarczona", "nie została dostarczona", "nie można dostarczyć",
    "nebylo možné doručit", "nelze doručit", "nem kézbesíthető", "teslim edilemedi", "iletilemedi",
    "无法投递", "无法送达", "无法发送", "無法傳遞", "無法送達", "無法投遞", "投递失败", "退信",
    "退回", "不存在", "送信できません", "送信できなかった", "送信することができ", "送信に失敗",
    "配信できません", "配送できません", "配信できなかった", "配送できなかった", "届けられません",
    "届けできません", "届けすることができ", "お届けでき", "配信に失敗", "配送に失敗", "宛先不明",
    "見つかりません", "見つからない", "エラーが発生", "エラー(", "エラーメール", "受信できません",
    "受け取れません", "拒否されました", "존재하지", "배달하지", "전송하지 못", "전달하지 못",
    "반송",
)  # fmt: skip
# How mail servers begin; no person does.
SERVERS_OPENINGS = (
    "this is the qmail", "this is the mail system at", "this is the mail delivery system",
    "this is the postfix", "this message was created automatically by", "this is the mailer-daemon",
    "this is the dragonfly mail agent", "automatically generated delivery status notification",
    "the original message was received at", "this report relates to a message you sent",
    "this is a delivery status notification", "this is the james mail server",
    "hi. the mta program at", "hello, this is the mail server on",
    "this is a permanent error; i've given up",
    "the following addresses had permanent fatal errors", "transcript of session follows",
    "generating server:", "reporting-mta: ", "action: failed", "action: delayed",
    "delivery has failed to these recipients", "diagnostic information for administrators",
)  # fmt: skip
DELAY = (
    "warning only", "still being retried", "will be retried", "will keep trying", "will retry",
    "keep trying until", "continue to try", "continue trying", "continuing to attempt",
    "delivery attempts will continue", "will continue to be", "temporary failure report",
    "has not yet been delivered", "not yet been delivered", "not yet delivered", "is delayed",
    "has been delayed", "was delayed", "been temporarily delayed", "delivery delayed",
    "delivery is delayed", "delivery to the following recipients has been delayed",
    "no action is required on your part", "do not need to resend", "still trying to deliver",
    "still in the queue", "remains in the queue", "remains on the queue", "will be attempted",
    "wird weiterhin versucht", "verzögert", "noch nicht zugestellt", "a été retardé",
    "sera de nouveau tent", "ha sido retrasad", "se ha retrasado", "è stato ritardat", "foi adiada",
    "está atrasad", "задерж", "будет продолжать", "попытки доставки будут", "延迟", "延遲",
    "仍在尝试", "遅延", "再送を試み", "配信を続け", "지연",
)  # fmt: skip
DELAY_SUBJECT = _any_of(
    (
        r"\bdelay(?:ed|s)?\b", r"still being retried", r"warning: (?:could ?not|cannot) send",
        r"not yet (?:been )?delivered", r"verzöger", r"retard", r"retras", r"ritard",
        r"atras(?:ad|o)", r"задерж", r"opóźni", r"vertraagd", r"försen", r"forsink", r"延迟",
        r"延遲", r"遅延", r"遅れ", r"지연",
    )
)  # fmt: skip
FAILURE_SUBJECT = _any_of(
    (
        r"undeliver", r"\bfail", r"return", r"reject", r"bounce", r"blocked", r"not delivered",
        r"unzustellbar", r"zurück", r"non remis", r"échec", r"no entregad", r"non recapitabil",
        r"não entregue", r"недоставлен", r"не доставлен", r"退信", r"退回", r"不達", r"失敗",
        r"失败", r"不能", r"실패",
    )
)  # fmt: skip
# A person may write these too: they count together with another sign.
ABSENCE_SUBJECT = _any_of(
    (
        r"^\W*auto:", r"auto(?:matic)?[- ]?(?:reply|response|responder|answer)",
        r"out of (?:the )?office", r"\bvacation\b", r"\bon (?:holiday|leave|annual leave)",
        r"\baway from (?:my|the) (?:mail|desk|office)", r"\bholiday (?:reply|notice|notification)",
        r"\bi(?:'m| am) (?:away|out|not in|on)\b", r"\babsen[ct]", r"\booo\b",
        r"thank you for (?:your (?:(?:e-?)?mail|message|inquiry|enquiry|mail)|contacting|writing)",
        r"abwesen", r"nicht im (?:büro|haus|hause)", r"\burlaub", r"automatisch", r"automatique",
        r"autom[aá]tic", r"\bvacaciones\b", r"\bf[eé]rias\b", r"fuori (?:sede|ufficio)",
        r"\bferie\b", r"afwezig", r"frånvar", r"fravær", r"poissa", r"urlop", r"nieobecno",
        r"dovolen", r"nepřítom", r"szabads", r"távol", r"отпуск", r"отсутств", r"автоответ",
        r"відпуст", r"izin", r"άδεια", r"自动", r"自動", r"休假", r"休暇", r"不在", r"부재",
        r"자동",
    )
)  # fmt: skip
