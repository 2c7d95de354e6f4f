"""What mail programs put below an answer, invented in their manner and in many languages."""

from __future__ import annotations

NEW = """Thank you, that worked.

One more question: may I bring two guests?"""

BELOW = {
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
    "outlook": """From: Help Desk <help@example.org>
Sent: Tuesday, March 3, 2020 9:15 AM
To: Jo Doe <jo@example.org>
Subject: RE: Router

Dear Jo,

please restart the router.

Ann
""",
    "outlook, underscores": """________________________________
From: Help Desk <help@example.org>
Sent: Tuesday, March 3, 2020 9:15 AM
To: Jo Doe <jo@example.org>
Subject: RE: Router

please restart the router.
""",
    "outlook, stars": """*From:* Help Desk [mailto:help@example.org]
*Sent:* Tuesday, March 3, 2020 9:15 AM
*To:* Jo Doe
*Cc:* Max Moe
*Subject:* RE: Router

please restart the router.
""",
    "outlook, long list of recipients": """From: Help Desk <help@example.org>
Sent: Tuesday, March 3, 2020 9:15 AM
To: Jo Doe <jo@example.org>; Max Moe <max@example.org>;
 Eve Foe <eve@example.org>; Ken Koe <ken@example.org>;
 Sue Soe <sue@example.org>
Cc: all@example.org
Subject: RE: Router and the other
 things that we spoke of

please restart the router.
""",
    "outlook, blank lines between": """From: Help Desk <help@example.org>

Sent: Tuesday, March 3, 2020 9:15 AM

To: Jo Doe <jo@example.org>

Subject: RE: Router

please restart the router.
""",
    "outlook, original message": """-----Original Message-----
From: Help Desk
Sent: Tuesday, March 3, 2020 9:15 AM
To: Jo Doe
Subject: RE: Router

please restart the router.
""",
    "original message and attribution": """-------- Original message --------
On 3 Mar 2020, 09:15, Help Desk <help@example.org> wrote:

> please restart the router.
""",
    "samsung": """-------- Original message --------
From: Help Desk <help@example.org>
Date: 3/3/20 9:15 AM (GMT-05:00)
To: Jo Doe <jo@example.org>
Subject: Re: Router

please restart the router.
""",
    "hotmail": """Date: Tue, 3 Mar 2020 09:15:00 +0100
Subject: Router
From: help@example.org
To: jo@example.org

please restart the router.
""",
    "outlook, german": """Von: Hilfe <hilfe@example.org>
Gesendet: Dienstag, 3. März 2020 09:15
An: Jo Doe
Betreff: AW: Router

bitte starten Sie neu.
""",
    "outlook, german web": """Von: Hilfe <hilfe@example.org>
Datum: Dienstag, 3. März 2020 um 09:15
An: Jo Doe
Betreff: Re: Router
bitte starten Sie neu.
""",
    "outlook, french": """De : Aide <aide@example.org>
Envoyé : mardi 3 mars 2020 09:15
À : Jo Doe
Objet : RE: Routeur

veuillez redémarrer.
""",
    "orange, french": """> Message du 03/03/20 09:15
> De : "Aide" <aide@example.org>
> A : jo@example.org
> Copie à :
> Objet : Re: Routeur
>
> veuillez redémarrer.
""",
    "outlook, spanish": """De: Ayuda <ayuda@example.org>
Enviado el: martes, 3 de marzo de 2020 9:15
Para: Jo Doe
Asunto: RE: Router

reinicie.
""",
    "outlook, portuguese": """De: Ajuda <ajuda@example.org>
Enviada em: terça-feira, 3 de março de 2020 09:15
Para: Jo Doe
Assunto: RES: Router

reinicie.
""",
    "outlook, italian": """Da: Aiuto <aiuto@example.org>
Inviato: martedì 3 marzo 2020 09:15
A: Jo Doe
Oggetto: R: Router

riavvii.
""",
    "outlook, dutch": """Van: Hulp <hulp@example.org>
Verzonden: dinsdag 3 maart 2020 09:15
Aan: Jo Doe
Onderwerp: RE: Router

herstart.
""",
    "outlook, danish": """Fra: Hjælp <hjaelp@example.org>
Sendt: 3. marts 2020 09:15
Til: Jo Doe
Emne: SV: Router

genstart.
""",
    "outlook, swedish": """Från: Hjälp <hjalp@example.org>
Skickat: den 3 mars 2020 09:15
Till: Jo Doe
Ämne: SV: Router

starta om.
""",
    "outlook, finnish": """Lähettäjä: Tuki <tuki@example.org>
Lähetetty: tiistai 3. maaliskuuta 2020 9.15
Vastaanottaja: Jo Doe
Aihe: VS: Reititin

käynnistä uudelleen.
""",
    "outlook, polish": """Od: Pomoc <pomoc@example.org>
Wysłano: wtorek, 3 marca 2020 09:15
Do: Jo Doe
Temat: RE: Router

proszę zrestartować.
""",
    "outlook, czech": """Od: Pomoc <pomoc@example.org>
Odesláno: úterý 3. března 2020 9:15
Komu: Jo Doe
Předmět: RE: Router

restartujte.
""",
    "outlook, hungarian": """Feladó: Segítség <segit@example.org>
Elküldve: 2020. március 3., kedd 9:15
Címzett: Jo Doe
Tárgy: RE: Router

indítsa újra.
""",
    "outlook, russian": """От: Помощь <help@example.org>
Отправлено: 3 марта 2020 г. 9:15
Кому: Jo Doe
Тема: RE: Роутер

перезапустите.
""",
    "outlook, turkish": """Kimden: Yardım <yardim@example.org>
Gönderildi: 3 Mart 2020 Salı 09:15
Kime: Jo Doe
Konu: RE: Router

yeniden başlatın.
""",
    "outlook, japanese": """差出人: サポート <help@example.org>
送信日時: 2020年3月3日 9:15
宛先: Jo Doe
件名: RE: ルーター

再起動してください。
""",
    "outlook, chinese": """发件人: 客服 <help@example.org>
发送时间: 2020年3月3日 9:15
收件人: Jo Doe
主题: 答复: 路由器

请重新启动。
""",
    "outlook, korean": """보낸 사람: 지원 <help@example.org>
보낸 날짜: 2020년 3월 3일 화요일 오전 9:15
받는 사람: Jo Doe
제목: RE: 라우터

다시 시작하십시오.
""",
    "apple forward": """Begin forwarded message:

> From: Help Desk <help@example.org>
> Subject: Router
> Date: 3 March 2020 at 09:15:00 CET
> To: Jo Doe
>
> please restart
""",
    "thunderbird forward, german": """-------- Weitergeleitete Nachricht --------
Betreff: 	Router
Datum: 	Tue, 3 Mar 2020 09:15:00 +0100
Von: 	Hilfe <hilfe@example.org>
An: 	jo@example.org

bitte starten Sie neu.
""",
    "signature": "-- \nJo Doe\nExample Ltd, 1 Main Road\nTel. 555 1234\n",
    "signature without its blank": "--\nJo Doe\n",
    "signature under a long dash": "\u2014\nJo Doe\n",
    "signature of underscores": "__________________\nJo Doe\nHead of Everything\n",
    "signature, then quote": """-- 
Jo Doe

On 3 Mar 2020, at 09:15, Help Desk <help@example.org> wrote:

> please restart the router.
""",
    "iphone": "Sent from my iPhone\n",
    "iphone, then quote": """Sent from my iPhone

> On 3 Mar 2020, at 09:15, Help Desk <help@example.org> wrote:
>
> please restart the router.
""",
    "iphone, french": "Envoyé de mon iPhone\n\n> Le 3 mars 2020 à 09:15, Aide a écrit :\n>\n> bien\n",
    "iphone, german": "Von meinem iPhone gesendet\n",
    "iphone, spanish": "Enviado desde mi iPhone\n",
    "iphone, italian": "Inviato da iPhone\n",
    "iphone, dutch": "Verstuurd vanaf mijn iPhone\n",
    "iphone, danish": "Sendt fra min iPhone\n",
    "iphone, swedish": "Skickat från min iPhone\n",
    "iphone, portuguese": "Enviado do meu iPhone\n",
    "iphone, polish": "Wysłane z iPhone'a\n",
    "iphone, russian": "Отправлено с iPhone\n",
    "iphone, japanese": "iPhoneから送信\n",
    "iphone, chinese": "发自我的iPhone\n",
    "iphone, korean": "나의 iPhone에서 보냄\n",
    "iphone, finnish": "Lähetetty iPhonesta\n",
    "android": "Sent from my Samsung Galaxy smartphone.\n",
    "k-9, german": "Diese Nachricht wurde von meinem Android-Gerät mit K-9 Mail gesendet.\n",
    "outlook for ios": "Get Outlook for iOS<https://aka.ms/o0ukef>\n",
    "windows mail": "Sent from Mail for Windows 10\n",
    "proton": "Sent with Proton Mail secure email.\n\nOn Tuesday, March 3rd, 2020 at 9:15 AM, Help <help@example.org> wrote:\n\n> restart\n",
    "angle brackets": "<<sent by mobile phone>>\n",
    "mailing list footer": """_______________________________________________
Users mailing list
Users@lists.example.org
https://lists.example.org/listinfo/users
""",
    "google group": """-- 
You received this message because you are subscribed to the Google Groups "users" group.
To unsubscribe from this group, send an email to users+unsubscribe@example.org.
""",
    "confidential": """This e-mail and any attachments are confidential and intended solely for the
addressee. If you have received it in error, please delete it.
""",
    "stars": "*****\nJo Doe\n",
    "previous replies": "---\n*Previous Replies*\n\nPlease restart.\n\nPosted by Ann on 03/03/2020\n",
    "pgp signature": "-----BEGIN PGP SIGNATURE-----\nVersion: GnuPG v1\n\niQEcBAEBAgAGBQJ\n=x1\n-----END PGP SIGNATURE-----\n",
    "enclosed quote": ">>>>\nplease restart\nnow\n<<<<\n",
    "one line of headers": "From: Help <help@example.org> Sent: Tuesday 3 March 2020 To: Jo Subject: RE: Router\n\nplease restart\n",
    "attribution, then outlook": """On Tue, Mar 3, 2020 at 9:15 AM Help Desk <help@example.org> wrote:

please restart

From: Jo <jo@example.org>
Sent: Monday
To: Help
Subject: Router

it is broken
""",
}  # fmt: skip
