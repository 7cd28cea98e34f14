"""Entries of publishers who ask not to be republished stay out, unless the config overrules it."""

from typing import Any

import pytest

from aggregator.clean.opt_out import blocks, header_says
from aggregator.parse import parse
from tests.commands.test_cli import aggregator, report
from tests.support.planet import NOON, Planet, Upstream
from tests.support.simulation import HOUR

SPACES = (
    'xmlns:x="http://www.w3.org/1999/xhtml" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"'
    ' xmlns:googleplay="http://www.google.com/schemas/play-podcasts/1.0"'
    ' xmlns:access="http://www.bloglines.com/about/specs/fac-1.0" xmlns:podcast="https://podcastindex.org/namespace/1.0"'
)
ASKS = {
    '<x:meta name="robots" content="noindex"/>': "xhtml:meta robots noindex",
    '<meta xmlns="http://www.w3.org/1999/xhtml" name="ROBOTS" content="NOINDEX, x"/>': "xhtml:meta robots noindex",
    '<x:meta name="aggregator" content="none"/>': "xhtml:meta robots noindex",
    "<itunes:block>yes</itunes:block>": "itunes:block",
    "<itunes:block> Yes </itunes:block>": "itunes:block",
    "<googleplay:block>yes</googleplay:block>": "googleplay:block",
    "<podcast:block>yes</podcast:block>": "podcast:block",
    '<access:restriction relationship="deny"/>': "access:restriction deny",
}
ASKS_NOTHING = [
    '<x:meta name="robots" content="index, follow"/>',
    '<x:meta name="googlebot" content="noindex"/>',
    '<x:meta name="description" content="noindex"/>',
    "<itunes:block>no</itunes:block>",
    "<itunes:block/>",
    '<podcast:block id="amazon">yes</podcast:block>',
    '<access:restriction relationship="allow"/>',
    '<description>&lt;meta name="robots" content="noindex"&gt;</description>',
]


def feed(head: str = "", entry: str = "", form: str = "rss", end: str = "") -> str:
    if form == "atom":
        one = f"<entry><id>urn:x:1</id><title>One</title><updated>2026-11-20T00:00:00Z</updated>{entry}</entry>"
        two = "<entry><id>urn:x:2</id><title>Two</title><updated>2026-11-19T00:00:00Z</updated></entry>"
        return f'<feed xmlns="http://www.w3.org/2005/Atom" {SPACES}><title>T</title>{head}{one}{two}{end}</feed>'
    one = f"<item><title>One</title><guid>https://b.example/1</guid>{entry}</item>"
    two = "<item><title>Two</title><guid>https://b.example/2</guid></item>"
    return f'<rss version="2.0" {SPACES}><channel><title>T</title>{head}{one}{two}{end}</channel></rss>'


@pytest.mark.parametrize("form", ["rss", "atom"])
@pytest.mark.parametrize("end", ["", "<p>&nbsp;&bogus</q>"], ids=["well-formed", "broken"])
@pytest.mark.parametrize("said", ASKS)
def test_what_asks(said: str, end: str, form: str) -> None:
    whole = parse(feed(said, form=form, end=end).encode(), url="https://b.example/feed")
    assert whole.opt_out == ASKS[said]
    assert [blocks(draft.extras) for draft in whole.drafts] == [False, False]
    one = parse(feed(entry=said, form=form, end=end).encode(), url="https://b.example/feed")
    assert (one.opt_out, [blocks(draft.extras) for draft in one.drafts]) == ("", [True, False])


@pytest.mark.parametrize("said", ASKS_NOTHING)
def test_what_asks_nothing(said: str) -> None:
    document = parse(feed(said, said).encode(), url="https://b.example/feed")
    assert (document.opt_out, [blocks(draft.extras) for draft in document.drafts]) == ("", [False, False])


HEADERS = {
    "": "",
    "noindex": "noindex",
    "NOINDEX, nofollow": "noindex",
    "none": "none",
    "all": "",
    "noarchive, nosnippet": "",
    "noindex, follow": "",  # Yoast SEO sends it with feeds, and means search engines
    "googlebot: noindex": "",
    "googlebot: noindex, nofollow, none": "",
    "aggregator: noindex": "aggregator: noindex",
    "googlebot: nofollow, aggregator: noindex, follow": "aggregator: noindex",
    "planetbot: none": "aggregator: none",
    "unavailable_after: 25 Jun 2010 15:00:00 PST, noindex": "noindex",
    "max-snippet: 20": "",
}


@pytest.mark.parametrize("value", HEADERS)
def test_the_header(value: str) -> None:
    assert header_says(value, "PlanetBot/2.0 (+https://p.example/)") == HEADERS[value]


# in a planet


def subscribe(planet: Planet, url: str, **more: Any) -> None:
    planet.config["sources"] = [{"url": url, "id": "b"} | more]


def problems(found: Any) -> list[tuple[str, str]]:
    return [(one.where, one.kind) for one in found.problems]


def test_a_source_that_opts_out_is_in_no_feed_unless_the_config_overrules_it(
    planet: Planet, upstream: Upstream
) -> None:
    url = upstream.serve("/b", feed("<itunes:block>yes</itunes:block>"))
    subscribe(planet, url)
    planet.config["feeds"] = {"per_source": True}
    first = planet.run()
    assert (problems(first), planet.titles(), first.entries.new) == ([("b", "opt-out")], [], 2)
    assert "source/b" not in planet.index()
    assert "xmlUrl" not in (planet.root / "feeds" / "sources.opml").read_text()
    assert problems(planet.run(NOON + HOUR, force=True)) == []

    status = report(aggregator(planet.root, "status", "--json"))["sources"][0]
    assert (status["published"], status["asks"]) == (False, "itunes:block")
    said = aggregator(planet.root, "status").stdout
    assert "b: the publisher asks not to be republished (itunes:block); `publish: true` overrides that" in said
    explained = report(aggregator(planet.root, "explain", "One", "--json"))
    assert "asks not to be republished (itunes:block; `publish: true` overrides that)" in explained["feeds"][0]["why"]

    subscribe(planet, url, publish=True)
    planet.run(NOON + 2 * HOUR)
    assert planet.titles() == ["One", "Two"]
    subscribe(planet, url)
    planet.run(NOON + 3 * HOUR)
    assert planet.titles() == []


@pytest.mark.torture
def test_who_asks_no_more_is_shown_and_who_begins_to_leaves(planet: Planet, upstream: Upstream) -> None:
    subscribe(planet, upstream.serve("/b", feed()))
    planet.run()
    ids = planet.ids()
    upstream.serve("/b", feed('<x:meta name="robots" content="noindex"/>'))
    planet.run(NOON + HOUR, force=True)
    assert planet.ids() == []
    upstream.serve("/b", feed())
    planet.run(NOON + 2 * HOUR, force=True)
    assert planet.ids() == ids


@pytest.mark.torture
def test_the_header_counts_with_the_same_body_and_lasts_over_a_304(planet: Planet, upstream: Upstream) -> None:
    url = upstream.serve("/b", feed())
    subscribe(planet, url)
    planet.run()
    etag = upstream.pages["/b"][1]["ETag"]
    upstream.serve("/b", feed(), headers={"ETag": "", "X-Robots-Tag": "noindex"})
    planet.run(NOON + HOUR, force=True)
    assert planet.titles() == []
    upstream.serve("/b", feed(), headers={"ETag": etag})
    planet.run(NOON + 2 * HOUR, force=True)
    assert planet.titles() == ["One", "Two"]
    upstream.serve("/b", feed() + " ", headers={"ETag": '"2"', "X-Robots-Tag": "aggregator: noindex"})
    planet.run(NOON + 3 * HOUR, force=True)
    assert planet.titles() == []
    upstream.serve("/b", feed() + " ", headers={"ETag": '"2"'})
    planet.run(NOON + 4 * HOUR, force=True)
    assert (upstream.asked[-1][1]["if-none-match"], planet.titles()) == ('"2"', [])


def test_an_entry_that_asks_costs_itself(planet: Planet, upstream: Upstream) -> None:
    url = upstream.serve("/b", feed(entry='<x:meta name="robots" content="noindex"/>'))
    subscribe(planet, url)
    assert problems(planet.run()) == []
    assert planet.titles() == ["Two"]
    explained = report(aggregator(planet.root, "explain", "One", "--json"))
    assert "its publisher asks not to republish this entry" in explained["feeds"][0]["why"]
    planet.regenerate(NOON + HOUR)
    assert planet.titles() == ["Two"]

    subscribe(planet, url, publish=True)
    planet.run(NOON + 2 * HOUR)
    assert planet.titles() == ["One", "Two"]
    assert b"<itunes:block>yes</itunes:block>" in (planet.root / "feeds" / "all" / "atom.xml").read_bytes()
    subscribe(planet, url)
    planet.run(NOON + 3 * HOUR)
    upstream.serve("/b", feed())
    planet.run(NOON + 4 * HOUR, force=True)
    assert planet.titles() == ["One", "Two"]
