"""The cost of publishing many feeds of many entries, and one changed entry among them: `make bench`."""

import gc
import random
from collections.abc import Iterator
from datetime import timedelta

import pytest

from aggregator.gc_tuning import collect_cycles_rarely
from aggregator.model.document import CategoryTerm, Link, Person, RawEntry, Text
from aggregator.pipeline import merge
from aggregator.publish.publish import publish
from aggregator.report import Report
from aggregator.settings import content_settings
from tests.bench.test_costs import show, timed
from tests.bench.test_matching import SOURCES, arrival, subscribed
from tests.support.planet import NOON, Planet

pytestmark = pytest.mark.bench

ENTRIES = 8_000
FEEDS = 500
IN_EACH = 50
WORDS = [f"word{n}" for n in range(2000)]


def placed() -> dict[int, set[str]]:
    """The categories of each entry: all entries are dealt out in rounds, each round in an order of its own."""
    choice, dealt = random.Random(1), list[int]()
    while len(dealt) < FEEDS * IN_EACH:
        dealt += choice.sample(range(ENTRIES), ENTRIES)
    found: dict[int, set[str]] = {n: set() for n in range(ENTRIES)}
    for i, n in enumerate(dealt[: FEEDS * IN_EACH]):
        found[n].add(f"Topic {i // IN_EACH}")
    return found


CATEGORIES = placed()


def body(n: int, changed: str = "") -> str:
    """Some 1,800 bytes of HTML, as posts have it."""
    choice = random.Random(n)
    links = "".join(
        f'<p>{" ".join(choice.choices(WORDS, k=40))} <a href="https://s{n % SOURCES}.example/{n}/{k}">more</a>'
        f" &amp; <em>{' '.join(choice.choices(WORDS, k=4))}</em> 新闻</p>"
        for k in range(4)
    )
    picture = f'<p><img src="https://s{n % SOURCES}.example/{n}.jpg" alt="Picture {n}"></p>'
    return f"<h2>About {n}{changed}</h2>{picture}{links}<ul><li>one</li><li>two</li></ul>"


def draft(n: int, changed: str = "") -> RawEntry:
    address = f"https://s{n % SOURCES}.example/{n}"
    return RawEntry(
        id=address,
        title=Text(f"Entry {n}{changed}"),
        content=Text(body(n, changed), "html"),
        links=(Link(address),),
        authors=(Person(f"Author {n % 300}"),),
        terms=tuple(map(CategoryTerm, sorted(CATEGORIES[n]))),
        published=NOON - timedelta(hours=n + 30),
    )


def pulled(planet: Planet, drafts: dict[str, list[RawEntry]]) -> None:
    """As if the sources had just shown them."""
    with planet.app() as app:
        with app.store.write() as tx:
            for id_, some in drafts.items():
                pull = tx.sources.add_pull(
                    source_id=id_, batch_at=app.clock(), outcome="changed", complete=False, merged=False
                )
                tx.arrivals.add(pull, [arrival(i, one, content_settings(app.config)) for i, one in enumerate(some)])
        merge(app, Report(), app.clock())


@pytest.fixture(autouse=True)
def as_the_command_does() -> Iterator[None]:
    before = gc.get_threshold()
    collect_cycles_rarely()
    yield
    gc.set_threshold(*before)


def published(planet: Planet, *only: str) -> tuple[float, Report]:
    report = Report()
    with planet.app() as app:
        return timed(lambda: publish(app, report, app.clock(), only=only)), report


def weighed(planet: Planet) -> float:
    return sum(file.stat().st_size for file in (planet.root / "feeds").rglob("*.*")) / 2**20


def test_five_hundred_feeds_and_one_changed_entry(planet: Planet) -> None:
    planet.config["feeds"] = {"formats": ["atom", "rss", "json"]}
    subscribed(planet)
    pulled(planet, {f"s{s}": [draft(n) for n in range(s, ENTRIES, SOURCES)] for s in range(SOURCES)})
    with planet.app() as app, app.store.read() as tx:
        categories = [row.path for row in tx.categories.all()]
    cold, report = published(planet, *categories)
    assert report.feeds.written == FEEDS
    assert not report.problems
    show(f"{FEEDS} feeds of {IN_EACH}, {ENTRIES} entries, {weighed(planet):.0f} MB", cold, FEEDS, "a feed")
    past, report = published(planet)
    assert report.feeds.written == 1
    pages = ENTRIES // 100
    show(f"all, with {pages} sealed pages, {weighed(planet):.0f} MB together", past, pages, "a page")
    again, report = published(planet)
    assert report.feeds.written == 0
    show("nothing changed", again, report.feeds.total, "a feed")
    pulled(planet, {"s77": [draft(4077, " changed")]})
    one, report = published(planet)
    assert report.feeds.written == len(CATEGORIES[4077])
    show("one entry changed", one, report.feeds.written, "a feed that holds it")
    print(f"\ncold : one changed : unchanged = {cold / again:.0f} : {one / again:.1f} : 1")
