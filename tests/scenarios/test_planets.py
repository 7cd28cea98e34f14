"""Planets that carry each other: no entry comes back to its own planet, and no reader sees one twice."""

import asyncio
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise, product
from pathlib import Path
from typing import Any

import pytest

from aggregator.clean.clean_entry import ContentSettings, clean
from aggregator.merge.named_sources import DOCUMENTS
from aggregator.model.document import RawEntry, Text
from aggregator.model.entry import Also, CleanEntry, Entry
from aggregator.model.feed import Site
from aggregator.overrides.apply import keep
from aggregator.render import FILES as RENDERED
from aggregator.render.added_lines import footer
from aggregator.render.words import Words
from aggregator.text.added_lines import without_footers
from aggregator.worker_pool import WorkerPool
from tests.support.planet import NOON, Planet, Upstream, rss
from tests.support.simulation import prose

ROUND = timedelta(hours=3)
FILES = {"atom": "atom.xml", "rss": "rss.xml", "json": "feed.json"}


def usually(form: str) -> list[Any]:
    return [pytest.param(one, marks=() if one == form else pytest.mark.torture) for one in FILES]


class Server:
    """Serves what a planet publishes, as any web server would."""

    def __init__(self, tree: Path) -> None:
        class Handler(SimpleHTTPRequestHandler):
            def log_message(self, *args: object) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(tree)))
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/"
        self._thread = threading.Thread(target=partial(self._server.serve_forever, 0.02), daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class Planets:
    """Each with a tree of its own that the others can read; `now` goes on by a round."""

    def __init__(self, root: Path, runner: asyncio.Runner, pool: WorkerPool) -> None:
        self.root, self.runner, self.pool = root, runner, pool
        self.all: dict[str, Planet] = {}
        self.servers: dict[str, Server] = {}
        self.rounds = 0
        self.is_behind = True  # another address than the one that the world knows leads to each

    @property
    def now(self) -> datetime:
        return NOON + self.rounds * ROUND

    def add(self, name: str, **site: Any) -> Planet:
        root = self.root / name
        (root / "feeds").mkdir(parents=True)
        self.servers[name] = Server(root / "feeds")
        planet = Planet(root, self.runner, self.pool)
        address = f"https://planet-{name.lower()}.example/" if self.is_behind else self.servers[name].url
        since = f"2026-11-{10 + len(self.all)}"
        planet.config["site"] |= {"title": f"Planet {name}", "url": address, "since": since} | site
        planet.config["feeds"] = {"per_source": True, "min_entries": 1}
        planet.config["sources"] = []
        self.all[name] = planet
        return planet

    def carry(self, name: str, other: str, path: str = "all/", form: str = "atom") -> None:
        url = f"{self.servers[other].url}{path}{FILES[form]}"
        self.all[name].config["sources"].append({"url": url, "id": f"from-{other.lower()}"})

    def round(self) -> dict[str, dict[str, str]]:
        """Every planet runs once; the digests of all that they publish then."""
        self.rounds += 1
        for planet in self.all.values():
            planet.run(self.now, force=True)
        return {name: planet.tree() for name, planet in self.all.items()}

    def close(self) -> None:
        for server in self.servers.values():
            server.close()


@pytest.fixture
def planets(tmp_path: Path, runner: asyncio.Runner, pool: WorkerPool) -> Iterator[Planets]:
    found = Planets(tmp_path, runner, pool)
    yield found
    found.close()


def post(planet: Planet, name: str, day: int = 1) -> None:
    text = prose(f"{name} of {planet.root.name}", 60)
    head = f"title: Post {name} of {planet.root.name}\ndate: 2026-11-{day:02}\ncategories: [Programming, Python]"
    planet.post(f"{name}.md", f"---\n{head}\n---\n{text}\n")


def items(name: str, *, guid: str, link: str = "", count: int = 3) -> list[dict[str, str]]:
    """`guid`, `link`: with {} for the number; without a link there is none."""
    return [
        {
            "title": f"Entry {number} of {name}",
            "guid": guid.format(number),
            **({"link": link.format(number)} if link else {}),
            "category": "Programming",
            "pubDate": f"Sun, {number:02} Nov 2026 08:00:00 GMT",
            "description": f"<p>{prose(f'{name} {number}', 60)}</p>",
        }
        for number in range(1, count + 1)
    ]


def blog(upstream: Upstream, name: str, **shape: Any) -> str:
    return upstream.serve(f"/{name}.xml", rss(*items(name, **shape), title=name, link=f"https://{name}.example/"))


SHAPES: dict[str, dict[str, str]] = {
    "addresses": {"guid": "https://{name}.example/{{}}", "link": "https://{name}.example/{{}}"},
    "no public ids": {"guid": "{{}}", "link": "https://{name}.example/{{}}"},
    "no links": {"guid": "tag:{name}.example,2026:{{}}"},
    "neither": {"guid": "{name}-{{}}"},
}


def updated(planet: Planet, feed: str = "all") -> dict[str, str]:
    return {entry.id: entry.updated for entry in planet.atom(feed).entries}


def assert_still(planets: Planets, rounds: int = 4) -> None:
    """No entry twice, no date that moves, and the same bytes from the second round on."""
    trees, dates = [], []
    for _ in range(rounds):
        trees.append(planets.round())
        dates.append({name: updated(planet) for name, planet in planets.all.items()})
        for name, planet in planets.all.items():
            titles = planet.titles()
            assert sorted(titles) == sorted(set(titles)), name
    for name in planets.all:
        for before, after in pairwise(dates):
            assert before[name].items() <= after[name].items(), name
        for later in trees[2:]:
            changed = {path for path, digest in later[name].items() if trees[1][name].get(path) != digest}
            assert changed == set(), name


def texts(planet: Planet) -> str:
    return "".join(file.read_text() for file in (planet.root / "feeds/all").iterdir() if file.is_file())


def pair(planets: Planets, upstream: Upstream, shape: str, form: str, path: str = "all/") -> tuple[Planet, Planet]:
    a, b = planets.add("A"), planets.add("B")
    for planet, name in ((a, "blog-a"), (b, "blog-b")):
        post(planet, "one")
        post(planet, "two", 2)
        own = {key: value.format(name=name) for key, value in SHAPES[shape].items()}
        planet.config["sources"].append({"url": blog(upstream, name, **own), "id": name})
    planets.carry("A", "B", path, form)
    planets.carry("B", "A", path, form)
    return a, b


@pytest.mark.torture
@pytest.mark.parametrize(("form", "shape"), list(product(FILES, SHAPES)))
def test_two_planets_that_carry_each_other(planets: Planets, upstream: Upstream, shape: str, form: str) -> None:
    a, b = pair(planets, upstream, shape, form)
    assert_still(planets)
    assert len(a.titles()) == len(b.titles()) == 10
    for planet in (a, b):
        assert "Also published by" not in texts(planet)


@pytest.mark.torture
@pytest.mark.parametrize(("form", "since"), list(product(FILES, ["2026-11-11", "2026-11-10"])))
def test_planets_that_are_read_where_they_say_that_they_are(
    planets: Planets, upstream: Upstream, form: str, since: str
) -> None:
    """On one host, and even begun on one day, so that the ids that they mint begin alike."""
    planets.is_behind = False
    a, b = pair(planets, upstream, "no public ids", form)
    for planet, name in ((a, "A"), (b, "B")):
        planet.config["site"]["since"] = {"A": "2026-11-10", "B": since}[name]
        planet.config["posts"] = [{"path": "posts", "id": f"posts-of-{name.lower()}"}]
    assert_still(planets)
    assert len(a.titles()) == len(b.titles()) == 10
    assert "Also published by" not in texts(a) + texts(b)


@pytest.mark.torture
@pytest.mark.parametrize(("form", "path"), list(product(FILES, ["all/", "programming/", "source/blog-{}/"])))
def test_a_third_planet_that_carries_both(planets: Planets, upstream: Upstream, form: str, path: str) -> None:
    """In the order in which each comes after the one that it has the entries of, and before it."""
    a, b = planets.add("A"), planets.add("B")
    for planet, name in ((a, "blog-a"), (b, "blog-b")):
        post(planet, "one")
        planet.config["sources"].append(
            {"url": blog(upstream, name, guid=name + "-{}", link="https://x.example/" + name + "/{}"), "id": name}
        )
    planets.carry("A", "B", path.format("b"), form)
    planets.carry("B", "A", path.format("a"), form)
    c = planets.add("C")
    planets.carry("C", "B", "all/", form)
    planets.carry("C", "A", "all/", form)
    assert_still(planets)
    assert len(c.titles()) == 8
    assert "Also published by" not in texts(a) + texts(b) + texts(c)


@pytest.mark.torture
@pytest.mark.parametrize("form", usually("atom"))
def test_planets_that_share_a_source(planets: Planets, upstream: Upstream, form: str) -> None:
    """The other planet is no other publisher of what both took from the same place."""
    a, b = planets.add("A"), planets.add("B")
    url = blog(upstream, "blog", guid="{}", link="https://blog.example/{}")
    a.config["sources"].append({"url": url, "id": "blog"})
    planets.carry("A", "B", form=form)
    planets.carry("B", "A", form=form)  # before the source itself: what A shows of it comes first
    b.config["sources"].append({"url": url, "id": "the-same"})
    assert_still(planets)
    for planet in (a, b):
        assert len(planet.titles()) == 3
        assert "Also published by" not in texts(planet)
        assert [entry.source.title for entry in planet.atom().entries] == ["blog"] * 3


def readers_of(planets: Planets, upstream: Upstream, form: str, **source: Any) -> Planet:
    """B carries a blog, A carries B and is told of the blog, too."""
    a, b = planets.add("A"), planets.add("B")
    url = blog(upstream, "blog", guid="{}", link="https://blog.example/{}")
    b.config["sources"].append({"url": url, "id": "blog"})
    a.config["sources"].append({"url": url, "id": "own"} | source)
    planets.carry("A", "B", form=form)
    return a


@pytest.mark.variants(quick=1)
@pytest.mark.parametrize(
    ("form", "source"), list(product(["atom", "rss"], [{"publish": False}, {"exclude": [{"title": "Entry"}]}]))
)
def test_what_is_not_to_be_shown_does_not_come_in_through_another_planet(
    planets: Planets, upstream: Upstream, form: str, source: dict[str, Any]
) -> None:
    a = readers_of(planets, upstream, form, **source)
    assert_still(planets, 3)
    assert a.titles() == []
    upstream.serve("/blog.xml", "gone", status=410)  # what is known of it counts for nothing less
    planets.round()
    assert a.titles() == []
    a.config["sources"][0] = {"url": a.config["sources"][0]["url"], "id": "own"}
    planets.round()
    assert len(a.titles()) == 3


@pytest.mark.torture
@pytest.mark.parametrize("form", usually("rss"))
def test_what_our_source_does_not_show_is_an_ordinary_entry(planets: Planets, upstream: Upstream, form: str) -> None:
    a = readers_of(planets, upstream, form)
    a.config["sources"][0]["paused"] = True
    planets.round()
    planets.round()
    assert len(a.titles()) == 3
    assert [one["source"] for one in sightings(a)] == ["from-b"] * 3
    before = updated(a)
    del a.config["sources"][0]["paused"]
    upstream.serve("/blog.xml", rss(*items("blog", guid="{}", link="https://blog.example/{}")[1:], title="blog"))
    assert_still(planets, 3)
    assert updated(a) == before
    assert sorted(one["source"] for one in sightings(a) if not one["withheld"]) == ["from-b", "own", "own"]
    assert "Also published by" not in texts(a)


def sightings(planet: Planet) -> list[dict[str, Any]]:
    with planet.app(NOON + 99 * ROUND) as app, app.store.read() as tx:
        rows = tx.sightings.light(range(1, 100))
        return [{"source": row.source_id, "withheld": row.withheld} for row in rows]


@pytest.mark.torture
@pytest.mark.parametrize("form", usually("json"))
def test_what_a_person_removed_stays_out_while_another_planet_shows_it(
    planets: Planets, upstream: Upstream, form: str
) -> None:
    a, b = pair(planets, upstream, "no public ids", form)
    planets.round()
    planets.round()
    removed = next(entry.id for entry in a.atom().entries if entry.title == "Entry 2 of blog-a")
    with a.app(planets.now) as app:
        keep(app, "remove", [removed])
    b.config["sources"][-1]["paused"] = True  # it goes on showing what A took back
    for _ in range(3):
        planets.round()
        assert "Entry 2 of blog-a" not in a.titles()
    assert "Entry 2 of blog-a" in b.titles()


def test_the_line_of_another_planet_is_taken_off() -> None:
    line = footer_of("Planet B", "https://blog.example/1?a=1&b=2")
    other = "<p><small>Also published by somebody</small> and so on</p>"
    assert without_footers(f"<p>x</p>{line}{line}\n") == "<p>x</p>"
    assert without_footers(f"{line}<p>x</p>") == f"{line}<p>x</p>"
    assert without_footers(other) == other
    assert without_footers(line) == ""
    draft = RawEntry(content=Text(f"<p>x</p>{line}", "html"), summary=Text(f"y{line}", "html"))
    cleaned = clean(draft, base="", settings=ContentSettings())
    assert (cleaned.content, cleaned.summary) == ("<p>x</p>", "y")


def footer_of(title: str, href: str) -> str:
    also = Also(href=href, title=title, source_id="b")
    entry = Entry("urn:x", href, NOON, NOON, NOON, NOON, CleanEntry(content="<p>x</p>"), also=(also,))
    return footer(entry, Site("Planet", "https://planet.example/"), Words())


def test_documents_are_those_that_are_rendered() -> None:
    assert set(RENDERED.values()) == DOCUMENTS


@pytest.mark.torture
@pytest.mark.parametrize("form", usually("atom"))
def test_a_state_of_the_version_before_learns_who_was_named(planets: Planets, upstream: Upstream, form: str) -> None:
    """It told of the other planet at the end of each text, and knew of no names."""
    a, _ = pair(planets, upstream, "no public ids", form)
    for _ in range(3):
        planets.round()
    before = updated(a)
    with closing(sqlite3.connect(a.root / ".aggregator/state.db")) as state:
        assert state.execute("SELECT count(*) FROM sighting WHERE echo AND withheld = 'echo'").fetchone()[0]
        state.execute("UPDATE sighting SET origin = '', echo = FALSE, withheld = '', rules_version = '5-before'")
        state.commit()
    a.regenerate(planets.now)
    assert "Also published by" not in texts(a)
    assert (updated(a), len(a.titles())) == (before, 10)
    assert_still(planets, 3)
    assert updated(a) == before


def test_another_planet_of_our_name_is_not_taken_for_us(planets: Planets, upstream: Upstream) -> None:
    """Its feeds end as ours do, and RSS says no more of a feed than its address and its title."""
    a = planets.add("A")
    said = '<source url="https://other.example/all/rss.xml">Planet A</source></item>'
    body = rss(*items("theirs", guid="tag:other.example,2026:{}", link="https://theirs.example/{}"))
    a.config["sources"].append({"url": upstream.serve("/b.xml", body.replace("</item>", said)), "id": "b"})
    planets.round()
    assert len(a.titles()) == 3
