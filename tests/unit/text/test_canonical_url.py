"""The comparable form of a link."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.text.canonical_url import canonical_link


@pytest.mark.parametrize(
    ("href", "expected"),
    [
        ("https://www.Example.com/a", "www.example.com/a"),
        ("http://example.com:80/a/", "example.com/a"),
        ("https://example.com:443/a", "example.com/a"),
        ("https://example.com:8443/a", "example.com:8443/a"),
        ("https://u:p@example.com/a", "example.com/a"),
        ("https://example.com/a#section", "example.com/a"),
        ("https://example.com/#!/post/1", "example.com/#!/post/1"),
        ("https://example.com/app#/post/1", "example.com/app#/post/1"),
        ("https://example.com/a?b=2&a=1&b=1", "example.com/a?a=1&b=2&b=1"),
        ("https://example.com/a?", "example.com/a"),
        ("https://example.com?p=1", "example.com/?p=1"),
        ("https://example.com/?p=1", "example.com/?p=1"),
        ("https://example.com/%7euser/%e4%bd%a0", "example.com/~user/%E4%BD%A0"),
        ("https://example.com/你", "example.com/%E4%BD%A0"),
        ("https://bücher.example/x", "xn--bcher-kva.example/x"),
        ("https://example.com/a/../b/./c", "example.com/b/c"),
        ("https://example.com/a/%2e%2e/b", "example.com/b"),
        ("https://example.com/a?utm_source=x&UTM_Medium=y&fbclid=1&gclid=2&id=3", "example.com/a?id=3"),
        ("https://example.com/a?utm%5Fsource=x", "example.com/a"),
        ("https://example.com/a?mc_cid=1&_hsenc=2&mkt_tok=3&yclid=4&ref_src=5", "example.com/a"),
        ("https://example.com/a?ref=home", "example.com/a?ref=home"),
        ("//example.com/a", "example.com/a"),
    ],
)
def test_canonical_form(href: str, expected: str) -> None:
    assert canonical_link(href) == expected


@pytest.mark.parametrize(
    "href",
    [
        "",
        "/",
        "/relative/path",
        "https://example.com",
        "https://example.com/",
        "https://example.com/#top",
        "https://example.com/#/",
        "https://example.com/?utm_source=x",
        "https://example.com//",
        "mailto:a@b.example",
        "tag:example.com,2020:1",
        "urn:uuid:1",
        "javascript:alert(1)",
        "ftp://example.com/a",
        "data:text/html,x",
        "https://",
        "https://[/a",
    ],
)
def test_a_link_that_proves_nothing_is_empty(href: str) -> None:
    assert canonical_link(href) == ""


def test_tracking_parameters_of_the_config_are_removed_too() -> None:
    href = "https://example.com/a?ref=x&sid=1&sid2=2"
    assert canonical_link(href, tracking=("ref", "SID*")) == "example.com/a"
    assert canonical_link(href) == "example.com/a?ref=x&sid=1&sid2=2"


ANY_TEXT = st.text(st.characters(codec=None), max_size=200)
ODD_LINKS = st.text("htp:/\\.%25[]@?#&=!a1ü \nutm_", max_size=60).map("http://h".__add__)


@given(ANY_TEXT | ODD_LINKS)
def test_it_takes_any_text_and_is_idempotent(href: str) -> None:
    once = canonical_link(href)
    assert once.isascii()
    assert canonical_link(once) == once


@given(st.lists(st.sampled_from(["a=1", "b=2", "utm_source=3", "c", "d=4"]), unique=True))
def test_the_order_of_parameters_does_not_matter(parts: list[str]) -> None:
    assert canonical_link("https://e.example/x?" + "&".join(parts)) == canonical_link(
        "http://e.example/x/?" + "&".join(reversed(parts))
    )
