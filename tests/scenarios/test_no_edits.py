"""What changes an address alone is no edit: the dates of entries stay, and the new address is shown."""

import pytest

from tests.support.corpus import REPORTS
from tests.support.planet import NOON, Planet, Upstream, rss
from tests.support.simulation import DAY, Simulation

ENTRY = {
    "title": "One",
    "link": "https://blog.example/2026/one?page=2",
    "guid": "https://blog.example/2026/one?page=2",
    "pubDate": "Fri, 20 Nov 2026 10:00:00 GMT",
    "description": '<p>Words of <a href="https://blog.example/other/">another</a></p><img src="https://cdn.example/p.png">',
}


def dates(planet: Planet) -> dict[str, tuple[str, str]]:
    return {entry.id: (entry.published, entry.updated) for entry in planet.atom().entries}


@pytest.mark.torture
@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("https://blog.example/", "http://blog.example/"),
        ("https://blog.example/", "https://www.blog.example/"),
        ("https://blog.example/", "https://soc.blog.example/"),
        ("?page=2", "?utm_source=feed&page=2"),
    ],
    ids=["scheme", "www", "host", "tracking"],
)
@pytest.mark.parametrize("keeps_id", [True, False])
def test_an_address_that_flips_is_no_edit(simulation: Simulation, old: str, new: str, keeps_id: bool) -> None:
    flipped = {name: text.replace(old, new) for name, text in ENTRY.items()}
    if keeps_id:
        flipped["guid"] = ENTRY["guid"]
    simulation.shows("blog", ENTRY)
    simulation.run()
    before = dates(simulation.planet)
    for item in (flipped, ENTRY, flipped):
        simulation.shows("blog", item)
        assert simulation.run() == []
        assert dates(simulation.planet) == before
        assert simulation.report.entries.updated == 0
        [shown] = simulation.entries
        assert shown.link == item["link"]


@pytest.mark.variants(quick=1)
@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("link", "2026/one", "2026/two"),
        ("link", "page=2", "page=3"),
        ("description", "/other/", "/others/"),
        ("description", "p.png", "q.png"),
    ],
)
def test_an_address_with_another_path_or_query_is_an_edit(
    simulation: Simulation, name: str, old: str, new: str
) -> None:
    simulation.shows("blog", ENTRY)
    simulation.run()
    before = dates(simulation.planet)
    simulation.shows("blog", ENTRY | {name: ENTRY[name].replace(old, new)})
    simulation.run()
    assert dates(simulation.planet) != before
    assert simulation.report.entries.updated == 1


POST = "---\ntitle: {0}\ndate: 2026-11-0{0}\n---\nWords of {0}, [another](other.html), ![a picture](https://i.example/p.png)\n"


@pytest.fixture
def posts(planet: Planet) -> Planet:
    planet.config["posts"] = [{"path": "posts", "id": "posts", "link": "https://blog.example/{path}/"}]
    for n in range(1, 6):
        planet.post(f"{n}.md", POST.format(n))
    planet.run()
    return planet


@pytest.mark.variants(quick=1)
@pytest.mark.parametrize("link", ["https://new.example/{path}/", "https://blog.example/posts/{path}.html", None])
def test_another_template_for_links_of_posts_is_no_edit(posts: Planet, link: str | None) -> None:
    before = dates(posts)
    posts.config["posts"][0] |= {"link": link}
    if link is None:
        del posts.config["posts"][0]["link"]
    report = posts.run(NOON + DAY)
    assert report.entries.updated == 0
    assert dates(posts) == before
    links = {entry.link for entry in posts.atom().entries}
    assert links == {(link or "https://planet.example/entries/{path}.html").format(path=n) for n in range(1, 6)}
    posts.post("1.md", POST.format(1) + "\nMore.\n")
    assert posts.run(NOON + 2 * DAY).entries.updated == 1


@pytest.mark.torture
def test_a_first_template_for_links_of_posts_is_no_edit(planet: Planet) -> None:
    for n in range(1, 6):
        planet.post(f"{n}.md", POST.format(n))
    planet.run()
    before = dates(planet)
    planet.config["posts"] = [{"path": "posts", "id": "posts", "link": "https://blog.example/{slug}/"}]
    assert planet.run(NOON + DAY).entries.updated == 0
    assert dates(planet) == before
    assert {entry.link for entry in planet.atom().entries} == {f"https://blog.example/{n}/" for n in range(1, 6)}


@pytest.mark.torture
def test_another_site_url_is_no_edit(planet: Planet, upstream: Upstream) -> None:
    for n in range(1, 6):
        planet.post(f"{n}.md", POST.format(n))
    planet.config["sources"] = [{"url": upstream.serve("/a", rss(ENTRY)), "id": "a"}]
    planet.run()
    before = dates(planet)
    planet.config["site"] |= {"url": "https://elsewhere.example/planet/"}
    report = planet.run(NOON + DAY)
    assert report.entries.updated == 0
    assert dates(planet) == before


@pytest.mark.torture
@pytest.mark.skipif(not (REPORTS / "flip-a.rdf").exists(), reason="no reports beside the repository")
def test_a_journal_whose_host_flips_has_no_edits(simulation: Simulation) -> None:
    before: dict[str, tuple[str, str]] = {}
    for name in ("flip-a.rdf", "flip-b.rdf", "flip-a.rdf", "flip-b.rdf"):
        simulation.serves("journal", (REPORTS / name).read_bytes())
        simulation.run()
        before = before or dates(simulation.planet)
        assert dates(simulation.planet) == before
        assert simulation.report.entries.updated == 0
        assert len(before) == 10
