"""How many feeds, files and bytes three kinds of planets make by default: few enough to be read and kept."""

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from tests.commands.test_cli import aggregator, report
from tests.support import corpus
from tests.support.blogs import SHARED, Blog, blogs, opml
from tests.support.planet import NOON, Planet, Upstream
from tests.support.simulation import DAY, prose

MB = 10**6  # bytes


@dataclass(frozen=True)
class Size:
    """`categories`: that entries have; `used_once`: those of one entry."""

    feeds: int
    files: int
    bytes: int
    categories: int
    used_once: int


@pytest.fixture
def young(planet: Planet) -> Planet:
    """A planet under the default rule."""
    planet.every_category = planet.is_settled = False
    return planet


def size(planet: Planet) -> Size:
    files = [file for file in (planet.root / "feeds").rglob("*") if file.is_file()]
    with planet.app() as app, app.store.read() as tx:
        counts = tx.feed_members.counts(2)
    used = [count for count in counts.values() if count]
    return Size(len(planet.index()), len(files), sum(one.stat().st_size for one in files), len(used), used.count(1))


def subscribe(planet: Planet, upstream: Upstream, followed: Sequence[Blog]) -> None:
    """Imports blogs as a person does."""
    for blog in followed:
        upstream.serve(blog.path, blog.document())
    (planet.root / "mine.opml").write_text(opml(followed, upstream.url("")), encoding="utf-8")
    with planet.app():
        pass  # writes the config
    done = report(aggregator(planet.root, "import", "mine.opml", "--json"))
    assert len(done["added"]) == len(followed)
    planet.config = yaml.safe_load((planet.root / "config.yaml").read_text("utf-8"))


def terms(blog: Blog) -> int:
    return len({term for entry in blog.entries for term in entry.get("category", "").split("|")})


@pytest.mark.torture
def test_forty_imported_blogs(young: Planet, upstream: Upstream) -> None:
    subscribe(young, upstream, blogs(40))
    assert young.run().sources.failed == 0
    made = size(young)
    assert (made.categories > 400, made.used_once > 300) == (True, True)
    assert made.feeds <= 25
    assert made.files <= 125
    assert made.bytes < 5 * MB
    named = {"all", "tech", "friends", "news"}  # folders of the list
    assert len({term.lower() for term in SHARED} & young.index().keys()) >= len(young.index().keys() - named) * 2 / 3


@pytest.mark.torture
def test_a_home_user_with_four_feeds(young: Planet, upstream: Upstream) -> None:
    subscribe(young, upstream, sorted(blogs(40), key=terms)[-4:])
    young.run()
    made = size(young)
    assert made.categories > 150
    assert made.feeds <= 20
    assert made.files <= 80
    assert made.bytes < 2 * MB


@pytest.mark.torture
def test_a_mirror_of_three_thousand_posts(young: Planet) -> None:
    """A folder for each site, with lists of it, as route mirrors write them; every post has its full text."""
    chance = random.Random(1)
    sites = {f"Site {n}": [f"List {k}" for k in range(1 + n % 4)] for n in range(20)}
    for n in range(3000):
        site = f"Site {min(19, int(chance.paretovariate(0.6)) - 1)}"
        where, at = [site, chance.choice(sites[site])], (NOON - n * DAY / 10).isoformat()
        young.post(
            f"{site}/{n}.md",
            f"---\ntitle: {prose(f'title {n}', 5)}\ndate: {at}\nlink: https://mirrored.example/{n}\n"
            f"categories: {where}\n---\n{prose(str(n), 300)}\n",
        )
    young.run()
    made = size(young)
    assert made.categories == made.feeds - 1 == 20 + sum(map(len, sites.values()))  # what local posts use
    assert made.files <= 450
    assert made.bytes < 60 * MB  # of 6 MB: each text in three feeds, on a page of the archive of each as Atom and HTML


def documents() -> list[Path]:
    suffixes = {".xml", ".rss", ".atom", ".rdf", ""}
    return [file for file in sorted(corpus.FEEDS.rglob("*")) if file.suffix in suffixes and file.is_file()]


def evenly(files: list[Path]) -> list[Path]:
    return files[:: len(files) // 40][:40]


def with_most_terms(files: list[Path]) -> list[Path]:
    category = re.compile(rb'<category[^>]*>(.*?)</category>|<category[^>]*term="([^"]*)"')
    return sorted(files, key=lambda file: len(set(category.findall(file.read_bytes()))))[-40:]


@pytest.mark.torture
@pytest.mark.skipif(not corpus.FEEDS.is_dir(), reason=f"no documents of real sites at {corpus.FEEDS}")
@pytest.mark.parametrize(("choose", "feeds", "files"), [(evenly, 30, 200), (with_most_terms, 60, 300)])
def test_forty_real_sites(
    young: Planet, upstream: Upstream, choose: Callable[[list[Path]], list[Path]], feeds: int, files: int
) -> None:
    """Those with the most terms have 1,400 of them, and 55 that several sites or ten entries of one have."""
    urls = [upstream.serve(f"/{n}", file.read_bytes()) for n, file in enumerate(choose(documents()))]
    young.config["sources"] = [{"url": url, "id": f"site-{n}"} for n, url in enumerate(urls)]
    young.run(NOON + 6 * DAY)
    made = size(young)
    assert made.feeds <= feeds
    assert made.files <= files
