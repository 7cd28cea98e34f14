"""A page for each source: its entries, its feed, and how it is, in words; and what sources are called."""

import re
from datetime import timedelta

import pytest
from lxml import etree, html

from tests.support.planet import NOON, Planet, Upstream, rss

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ENTRY = {"title": "One", "link": "https://blog.example/1", "guid": "1", "description": "Words."}


def subscribe(planet: Planet, upstream: Upstream, title: str = "The blog & I") -> str:
    url = upstream.serve("/feed", rss(ENTRY, title=title))
    planet.config |= {"sources": [{"url": url, "id": "blog"}], "feeds": {"per_source": True}}
    return url


def page(planet: Planet, path: str = "source/blog/index.html") -> html.HtmlElement:
    return html.document_fromstring((planet.root / "feeds" / path).read_text())


def words(planet: Planet) -> str:
    return " ".join(page(planet).find("body/header").text_content().split())


def test_a_source_has_its_name_everywhere_and_its_id_nowhere(planet: Planet, upstream: Upstream) -> None:
    subscribe(planet, upstream)
    planet.run()
    assert planet.index()["source/blog"]["title"] == "The blog & I"
    assert planet.atom("source/blog").feed.title == "The blog & I · Planet"
    assert page(planet).findtext("body/header/h1") == "The blog & I"
    names = [link.text_content() for link in page(planet, "index.html").findall(".//aside//*[@class='name']")]
    assert "The blog & I" in names
    for file in ("opml.xml", "sources.opml"):
        outlines = etree.parse(planet.root / "feeds" / file).iter("outline")
        assert "The blog & I" in {one.get("text") for one in outlines}


def test_the_front_page_leads_to_the_page_of_a_source(planet: Planet, upstream: Upstream) -> None:
    url = subscribe(planet, upstream)
    planet.run()
    links = [(link.text_content(), link.get("href")) for link in page(planet, "index.html").findall(".//aside//li//a")]
    assert ("The blog & I", "source/blog/index.html") in links
    assert ("site", "https://blog.example/") in links
    assert ("feed", url) in links
    assert page(planet, "index.html").find(".//article//a[@class='source']").get("href") == "source/blog/index.html"
    assert [link.get("href") for link in page(planet).findall("body/header/p/a")] == [
        "https://blog.example/",
        url,
        "../../health/index.html",
    ]


@pytest.mark.torture
def test_its_health_is_told_when_it_changes_and_only_then(planet: Planet, upstream: Upstream) -> None:
    subscribe(planet, upstream)
    planet.run()
    assert "well Its site Its own feed" in words(planet)
    good = upstream.pages["/feed"]
    upstream.serve("/feed", "", status=500)
    well = planet.tree()["source/blog/index.html"]
    for hour in (1, 2):
        planet.run(NOON + hour * HOUR, force=True)
        assert planet.tree()["source/blog/index.html"] == well
    planet.run(NOON + 3 * HOUR, force=True)
    assert "broken since 23 November 2026" in words(planet)
    assert "Its server has an internal error." in words(planet)
    broken = planet.tree()
    planet.run(NOON + 4 * HOUR, force=True)
    planet.regenerate(NOON + 5 * HOUR)
    assert planet.tree() == broken
    upstream.pages["/feed"] = good
    planet.run(NOON + 6 * HOUR, force=True)
    assert "well Its site" in words(planet)


def test_a_new_name_of_the_feed_becomes_the_name_of_its_page(planet: Planet, upstream: Upstream) -> None:
    subscribe(planet, upstream)
    planet.run()
    subscribe(planet, upstream, title="Renamed")
    planet.run(NOON + HOUR, force=True)
    assert page(planet).findtext("body/header/h1") == "Renamed"
    assert planet.index()["source/blog"]["title"] == "Renamed"


@pytest.mark.torture
def test_a_folder_without_a_title_has_that_of_the_site(planet: Planet) -> None:
    planet.post("a.md", "---\ntitle: A\ndate: 2026-11-01\n---\nwords\n")
    planet.config["feeds"] = {"per_source": True}
    planet.run()
    assert planet.index()["source/posts"]["title"] == "Planet"
    assert planet.atom("source/posts").feed.title == "Planet"


def test_a_feed_without_a_title_is_called_by_its_site_or_its_address(planet: Planet, upstream: Upstream) -> None:
    other = ENTRY | {"link": "https://other.example/2", "guid": "2", "title": "Two", "description": "Other ones."}
    secret = upstream.url("/never?key=s3cret")
    planet.config |= {"feeds": {"per_source": True}, "sources": [
        {"url": upstream.serve("/feed", rss(ENTRY, title="", link="https://www.blog.example/~me/")), "id": "id-site"},
        {"url": upstream.serve("/2", rss(other, title="", link="")), "id": "id-address"},
        {"url": upstream.url("/never.xml"), "id": "id-never"},
        {"url": secret, "id": "id-secret"},
    ]}  # fmt: skip
    planet.run()
    host = upstream.url("").removeprefix("http://")
    names = {id_.removeprefix("source/"): row["title"] for id_, row in planet.index().items()}
    del names["all"]
    assert names == {
        "id-site": "blog.example/~me",
        "id-address": f"{host}/2",
        "id-never": f"{host}/never.xml",
        "id-secret": "id-secret",  # nothing of its address may be shown
    }
    assert {entry.author for entry in planet.atom().entries} == {"blog.example/~me", f"{host}/2"}
    for file in ("index.html", "health/index.html", "source/id-site/index.html", "opml.xml", "sources.opml"):
        text = (planet.root / "feeds" / file).read_text()
        assert not re.search(r'>[^<]*id-(site|address|never)\b[^<>/]*<|(title|text)="id-(site|address|never)', text)


def test_a_damaged_record_of_pages_is_made_again(planet: Planet, upstream: Upstream) -> None:
    subscribe(planet, upstream)
    planet.run()
    before = planet.tree()
    for text in ("{", "[]", '{"blog": 1}'):
        with planet.app() as app, app.store.write() as tx:
            tx.facts.set("source pages", text)
        planet.run(NOON + HOUR)
        assert planet.tree() == before
