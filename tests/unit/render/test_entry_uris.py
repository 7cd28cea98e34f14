"""The addresses of an entry, as formats write them."""

from dataclasses import replace

import pytest

from aggregator.model.document import Link, Person
from aggregator.model.entry import Entry
from aggregator.render.attribution import public_url
from aggregator.render.entry_uris import feed_with_uris, site_with_uris, with_uris
from tests.support.samples import BARE, FEED, FULL, SITE, SOURCE


def sourced(url: str) -> Entry:
    return replace(FULL, attribution=replace(SOURCE, url=url, id=url))


def test_an_entry_whose_addresses_are_uris_is_the_same_object() -> None:
    assert with_uris(FULL) == (FULL, [])
    assert with_uris(FULL)[0] is FULL
    assert with_uris(BARE)[0] is BARE


@pytest.mark.parametrize(
    ("configured", "published"),
    [
        ("https://x.example/feed", "https://x.example/feed"),
        ("https://X.Example:443/Feed", "https://X.Example:443/Feed"),
        ("https://x.example./feed", "https://x.example./feed"),
        ("https://x.example:8443/%7Ea?b=%2f", "https://x.example:8443/%7Ea?b=%2f"),
        ("https://user:pass@x.example/feed", "https://x.example/feed"),
        ("https://user@[::1]:80/a|b", "https://[::1]:80/a%7Cb"),
        ("https://a@b:c@x.example/feed", "https://x.example/feed"),
        ("https://bücher.example/ü?é", "https://xn--bcher-kva.example/%C3%BC?%C3%A9"),
        ("https://x.example/{a}[b]", "https://x.example/%7Ba%7D%5Bb%5D"),
        ("feeds/local.xml", ""),
        ("file:///feeds/local.xml", ""),
        ("magnet:?a", ""),
        ("", ""),
    ],
)
def test_the_address_of_a_source_is_a_uri_without_credentials(configured: str, published: str) -> None:
    entry, left_out = with_uris(sourced(configured))
    assert entry.attribution is not None
    assert public_url(entry.attribution) == published
    assert left_out == []


def test_an_id_of_a_source_that_is_an_iri_stays() -> None:
    for url, id_ in (
        ("https://bücher.example/ü", "https://bücher.example/ü"),
        ("https://x.example/a|b", "https://x.example/a%7Cb"),
    ):
        attribution = with_uris(sourced(url))[0].attribution
        assert attribution is not None
        assert attribution.id == id_


def test_a_link_keeps_the_login_that_its_publisher_wrote() -> None:
    entry = replace(FULL, link="https://guest:guest@x.example/a b")
    assert with_uris(entry)[0].link == "https://guest:guest@x.example/a%20b"


def test_what_is_no_address_is_left_out_alone_and_named() -> None:
    links = (Link("https://x.example/|", "via"), Link("javascript:alert(1)", "via"), Link("", "via"))
    people = (Person("Ann", "data:,x"), Person("Bo", "https://x.example/é"))
    clean = replace(FULL.clean, links=links, authors=people, image="https://u:pw@exa|mple.example/")
    entry, left_out = with_uris(replace(FULL, clean=clean))
    assert [link.href for link in entry.clean.links] == ["https://x.example/%7C", ""]
    assert entry.clean.authors == (Person("Ann"), Person("Bo", "https://x.example/%C3%A9"))
    assert entry.clean.image == ""
    why = "because it is no address that a feed may show"
    assert left_out == [
        f"its link is left out, {why}: javascript:alert(1)",
        f"its person's page is left out, {why}: data:,x",
        f"its picture is left out, {why}: https://exa|mple.example/",
    ]


def test_a_feed_and_its_site_show_uris() -> None:
    assert feed_with_uris(replace(FEED, icon="https://x.example/a b")).icon == "https://x.example/a%20b"
    assert feed_with_uris(replace(FEED, icon="a b")).icon == ""
    site = site_with_uris(replace(SITE, logo="https://x.example/{l}", author=Person("Ann", "https://é.example/")))
    assert (site.logo, site.author.uri) == ("https://x.example/%7Bl%7D", "https://xn--9ca.example/")
    assert site_with_uris(SITE) == SITE
