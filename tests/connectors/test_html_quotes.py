from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors._text import html_to_text
from connectors.mailbox.quotes import html_with_folds
from monitor.message import new_text

NEW = "<div>Thank you, that worked.</div><div><br></div><div>May I bring two guests?</div>"
PLAIN = "Thank you, that worked.\n\nMay I bring two guests?"
OLD = "<p>Dear Jo,</p><p>please restart the router.</p>"

BELOW = {
    "gmail": f'<div class="gmail_quote"><div dir="ltr" class="gmail_attr">On Tue, Ann wrote:<br></div><blockquote class="gmail_quote" style="margin:0">{OLD}</blockquote></div>',
    "gmail, a language unknown": f'<div class="gmail_quote"><div class="gmail_attr">Xu 3 Ann qwe:</div><blockquote class="gmail_quote">{OLD}</blockquote></div>',
    "gmail, old": f'<div class="gmail_extra"><br><div class="gmail_quote">On Tue, Mar 3, 2020 at 9:15 AM, Ann <span dir="ltr">&lt;<a href="mailto:a@b.org">a@b.org</a>&gt;</span> wrote:<br><blockquote class="gmail_quote">{OLD}</blockquote></div></div>',
    "gmail, rewritten by outlook": f'<div class="x_gmail_attr">Ann:</div><blockquote class="x_gmail_quote">{OLD}</blockquote>',
    "outlook web": f'<div id="appendonsend"></div><hr style="display:inline-block;width:98%" tabindex="-1"><div id="divRplyFwdMsg" dir="ltr"><font><b>From:</b> Ann<br><b>Sent:</b> Tuesday<br><b>To:</b> Jo<br><b>Subject:</b> Re: x</font><div>&nbsp;</div></div><div>{OLD}</div>',
    "outlook web, a language unknown": f'<div id="divRplyFwdMsg"><b>Qqq:</b> Ann<br><b>Www:</b> Tuesday</div><div>{OLD}</div>',
    "word": f'<div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0in 0in 0in"><p class=MsoNormal><b>Qqq:</b> Ann<br><b>Www:</b> Tuesday</p></div>{OLD}',
    "word 2010": f"<div style='border:none;border-top:solid #B5C4DF 1.0pt'><p class=MsoNormal><b>From:</b> Ann</p></div>{OLD}",
    "hotmail": f'<hr id="stopSpelling">Date: Tue, 3 Mar 2020<br>Subject: x<br>From: a@b.org<br>To: jo@b.org<br><br>{OLD}',
    "outlook for mac": f'<span id="OLK_SRC_BODY_SECTION"><div><span>From: </span> Ann</div>{OLD}</span>',
    "yahoo": f'<div id="ydp1" class="yahoo_quoted"><div>On Tuesday, Ann wrote:</div>{OLD}</div>',
    "thunderbird": f'<div class="moz-cite-prefix">Xyz Ann:<br></div><blockquote type="cite" cite="mid:1@b.org">{OLD}</blockquote>',
    "thunderbird, signed": f'<pre class="moz-signature" cols="72">-- \nJo</pre><blockquote type="cite">{OLD}</blockquote>',
    "apple": f'<div><br><blockquote type="cite"><div>On 3 Mar 2020, at 09:15, Ann wrote:</div><br>{OLD}</blockquote></div>',
    "proton": f'<div class="protonmail_quote">On Tuesday Ann wrote:<br><blockquote class="protonmail_quote" type="cite">{OLD}</blockquote></div>',
    "tutanota": f'<div>3 Mar 2020, 09:15 by a@b.org:</div><blockquote class="tutanota_quote" style="border-left: 1px solid">{OLD}</blockquote>',
    "zoho": f'<div class="zmail_extra">---- On Tue Ann wrote ----<blockquote>{OLD}</blockquote></div>',
    "gmx": f'<div name="quote" style="margin:10px 5px 5px 10px; border-left:2px solid #C3D9E5;"><b>Qqq:</b> Ann{OLD}</div>',
    "mail.ru": f'<br>Вторник, 3 марта 2020, 9:15 +03:00 от Анна &lt;a@b.org&gt;:<br><blockquote style="border-left:1px solid #0857A6; margin:10px">{OLD}</blockquote>',
    "yandex": f'<div>03.03.2020, 09:15, "Анна" &lt;a@b.org&gt;:</div><blockquote>{OLD}</blockquote>',
    "qq": f'<div style="font-size: 12px;">------------------&nbsp;原始邮件&nbsp;------------------</div><div><b>发件人:</b>&nbsp;"Ann"&lt;a@b.org&gt;;</div><div><b>发送时间:</b>&nbsp;2020年3月3日</div><div><b>主题:</b>&nbsp;x</div>{OLD}',
    "netease": f'<p>At 2020-03-03 09:15:00, "Ann" &lt;a@b.org&gt; wrote:</p><blockquote id="isReplyContent" style="PADDING-LEFT: 1ex">{OLD}</blockquote>',
    "outlook mobile": '<div class="ms-outlook-mobile-signature">Get Outlook for iOS</div>',
    "gmail signature": '<div>-- <br><div class="gmail_signature">Jo Doe<br>Example Ltd</div></div>',
    "apple signature": '<div id="AppleMailSignature">Jo</div>',
    "iphone": f'<div dir="ltr">Sent from my iPhone</div><div dir="ltr"><br><blockquote type="cite">On 3 Mar 2020, at 09:15, Ann wrote:<br>{OLD}</blockquote></div>',
}  # fmt: skip


def new_of(html: str) -> str:
    page = html_with_folds(html)
    return new_text(page.text, page.folds)


@pytest.mark.parametrize("below", BELOW.values(), ids=BELOW.keys())
def test_what_a_mail_program_marks_as_old_is_folded(below: str) -> None:
    assert new_of(f"<html><body>{NEW}{below}</body></html>") == PLAIN


@pytest.mark.parametrize("below", BELOW.values(), ids=BELOW.keys())
def test_the_text_of_a_page_is_the_same_with_and_without_folds(below: str) -> None:
    assert html_with_folds(NEW + below).text == html_to_text(NEW + below)


def test_answers_between_quotes_of_a_page_stay() -> None:
    quote = '<blockquote class="gmail_quote">Which one?</blockquote>'
    html = f'Hi<div class="gmail_quote"><div class="gmail_attr">Ann:</div>{quote}White.{quote}Twice.</div>'
    assert new_of(html).split() == ["Hi", "Which", "one?", "White.", "Which", "one?", "Twice."]


def test_a_page_that_only_forwards_keeps_what_is_forwarded() -> None:
    head = "---------- Forwarded message ---------<br>From: Eve &lt;e@b.org&gt;<br>Subject: x<br>"
    html = f'<div class="gmail_quote"><div class="gmail_attr">{head}</div><br>Where is it?</div>'
    assert new_of(html) == "Where is it?"


def test_an_indented_part_that_nobody_is_said_to_have_written_stays() -> None:
    assert new_of("My poem:<blockquote>Roses are red</blockquote>") == "My poem:\n\nRoses are red"


def test_scripts_styles_and_comments_are_not_text() -> None:
    html = (
        "<style>p{}</style><!-- a > b --><script>1 < 2</script><![if !mso]>yes<![endif]><p>&amp; no"
    )
    assert html_to_text(html) == "yes\n\n& no"


@pytest.mark.parametrize(
    "html",
    ["1 < 2", "a <b", "a <b c='", "a <!-- b", "a &#99999999999; b", "<", "</", "a <b <i>c</i>"],
)
def test_broken_markup_loses_no_word_before_it(html: str) -> None:
    assert html_to_text(html)[:1] in ("1", "a", "<", "")


PARTS = ["<div>", "</div>", "<blockquote type=cite>", "</blockquote>", "<div class=gmail_attr>", "<p>", "a b", "\n",
         "<!--", "-->", "<![", "<", ">", '"', "'", "<pre>", "</pre>", "&amp;", "&#1", "<hr tabindex=-1>", "<style>",
         "</style>", "<td>", "=", "<body>", "<div id=Signature>", "<br>", "On 3 Mar 2020 Ann wrote:", "</p>"]  # fmt: skip


@given(st.lists(st.sampled_from(PARTS), max_size=40))
def test_any_markup_gives_lines_and_folds_that_fit(parts: list[str]) -> None:
    page = html_with_folds("".join(parts))
    assert all(0 <= start < end <= len(page.text.split("\n")) for start, end in page.folds)
