"""The comparable form of a link."""

import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.parse.autodiscovery import same
from aggregator.text.canonical_url import canonical_link, may_mint_otherwise, minting_link
from aggregator.text.globs import glob_parts, matches
from aggregator.text.tracking_parameters import FOR_IDS, TRACKING


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
        ("https://example.com/a;jsessionid=0A1B.node2?id=3", "example.com/a?id=3"),
        ("https://example.com/a/;JSESSIONID=0A1B", "example.com/a"),
        ("https://example.com/a;v=2", "example.com/a;v=2"),
        ("https://example.com/a.php?id=3&PHPSESSID=0a1b&sid=4", "example.com/a.php?id=3&sid=4"),
        ("https://example.com/a.cfm?CFID=1&CFTOKEN=2&id=3", "example.com/a.cfm?id=3"),
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


@given(st.text(st.characters(exclude_characters="/?#\\"), max_size=20))
def test_what_names_a_host_at_most_proves_nothing(text: str) -> None:
    """Without a path, a query or a fragment in it, which make the difference where a text is a link."""
    assert canonical_link(text) == minting_link(text) == ""
    assert canonical_link(text + "//") == canonical_link("https://" + text) == ""


@given(
    st.sampled_from(["x", "", "xa", "aXb", "ab", "x*", "cab"]),
    st.lists(st.sampled_from("x a* a*b *a * **".split()), max_size=3),
)
def test_a_name_of_the_config_matches_as_a_glob(name: str, listed: list[str]) -> None:
    is_listed = any(matches(glob_parts(one), name.lower()) for one in listed)
    assert canonical_link(f"https://a.example/b?{name}=1", tracking=tuple(listed)) == (
        "a.example/b" if is_listed else f"a.example/b?{name}=1"
    )


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


EQUAL = [
    ("https://x.example/a", "http://x.example/a", "//x.example/a", "x.example/a"),
    ("https://x.example/a", "https://X.Example/a", "HTTPS://X.EXAMPLE/a"),
    ("https://x.example/a", "https://x.example:443/a", "http://x.example:80/a", "https://x.example:0443/a"),
    ("https://x.example/a", "https://x.example:/a", "http://x.example:443/a"),
    ("https://x.example/a", "https://x.example./a", "https://x.example.:443/a"),
    ("https://x.example:8080/a", "https://x.example.:8080/a", "https://X.example:8080/a/"),
    ("https://x.example/a", "https://u@x.example/a", "https://u:p@x.example/a", "https://u:p@x.example.:80/a"),
    ("https://bücher.example/a", "https://xn--bcher-kva.example/a", "https://BÜCHER.example/a"),
    ("https://bücher.example/a", "https://XN--BCHER-KVA.example./a", "https://b%C3%BCcher.example/a"),
    ("https://例え.テスト/a", "https://例え。テスト/a", "https://xn--r8jz45g.xn--zckzah/a"),
    ("https://☃.example/a", "https://xn--n3h.example/a"),
    ("https://x.example/a|b", "https://x.example/a%7Cb", "https://x.example/a%7cb"),
    ("https://x.example/[a]", "https://x.example/%5Ba%5d"),
    ("https://x.example/é", "https://x.example/%C3%A9", "https://x.example/%c3%a9"),
    ("https://x.example/a b", "https://x.example/a%20b", "  https://x.example/a b\n"),
    ("https://x.example/100%", "https://x.example/100%25"),
    ("https://x.example/a\\b", "https://x.example/a/b", "https:\\\\x.example\\a\\b"),
    ("https://x.example/a", "https://x.example/a#top", "https://x.example/a#L10", "https://x.example/a#!"),
    ("https://x.example/#!/a", "https://x.example/#!/a/", "http://x.example./#!/a"),
    ("https://x.example/app#/post/1", "https://x.example/app/#/post/1", "https://x.example/app#/post/1/"),
    ("https://[::1]/a", "http://[::1]:80/a", "https://[::1]:443/a#b"),
]
DIFFERENT = [
    ("https://x.example/a", "https://x.example/A"),
    ("https://x.example/a", "https://www.x.example/a"),
    ("https://x.example/a", "https://x.example:8080/a"),
    ("https://x.example/a", "https://x.example:4430/a"),
    ("https://x.example/a", "https://a@b.example/a"),
    ("https://faß.example/a", "https://fass.example/a"),
    ("https://bücher.example/a", "https://bucher.example/a"),
    ("https://x.example/#/post/1", "https://x.example/#/post/2"),
    ("https://x.example/#!post1", "https://x.example/#!post2"),
    ("https://x.example/#!/a", "https://x.example/#/a"),
    ("https://x.example/a#/b", "https://x.example/a"),
    ("https://x.example/a+b", "https://x.example/a b"),
    ("https://x.example/a%2Fb", "https://x.example/a/b"),
    ("https://x.example/a%3Fb", "https://x.example/a?b"),
    ("https://x.example/a%23b", "https://x.example/a#/b"),
    ("https://x.example/e\u0301", "https://x.example/é"),
    ("https://[::1]/a", "https://[::2]/a"),
    ("https://x.example../a", "https://x.example/a"),
]


@pytest.mark.parametrize("hrefs", EQUAL)
def test_links_to_one_page_are_equal(hrefs: tuple[str, ...]) -> None:
    assert len({canonical_link(href) for href in hrefs} - {""}) == 1
    assert "" not in map(canonical_link, hrefs)


@pytest.mark.parametrize("hrefs", DIFFERENT)
def test_links_to_two_pages_differ(hrefs: tuple[str, str]) -> None:
    first, second = map(canonical_link, hrefs)
    assert first != second


@pytest.mark.parametrize("hrefs", [*EQUAL, ("https://x.example/", "https://x.example/#a", "http://x.example:80#!/b")])
def test_a_feed_has_one_key_however_its_address_is_written(hrefs: tuple[str, ...]) -> None:
    assert len(set(map(same, hrefs))) == 1


@pytest.mark.parametrize("hrefs", [one for one in DIFFERENT if not any("#" in href for href in one)])
def test_two_feeds_have_two_keys(hrefs: tuple[str, str]) -> None:
    assert same(hrefs[0]) != same(hrefs[1])


@pytest.mark.parametrize(
    ("href", "expected"),
    [
        ("https://example.com/a?ref=ghost.example.com", "example.com/a"),
        ("https://example.com/a?ref=Blog.example.IO&b=1", "example.com/a?b=1"),
        ("https://example.com/a?hmb_campaign=x&hmb_source=y&itm_medium=z", "example.com/a"),
        ("https://example.com/a?campaign_name=x&campaign_medium=y", "example.com/a"),
        ("https://example.com/a?_bhlid=1&mc_tc=2&sfmc_sub=3&_kx=4", "example.com/a"),
        ("https://example.com/a?at_link_id=1&at_bbc_team=2&WT.mc_id=3", "example.com/a"),
        ("https://example.com/a?hsa_acc=1&hsa_cam=2&irgwc=1", "example.com/a"),
        ("https://example.com/2026/a-long-title/amp/", "example.com/2026/a-long-title"),
        ("https://example.com/post-12/amp", "example.com/post-12"),
        ("https://example.com/a?amp=1&id=2", "example.com/a?id=2"),
        ("https://example.com/a?amp", "example.com/a"),
        ("https://example.com/a?outputType=amp", "example.com/a"),
    ],
)
def test_the_same_page_for_another_reader_is_one_page(href: str, expected: str) -> None:
    assert canonical_link(href) == expected


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://example.com/a?smid=1", "https://example.com/a?smid=2"),
        ("https://example.com/a?ncid=1", "https://example.com/a?ncid=2"),
        ("https://example.com/a?CMP=1", "https://example.com/a?CMP=2"),
        ("https://example.com/give?campaign_id=1", "https://example.com/give?campaign_id=2"),
        ("https://example.com/a?ref=home", "https://example.com/a?ref=away"),
        ("https://example.com/file?ref=v1.2", "https://example.com/file?ref=v1.3"),
        ("https://example.com/file?ref=release.next", "https://example.com/file"),
        ("https://example.com/?ref=a.example.com", "https://example.com/?ref=b.example.com"),
        ("https://example.com/guitars/amp", "https://example.com/guitars"),
        ("https://example.com/bass-guitars/amp", "https://example.com/bass-guitars"),
        ("https://example.com/amp", "https://example.com/"),
        ("https://example.com/a?amp=fender", "https://example.com/a"),
        ("https://example.com/a?src=1", "https://example.com/a?src=2"),
        ("https://example.com/a?itm=1", "https://example.com/a?itm=2"),
        ("https://example.com/a?id=1", "https://example.com/a?id=2"),
    ],
)
def test_two_pages_are_never_one(one: str, other: str) -> None:
    assert canonical_link(one) != canonical_link(other)


@pytest.mark.parametrize(
    ("href", "form"),
    [
        ("https://example.com/a?ref=blog.example.com", "example.com/a?ref=blog.example.com"),
        ("https://example.com/a-b-c/amp/", "example.com/a-b-c/amp"),
        ("https://example.com/a?hmb_source=x&utm_source=y", "example.com/a?hmb_source=x"),
        ("https://example.com/a?amp=1&z=2&b=3", "example.com/a?amp=1&b=3&z=2"),
        ("https://www.example.com:443/a/?id=3&fbclid=1#x", "www.example.com/a?id=3"),
        ("https://example.com/?ref=blog.example.com", "example.com/?ref=blog.example.com"),
        ("https://example.com.:443/a", "example.com./a"),
        ("https://example.com/?utm_source=x", ""),
    ],
)
def test_ids_are_minted_from_the_form_of_the_first_version(href: str, form: str) -> None:
    assert minting_link(href) == form
    assert minting_link(form) == form


PIECES = ["https://", "//", "a.example", ".", "/", "amp", "AMP", "a-b-c", "1", "?", "ref=x.com", "#", "!", ":", "80",
    "@", "%61", "\\", "。", " ", "\t", "&", "=", "utm_source"]  # fmt: skip


@settings(max_examples=300)
@given(st.lists(st.sampled_from(PIECES), max_size=9).map("".join))
def test_what_cannot_mint_otherwise_does_not(href: str) -> None:
    for address in (href, f"https://blog.example{href}", f"https://blog.example/{href}"):
        assert may_mint_otherwise(address) or minting_link(address) == canonical_link(address)


def test_the_list_for_ids_never_changes() -> None:
    """Another list would mint other ids for entries that readers know."""
    assert hashlib.sha256("\n".join(FOR_IDS).encode()).hexdigest()[:16] == "c3be566cb0962112"
    assert minting_link("https://example.com/a?ref=x&b=1", tracking=("ref",)) == "example.com/a?b=1"


def test_no_listed_name_has_a_capital() -> None:
    assert [name for name in TRACKING if name != name.lower()] == []
