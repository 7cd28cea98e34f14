"""Addresses as documents write them."""

from urllib.parse import unquote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from aggregator.config.source import SourceConfig
from aggregator.fetch.url import parse
from aggregator.text.uris import as_uri, as_uri_id
from aggregator.text.urls import WEB
from aggregator.validate.values import is_link

BEGINNINGS = [
    "https://x.example/",
    "HTTP://u@[::1]:80/",
    "https://é.example",
    "https:",
    "//",
    "magnet:?",
    "mailto:",
    "xmpp:",
    "",
]
odd = st.builds(
    str.__add__,
    st.sampled_from(BEGINNINGS),
    st.text('^`|{}<>[]%\\"é?#:/@ x1.\t', max_size=12) | st.text(max_size=12),
)

SAME = [
    "https://x.example/",
    "https://x.example",
    "https://x.example?q",
    "HTTPS://X.Example:443/A?b=%2f&c=%7E#d",
    "http://x.example./a;b=1,2/(c)!$&'*+~_-.",
    "https://x.example:/a",
    "http://[2001:DB8::1]:8080/a",
    "http://user:pass@x.example/",
    "http://xn--bcher-kva.example/",
    "http://127.0.0.1/",
    "http://under_score.example/#/post/1?x",
    "mailto:list@x.example?subject=a%20b",
    "magnet:?xt=urn:btih:1#a",
    "tel:+123",
    "geo:1,2",
]

CHANGED = {
    "https://x.example/a|b": "https://x.example/a%7Cb",
    "https://x.example/{a}": "https://x.example/%7Ba%7D",
    "https://x.example/a[1]?b[]=2#[c]": "https://x.example/a%5B1%5D?b%5B%5D=2#%5Bc%5D",
    "https://x.example/a^b`c": "https://x.example/a%5Eb%60c",
    'https://x.example/"a"<b>': "https://x.example/%22a%22%3Cb%3E",
    "https://x.example/a b?c d#e f": "https://x.example/a%20b?c%20d#e%20f",
    "  https://x.example/a\t\n": "https://x.example/a",
    "https://x.example/a\\b?c\\d": "https://x.example/a/b?c%5Cd",
    "https:\\\\x.example\\a": "https://x.example/a",
    "//x.example/a": "https://x.example/a",
    "https:x.example/a": "https://x.example/a",
    "https://x.example/100%": "https://x.example/100%25",
    "https://x.example/%zz%2": "https://x.example/%25zz%252",
    "https://x.example/%E4%BD%A0|": "https://x.example/%E4%BD%A0%7C",
    "https://x.example/#a#b": "https://x.example/#a%23b",
    "https://x.example/你好?é#ü": "https://x.example/%E4%BD%A0%E5%A5%BD?%C3%A9#%C3%BC",
    "https://Bücher.example/": "https://xn--bcher-kva.example/",
    "https://☃.example/": "https://xn--n3h.example/",
    "https://例え。テスト/": "https://xn--r8jz45g.xn--zckzah/",
    "https://[::1]/[a]": "https://[::1]/%5Ba%5D",
    "https://a b@x.example/": "https://a%20b@x.example/",
    "mailto:a b@x.example": "mailto:a%20b@x.example",
    "magnet:?a#b#c": "magnet:?a#b%23c",
}

NONE = [
    "",
    " ",
    "/a",
    "a/b",
    "#a",
    "https://",
    "https://:80/",
    "https://u@/",
    "https://exa|mple.example/",
    "https://exa mple.example/",
    "https://[::1/",
    "https://[::1]x/",
    "https://x.example:x|/",
    "javascript:alert(1)",
    "JaVa\tScript:alert(1)",
    "data:text/html,x",
    "vbscript:x",
    "file:///etc/passwd",
    "blob:https://x.example/1",
    "about:blank",
    "tag:x.example,2024:1",
    "urn:x:1",
    "mailto:",
    f"https://x.example/{'|' * 3000}",
]


@pytest.mark.parametrize("address", SAME)
def test_a_uri_stays(address: str) -> None:
    assert as_uri(address) == address


@pytest.mark.parametrize("address", CHANGED)
def test_any_other_address_is_percent_encoded(address: str) -> None:
    assert as_uri(address) == CHANGED[address]


@pytest.mark.parametrize("address", NONE)
def test_what_is_no_address_to_follow_is_none(address: str) -> None:
    assert as_uri(address) == ""


@given(odd)
@example("https://1@")
@example("magnet:?##")
def test_every_result_is_a_valid_uri_and_stays(address: str) -> None:
    uri = as_uri(address)
    assert uri == "" or (uri.isascii() and is_link(uri))
    assert as_uri(uri) == uri
    assert uri in {"", address} or not (address.isascii() and is_link(address)), "a URI changed"


def test_a_scheme_that_is_not_asked_for_is_none() -> None:
    assert as_uri("mailto:a@x.example", WEB) == ""
    assert as_uri("ftp://x.example/a b") == "ftp://x.example/a%20b"


def test_an_id_that_is_an_iri_stays() -> None:
    assert as_uri_id("https://bücher.example/ü") == "https://bücher.example/ü"
    assert as_uri_id("https://x.example/a|b") == "https://x.example/a%7Cb"
    assert as_uri_id("a b") == "a b"


@pytest.mark.parametrize(
    "address", [one for one in (*SAME, *CHANGED) if one.lower().startswith(("http://", "https://"))]
)
def test_what_is_shown_is_what_is_asked_for(address: str) -> None:
    """A request leaves some characters as they are, like a browser; decoded, both are one address."""
    assert unquote(str(parse(as_uri(address)))) == unquote(str(parse(address)))


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("https://x.example/a|b", "https://x.example/a|b"),
        ("https://x.example/{a}[b]^`\\", "https://x.example/{a}[b]^`\\"),
        ("https://x.example/é%", "https://x.example/é%"),
        ("https://X.example/", "https://X.example/"),
        (" https://x.example/a\n", "https://x.example/a"),
        ("https://x.example/a b", "https://x.example/a%20b"),
        ('https://x.example/?q="a"&r=<b>', "https://x.example/?q=%22a%22&r=%3Cb%3E"),
    ],
)
def test_the_config_takes_what_an_address_bar_takes(written: str, kept: str) -> None:
    """An address that was accepted before stays as written, because the state knows sources by it."""
    source = SourceConfig(url=written)
    assert source.url == kept
    assert source.derived_id == SourceConfig(url=as_uri(written)).derived_id


@pytest.mark.parametrize("written", ["https://x y.example/", "https://exa|mple.example/", 'https://"/', "https:// /"])
def test_the_config_refuses_an_address_without_a_host(written: str) -> None:
    with pytest.raises(ValueError, match="absolute address"):
        SourceConfig(url=written)
