"""The pages of a tree together: links between them that lead somewhere, whatever changes around them."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from lxml import html

from tests.support import links
from tests.support.planet import NOON, Planet, rss

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def show(planet: Planet, id_: str, *terms: str) -> None:
    """A source with an entry for each string of terms, newest last."""
    entries = [
        {"title": f"{id_} {n}", "link": f"https://{id_}.example/{n}", "guid": f"{id_}-{n}", "category": term}
        | {"description": f"Words of {id_} {n}.", "pubDate": f"Mon, 23 Nov 2026 {n // 60:02}:{n % 60:02}:00 GMT"}
        for n, term in enumerate(terms)
    ]
    (planet.root / f"{id_}.xml").write_text(rss(*entries, title=id_, link=f"https://{id_}.example/"))
    sources = planet.config.setdefault("sources", [])
    if id_ not in [one["id"] for one in sources]:
        sources.append({"url": f"{id_}.xml", "id": id_})


def dead_links(planet: Planet) -> list[tuple[str, str]]:
    return links.dead_links(planet.root / "feeds")


def _document(page: Path) -> Any:
    return html.document_fromstring(page.read_text())


def chips(planet: Planet, path: str) -> dict[str, str | None]:
    """The names of categories on a page, each with where it leads."""
    rows = _document(planet.root / "feeds" / path).xpath(".//main//ul[@class='chips']/li")
    return {row.text_content(): next(iter(row.xpath("a/@href")), None) for row in rows}


@pytest.fixture
def filled(planet: Planet) -> Planet:
    planet.config["feeds"] = {"limit": 3, "archive": 4, "per_source": True, "window": "1h", "min_entries": 1}
    planet.config["categories"] = {"aliases": {"Programming/Python": ["py"], "Cafés & <b>": ["cafe"]}}
    show(planet, "one", *["py|cafe", "Jobs", "py"] * 8)
    show(planet, "two", *["Jobs|cafe"] * 5)
    planet.post("own.md", "---\ntitle: Own\ndate: 2026-11-22\ncategories: [Programming, Python]\n---\nwords\n")
    planet.run()
    return planet


def test_no_link_is_dead(filled: Planet) -> None:
    assert len(list((filled.root / "feeds").rglob("archive/*/*/index.html"))) > 5
    assert dead_links(filled) == []


@pytest.mark.torture
def test_no_link_is_dead_after_categories_moved_and_went(filled: Planet) -> None:
    filled.config["categories"]["aliases"] = {"Code/Python": ["py", "Programming"], "Work": ["Jobs"]}
    filled.run(NOON + 2 * DAY)
    assert dead_links(filled) == []


@pytest.mark.torture
def test_no_link_is_dead_after_a_first_config_was_changed_within_its_day(planet: Planet) -> None:
    planet.is_settled = planet.every_category = False
    planet.config["feeds"] = {"limit": 3, "archive": 4, "window": "1h", "min_entries": 1}
    show(planet, "one", *["Jobs", "Other"] * 8)
    planet.run()
    assert set(planet.index()) == {"all", "jobs", "other"}
    planet.config["feeds"]["min_entries"] = 100
    planet.run(NOON + HOUR)
    assert set(planet.index()) == {"all"}
    assert dead_links(planet) == []
    assert chips(planet, "all/index.html") == {"Jobs": None, "Other": None}


@pytest.mark.torture
def test_a_category_that_gets_a_feed_is_linked_from_older_entries(planet: Planet) -> None:
    planet.config["feeds"] = {"min_entries": 3, "per_source": True}
    show(planet, "one", "Jobs", "Jobs")
    planet.post("own.md", "---\ntitle: Own\ndate: 2026-11-22\nlink: ''\n---\nwords\n")
    planet.run()
    assert chips(planet, "source/one/index.html") == {"Jobs": None}
    show(planet, "two", "Jobs")
    planet.run(NOON + HOUR, force=True)
    assert chips(planet, "source/one/index.html") == {"Jobs": "../../jobs/index.html"}
    assert chips(planet, "all/index.html") == {"Jobs": "../jobs/index.html"}


@pytest.mark.torture
def test_a_sealed_page_links_to_categories_that_stay(filled: Planet) -> None:
    """Those of the first run were written before any address was a day old."""
    assert set(chips(filled, "all/archive/1/1/index.html").values()) == {None}
    show(filled, "two", *["Jobs|cafe"] * 20)
    filled.run(NOON + 2 * DAY, force=True)
    newest = filled.index()["all"]["archive"]["newest"]
    assert chips(filled, f"{newest}index.html")["Jobs"] == "../../../../jobs/index.html"
    assert dead_links(filled) == []


def test_runs_and_a_rebuild_give_the_same_pages(filled: Planet) -> None:
    show(filled, "two", *["Jobs|cafe|New"] * 7)
    filled.run(NOON + HOUR, force=True)
    before = filled.tree()
    filled.regenerate(NOON + 2 * HOUR)
    assert filled.tree() == before


@pytest.mark.torture
def test_pages_share_one_style_sheet(filled: Planet) -> None:
    root = filled.root / "feeds"
    assert (root / "static" / "pages.css").is_file()
    assert not [page for page in root.rglob("*.html") if "<style" in page.read_text()]


def test_a_404_page_of_somebody_stays_as_it_is(planet: Planet) -> None:
    show(planet, "one", "Jobs")
    theirs = planet.root / "feeds" / "404.html"
    theirs.parent.mkdir()
    theirs.write_text("<p>mine</p>")
    planet.run()
    planet.run(NOON + HOUR)
    assert theirs.read_text() == "<p>mine</p>"
    theirs.unlink()
    planet.run(NOON + 2 * HOUR)
    assert "Page not found" in theirs.read_text()
