"""What is an address to fetch, how it is written, and what of it may be shown."""

import pytest

from aggregator.errors import FetchError
from aggregator.fetch import origin
from aggregator.fetch.url import parse, place, place_of, shown, user_info


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("http://Feeds.Example", "http://feeds.example/"),
        (" https://feeds.example:443/a#part ", "https://feeds.example/a"),
        ("https://feeds.example:8443/a", "https://feeds.example:8443/a"),
        ("http://bücher.example/föhn?q=ä", "http://xn--bcher-kva.example/f%C3%B6hn?q=%C3%A4"),
        ("http://BÜCHER.example/", "http://xn--bcher-kva.example/"),
        ("http://例え.テスト/", "http://xn--r8jz45g.xn--zckzah/"),
        ("http://☃.example/", "http://xn--n3h.example/"),
        ("http://feeds.example/%7Ea?z=%2f&s=a+b%3D", "http://feeds.example/%7Ea?z=%2f&s=a+b%3D"),
        ("http://feeds.example/a b", "http://feeds.example/a%20b"),
        ("http://user:pw@feeds.example/", "http://feeds.example/"),
        ("http://[2606:4700::1111]:8080/", "http://[2606:4700::1111]:8080/"),
        ("http://under_score.example/", "http://under_score.example/"),
        ("http://feeds.example:65535/", "http://feeds.example:65535/"),
        ("http://" + "a" * 63 + ".example./", "http://" + "a" * 63 + ".example./"),
        ("http://https/feed", "http://https/feed"),
    ],
)
def test_the_normal_form(written: str, normal: str) -> None:
    assert str(parse(written)) == normal
    assert str(parse(normal)) == normal


@pytest.mark.parametrize(
    "written",
    [
        "",
        "feeds.example",
        "//feeds.example/",
        "http:///path",
        "http://",
        "ftp://feeds.example/",
        "file:///etc/passwd",
        "gopher://feeds.example/",
        "javascript:alert(1)",
        "data:text/xml,<rss/>",
        "unix:///run/x",
        "http+unix://%2frun%2fx/",
        "http://feeds.example:0/",
        "http://feeds.example:65536/",
        "http://feeds.example:x/",
        "http://feeds example/",
        "http://[::1/",
        "http://a%2fb/",
        "http://a%00b/",
        "http://evil.example\\@feeds example/",
        "http://" + "a" * 70_000 + ".example/",
        "http://" + "é" * 300 + ".example/",
        "https://https://feeds.example/a",
        "http://https//feeds.example/a",
        "http://" + "a" * 64 + ".example/",
        "http://" + "ü" * 60 + ".example/",
        "http://feeds..example/",
    ],
)
def test_what_cannot_be_fetched_says_so(written: str) -> None:
    with pytest.raises(FetchError, match="is no address to fetch") as caught:
        parse(written)
    assert (caught.value.kind, caught.value.transient) == ("config", False)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("HTTPS://Feeds.Example:443/x?y", "https://feeds.example"),
        ("http://feeds.example:443/", "http://feeds.example:443"),
        ("http://user@feeds.example/", "http://feeds.example"),
        ("http://[2606:4700::1]:80/", "http://[2606:4700::1]"),
    ],
)
def test_an_origin_is_scheme_host_and_port(url: str, expected: str) -> None:
    assert origin(url) == expected


def test_a_host_for_limits_is_host_and_port() -> None:
    assert [place(parse(url)) for url in ("http://a.example/", "https://a.example/", "http://a.example:8080/")] == [
        "a.example:80",
        "a.example:443",
        "a.example:8080",
    ]


def test_user_information_is_decoded() -> None:
    assert user_info("http://me:p%40ss@feeds.example/") == ("me", "p@ss")
    assert user_info("http://feeds.example/") is None


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        ("https://me:secret@feeds.example/a", "https://feeds.example/a"),
        ("https://feeds.example/?api_key=abc&page=2", "https://feeds.example/?api_key=…&page=2"),
        ("https://feeds.example/?page=2;token=abc", "https://feeds.example/?page=2;token=…"),
        ("https://feeds.example/@me", "https://feeds.example/@me"),
    ],
)
def test_secrets_are_not_shown(url: str, safe: str) -> None:
    assert shown(url) == safe


@pytest.mark.parametrize(
    "url",
    [
        "http://EXAMPLE.org/",
        "https://exa%6Dple.org:8443/x?y",
        "http://[2001:DB8::1]/",
        "http://[2001:db8::1]:81/",
        "http://127.0.0.1:8080/a",
        "http://%31%32%37.0.0.1/",
        "https://bücher.example/",
        "http://☃.net",
        "http://name:word@a.example:99/",
        "http://a.b./",
        "HTTP://A.example:/",
        "http://ａ.example/",
    ],
)
def test_a_place_is_found_without_the_rest_of_the_address(url: str) -> None:
    assert place_of(url) == place(parse(url))


@pytest.mark.parametrize("url", ["ftp://a.example/", "http:///x", "http://a:0/", "http://a:99999/", "http://a b/", "x"])
def test_an_address_without_a_host_to_ask_has_no_place(url: str) -> None:
    with pytest.raises(FetchError, match="right would be"):
        place_of(url)
