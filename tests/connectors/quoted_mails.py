# ruff: noqa: E501
"""What mail programs say of whose words follow below an answer, invented in their manner."""

from __future__ import annotations

NEW = """Thank you, that worked.

One more question: may I bring two guests?"""

ATTRIBUTED = {
    "gmail, english": """On Tue, Mar 3, 2020 at 9:15 AM Help Desk <help@example.org> wrote:

> Dear Jo,
> please restart the router.
>
> Regards
""",
    "gmail, wrapped before the verb": """On Tue, Mar 3, 2020 at 9:15 AM The Help Desk of Example <help@example.org>
wrote:

> please restart the router.
""",
    "gmail, wrapped inside the address": """On Tue, Mar 3, 2020 at 9:15 AM The Help Desk of Example Limited <
help@example.org> wrote:

> please restart the router.
""",
    "gmail, closing bracket wrapped": """On Tue, Mar 3, 2020 at 9:15 AM The Help Desk of Example <help@example.org
> wrote:

> please restart the router.
""",
    "english, day first": """On 3 March 2020 at 09:15, Help Desk wrote:

> please restart the router.
""",
    "english, unquoted original": """On 03/03/2020 09:15, Help Desk wrote:

Dear Jo,

please restart the router.

Regards, Ann
""",
    "english, blank lines inside": """On Tue, Mar 3, 2020, Help Desk

<help@example.org>

wrote:

> please restart the router.
""",
    "thunderbird, bare name": """Help Desk wrote:
> please restart the router.
""",
    "usenet": """Help Desk <help@example.org> writes:

> please restart the router.
""",
    "eudora": """At 09:15 AM 3/3/2020 -0500, you wrote:
>please restart the router.
""",
    "in message": """In message <abc.123@example.org>, Help Desk writes:
> please restart the router.
""",
    "zoho": """---- On Tue, 03 Mar 2020 09:15:00 +0530 Help Desk <help@example.org> wrote ----

please restart the router.
""",
    "netease": """At 2020-03-03 09:15:00, "Help Desk" <help@example.org> wrote:
>please restart the router.
""",
    "bold attribution": """*On 3 Mar 2020, at 09:15, Help Desk <help@example.org> wrote:*

> please restart the router.
""",
    "date and address only": """2020-03-03 9:15 GMT+01:00 Help Desk <help@example.org>:

> please restart the router.
""",
    "slashed date, no colon": """2020/3/3 Help Desk <help@example.org>

> please restart the router.
""",
    "pipes": """2020/3/3 Help Desk <help@example.org>

| please restart the router.
|
| Regards
""",
    "name prefixes": """On 3 Mar 2020, at 09:15, Ann Bell wrote:

Ann> please restart the router.
Ann> and wait
""",
    "german gmail": """Am Di., 3. März 2020 um 09:15 Uhr schrieb Hilfe <hilfe@example.org>:

> bitte starten Sie neu.
""",
    "german thunderbird": """Am 03.03.20 um 09:15 schrieb Hilfe:
> bitte starten Sie neu.
""",
    "german name first": """Hilfe Beispiel <hilfe@example.org> schrieb am Di., 3. März 2020,
09:15:

> bitte starten Sie neu.
""",
    "german web mailer": """> Hilfe <hilfe@example.org> hat am 3. März 2020 um 09:15 geschrieben:
>
>
> bitte starten Sie neu.
""",
    "german web mailer, unquoted": """Hilfe <hilfe@example.org> hat am 03.03.2020 09:15 CET geschrieben:

bitte starten Sie neu.
""",
    "gmx": """Gesendet: Dienstag, 03. März 2020 um 09:15 Uhr
Von: "Hilfe" <hilfe@example.org>
An: jo@example.org
Betreff: Re: Router
bitte starten Sie neu.
""",
    "horde": """Zitat von Hilfe <hilfe@example.org>:

> bitte starten Sie neu.
""",
    "french gmail": """Le mar. 3 mars 2020 à 09:15, Aide <aide@example.org> a écrit :

> veuillez redémarrer.
""",
    "french apple": """Le 3 mars 2020 à 09:15, Aide <aide@example.org> a écrit\xa0:

veuillez redémarrer.
""",
    "french wrapped": """Le mardi 3 mars 2020 à 09:15:00 UTC+1, Aide Exemple
<aide@example.org> a écrit :


veuillez redémarrer.
""",
    "spanish": """El mar, 3 mar 2020 a las 9:15, Ayuda (<ayuda@example.org>) escribió:

> reinicie.
""",
    "spanish, long": """El martes, 3 de marzo de 2020 09:15:00 CET, Ayuda
<ayuda@example.org> escribió:

> reinicie.
""",
    "catalan": """Missatge de Ajuda <ajuda@example.org> del dia dt., 3 de març 2020 a les 9:15:

> reinicieu.
""",
    "portuguese": """Em ter., 3 de mar. de 2020 às 09:15, Ajuda <ajuda@example.org> escreveu:

> reinicie.
""",
    "portuguese, terça": """Em terça-feira, 3 de março de 2020, Ajuda <ajuda@example.org>
escreveu:

> reinicie.
""",
    "italian": """Il giorno mar 3 mar 2020 alle ore 09:15 Aiuto <aiuto@example.org> ha
scritto:

> riavvii.
""",
    "italian, short": """Il 03/03/2020 09:15, Aiuto ha scritto:
> riavvii.
""",
    "dutch": """Op di 3 mrt. 2020 om 09:15 schreef Hulp <hulp@example.org>:

> herstart alstublieft.
""",
    "dutch, apple": """Op 3 mrt. 2020, om 09:15 heeft Hulp <hulp@example.org> het volgende geschreven:

herstart alstublieft.
""",
    "danish": """Den tir. 3. mar. 2020 kl. 09.15 skrev Hjælp <hjaelp@example.org>:

> genstart venligst.
""",
    "danish, following": """Den 3. mar. 2020 kl. 09.15 skrev Hjælp <hjaelp@example.org>
følgende:

> genstart venligst.
""",
    "norwegian": """tir. 3. mars 2020 kl. 09:15 skrev Hjelp <hjelp@example.org>:

> start på nytt.
""",
    "swedish": """Den tis 3 mars 2020 kl 09:15 skrev Hjälp <hjalp@example.org>:

> starta om.
""",
    "swedish, apple": """3 mars 2020 kl. 09:15 skrev Hjälp <hjalp@example.org>:

starta om.
""",
    "finnish": """ti 3. maalisk. 2020 klo 9.15 Tuki (tuki@example.org) kirjoitti:

> käynnistä uudelleen.
""",
    "polish": """wt., 3 mar 2020 o 09:15 Pomoc <pomoc@example.org> napisał(a):

> proszę zrestartować.
""",
    "polish, thunderbird": """W dniu 03.03.2020 o 09:15, Pomoc pisze:
> proszę zrestartować.
""",
    "polish, old gmail": """W dniu 3 marca 2020 09:15 użytkownik Pomoc <pomoc@example.org>
napisał:

> proszę zrestartować.
""",
    "czech": """út 3. 3. 2020 v 9:15 odesílatel Pomoc <pomoc@example.org> napsal:

> restartujte.
""",
    "czech, thunderbird": """Dne 03. 03. 20 v 9:15 Pomoc napsal(a):
> restartujte.
""",
    "slovak": """ut 3. 3. 2020 o 9:15 Pomoc <pomoc@example.org> napísal(a):

> reštartujte.
""",
    "hungarian": """Segítség <segit@example.org> ezt írta (időpont: 2020. márc. 3., K, 9:15):

> indítsa újra.
""",
    "hungarian, thunderbird": """2020. 03. 03. 9:15 keltezéssel, Segítség írta:
> indítsa újra.
""",
    "romanian": """În mar., 3 mar. 2020 la 09:15, Ajutor <ajutor@example.org> a scris:

> reporniți.
""",
    "russian": """вт, 3 мар. 2020 г. в 09:15, Помощь <help@example.org>:

> перезапустите.
""",
    "russian, thunderbird": """03.03.2020 09:15, Помощь пишет:
> перезапустите.
""",
    "russian, wrapped": """3 марта 2020 г., 9:15 пользователь Помощь <help@example.org>
написал:

> перезапустите.
""",
    "russian, mail.ru": """Вторник, 3 марта 2020, 9:15 +03:00 от Помощь <help@example.org>:

перезапустите.
""",
    "russian, yandex": """03.03.2020, 09:15, "Помощь" <help@example.org>:

перезапустите.
""",
    "ukrainian": """вт, 3 бер. 2020 р. о 09:15 Допомога <help@example.org> пише:

> перезапустіть.
""",
    "bulgarian": """На вт, 3.03.2020 г. в 9:15 Помощ <help@example.org> написа:

> рестартирайте.
""",
    "croatian": """uto, 3. ožu 2020. u 09:15 Pomoć <pomoc@example.org> napisao je:

> ponovno pokrenite.
""",
    "slovenian": """V V tor., 3. mar. 2020 ob 09:15 je oseba Pomoč <pomoc@example.org> napisala:

> znova zaženite.
""",
    "greek": """Στις Τρί 3 Μαρ 2020 στις 9:15 π.μ., ο χρήστης Βοήθεια <help@example.org>
έγραψε:

> κάντε επανεκκίνηση.
""",
    "turkish": """Yardım <yardim@example.org>, 3 Mar 2020 Sal, 09:15 tarihinde şunu yazdı:

> yeniden başlatın.
""",
    "hebrew": """\u202bבתאריך יום ג׳, 3 במרץ 2020 ב-9:15 מאת \u202aעזרה\u202c\u200f <\u202ahelp@example.org\u202c\u200f>:\u202c

> הפעל מחדש.
""",
    "arabic": """في الثلاثاء، 3 مارس 2020 في 9:15 ص تمت كتابة ما يلي بواسطة مساعدة <help@example.org>:

> أعد التشغيل.
""",
    "japanese": """2020年3月3日(火) 9:15 サポート <help@example.org>:

> 再起動してください。
""",
    "japanese, sentence": """2020/03/03 9:15、サポート <help@example.org> のメール:

> 再起動してください。
""",
    "chinese": """Help Desk <help@example.org> 于2020年3月3日周二 上午9:15写道：

> 请重新启动。
""",
    "chinese, apple": """在 2020年3月3日，上午9:15，客服 <help@example.org> 写道：

请重新启动。
""",
    "chinese, traditional": """Help Desk <help@example.org> 於 2020年3月3日 週二 上午9:15寫道：

> 請重新啟動。
""",
    "qq mail": """------------------ 原始邮件 ------------------
发件人: "客服" <help@example.org>;
发送时间: 2020年3月3日(星期二) 上午9:15
收件人: "jo"<jo@example.org>;
主题: Re: 路由器

请重新启动。
""",
    "qq mail, english words": """------------------&nbsp;Original&nbsp;------------------
From: "Help" <help@example.org>;
Date: Tue, Mar 3, 2020 09:15 AM
To: "jo"<jo@example.org>;
Subject: Re: router

please restart.
""".replace("&nbsp;", "\xa0"),
    "korean": """2020년 3월 3일 (화) 오전 9:15, 지원 <help@example.org>님이 작성:

> 다시 시작하십시오.
""",
    "vietnamese": """Vào Th 3, 3 thg 3, 2020 vào lúc 09:15 Hỗ trợ <help@example.org> đã viết:

> khởi động lại.
""",
    "thai": """ในวันที่ อ. 3 มี.ค. 2020 เวลา 09:15 Help <help@example.org> เขียนว่า:

> please restart
""",
    "indonesian": """Pada tanggal Sel, 3 Mar 2020 pukul 09.15 Bantuan <help@example.org> menulis:

> mulai ulang.
""",
    "estonian": """Kontakt Abi (<help@example.org>) kirjutas kuupäeval T, 3. märts 2020 kell 09:15:

> taaskäivitage.
""",
}  # fmt: skip

MORE = (
    'On Sep 25, 2013 3:57 PM, "Ann Bell" <ann@example.org> wrote:\n\n> hello\n',
    'On Wednesday, 25 September 2013, Ann Bell wrote:\n\n> hello\n',
    'On Wed, Sep 25, 2013 at 03:57:12PM +0200, Ann Bell wrote:\n> hello\n',
    'From: Ann Bell <notifications@example.org>\nReply-To: x <r@example.org>\nDate: Monday, 3 March 2014\nTo: y\nSubject: z\n\nhello\n',
    'Date: Mon, 3 Mar 2014 10:00:00 +0000\nTo: a@b.org\nFrom: c@d.org\nSubject: z\n\nhello\n',
    '> Date: Mon, 3 Mar 2014 10:00:00 +0000\n> To: a@b.org\n> From: c@d.org\n> hello\n',
    'Ann Bell <ann@example.org> wrote:\n> hello\n\nBob\n',
    'Monday, March 3, 2014, 10:00 AM -0500 from Ann Bell  <ann@example.org>:\n>hello\n',
    '* Ann Bell (ann@example.org) wrote:\n> hello\n',
    '+++ Ann Bell [03/03/14 10:00 +0000]:\n>hello\n',
    'Quoting Ann Bell <ann@example.org>:\n\n> hello\n',
    'Ann Bell said the following on 3/3/2014 10:00 AM:\n> hello\n',
    '>>>>> "Ann" == Ann Bell <ann@example.org> writes:\n\n    Ann> hello\n    Ann> you\n',
    '----- Original Message -----\nFrom: "Ann Bell" <ann@example.org>\nTo: <bob@example.org>\nSent: Monday, March 03, 2014 10:00 AM\nSubject: Re: x\n\n\n> hello\n',
    '________________________________\n From: Ann Bell <ann@example.org>\nTo: bob@example.org \nSent: Monday, March 3, 2014 10:00 AM\nSubject: Re: x\n \n\nhello\n',
    '--- On Mon, 3/3/14, Ann Bell <ann@example.org> wrote:\n\nFrom: Ann Bell\nSubject: x\nTo: y\nDate: Monday\n\nhello\n',
    'El lunes, 3 de marzo de 2014, Ann Bell escribió:\n\n> hola\n',
    'El 03/03/2014, a las 10:00, Ann Bell <ann@example.org> escribió:\n\nhola\n',
    'El 3/3/14 a las 10:00, Ann escribió:\n> hola\n',
    '2014-03-03 10:00 GMT-03:00 Ann Bell via Foo Forum <\nann@example.org>:\n\n> hola\n',
    '2014-03-03 10:00 GMT+01:00 Ann Bell <ann@example.org>\n:\n\n> hola\n',
    'Il giorno 3 marzo 2014 10:00, Ann Bell <ann@example.org> ha scritto:\n\n> ciao\n',
    'Le 3 mars 2014 10:00, Ann Bell <ann@example.org> a écrit :\n> salut\n',
    'Le lundi 3 mars 2014, Ann Bell <ann@example.org> a\nécrit :\n> salut\n',
    'Ann Bell a écrit :\n> salut\n',
    'Am 3. März 2014 10:00:00 MEZ schrieb Ann Bell <ann@example.org>:\n>hallo\n',
    'Am Montag, 3. März 2014 schrieb Ann Bell :\n\n> hallo\n',
    'Am 3. März 2014 10:00 schrieb Ann Bell via Foo Forum\n<ann@example.org>:\n\n> hallo\n',
    'On Mar 3, 2014, at 10:00, Ann Bell (via Foo) <ann@example.org> wrote:\n\nhello there\nlong text\n\n\u2014\nReply to this email directly or view it on GitHub.\n',
    '发件人： Ann\n发送时间： 2014-03-03\n收件人： bob\n主题： x\n\n你好',
    '在 2014年3月3日 上午10:00，"Ann Bell" <ann@example.org>写道：\n\n> 你好\n',
    '2014-03-03 10:00 GMT+08:00 Ann Bell <ann@example.org>：\n> 你好\n',
    'W dniu poniedziałek, 3 marca 2014 Ann Bell <ann@example.org> napisał(a):\n\n> hej\n',
    'Em seg, 3 de mar de 2014 às 10:00, Ann Bell <ann@example.org>\nescreveu:\n\n> oi\n',
    'Em 3 de março de 2014 10:00, Ann Bell <ann@example.org> escreveu:\n\n> oi\n',
    'mandag 3. mars 2014 skrev Ann Bell <ann@example.org> følgende:\n\n> hei\n',
    '03 mars 2014 kl. 10:00 skrev Ann Bell:\n> hej\n',
    'Den 3 mars 2014 10:00 skrev "Ann Bell" <\nann@example.org>:\n> hej\n',
    'Op maandag 3 maart 2014 heeft Ann Bell <ann@example.org> het volgende geschreven:\n> hoi\n',
    'Op 3 mrt. 2014 10:00 schreef "Ann Bell" <ann@example.org>:\n> hoi\n',
    'пн, 3 марта 2014, 10:00 Ann Bell <ann@example.org>:\n\n> привет\n',
    'Понедельник,  3 марта 2014, 10:00 UTC от "Ann Bell" <ann@example.org>:\n>привет\n',
    '03.03.2014, в 10:00, Ann Bell <ann@example.org> написал(а):\n\n> привет\n',
    'Sent from my BlackBerry® wireless handheld\n\n-----Original Message-----\nFrom: Ann\nDate: Mon\nTo: b\nSubject: c\n\nhello',
    'Sent via my mobile\n\nOn 3 Mar 2014 10:00, Ann <a@b.org> wrote:\n> x',
    'Sent from Mailbox for iPhone\n\nOn Mon, Mar 3, 2014 at 10:00 AM, Ann <a@b.org>\nwrote:\n> x',
    'Sent from my Windows Phone From: Ann\nSent: 3/3/2014 10:00\nTo: Bob\nSubject: x\n\nhello',
    "Envoyé depuis mon mobile\n\n\n-------- Message d'origine --------\nDe : Ann\nDate :03/03/2014 10:00 (GMT+01:00)\nA : bob\nObjet : x\n\nsalut",
    '_____________________________\nFrom: Ann <a@b.org>\nSent: Monday\nSubject: Re: x\nTo: <c@d.org>\n\n\nhello',
    '~~~~~\nBob\n',
    '\u2063Gesendet mit BlueMail \u200b\n\nAm 3. M\xe4rz 2014, 10:00, um 10:00, Ann <a@b.org> schrieb:\n>x',
    'On Monday, March 3, 2014 10:00:00 AM UTC+1, Ann Bell wrote:\n>\n> hello\n>\n',
    'On 2014-03-03 10:00, Ann Bell wrote:\n> hello\n>> deep\n',
    'On 03-03-2014 10:00, Ann Bell via Foo wrote:\n> hello\n\nBest,\nBob',
    '-------------------------------------------\nFrom: Ann [mailto:a@b.org]\nSent: Monday\nTo: Bob\nSubject: x\n\nhello',
    'Reply-To: Ann <reply@b.org>\nDate: Monday, 3 March 2014 10:00\nTo: Bob\nSubject: x\n\nhello',
    'De : Ann [mailto:a@b.org]\nEnvoyé : lundi 3 mars 2014 10:00\nÀ : bob@c.org\nObjet : [x] y\n\nsalut',
    'Van: Ann [mailto:a@b.org]\nVerzonden: maandag\nAan: bob\nOnderwerp: x\n\nhoi',
    'Date: Mon, 3 Mar 2014 10:00:00 +0000\nFrom: a@b.org\nTo: bob@hotmail.org\nSubject: x\n\nhello',
    '##- Please type your reply above this line -##\n\nhello',
    '--- Reply above this line ---\nYour ticket 5 was changed',
    '=== WRITE YOUR REPLY ABOVE THIS LINE ===\n\nYour ticket',
    'Ann Bell <ann@example.org>于2014年3月3日周一 10:00写道：\n\n> 你好',
    'From:  Ann <a@b.org>\nTo:  bob\nDate:  03/03/2014 10:00\nSubject:  x\nSent by:  c\n\nhello',
    'On Mon, Mar 3, 2014 at 10:00 AM Ann <a@b.org> wrote:\n> hi',
    '> On Mar 3, 2014, at 10:00 AM, Ann <a@b.org> wrote:\n> \n> hi',
    'On Mon, Mar 3, 2014 at 10:00 AM, Ann Bell\n<ann@example.org> wrote:\nhello\nyou\n> old',
    'Ann, le 3 mars 2014 à 10:00, a écrit :\n> salut',
    'To: a@b.org\nFrom: notification@facebook.example\nDate: Mon, 3 Mar 2014 10:00:00 -0800\nSubject: x\n\nhello',
    '\xa0\n\nLähettäjä: Ann [mailto:a@b.org]\nLähetetty: 3. maaliskuuta 2014 10:00\nVastaanottaja: Bob\nAihe: x\n\nmoi',
    'Ann Bell skrev:\n> hej',
    'Ann Bell napsal(a):\n> ahoj',
    'Ann Bell schrieb am 03.03.2014 um 10:00:\n> hallo',
    'Ann Bell schreef op 3-3-2014 10:00:\n> hoi',
    'On 3/3/14, 10:00 AM, "Ann Bell" <a@b.org> wrote:\n\n    hello\n    you',
    'Mensaje citado por Ann <a@b.org>:\n\n> hola',
)  # fmt: skip
