"""The public id of an entry."""

import re
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.text.entry_ids import as_public_id, is_public_id, minted, tag_prefix

PREFIX = tag_prefix("https://planet.example/", date(2026, 11, 23))
ANYTHING = st.text(st.characters(exclude_categories=[]))


@pytest.mark.parametrize(
    "text",
    [
        "https://a.example/post",
        "http://a.example/?p=1#more",
        "HTTPS://A.EXAMPLE",
        "http://127.0.0.1:8000/x",
        "http://[2001:db8::1]/x",
        "http://user@a.example/x",
        "https://a.example/%E4%BD%A0",
        "https://例え.example/你好?q=é",
        "tag:blogger.com,1999:blog-1.post-2",
        "tag:me@a.example,2020-01-01:",
        "tag:a.example,2020-01:x/y?z#w",
        "urn:uuid:60a76c80-d399-11d9-b93c-0003939e0af6",
        "URN:ISBN:0451450523",
        "yt:video:dQw4w9WgXcQ",
        "doi:10.1000/182",
        "at://did:plc:x/app.bsky.feed.post/1",
        "mailto:list@a.example",
        "post:123",
    ],
)
def test_public_ids(text: str) -> None:
    assert is_public_id(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "123",
        "abc",
        "/post/1",
        "//a.example/post",
        "a.example/post",
        "?p=1",
        "12:30",
        "https:",
        "https://",
        "http:post",
        "https:///post",
        "https://a.example/a b",
        " https://a.example/",
        "https://a.example/\n",
        "https://a.example/%zz",
        "https://a.example/100%",
        "https://a.example/{id}",
        "https://a.example/a|b",
        "https://a.example/a[1]",
        "https://a.example/#a#b",
        "https://[::1",
        "https://[::1]x/",
        'https://a.example/"',
        "https://a.example/\\x",
        "https://a.example\\@b.example/",
        'https://a"b@b.example/',
        "https://a.example/\u202egnp",
        "https://a.example/\u00a0",
        "https://a.example/\ue000",
        "https://a.example/\ufffd",
        "https://a.example/\x7f",
        "C:\\posts\\1",
        "tag:",
        "tag:a.example:x",
        "tag:a.example,20:x",
        "tag:,2020:x",
        "urn:",
        "urn:x",
        "urn::x",
        "urn:uuid:",
        "javascript:alert(1)",
        "JavaScript:alert(1)",
        "data:text/plain,x",
        "file:///etc/passwd",
        "about:blank",
        "x:",
        "x://",
        "https://a.example/" + "x" * 1000,
    ],
)
def test_ids_that_are_not_public(text: str) -> None:
    assert not is_public_id(text)


@settings(deadline=None)
@given(ANYTHING)
def test_any_text_is_accepted(text: str) -> None:
    for one in (text, f"https://{text}", f"tag:{text}", f"x:{text}"):
        if is_public_id(one):
            assert one.encode().decode() == one
            assert one.split() == [one]


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://planet.example/", "planet.example"),
        ("https://Planet.Example:8443/feeds/", "planet.example"),
        ("https://bücher.example/", "xn--bcher-kva.example"),
        ("http://127.0.0.1/", "127.0.0.1"),
        ("https://a_b.example/", "a-b.example"),
        ("http://[::1]/", "localhost"),
    ],
)
def test_the_prefix_of_minted_ids_is_a_tag_uri(url: str, host: str) -> None:
    assert tag_prefix(url, date(2026, 1, 2)) == f"tag:{host},2026-01-02:"
    assert is_public_id(minted(tag_prefix(url, date(2026, 1, 2)), "s", iter(["x"]), ()))


def test_minted_ids_never_change() -> None:
    """Literal values: a change would give every entry a second id after a lost state."""
    expected = "tag:planet.example,2026-11-23:blog/3al3qd42lpx3sfr6"
    assert minted(PREFIX, "blog", iter(["https://a.example/1"]), ()) == expected


def test_the_next_evidence_is_used_if_the_best_id_is_taken() -> None:
    first, second = minted(PREFIX, "s", iter(["a"]), ()), minted(PREFIX, "s", iter(["b"]), ())
    assert minted(PREFIX, "s", iter(["a", "b"]), {first}) == second
    third = minted(PREFIX, "s", iter(["a", "b"]), {first, second})
    assert third not in {first, second}
    assert minted(PREFIX, "s", iter(["a", "b"]), {first, second, third}) not in {first, second, third}


@settings(deadline=None)
@given(st.lists(st.lists(ANYTHING, max_size=2), max_size=20))
def test_minted_ids_are_different_and_valid(evidence: list[list[str]]) -> None:
    taken: list[str] = []
    for one in evidence:
        taken.append(minted(PREFIX, "s", iter(one), taken))
    assert len(set(taken)) == len(evidence)
    assert all(re.fullmatch(re.escape(PREFIX) + "s/[a-z2-7]{16}", one) for one in taken)


def test_many_minted_ids_do_not_collide() -> None:
    assert len({minted(PREFIX, "s", iter([str(n)]), ()) for n in range(20_000)}) == 20_000


@pytest.mark.parametrize(
    ("upstream", "expected"),
    [
        ("https://a.example/%E4%BD%A0?q=1#x", "https://a.example/%E4%BD%A0?q=1#x"),
        ("https://a.example/你/world’s", "https://a.example/%E4%BD%A0/world%E2%80%99s"),
        ("URN:UUID:60a76c80-d399-11d9-b93c-0003939e0af6", "URN:UUID:60a76c80-d399-11d9-b93c-0003939e0af6"),
        ("urn:uuid:cdef5c6d5-gff8-4ebb-assa-80dwe44efkjo", ""),
        ("urn:uuid:00000000-cfb8-4ebb-aaaa-00000000000", ""),
        ("abc", ""),
    ],
)
def test_an_upstream_id_becomes_a_uri(upstream: str, expected: str) -> None:
    """An IRI is mapped (RFC 3987 3.1); the name in urn:uuid must be a UUID (RFC 9562)."""
    assert as_public_id(upstream) == expected


@given(ANYTHING)
def test_the_result_is_a_public_id_again(text: str) -> None:
    once = as_public_id(text)
    assert once == "" or (is_public_id(once) and once.isascii() and as_public_id(once) == once)
