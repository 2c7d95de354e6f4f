"""Links are numbered for people to open: what is shown is where a browser goes."""

from __future__ import annotations

from time import process_time

import pytest

from monitor.clean import clean_block
from monitor.links import find_links


def only(text: str) -> tuple[str, str]:
    [link] = find_links(text)
    return link.url, link.host


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("see https://shop.example/orders/4411.", "https://shop.example/orders/4411"),
        ("(http://shop.example/a_(b))", "http://shop.example/a_(b)"),
        ("<https://shop.example>", "https://shop.example/"),
        ("HTTPS://Shop.Example:8443/A?b=1#c!", "https://shop.example:8443/A?b=1#c"),
        ("“https://shop.example/ä?ö=ü”", "https://shop.example/%C3%A4?%C3%B6=%C3%BC"),
        ("http://[2001:DB8::1]:80/x", "http://[2001:db8::1]:80/x"),
    ],
)
def test_a_link_is_found_without_what_stands_around_it(text: str, url: str) -> None:
    assert only(text)[0] == url


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ("https://bücher.example/", "xn--bcher-kva.example"),
        ("https://аррӏе.com/login", "xn--80ak6aa92e.com"),
        ("https://faß.example", "xn--fa-hia.example"),
        ("https://shop。example/", "shop.example"),
        ("https://ＳＨＯＰ.example/", "shop.example"),
    ],
)
def test_a_host_of_another_script_is_shown_in_punycode(text: str, host: str) -> None:
    url, shown = only(text)
    assert shown == host
    assert url.startswith(f"https://{host}/")


@pytest.mark.parametrize(
    "text",
    [
        "https://bank.example@evil.example/",
        "https://bank.example:443@evil.example/",
        "https://bank.example%2F@evil.example",
        "javascript:alert(1)",
        "file:///etc/passwd",
        "ftp://files.example/x",
        "data:text/html,https",
        "https://",
        "https:///path",
        "https://exa mple",
        "https://host:notaport/",
        "https://[::1",
        "https://℀.example/",
        "https://-/",
        "https://" + "a" * 300 + ".example/",
        "https://shop.example/" + "a" * 3000,
        "xhttps://shop.example/",
    ],
)
def test_what_is_written_to_be_misread_is_no_link(text: str) -> None:
    assert [link.host for link in find_links(text)] in ([], ["exa"])


def test_a_backslash_ends_a_link_where_browsers_would_read_on() -> None:
    assert only(r"https://bank.example\@evil.example/") == ("https://bank.example/", "bank.example")


def test_a_link_says_where_it_stands_and_is_ascii() -> None:
    text = "erst https://bücher.example/ä, dann http://b.example"
    links = find_links(text)
    assert [text[link.start : link.end] for link in links] == [
        "https://bücher.example/ä", "http://b.example",
    ]  # fmt: skip
    assert all(link.url.isascii() for link in links)


def test_no_control_byte_gets_into_a_link() -> None:
    for link in find_links(clean_block("https://a.example/\x1b]52;c;eA==\x07x https://\u202eb.c/")):
        assert link.url.isprintable()


@pytest.mark.parametrize(
    "text",
    [
        "https://" * 100_000,
        "https://a.b/" + "(" * 500_000 + ")" * 500_000,
        "http://a.b " * 90_000,
    ],
)  # fmt: skip
def test_a_megabyte_of_links_is_read_quickly(text: str) -> None:
    began = process_time()
    assert len(find_links(text)) <= 200
    assert process_time() - began < 1
