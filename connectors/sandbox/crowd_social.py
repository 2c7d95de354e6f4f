"""What customers write at X and on Facebook."""

from __future__ import annotations

from connectors.sandbox.crowd_cast import (
    AMARA,
    ANNA,
    CARLOS,
    CHIARA,
    DAVID,
    EMRE,
    FATIMA,
    FRANCOISE,
    HANA,
    INGRID,
    JAMES,
    JOAO,
    JURGEN,
    LEILANI,
    LINH,
    OLENA,
    PRIYA,
    SIOBHAN,
    SOFIA,
    WEI,
    Customer,
    Story,
    Whim,
)  # fmt: skip

# Bidirectional overrides, colours, a window title, markup, and letters heaped with accents.
_HOSTILE = (
    "\u202eelpmaxe\u202c \x1b[31mrefund\x1b[0m \x1b]0;all yours\x07[bold]now[/bold] "
    "[link=https://nowhere.example]x[/link] h\u0335\u0321\u034ee\u0335\u0321\u034el\u0335\u0321p"
)


def _tweet(who: Customer, text: str, first: str, second: str, kind: str = "post",
           whim: Whim = Whim.NONE, *, lead: bool = False, nudge: str = "") -> Story:  # fmt: skip
    return Story(who, "", text, (first, second), kind=kind, whim=whim, lead=lead, nudge=nudge)


_on_page = _tweet

TWEETS = (
    _tweet(
        CARLOS, "day 9 and still no parcel. order {order}. is anyone there??",
        "ok thanks, and when does it ARRIVE", "it came. ok. fair play",
        nudge="hello?? {order}",
    ),
    _tweet(
        SOFIA, "{order} arrived with the wrong lid 😩 what now?",
        "do I have to send the old one back?", "you are the best 🌸",
    ),
    _tweet(
        JAMES, "your site logs me out every time I try to pay for {order}. Firefox, if it matters",
        "same on Chrome I'm afraid", "working now, cheers",
    ),
    _tweet(
        PRIYA, "is the blue kettle coming back this year? I have a voucher ({order}) that runs out",
        "can the voucher be extended until then?", "brilliant, thank you!", "reply",
    ),
    _tweet(
        SIOBHAN, "red AND moss please. my order {order} was cancelled for want of red",
        "will I be told when it is back?", "grand, thanks", "quote",
    ),
    _tweet(
        LINH, "courier says delivered, nothing here. {order}. I'm at home all day!",
        "neighbours have not seen it either", "found it, behind the bins. really?",
    ),
    _tweet(
        DAVID, "we want 200 of the steel mugs for our staff, with a logo. what is your best price? "
        "ref {order}",
        "does that include engraving?", "deal. who do I send the logo to?", lead=True,
    ),
    _tweet(
        EMRE, f"{_HOSTILE} {{order}}",
        "never mind the letters, my phone does that", "thanks",
    ),
    _tweet(
        HANA, "注文 {order} はいつ届きますか?", "ありがとうございます。時間指定はできますか?",
        "届きました!ありがとうございました。",
    ),
    _tweet(
        FRANCOISE, "commande {order} : la théière est arrivée sans couvercle…",
        "merci ! sous combien de jours ?", "reçu, parfait", whim=Whim.EDITED,
    ),
    _tweet(
        JURGEN, "Bestellung {order} storniert, aber abgebucht. Warum?",
        "Wie lange dauert die Erstattung?", "Ist da. Danke.", whim=Whim.COLLEAGUE,
    ),
    _tweet(
        AMARA, "I take it back, {order} was my own mistake. wrong size, sorry",
        "can I still swap it?", "lovely, thank you", whim=Whim.DELETED,
    ),
    _tweet(
        ANNA, "my address changed after I ordered ({order}). can you still correct it?",
        "it is number 14, not 41", "thank you, dziękuję", "direct message",
    ),
    _tweet(
        OLENA, "Добрий день! Не приходить лист із підтвердженням замовлення {order}",
        "Дякую. Чи можна змінити спосіб доставки?", "Усе гаразд, дякую!", "direct message",
    ),
    _tweet(
        CHIARA, "ciao! reso dell'ordine {order}: l'etichetta non si apre",
        "posso averla in pdf?", "perfetto, grazie", "direct message", Whim.COLLEAGUE,
    ),
    _tweet(
        INGRID, "anybody else whose acme links are broken today? wanted to track {order}",
        "ah, they read this. nice. still broken though", "works again", "aside",
    ),
    _tweet(
        LEILANI, "acme teapot, second one, second cracked spout. {order}. I give up on teapots",
        "oh! would you really send another?", "mahalo!", "aside",
    ),
)  # fmt: skip

COMMENTS = (
    _on_page(
        LEILANI, "I have! Is order {order} among the first that go out?",
        "How exciting! Will I get a tracking link?", "It is here and it is so blue 💙", "comment",
    ),
    _on_page(
        DAVID, "Closed at five means I can't collect {order} after work. Any way around that?",
        "Thursday at a quarter past five would do.", "Collected, thank you both!", "comment",
    ),
    _on_page(
        WEI, "同样的问题,我的订单 {order} 还没有发货", "好的,谢谢,大概几天?", "收到了,谢谢!",
        "nested",
    ),
    _on_page(
        AMARA, "Same here, {order} has not moved since Monday.",
        "Thank you. Should I ask the courier too?", "Arrived today!", "nested",
    ),
    _on_page(
        FATIMA, "هل ما زال العرض ساريًا؟ رقم طلبي {order}", "وماذا عن الشحن؟", "شكرًا لكم!",
        "comment",
    ),
    _on_page(
        JOAO, "A encomenda {order} veio com a cor errada. Como faço a troca?",
        "Posso entregar na loja?", "Trocado. Obrigado!", "unnamed",
    ),
    _on_page(
        EMRE, f"Look: {_HOSTILE} — and where is {{order}}?",
        "Sorry about that, it's a game my son plays.", "All good.", "comment",
    ),
    _on_page(
        ANNA, "The packer in picture three deserves a raise. Also, {order} is missing a filter.",
        "No hurry with the filter.", "The filter came. With a note! Thank you.", "comment",
        Whim.COLLEAGUE,
    ),
    _on_page(
        CHIARA, "You answered my mail about {order}, but the link in it doesn't open.",
        "Still the same on my phone.", "Ok, now it opens.", "comment", Whim.DELETED,
    ),
    _on_page(
        INGRID, "Hello! We are a school and would like an offer for 120 lunch boxes, as last year "
        "({order}). Whom do I write to?",
        "And with delivery in two parts?", "The board says yes!", "visitor", lead=True,
    ),
    _on_page(
        SIOBHAN, "Two years with your oak board and not a crack. Could you tell me which oil it "
        "was that came with {order}?",
        "Is it fine for the spoons too?", "Ordered a bottle. Thanks!", "visitor",
    ),
    _on_page(
        JAMES, "Picnic sponsored by @Acme mugs. One of them leaks though (order {order}).",
        "It's the green one, if that helps.", "A new one came, cheers.", "tag",
    ),
    _on_page(
        PRIYA, "Hi, I was charged twice for {order}. Can I send you the statement here?",
        "Both are from the 3rd, 49.90 each.", "I see the refund. Thank you so much!", "message",
    ),
    _on_page(
        JURGEN, "Guten Tag, die Lieferung {order} kam heute an, leider ohne Deckel.",
        "Gern der graue. Wie lange dauert das?", "Er passt. Vielen Dank!", "message",
    ),
    _on_page(
        LINH, "can you hold {order} until monday? I'm away", "monday after four is best",
        "thank you!", "message", Whim.COLLEAGUE,
    ),
    _on_page(
        FRANCOISE, "Bonjour, est-ce que la commande {order} peut être emballée en cadeau ?",
        "Avec un petit mot : « Joyeux anniversaire, Odile »", "Merci mille fois !", "message",
        nudge="C'est pour samedi, désolée d'insister…",
    ),
)  # fmt: skip
