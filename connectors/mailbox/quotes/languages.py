"""What mail programs say in each language when they quote, forward or sign a mail."""

from __future__ import annotations

from typing import NamedTuple


class Language(NamedTuple):
    """The words of one language, alternatives parted by "|", in lower case.

    `wrote` are the verbs of "On ... wrote:" and `opens` its first word; `sender`, `sent`, `to`,
    `copy`, `subject` the names of a quoted mail's header lines; `original` the words between
    the dashes of "-----Original Message-----" and its kin; `device` how the line begins that
    a phone adds.
    """

    wrote: str
    opens: str
    sender: str
    sent: str
    to: str
    copy: str
    subject: str
    original: str
    device: str


ENGLISH = Language(
    wrote="wrote|writes|said|has written|replied|posted|responded|commented",
    opens="on|at|in",
    sender="from|reply-to|reply to|sender|on behalf of",
    sent="sent|date|received|sent at|sent on|date sent",
    to="to|recipient|recipients",
    copy="cc|bcc",
    subject="subject|re|importance|priority|attachments|organization|newsgroups",
    original="original|original message|original email|original mail|forwarded message|forwarded email"
    "|forwarded mail|forward message|forwarded by|begin forwarded message|reply message"
    "|replied message|original appointment|previous message|reply separator|end of message",
    device="sent from|sent via|sent with|sent using|sent by|sent on|sent through|get outlook for"
    "|from my|typed on|composed on|written on my|this message was sent from my|sent securely",
)
GERMAN = Language(
    wrote="schrieb|schreibt|geschrieben|hat folgendes geschrieben|schrieb folgendes",
    opens="am|im|um",
    sender="von|absender|antwort an",
    sent="gesendet|datum|gesendet am|sendedatum",
    to="an|empfänger",
    copy="kopie|blindkopie|kopie an",
    subject="betreff|betr|wichtigkeit|priorität|anlagen|anhänge",
    original="ursprüngliche nachricht|originalnachricht|original-nachricht|original nachricht"
    "|weitergeleitete nachricht|anfang der weitergeleiteten nachricht|urspr. nachricht"
    "|ursprüngliche mail|ursprüngliche e-mail|originale nachricht|weitergeleitete e-mail",
    device="von meinem|von meiner|gesendet von|gesendet mit|gesendet über|diese nachricht wurde von"
    "|holen sie sich outlook|outlook für|diese e-mail wurde von|versendet mit|verschickt von",
)
FRENCH = Language(
    wrote="a écrit|a ecrit|écrit|écrivait|ecrivait|écrivit|a répondu",
    opens="le|en",
    sender="de|expéditeur|expediteur|répondre à|message de|from",
    sent="envoyé|envoye|date|envoyé le|message du|date d'envoi|envoyé par",
    to="à|a|pour|destinataire|destinataires",
    copy="copie à|copie|cc|cci|copie a",
    subject="objet|sujet|importance|pièces jointes",
    original="message d'origine|message original|message transféré|message initial"
    "|message transmis|début du message transféré|début du message réexpédié|courriel original"
    "|e-mail d'origine|mail original|message d’origine",
    device="envoyé de|envoyé depuis|envoyé à partir|envoyé avec|envoyé via|télécharger outlook"
    "|obtenir outlook|provenance|envoyé par mon|de mon iphone|obtenez outlook",
)
SPANISH = Language(
    wrote="escribió|escribio|escribe|ha escrito|escribía",
    opens="el|en|con fecha",
    sender="de|remitente|responder a|desde",
    sent="enviado|enviado el|fecha|enviada el|fecha de envío",
    to="para|destinatario|destinatarios|a",
    copy="cc|cco|con copia|copia",
    subject="asunto|importancia|archivos adjuntos",
    original="mensaje original|mensaje reenviado|correo original|inicio del mensaje reenviado"
    "|mensaje original de correo|comienzo del mensaje reenviado|mensaje de reenvío",
    device="enviado desde|enviado con|enviado de mi|enviado vía|obtener outlook|obtén outlook"
    "|consigue outlook|enviado mediante",
)
CATALAN = Language(
    wrote="va escriure|ha escrit|escrigué",
    opens="el|en",
    sender="de",
    sent="enviat|data|enviat el",
    to="per a|a",
    copy="a/c",
    subject="assumpte|tema",
    original="missatge original|missatge reenviat",
    device="enviat des|enviat amb",
)
PORTUGUESE = Language(
    wrote="escreveu|escreve|escreveu o seguinte|escribiu",
    opens="em|no|na|a",
    sender="de|remetente",
    sent="enviado|enviada em|data|enviado em|enviada",
    to="para|destinatário",
    copy="cc|cco|com cópia",
    subject="assunto|importância|anexos",
    original="mensagem original|mensagem encaminhada|mensagem reencaminhada|e-mail original"
    "|início da mensagem encaminhada|início da mensagem reencaminhada|mensagem reenviada",
    device="enviado do|enviado pelo|enviado de|enviado através|enviado a partir|enviado via"
    "|obter o outlook|obtenha o outlook|baixar outlook",
)
ITALIAN = Language(
    wrote="ha scritto|scrive|scrisse|scriveva",
    opens="il|in data|alle",
    sender="da|mittente|rispondi a",
    sent="inviato|data|inviato il|spedito",
    to="a|destinatario|per",
    copy="cc|ccn|copia",
    subject="oggetto|priorità|allegati",
    original="messaggio originale|messaggio inoltrato|inizio messaggio inoltrato"
    "|inizio del messaggio inoltrato|messaggio originario|e-mail originale",
    device="inviato da|inviato dal|inviato con|inviato tramite|scarica outlook|ottieni outlook",
)
DUTCH = Language(
    wrote="schreef|schrijft|heeft geschreven|geschreven|het volgende geschreven",
    opens="op",
    sender="van|afzender",
    sent="verzonden|datum|verstuurd|verzonden op",
    to="aan|naar",
    copy="cc|kopie",
    subject="onderwerp|betreft|urgentie|bijlagen",
    original="oorspronkelijk bericht|origineel bericht|doorgestuurd bericht|oorspronkelijke mail"
    "|begin doorgestuurd bericht|oorspronkelijke bericht|origineel e-mailbericht",
    device="verzonden met|verzonden vanaf|verzonden via|verstuurd vanaf|verstuurd met|verstuurd via"
    "|outlook voor|download outlook|verzonden vanuit|verstuurd vanuit",
)
DANISH = Language(
    wrote="skrev|skriver|skrev følgende",
    opens="den|d.",
    sender="fra|afsender",
    sent="sendt|dato|sendt den",
    to="til|modtager",
    copy="cc|kopi",
    subject="emne|vedr|prioritet|vedhæftede filer",
    original="oprindelig meddelelse|original meddelelse|videresendt besked|oprindelig besked"
    "|start på videresendt besked|videresendt meddelelse|original besked",
    device="sendt fra|sendt med|sendt via|hent outlook|få outlook",
)
NORWEGIAN = Language(
    wrote="skrev|skrev følgende|har skrevet",
    opens="den|på|kl.|man.|tir.|ons.|tor.|fre.|lør.|søn.",
    sender="fra|avsender",
    sent="sendt|dato|sendt dato",
    to="til",
    copy="kopi|cc|kopi til",
    subject="emne|viktighet|prioritet",
    original="opprinnelig melding|original melding|videresendt melding|opprinnelig e-post"
    "|videresendt e-post|start på videresendt melding|begynnelse på videresendt melding",
    device="sendt fra|sendt med|sendt via|skaff deg outlook|få outlook|last ned outlook",
)
SWEDISH = Language(
    wrote="skrev|skrev följande|har skrivit",
    opens="den|på",
    sender="från|avsändare",
    sent="skickat|datum|skickades|sänt",
    to="till|mottagare",
    copy="kopia|cc|kopia till",
    subject="ämne|prioritet|bilagor",
    original="ursprungligt meddelande|originalmeddelande|vidarebefordrat meddelande"
    "|vidarebefordrat brev|ursprungligt mejl|vidarebefordrat mejl|originalmejl",
    device="skickat från|skickat med|skickades från|skickat via|från min|hämta outlook"
    "|skaffa outlook|sänt från",
)
FINNISH = Language(
    wrote="kirjoitti|kirjoittaa|kirjoitti näin",
    opens="klo|ma|ti|ke|to|pe|la|su",
    sender="lähettäjä|keneltä",
    sent="lähetetty|päivämäärä|pvm|päiväys|lähetysaika",
    to="vastaanottaja|kenelle|vastaanottajat",
    copy="kopio|cc",
    subject="aihe|tärkeys",
    original="alkuperäinen viesti|välitetty viesti|edelleenlähetetty viesti"
    "|välitetty viesti alkaa|alkup. viesti",
    device="lähetetty|hanki outlook|hae outlook",
)
POLISH = Language(
    wrote="napisał(a)|napisał|napisała|napisał/a|pisze|napisali|napisano",
    opens="w|dnia|w dniu|wiadomość napisana przez|dn.|użytkownik",
    sender="od|nadawca",
    sent="wysłano|data|wysłane|wysłany|wysłana",
    to="do|odbiorca|adresat",
    copy="dw|udw|do wiadomości|kopia",
    subject="temat|tytuł|ważność",
    original="wiadomość oryginalna|oryginalna wiadomość|wiadomość przekazana|treść przekazanej"
    " wiadomości|przesłana wiadomość|początek przekazywanej wiadomości|przekazana wiadomość"
    "|wiadomość pierwotna|wiadomość przesłana dalej",
    device="wysłane z|wysłano z|wysłane za|pobierz outlook|pobierz program outlook",
)
CZECH = Language(
    wrote="napsal(a)|napsal|napsala|píše|napísal(a)|napísal|napísala",
    opens="dne|dňa|v|po|út|st|čt|pá|so|ne",
    sender="od|odesílatel|odosielateľ",
    sent="odesláno|datum|odoslané|dátum",
    to="komu|pro|adresát",
    copy="kopie|kópia|kopie pro",
    subject="předmět|věc|predmet",
    original="původní zpráva|původní e-mail|přeposlaná zpráva|pôvodná správa"
    "|začátek přeposílané zprávy|preposlaná správa|původní email",
    device="odesláno z|odoslané z|odesláno přes|získat outlook|získejte outlook|poslané z",
)
HUNGARIAN = Language(
    wrote="írta|ezt írta|írt|a következőt írta",
    opens="ekkor|dátum",
    sender="feladó|küldő",
    sent="elküldve|dátum|küldve|küldés ideje",
    to="címzett|címzettek",
    copy="másolat|másolatot kap",
    subject="tárgy|fontosság",
    original="eredeti üzenet|továbbított üzenet|továbbított levél|eredeti levél",
    device="elküldve|küldve|az outlook|iphone-omról küldve|iphone készülékemről küldve",
)
ROMANIAN = Language(
    wrote="a scris|a scris următoarele|scrie",
    opens="în|la|pe|in",
    sender="de la|expeditor|din partea",
    sent="trimis|data|dată|trimis la",
    to="către|catre|destinatar",
    copy="cc",
    subject="subiect|importanță",
    original="mesaj original|mesaj redirecționat|mesajul original|mesaj inițial"
    "|mesajul redirecționat|mesaj înaintat",
    device="trimis de pe|trimis din|trimis cu|trimis de la|descărcați outlook|obțineți outlook",
)
RUSSIAN = Language(
    wrote="написал(а)|написал|написала|пишет|писал(а)|писал|писала|написали|вы писали|написал/а"
    "|написано",
    opens="в|от|пользователь|понедельник|вторник|среда|четверг|пятница|суббота|воскресенье",
    sender="от|от кого|отправитель",
    sent="отправлено|дата|послано|отправлен|отправлено в",
    to="кому|получатель",
    copy="копия|скрытая копия",
    subject="тема|важность",
    original="исходное сообщение|пересланное сообщение|пересылаемое сообщение"
    "|исходное письмо|пересланное письмо|переадресованное сообщение"
    "|начало пересылаемого сообщения|завершение пересылаемого сообщения"
    "|конец пересылаемого сообщения|перенаправленное сообщение|оригинальное сообщение",
    device="отправлено с|отправлено из|отправлено от|отправлено через|скачать outlook"
    "|получить outlook|послано с",
)
UKRAINIAN = Language(
    wrote="написав(-ла)|написав|написала|пише|писав|написав/ла|написав(ла)",
    opens="у|в|від|пн|вт|ср|чт|пт|сб|нд",
    sender="від|від кого|відправник",
    sent="надіслано|дата|відправлено",
    to="кому|одержувач",
    copy="копія",
    subject="тема",
    original="вихідне повідомлення|переслане повідомлення|оригінальне повідомлення"
    "|пересланий лист|початкове повідомлення|перенаправлене повідомлення",
    device="надіслано з|відправлено з|отримати outlook",
)
SOUTH_SLAVIC = Language(
    wrote="je napisao|je napisala|je napisao/la|je napisal|je napisala/o|napisao|napisala|написа"
    "|написао|написала|је написао|је написао/ла|je napisao(la)|je napisao/napisala",
    opens="dana|dne|на|dne|u|pon|uto|sri|čet|pet|sub|ned",
    sender="od|šalje|pošiljatelj|от|пошиљалац",
    sent="poslano|datum|poslato|изпратено|дата|slanje",
    to="za|prima|primatelj|до|за|kome",
    copy="kopija|копие",
    subject="predmet|naslov|zadeva|относно|tema|тема|предмет",
    original="izvorna poruka|izvirno sporočilo|originalna poruka|proslijeđena poruka"
    "|prosleđena poruka|posredovano sporočilo|оригинално съобщение|препратено съобщение"
    "|првобитна порука|izvorno sporočilo",
    device="poslano s|poslano iz|poslato sa|изпратено от|pošiljeno iz|poslano sa",
)
BALTIC = Language(
    wrote="rašė|parašė|rakstīja|kirjutas|kirjutas järgmist|uzrakstīja|skrifaði|shkroi",
    opens="kuupäeval|dne|nuo|kell|þann",
    sender="nuo|no|kellelt|saatja|frá|nga",
    sent="išsiųsta|nosūtīts|saadetud|kuupäev|datums|data|sent|dërguar|sendt",
    to="kam|adresāts|kellele|saaja|til|për|skirta",
    copy="kopija|koopia|afrit",
    subject="tema|temats|teema|efni|subjekti",
    original="pradinis laiškas|sākotnējais ziņojums|algne kiri|algsõnum|persiųstas laiškas"
    "|pārsūtīts ziņojums|edastatud kiri|upprunaleg skilaboð|originalus laiškas",
    device="išsiųsta iš|nosūtīts no|saadetud minu|sent úr",
)
GREEK = Language(
    wrote="έγραψε|εγραψε|έγραψαν",
    opens="στις|την|τη|το",
    sender="από|αποστολέας",
    sent="στάλθηκε|ημερομηνία|απεστάλη|αποστολή|εστάλη",
    to="προς|παραλήπτης",
    copy="κοιν|κοινοποίηση",
    subject="θέμα",
    original="αρχικό μήνυμα|προωθημένο μήνυμα|πρωτότυπο μήνυμα|προωθούμενο μήνυμα",
    device="στάλθηκε από|αποκτήστε το outlook|εστάλη από",
)
TURKISH = Language(
    wrote="yazdı|şunu yazdı|şunları yazdı|yazmış|yazıyor|şöyle yazdı",
    opens="tarihinde|on",
    sender="kimden|gönderen",
    sent="gönderildi|tarih|gönderilme|gönderme tarihi|gönderim tarihi",
    to="kime|alıcı",
    copy="bilgi|gizli",
    subject="konu|önem",
    original="orijinal ileti|orijinal mesaj|özgün ileti|iletilen mesaj|yönlendirilmiş mesaj"
    "|iletilmiş mesaj|yönlendirilen mesaj|forwarded message",
    device="iphone'umdan gönderildi|iphone’umdan gönderildi|android|outlook'u edinin",
)
HEBREW = Language(
    wrote="כתב/ה|כתב|כתבה|מאת|‏כתב/ה|כתב\\ה",
    opens="בתאריך|ב-|ביום|בתאריך‏",
    sender="מאת|מ",
    sent="נשלח|תאריך|נשלח בתאריך",
    to="אל|ל",
    copy="עותק|העתק",
    subject="נושא|הנדון",
    original="הודעה מקורית|הודעה שהועברה|ההודעה המקורית",
    device="נשלח מה|נשלח מ|נשלח באמצעות|הורד את outlook",
)
ARABIC = Language(
    wrote="كتب|كتبت|كتب/ت|نوشت|كتب:|نوشته است",
    opens="في|بتاريخ|در|فی",
    sender="من|المرسل|از",
    sent="أرسلت|تاريخ|التاريخ|تم الإرسال|أُرسلت|ارسال شده|تاریخ|مرسل",
    to="إلى|الى|به|المستلم",
    copy="نسخة|رونوشت",
    subject="الموضوع|موضوع",
    original="الرسالة الأصلية|رسالة معاد توجيهها|الرسالة الاصلية|پیام اصلی|رسالة أصلية",
    device="أرسلت من|مرسلة من|تم الإرسال من|أُرسلت من|ارسال شده از|احصل على outlook",
)
JAPANESE = Language(
    wrote="wrote|のメッセージ|さんは書きました|は書きました|が書きました|さんのメール|書きました"
    "|さんからのメール|さんが書きました|のメール",
    opens="在",
    sender="差出人|送信者|from",
    sent="送信日時|日時|送信日|日付|受信日時",
    to="宛先",
    copy="cc|写し",
    subject="件名|重要度|添付ファイル",
    original="元のメッセージ|転送メッセージ|転送されたメッセージ|元のメール|オリジナルメッセージ"
    "|引用元メッセージ|original message|転送されたメール|返信元メッセージ",
    device="iphoneから送信|私のiphoneから送信|ipadから送信|androidから送信|outlook for|スマートフォンから"
    "送信|galaxyから送信|xperiaから送信|携帯から送信|mobileから送信",
)
CHINESE = Language(
    wrote="写道|寫道|写到|寫到|撰写|撰寫|写了|寫了|来信|来函|來信|書寫|写的",
    opens="在|于|於",
    sender="发件人|寄件者|寄件人|發件人|发信人|寄信人",
    sent="发送时间|日期|寄件日期|傳送日期|发送日期|發送時間|時間|时间|已发送|寄件時間|傳送時間",
    to="收件人|收件者|至|收信人",
    copy="抄送|副本|密送|抄送人|副本抄送",
    subject="主题|主旨|標題|主題|标题|附件|重要性",
    original="原始邮件|原始郵件|转发的邮件|轉寄郵件|原邮件|转发邮件信息|原郵件|回复的原邮件|原始信件"
    "|转发邮件|被转发邮件信息|轉寄的郵件|原始訊息|轉寄訊息|回复的邮件|转发的消息|转发信息|轉寄的信件",
    device="从我的|發自我的|发自我的|從我的|来自我的|发送自|發送自|来自 outlook|来自qq|发自|從 outlook"
    "|获取 outlook|发自手机|從手機傳送|傳送自|取得 outlook|由 outlook",
)
KOREAN = Language(
    wrote="님이 작성|작성|님이 쓴 글|썼습니다|님의 메시지|쓰셨습니다|님이 다음을 작성함|작성함"
    "|님이 작성한 메시지|님이 작성한 글|님이 쓴 메시지",
    opens="보낸 날짜",
    sender="보낸 사람|보낸사람|발신자|보낸이|발신",
    sent="보낸 날짜|날짜|보낸날짜|전송일|보낸시간|보낸 시간|일시",
    to="받는 사람|받는사람|수신자|받는이|수신",
    copy="참조|숨은 참조",
    subject="제목",
    original="원본 메시지|원본 메일|전달된 메시지|전달된 메일|원본메시지|원본메일|원본 이메일",
    device="내 iphone에서 보냄|나의 iphone에서 보냄|iphone에서 보냄|galaxy에서 보냄|outlook 가져오기"
    "|나의 galaxy에서 보냄|삼성 galaxy|삼성 스마트폰",
)
VIETNAMESE = Language(
    wrote="đã viết|viết|đã viết như sau|viết rằng",
    opens="vào|ngày|lúc|vào lúc|thứ",
    sender="từ|người gửi|của",
    sent="đã gửi|ngày|ngày gửi|gửi lúc|thời gian",
    to="đến|tới|người nhận|gửi đến",
    copy="cc|đồng gửi",
    subject="chủ đề|tiêu đề",
    original="thư gốc|thư chuyển tiếp|thư đã chuyển tiếp|tin nhắn gốc|thư được chuyển tiếp"
    "|tin nhắn được chuyển tiếp|tin nhắn đã chuyển tiếp",
    device="gửi từ|được gửi từ|đã gửi từ|tải outlook|lấy outlook",
)
SOUTH_EAST = Language(
    wrote="menulis|telah menulis|เขียนว่า|เขียน|ने लिखा|लिखा|ने लिखा है",
    opens="pada|เมื่อ|को",
    sender="dari|daripada|จาก|से|प्रेषक",
    sent="dikirim|tanggal|dihantar|ส่งเมื่อ|วันที่|ส่ง|भेजा गया|दिनांक",
    to="kepada|ke|untuk|ถึง|प्रति",
    copy="tembusan|สำเนา|प्रतिलिपि",
    subject="perihal|subjek|judul|เรื่อง|หัวเรื่อง|विषय",
    original="pesan asli|pesan terusan|mesej asal|pesan yang diteruskan|ข้อความต้นฉบับ"
    "|ข้อความที่ส่งต่อ|मूल संदेश|ข้อความเดิม|अग्रेषित संदेश",
    device="dikirim dari|terkirim dari|dihantar dari|ส่งจาก|मेरे iphone से भेजा गया|dapatkan outlook",
)

LANGUAGES = (
    ENGLISH, GERMAN, FRENCH, SPANISH, CATALAN, PORTUGUESE, ITALIAN, DUTCH, DANISH, NORWEGIAN,
    SWEDISH, FINNISH, POLISH, CZECH, HUNGARIAN, ROMANIAN, RUSSIAN, UKRAINIAN, SOUTH_SLAVIC, BALTIC,
    GREEK, TURKISH, HEBREW, ARABIC, JAPANESE, CHINESE, KOREAN, VIETNAMESE, SOUTH_EAST,
)  # fmt: skip


def words(field: str) -> tuple[str, ...]:
    """All languages' words of one field of `Language`, the longest first, each once."""
    found = {word for tongue in LANGUAGES for word in getattr(tongue, field).split("|")}
    return tuple(sorted(found, key=lambda word: (-len(word), word)))
