"""What somebody registered of a host."""

import pytest

from aggregator.text.registrable_domain import registrable_domain


@pytest.mark.parametrize(
    ("host", "domain"),
    [
        ("blog.example", "blog.example"),
        ("www.blog.example", "blog.example"),
        ("news.bbc.co.uk", "bbc.co.uk"),
        ("WWW.BBC.CO.UK.", "bbc.co.uk"),
        ("one.blogspot.com", "one.blogspot.com"),
        ("a.one.github.io", "one.github.io"),
        ("xn--e1afmkfd.xn--p1ai", "xn--e1afmkfd.xn--p1ai"),
        ("co.uk", "co.uk"),
        ("localhost", "localhost"),
        ("127.0.0.1", "127.0.0.1"),
        ("2001:db8::1", "2001:db8::1"),
        ("", ""),
    ],
)
def test_the_part_before_a_public_suffix_and_that(host: str, domain: str) -> None:
    assert registrable_domain(host) == domain


def test_a_registry_knows_no_hosts_of_customers() -> None:
    """`blogspot.com` is a public suffix only because its owner says so."""
    assert registrable_domain("one.blogspot.com", of_registry=True) == "blogspot.com"
    assert registrable_domain("a.one.github.io", of_registry=True) == "github.io"
    assert registrable_domain("news.bbc.co.uk", of_registry=True) == "bbc.co.uk"
    assert registrable_domain("192.0.2.7", of_registry=True) == "192.0.2.7"
