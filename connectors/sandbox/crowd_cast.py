"""Who the customers of the played shop are, and what they write."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

DOMAIN = "customers.example"


@dataclass(frozen=True)
class Customer:
    """A person with a mailbox on the customers' domain, or an account on a platform."""

    name: str
    local_part: str

    @property
    def address(self) -> str:
        """The full mail address, which is the login name too."""
        return f"{self.local_part}@{DOMAIN}"

    @property
    def password(self) -> str:
        """The mailbox password."""
        return f"{self.local_part}-secret"

    @property
    def handle(self) -> str:
        """What they would like to be called at X, which takes 15 characters."""
        return self.local_part.replace(".", "_")[:15]


class Whim(Enum):
    """What happens to what was written, besides that it waits for an answer."""

    NONE = auto()
    EDITED = auto()
    DELETED = auto()
    COLLEAGUE = auto()


@dataclass(frozen=True)
class Story:
    """One conversation as the customer would have it; `{order}` stands for an order number.

    `back` are the lines written under a first and a second answer, `nudge` is written when no
    answer has come yet. `kind` is where on its channel it is written, `whim` what becomes of it
    there, `lead` whether somebody would buy. In mails alone, `markup` replaces the text by HTML,
    `photo` names an attached picture, and `to` is another mailbox of the shop than the usual one.
    """

    who: Customer
    subject: str
    text: str
    back: tuple[str, str]
    nudge: str = ""
    markup: bool = False
    photo: str = ""
    to: str = ""
    kind: str = "mail"
    whim: Whim = Whim.NONE
    lead: bool = False


AMARA = Customer("Amara Okafor", "amara.okafor")
ANNA = Customer("Anna Wiśniewska", "anna.wisniewska")
CARLOS = Customer("Carlos Muñoz Peña", "carlos.munoz")
CHIARA = Customer("Chiara D'Amico", "chiara.damico")
DAVID = Customer("David Cohen", "david.cohen")
EMRE = Customer("Emre Yıldız", "emre.yildiz")
FATIMA = Customer("فاطمة الزهراء", "fatima.zahra")
FRANCOISE = Customer("Françoise Lefèvre", "francoise.lefevre")
HANA = Customer("佐藤 花", "hana.sato")
INGRID = Customer("Ingrid Sørensen", "ingrid.sorensen")
JAMES = Customer("James O'Connell", "james.oconnell")
JOAO = Customer("João Antunes", "joao.antunes")
JURGEN = Customer("Jürgen Groß", "juergen.gross")
LEILANI = Customer("Leilani Kahale", "leilani.kahale")
LINH = Customer("Nguyễn Thị Linh", "linh.nguyen")
OLENA = Customer("Олена Шевченко", "olena.shevchenko")
PRIYA = Customer("Priya Raman", "priya.raman")
SIOBHAN = Customer("Siobhán Ní Dhónaill", "siobhan")
SOFIA = Customer("Sofia Papadopoulou", "sofia.p")
WEI = Customer("陈伟", "wei.chen")

CAST = (
    AMARA, ANNA, CARLOS, CHIARA, DAVID, EMRE, FATIMA, FRANCOISE, HANA, INGRID,
    JAMES, JOAO, JURGEN, LEILANI, LINH, OLENA, PRIYA, SIOBHAN, SOFIA, WEI,
)  # fmt: skip

# A clear screen, a window title, a link and a colour, as somebody mischievous would send them.
_HOSTILE = (
    "Invoice\x1b[2J\x1b[H \x1b]0;all yours\x07 [bold red]PAID[/bold red] "
    "[link=https://nowhere.example]click[/link] [/] \u202eevil"
)

STORIES = (
    Story(
        AMARA,
        "Where is order {order}?",
        "Hello,\n\nI ordered a blue kettle ten days ago (order {order}) and the parcel page has "
        "said “on its way” since last Tuesday. Could you find out where it is? I am away from "
        "Friday on.\n\nThank you\nAmara Okafor",
        (
            "Thanks for looking into it. Could the driver leave it with number 14 next door?",
            "It came this morning, all in one piece. Thank you!",
        ),
    ),
    Story(
        JAMES,
        "Charged twice for {order}",
        "Hi there,\n\nmy card statement shows the same amount twice for order {order}, both on the "
        "same day. One of them must be a mistake. Can you refund it please?\n\nRegards,\nJames",
        (
            "Right, I can see one of them is still marked as pending. How long until it drops off?",
            "The second charge is gone now. Cheers.",
        ),
        nudge="Me again. My bank says they can not do anything until you answer, so this is rather "
        "urgent for me.",
    ),
    Story(
        PRIYA,
        "Password reset mail never arrives",
        "Hi,\n\nI have asked for a new password four times now and no mail comes. I looked in the "
        "spam folder too. My account is under this address.\n\nPriya",
        (
            "Now I got one, but it says it has expired. Should I ask for another?",
            "That did it, I am in. Thanks for your patience.",
        ),
    ),
    Story(
        SIOBHAN,
        "The link in your newsletter is broken",
        "Good morning,\n\nthe “spring offers” button in today's newsletter leads to a page that "
        "says not found. I tried on my phone and on the laptop.\n\nSiobhán",
        ("Works now on the laptop, still not on the phone.", "All good now, thanks!"),
    ),
    Story(
        DAVID,
        "Question about invoice for {order}",
        "Dear team,\n\nthe invoice for {order} has my private address, but I need it made out to "
        "my practice. Can it be issued again? The details are below.\n\nDr. David Cohen\n"
        "Harbour Road Dental Practice\n12 Harbour Road",
        (
            "Thank you. One thing: the practice name is missing “Dental”. Could you correct that?",
            "Perfect now, I have passed it on to my bookkeeper.",
        ),
    ),
    Story(
        LEILANI,
        "Thank you!",
        "Aloha,\n\nno question today. The teapot arrived two days early, wrapped so nicely that my "
        "mother kept the paper. Please tell whoever packs your parcels.\n\nLeilani",
        ("You are too kind. We will be back for the cups!", "Mahalo, and a good week to you all."),
    ),
    Story(
        CARLOS,
        "THIRD TIME I WRITE - order {order}",
        "This is the third time I write about order {order}. The wrong size, again! I was promised "
        "a collection on Monday, I stayed home all day, nobody came. I want my money back, not "
        "another apology.\n\nCarlos Muñoz",
        (
            "Fine. But I will not stay at home another day. Give me a time, not a day.",
            "They came. The refund is there as well. I accept the apology.",
        ),
        nudge="STILL NOTHING. Is anybody reading this?",
    ),
    Story(
        INGRID,
        "Quote for 120 lunch boxes",
        "Hello,\n\nwe are a school in Bergen and would like 120 of the steel lunch boxes with our "
        "logo on the lid. What would they cost, and could they be here by the middle of August?\n\n"
        "Kind regards\nIngrid Sørensen\nSchool office",
        (
            "Thank you for the quote. Does the price include delivery to Norway?",
            "The board agreed, we would like to go ahead. Where do I send the logo?",
        ),
        to="sales",
        lead=True,
    ),
    Story(
        JURGEN,
        "Bestellung {order}: falsche Farbe geliefert",
        "Guten Tag,\n\nheute kam die Bestellung {order} an, leider in Grün statt in Grau. Ich "
        "möchte umtauschen. Muss ich die Rücksendung selbst bezahlen?\n\nMit freundlichen Grüßen\n"
        "Jürgen Groß",
        (
            "Danke für die schnelle Antwort. Ist der Rücksendeschein schon unterwegs?",
            "Die graue Kanne ist da. Herzlichen Dank für die Mühe!",
        ),
        nudge="Nachtrag: Ich sehe gerade, auf dem Lieferschein steht richtig „grau“. Es wurde also "
        "nur falsch eingepackt.",
    ),
    Story(
        FRANCOISE,
        "Délai de livraison pour la Réunion ?",
        "Bonjour,\n\nje souhaite offrir la théière à ma sœur qui habite à la Réunion. Livrez-vous "
        "là-bas, et en combien de jours ? Son anniversaire tombe dans trois semaines.\n\n"
        "Bien cordialement,\nFrançoise Lefèvre",
        (
            "Merci ! Est-il possible d'ajouter un petit mot dans le paquet ?",
            "Parfait, je passe commande ce soir. Belle journée !",
        ),
    ),
    Story(
        HANA,
        "注文 {order} の配送先変更について",
        "お世話になっております。佐藤です。\n\n先日注文した {order} の配送先を、自宅から勤務先に"
        "変更したいのですが、まだ間に合いますでしょうか。\n\nよろしくお願いいたします。\n佐藤 花",
        (
            "ご対応ありがとうございます。受け取りは平日の午後を希望します。",
            "無事に届きました。ありがとうございました。",
        ),
    ),
    Story(
        SOFIA,
        "Discount code does not work",
        "<p>Hi!</p><p>The code <b>SPRING10</b> gives me <i>“not valid for your basket”</i>. "
        "I only have <a href='https://shop.example/cups?id=7&amp;c=red'>two red cups</a> in "
        "it.</p><table><tr><td>Basket</td><td>2 × cup</td></tr></table><p>Sofia 🌸</p>",
        ("Oh, I did not see it was for orders over 30. Thank you!", "Ordered. Have a nice day!"),
        markup=True,
    ),
    Story(
        ANNA,
        "Damaged parcel, photo attached",
        "Dzień dobry, hello,\n\nthe parcel for {order} was crushed on one side and the lid is "
        "cracked. I attach a photo. Could you send a new lid?\n\nBest\nAnna Wiśniewska",
        (
            "A new lid is enough, no need to replace the whole box.",
            "The lid fits. Dziękuję!",
        ),
        photo="zdjęcie paczki.png",
    ),
    Story(
        EMRE,
        _HOSTILE,
        "Hello,\n\nthere is something odd about my last invoice, see the subject. "
        "\x1b[31mDo not\x1b[0m click it. [bold]Is this[/bold] from you?\n\nEmre",
        ("Good to know. I deleted the mail that had that title.", "Thanks, that was all."),
    ),
    Story(
        JOAO,
        "Fatura em falta",
        "Bom dia,\n\npreciso da fatura da encomenda {order} com o número de contribuinte da "
        "empresa. Não a encontro na minha conta.\n\nObrigado,\nJoão Antunes",
        (
            "Recebi, mas o número tem um algarismo trocado. Pode corrigir?",
            "Agora está tudo certo. Muito obrigado!",
        ),
    ),
    Story(
        CHIARA,
        "Reso ordine {order}",
        "Buongiorno,\n\nvorrei restituire la tovaglia dell'ordine {order}: è bellissima, ma troppo "
        "corta per il nostro tavolo. Come posso fare?\n\nGrazie mille\nChiara",
        (
            "Grazie. Posso consegnarla anche in un punto di ritiro?",
            "Rimborso ricevuto, siete stati gentilissimi.",
        ),
    ),
    Story(
        LINH,
        "Can I change the delivery day?",
        "Hello,\n\nthe courier proposes Thursday for {order} but I work that day. Is Saturday "
        "possible, or a pick-up point near the station?\n\nLinh",
        ("The pick-up point is fine. Do I need the order number there?", "Picked up. Thank you!"),
        nudge="Sorry to write again: Friday evening would work as well.",
    ),
    Story(
        OLENA,
        "Питання щодо гарантії",
        "Добрий день!\n\nЧайник із замовлення {order} перестав вимикатися після закипання. Минуло "
        "вісім місяців. Чи діє ще гарантія?\n\nЗ повагою,\nОлена Шевченко",
        (
            "Дякую за швидку відповідь. Чи потрібно зберегти коробку?",
            "Новий чайник уже працює. Щиро дякую!",
        ),
    ),
    Story(
        WEI,
        "订单 {order} 缺少配件",
        "您好！\n\n我收到了订单 {order}，但是盒子里少了一个滤网。可以补寄吗？\n\n谢谢\n陈伟",
        ("好的，地址没有变。大概几天能到？", "滤网收到了，非常感谢！"),
    ),
    Story(
        FATIMA,
        "استفسار عن الشحن",
        "السلام عليكم،\n\nهل يمكنكم شحن الطلب {order} إلى الدار البيضاء؟ وكم يستغرق ذلك؟\n\n"
        "مع الشكر\nفاطمة الزهراء",
        ("شكرًا جزيلًا. هل يمكن الدفع عند الاستلام؟", "وصل الطلب سالمًا، شكرًا لكم."),
    ),
    Story(
        AMARA,
        "Please close my second account",
        "Hello,\n\nI seem to have two accounts, one of them with my old surname. Could you close "
        "the older one and keep the order history?\n\nAmara Okafor",
        ("Yes, the one without any order since 2023.", "Looks right now, thanks."),
    ),
    Story(
        JAMES,
        "Is the oak board dishwasher safe?",
        "Hi,\n\nquick one: can the oak board from {order} go into the dishwasher? The leaflet got "
        "wet before I read it.\n\nJames",
        ("And what oil would you suggest for it?", "Got some, looks like new. Cheers."),
    ),
    Story(
        PRIYA,
        "Gift card balance shows zero",
        "Hi,\n\nI was given a gift card for 50 and the balance page shows 0.00. I have not used it "
        "anywhere. The last four digits are 7731.\n\nPriya",
        (
            "No, nobody else has the card. I can send a picture of the receipt if that helps.",
            "The 50 is there now. Wonderful, thank you.",
        ),
    ),
    Story(
        DAVID,
        "Opening hours over the holidays",
        "Dear team,\n\nis your shop open between the years? I would like to collect {order} in "
        "person if I may.\n\nDavid Cohen",
        ("Thursday at ten suits me well.", "Collected. A happy new year to all of you."),
    ),
    Story(
        INGRID,
        "Re: unsubscribed, but the catalogue still comes",
        "Hello,\n\nI unsubscribed from the printed catalogue in spring, yet another one came "
        "today. Please take my postal address off the list.\n\nIngrid Sørensen",
        ("Thank you. Does that also cover the Christmas one?", "Very good, thanks."),
    ),
)
