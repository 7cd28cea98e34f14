"""The source of an entry, as atom:source says it."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from lxml import etree

from aggregator.model.document import CategoryTerm, FeedInfo, Person
from aggregator.model.entry import Attribution, CleanEntry, Entry
from aggregator.render import Renderer
from aggregator.render.attribution import MOST_TERMS
from tests.support.planet import ATOM
from tests.support.samples import FEED, SITE

AT = datetime(2026, 1, 1, tzinfo=UTC)
SOURCE = Attribution(
    "blog",
    "Blog",
    "https://feeds.example/blog.xml",
    "tag:blog.example,2020:feed",
    "https://blog.example/",
    AT,
    authors=(Person("Ann"),),
    generator="Maker",
    generator_uri="https://maker.example/",
    generator_version="2.1",
    subtitle="Under the title",
    contributors=(Person("Con", "https://con.example/"),),
    terms=(CategoryTerm("fcat", "Feed Cat", "https://blog.example/terms"),),
    self_link="https://blog.example/atom",
)


def source(attribution: Attribution = SOURCE, clean: CleanEntry | None = None) -> etree._Element:
    """The atom:source of an entry with that attribution."""
    entry = Entry(
        id="tag:blog.example,2020:1", link="https://blog.example/1", published=AT, updated=AT, first_seen_at=AT,
        changed_at=AT, clean=clean or CleanEntry(title="One"), attribution=attribution,
    )  # fmt: skip
    rendered = Renderer(SITE).feed(replace(FEED, entries=(entry,)), "atom")
    assert rendered.problems == ()
    found = etree.fromstring(rendered.data).find(f"{ATOM}entry/{ATOM}source")
    assert found is not None
    return found


def attributes(element: etree._Element) -> dict[str, str]:
    return {str(name): str(value) for name, value in element.attrib.items()}


def links(found: etree._Element) -> list[tuple[str | None, str | None]]:
    return [(link.get("rel"), link.get("href")) for link in found.findall(f"{ATOM}link")]


def test_what_a_feed_says_of_itself_is_kept() -> None:
    found = source()
    texts = {tag: found.findtext(f"{ATOM}{tag}") for tag in ("id", "title", "subtitle", "updated", "generator")}
    assert texts == {
        "id": "tag:blog.example,2020:feed",
        "title": "Blog",
        "subtitle": "Under the title",
        "updated": "2026-01-01T00:00:00Z",
        "generator": "Maker",
    }
    generator = found.find(f"{ATOM}generator")
    assert generator is not None
    assert attributes(generator) == {"uri": "https://maker.example/", "version": "2.1"}
    assert found.findtext(f"{ATOM}contributor/{ATOM}uri") == "https://con.example/"
    category = found.find(f"{ATOM}category")
    assert category is not None
    assert attributes(category) == {"term": "fcat", "label": "Feed Cat", "scheme": "https://blog.example/terms"}


@pytest.mark.parametrize(
    ("url", "self_link", "written"),
    [
        (
            "https://f.example/a",
            "https://b.example/a",
            [("self", "https://b.example/a"), ("via", "https://f.example/a")],
        ),
        ("https://f.example/a", "https://f.example/a", [("self", "https://f.example/a")]),
        ("https://me:pass@f.example/a", "https://f.example/a", [("self", "https://f.example/a")]),
        ("https://f.example/a", "", [("self", "https://f.example/a")]),
        ("https://f.example/a", "https://me:pass@f.example/a", [("self", "https://f.example/a")]),
        ("file:///a.xml", "https://b.example/a", [("self", "https://b.example/a")]),
        ("file:///a.xml", "", []),
    ],
)
def test_its_self_link_is_its_own_and_via_is_where_we_fetch_it(
    url: str, self_link: str, written: list[tuple[str, str]]
) -> None:
    found = source(replace(SOURCE, url=url, self_link=self_link))
    assert links(found) == [("alternate", "https://blog.example/"), *written]


@pytest.mark.parametrize(
    ("clean", "contributors", "terms"),
    [
        (CleanEntry(title="One"), 1, 1),
        (CleanEntry(title="One", contributors=(Person("Own"),)), 0, 1),
        (CleanEntry(title="One", terms=(CategoryTerm("own"),)), 1, 0),
        (CleanEntry(title="One", source=FeedInfo(subtitle="Upstream's")), 1, 1),
        (CleanEntry(title="One", source=FeedInfo(title="Upstream's")), 0, 0),
    ],
)
def test_contributors_and_categories_count_for_an_entry_without_any(
    clean: CleanEntry, contributors: int, terms: int
) -> None:
    found = source(clean=clean)
    assert len(found.findall(f"{ATOM}contributor")) == contributors
    assert len(found.findall(f"{ATOM}category")) == terms


def test_a_feed_of_very_many_categories_names_some() -> None:
    many = tuple(CategoryTerm(f"term {number}") for number in range(100))
    assert len(source(replace(SOURCE, terms=many)).findall(f"{ATOM}category")) == MOST_TERMS


def test_entries_of_one_source_keep_its_dates_apart() -> None:
    dates = [AT, AT.replace(year=2025), AT.replace(year=2024)]
    found = [source(replace(SOURCE, updated=at)) for at in dates]
    assert [one.findtext(f"{ATOM}updated") for one in found] == [f"{at:%Y}-01-01T00:00:00Z" for at in dates]
    given = [FeedInfo(id="urn:first", updated=at) for at in (*dates, None)]
    found = [source(clean=CleanEntry(title="One", source=one)) for one in given]
    assert [one.findtext(f"{ATOM}updated") for one in found] == [*(f"{at:%Y}-01-01T00:00:00Z" for at in dates), None]
