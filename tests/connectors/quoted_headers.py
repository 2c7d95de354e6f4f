# ruff: noqa: E501, W291
"""What mail programs put below an answer besides: header blocks, signatures, their own names."""

from __future__ import annotations

HEADED = {
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
}  # fmt: skip

SIGNED = {
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
