"""How feeds name the other sources that published an entry."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import feedparser
import pytest
from lxml import etree
from sqlalchemy import event

from aggregator.merge.category_tree import CategoryTree
from aggregator.publish.entry_reader import EntryReader
from tests.support.planet import NOON, Planet, Upstream, rss

HOUR = timedelta(hours=1)
ATOM = "{http://www.w3.org/2005/Atom}"
FILES = ("atom.xml", "rss.xml", "feed.json", "index.html")
LINK = "https://blog.example/1"
STORY = {
    "title": "One story",
    "link": LINK,
    "guid": LINK,
    "pubDate": "Mon, 02 Nov 2026 08:00:00 GMT",
    "description": "What is told here is told by several sources, in the same words.",
}
POST = f"---\ntitle: One story\nlink: {LINK}\ndate: 2026-11-02\n---\n{STORY['description']}\n"

Source = Callable[..., dict[str, Any]]


@pytest.fixture
def source(upstream: Upstream) -> Source:
    def one(name: str, **changed: str) -> dict[str, Any]:
        """A source that shows the story, as the config has it; its title is its id in capitals."""
        url = upstream.serve(f"/{name}", rss(STORY | {"guid": f"urn:{name}"} | changed, title=name.upper()))
        return {"url": url, "id": name}

    return one


def run(planet: Planet, *sources: dict[str, Any], hours: int = 0, **duplicates: Any) -> None:
    planet.config |= {"sources": list(sources), "duplicates": duplicates}
    planet.run(NOON + hours * HOUR, force=True)


def text(planet: Planet, file: str) -> str:
    return (planet.root / "feeds" / "all" / file).read_text(encoding="utf-8")


def only(planet: Planet, file: str) -> Any:
    if file == "feed.json":
        (item,) = json.loads(text(planet, file))["items"]
    else:
        (item,) = feedparser.parse(text(planet, file).encode()).entries
    return item


def related(planet: Planet, file: str = "atom.xml") -> list[tuple[str | None, str | None]]:
    links = etree.fromstring(text(planet, file).encode()).iter(f"{ATOM}link")
    return [(link.get("href"), link.get("title")) for link in links if link.get("rel") == "related"]


def also(planet: Planet) -> list[dict[str, str]]:
    found: list[dict[str, str]] = only(planet, "feed.json")["_aggregator"].get("also_published_by", [])
    return found


def names(planet: Planet) -> list[str]:
    return [one["title"] for one in also(planet)]


def footers(planet: Planet) -> list[bool]:
    return ["Also published by" in text(planet, file) for file in FILES]


def test_every_format_names_the_other_source_and_the_winner_stays_the_source(planet: Planet, source: Source) -> None:
    run(planet, source("a"), source("b"))
    entry = only(planet, "atom.xml")
    assert (entry.source.title, entry.link) == ("A", LINK)
    assert [link.rel for link in entry.links] == ["alternate", "related"]
    assert related(planet) == related(planet, "rss.xml") == [(LINK, "B")]
    assert also(planet) == [{"title": "B", "url": LINK, "source": "b"}]
    assert only(planet, "feed.json")["_aggregator"]["source"]["feed"] == "a"


def test_a_line_at_the_end_of_the_text_names_it_for_people(planet: Planet, source: Source) -> None:
    run(planet, source("a"), source("b"))
    line = f'<p><small>Also published by <a href="{LINK}">B</a></small></p>'
    assert only(planet, "atom.xml").summary.endswith(line)
    assert only(planet, "rss.xml").summary.endswith(line)
    assert only(planet, "feed.json")["content_html"].endswith(line)
    assert text(planet, "index.html").count(line) == 1


@pytest.mark.torture
def test_the_same_words_at_another_address_are_linked_there(planet: Planet, source: Source) -> None:
    copy = "https://two.example/copy"
    run(planet, source("a", guid=LINK), source("b", guid=LINK, link=copy), source("c"))
    assert related(planet) == [(copy, "B"), (LINK, "C")]
    assert only(planet, "atom.xml").link == LINK


@pytest.mark.variants(quick=1)
@pytest.mark.parametrize("link", ["http://blog.example/1", LINK + "?utm_source=b", LINK + "/"])
def test_one_page_has_one_address_however_it_is_written(planet: Planet, source: Source, link: str) -> None:
    run(planet, source("a"), source("b", link=link))
    assert related(planet) == [(LINK, "B")]


@pytest.mark.torture
def test_an_entry_is_published_again_when_a_source_joins_and_that_is_no_edit(planet: Planet, source: Source) -> None:
    run(planet, source("a"))
    assert (related(planet), also(planet), footers(planet)) == ([], [], [False] * 4)
    before = only(planet, "atom.xml")
    run(planet, source("a"), source("b"), hours=1)
    after = only(planet, "atom.xml")
    assert (after.id, after.updated) == (before.id, before.updated)
    assert (names(planet), footers(planet)) == (["B"], [True] * 4)
    run(planet, source("a"), source("b"), source("c"), hours=2)
    assert names(planet) == ["B", "C"]


@pytest.mark.torture
def test_sources_stand_in_the_order_of_the_config(planet: Planet, source: Source) -> None:
    run(planet, source("a"), source("c"))
    run(planet, source("a"), source("b"), source("c"), hours=1)
    assert names(planet) == ["B", "C"]
    run(planet, source("c"), source("b"), source("a"), hours=2)
    assert names(planet) == ["C", "B"]


@pytest.mark.torture
def test_who_leaves_the_config_leaves_the_list_even_the_winner_and_comes_back(planet: Planet, source: Source) -> None:
    a, b, c = source("a"), source("b"), source("c")
    run(planet, a, b, c)
    tree, ids = planet.tree(), planet.ids()
    run(planet, a, c, hours=1)
    assert names(planet) == ["C"]
    run(planet, b, c, hours=2)
    assert (planet.ids(), only(planet, "atom.xml").source.title, names(planet)) == (ids, "B", ["C"])
    run(planet, a, b, c, hours=3)
    assert planet.tree() == tree


@pytest.mark.variants(quick=1)
@pytest.mark.parametrize(
    "hidden", [{"publish": False}, {"auth": "bearer s3cret"}, {"exclude": [{"title": "story"}]}], ids=str
)
def test_what_is_not_published_is_not_named(planet: Planet, source: Source, hidden: dict[str, Any]) -> None:
    run(planet, source("a"), source("b") | hidden)
    assert (related(planet), also(planet), footers(planet)) == ([], [], [False] * 4)


@pytest.mark.torture
def test_the_line_is_switched_by_the_config_alone(planet: Planet, source: Source) -> None:
    a, b = source("a"), source("b")
    run(planet, a, b)
    tree = planet.tree()
    run(planet, a, b, hours=1, footer=False)
    assert (footers(planet), names(planet), related(planet)) == ([False] * 4, ["B"], [(LINK, "B")])
    run(planet, a, b, hours=2, footer=True)
    assert planet.tree() == tree


@pytest.mark.parametrize(("republish", "shown"), [("excerpt", True), ("link", False)])
def test_the_line_ends_no_text_that_may_not_be_shown(
    planet: Planet, source: Source, republish: str, shown: bool
) -> None:
    run(planet, source("a") | {"republish": republish}, source("b"))
    assert (footers(planet), names(planet)) == ([shown] * 4, ["B"])


def test_a_title_from_outside_does_no_harm(planet: Planet, source: Source) -> None:
    evil = """"><script>alert(1)</script>'<img src=x onerror=alert(1)>]]>&amp; Co"""
    run(planet, source("a"), source("b") | {"title": evil})
    assert related(planet) == related(planet, "rss.xml") == [(LINK, evil)]
    assert names(planet) == [evil]
    line = only(planet, "feed.json")["content_html"].removeprefix(STORY["description"])
    assert line in text(planet, "index.html")
    (link,) = etree.fromstring(line).iter("a")
    assert (link.text, link.items(), len(link)) == (evil, [("href", LINK)], 0)
    for file in FILES[:2]:
        assert not feedparser.parse(text(planet, file).encode()).bozo
        assert "<script" not in text(planet, file)
    assert "<script" not in text(planet, "index.html")


@pytest.mark.torture
def test_bytes_stay_as_they_are(planet: Planet, source: Source) -> None:
    run(planet, source("a"), source("b"), source("c"))
    tree = planet.tree()
    assert planet.run(NOON + HOUR, force=True).feeds.written == 0
    planet.regenerate(NOON + 2 * HOUR)
    assert planet.tree() == tree


@pytest.mark.torture
def test_our_own_posts_are_named_as_the_planet(planet: Planet, source: Source) -> None:
    planet.post("story.md", POST)
    run(planet, source("a"))
    assert also(planet) == [{"title": "Planet", "url": LINK, "source": "posts"}]
    planet.config["posts"] = [{"path": "posts", "title": "Notes"}]
    run(planet, source("a"), hours=1)
    assert names(planet) == ["Notes"]


@pytest.mark.torture
def test_related_links_that_came_with_the_entry_stay(planet: Planet, upstream: Upstream, source: Source) -> None:
    own = '<link rel="related" href="https://elsewhere.example/" title="Elsewhere"/>'
    entry = (
        f"<entry><id>{LINK}</id><title>{STORY['title']}</title><updated>2026-11-02T08:00:00Z</updated>"
        f'<link href="{LINK}"/>{own}<content>{STORY["description"]}</content></entry>'
    )
    atom = (
        f'<feed xmlns="http://www.w3.org/2005/Atom"><title>A</title><link href="https://blog.example/"/>{entry}</feed>'
    )
    run(planet, {"url": upstream.serve("/atom", atom), "id": "a"}, source("b"))
    assert related(planet) == [("https://elsewhere.example/", "Elsewhere"), (LINK, "B")]


@pytest.mark.torture
def test_however_many_entries_the_others_are_asked_for_once(planet: Planet, upstream: Upstream) -> None:
    for name in ("a", "b"):
        stories = [STORY | {"title": f"Story {n}", "link": f"{LINK}{n}", "guid": f"{name}{n}"} for n in range(60)]
        upstream.serve(f"/{name}", rss(*stories, title=name.upper()))
    run(planet, *({"url": upstream.url(f"/{name}"), "id": name} for name in ("a", "b")))
    with planet.app() as app, app.store.read() as tx:
        ids = tx.entries.ids(0, 100)
        asked: list[str] = []
        event.listen(tx.entries._connection, "before_cursor_execute", lambda *arguments: asked.append(arguments[2]))
        entries = EntryReader(app, CategoryTree(tx)).read(tx, ids)
    assert [[one.title for one in entries[id_].also] for id_ in ids] == [["B"]] * 60
    assert sum("sighting.canonical" in statement for statement in asked) == 1
