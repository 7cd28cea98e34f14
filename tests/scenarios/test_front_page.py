"""The front page of a planet: the river, written only when what it shows changes."""

from datetime import timedelta
from pathlib import Path

import pytest
from lxml import html

from tests.support.planet import NOON, Planet, rss

HOUR = timedelta(hours=1)


def show(planet: Planet, count: int, **more: str) -> None:
    entries = [
        {"title": f"Entry {n}", "link": f"https://blog.example/{n}", "guid": f"g{n}", "category": "Jobs"}
        | {"description": f"Words {n}", "pubDate": (NOON - n * HOUR).strftime("%a, %d %b %Y %H:%M:%S GMT")}
        | more
        for n in range(count)
    ]
    (planet.root / "blog.xml").write_text(rss(*entries, title="The blog"))
    planet.config["sources"] = [{"url": "blog.xml", "id": "blog"}]


def page(planet: Planet, path: str = "index.html") -> html.HtmlElement:
    return html.document_fromstring((planet.root / "feeds" / path).read_text())


def titles(planet: Planet) -> list[str]:
    return [one.text_content() for one in page(planet).iter("h3")]


def canonical(planet: Planet, path: str) -> str:
    return str(page(planet, path).find("head/link[@rel='canonical']").get("href"))


def test_the_front_page_is_the_newest_entries_of_all(planet: Planet) -> None:
    show(planet, 30)
    planet.config["feeds"] = {"limit": 5, "archive": 10, "window": "1h"}
    planet.run()
    planet.post("own.md", "---\ntitle: Own\ndate: 2026-11-23T12:30:00Z\n---\nwords\n")
    planet.run(NOON + HOUR)
    assert titles(planet) == planet.titles("all")
    assert titles(planet)[0] == "Own"
    older = page(planet).find(".//main//a[@rel='prev']").get("href")
    assert older == f"{planet.index()['all']['archive']['newest']}index.html"
    assert (planet.root / "feeds" / older).is_file()
    assert planet.index()["jobs"]["total"] == 30
    assert "30 entries" in page(planet).find(".//aside").text_content()


@pytest.mark.torture
def test_everything_says_that_the_front_page_is_its_address(planet: Planet) -> None:
    show(planet, 2)
    planet.run()
    assert canonical(planet, "index.html") == canonical(planet, "all/index.html") == "https://planet.example/"
    assert canonical(planet, "jobs/index.html") == "https://planet.example/jobs/"
    planet.config["site"]["front"] = "list"
    planet.run(NOON + HOUR)
    assert canonical(planet, "all/index.html") == "https://planet.example/all/"
    assert titles(planet) == []
    assert page(planet).findtext(".//main/section/h2") == "Categories"


def test_it_is_written_only_when_what_it_shows_changes(planet: Planet) -> None:
    show(planet, 2)
    planet.run()
    front = planet.root / "feeds" / "index.html"
    before = front.stat()
    planet.run(NOON + HOUR)
    assert front.stat() == before
    show(planet, 2, description="Other words")
    planet.run(NOON + 2 * HOUR, force=True)
    assert "Other words" in page(planet).find(".//article").text_content()


def test_a_removed_entry_leaves_it(planet: Planet) -> None:
    planet.post("a.md", "---\ntitle: Stays\ndate: 2026-11-01\n---\nwords\n")
    planet.post("b.md", "---\ntitle: Goes\ndate: 2026-11-02\n---\nwords\n")
    planet.run()
    (planet.root / "posts" / "b.md").unlink()
    planet.run(NOON + HOUR)
    assert titles(planet) == ["Stays"]


@pytest.mark.torture
def test_the_index_of_a_user_goes_on_being_the_front_page(planet: Planet) -> None:
    show(planet, 2)
    own = planet.root / "own"
    own.mkdir()
    (own / "index.html").write_text(
        "<meta name=generator content={{ generator }}>{{ everything.entries }} {{ days|length }}"
    )
    planet.config["site"]["templates"] = "own"
    planet.run()
    assert (planet.root / "feeds" / "index.html").read_text().endswith(">2 1")
    (own / "front.html").write_text("<meta name=generator content={{ generator }}>{{ river.entries[0].clean.title }}")
    planet.run(NOON + HOUR)
    assert Path(planet.root / "feeds" / "index.html").read_text().endswith(">Entry 0")
