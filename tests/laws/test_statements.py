"""How many SQL statements a pull costs: as many for a long document as for a short one, and for many sources that have
nothing new as for one. A statement for each entry, or for each source, would be the first thing to get slow."""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine

from tests.support.planet import NOON, Planet, Upstream, rss

WORDS = "some words that stand in every text so that it is long enough to be compared with those of others "


@contextmanager
def counted() -> Iterator[Counter[str]]:
    """Statements by their text."""
    asked: Counter[str] = Counter()

    def note(*arguments: object) -> None:
        asked[str(arguments[2])] += 1

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def stories(numbers: Sequence[int], guid: str = "g") -> str:
    return rss(
        *(
            {
                "title": f"Story {n} about {n * 7919}",
                "link": f"https://blog.example/{guid}/{n}",
                "guid": f"{guid}{n}",
                "pubDate": f"Mon, {n % 28 + 1:02d} Oct 2026 08:00:00 GMT",
                "description": f"<p>{n} {WORDS} {' '.join(str(n * m) for m in range(60))}</p>",
            }
            for n in numbers
        )
    )


def statements(planet: Planet, upstream: Upstream, *bodies: str) -> Counter[str]:
    """Those of the run that sees the last of these documents."""
    for n, body in enumerate(bodies):
        planet.config["sources"] = [
            {"url": upstream.serve("/a", body), "id": "a"},
            {"url": upstream.serve("/b", stories([5000])), "id": "b"},
        ]
        with counted() as asked:
            planet.run(NOON + timedelta(days=n), force=True)
    return asked


def check_alike(small: Counter[str], large: Counter[str]) -> None:
    assert {sql: large[sql] - small[sql] for sql in large if large[sql] > small[sql] + 2} == {}


def test_new_entries_ask_no_more_where_they_are_many(
    planet: Planet, upstream: Upstream, tmp_path_factory: pytest.TempPathFactory
) -> None:
    old = range(1000, 1003)
    small = statements(planet, upstream, stories(old), stories([*old, 1, 2, 3]))
    planet.root = tmp_path_factory.mktemp("many")
    large = statements(planet, upstream, stories(old), stories([*old, *range(60)]))
    check_alike(small, large)


@pytest.mark.torture
def test_entries_under_new_ids_and_links_ask_no_more_where_they_are_many(
    planet: Planet, upstream: Upstream, tmp_path_factory: pytest.TempPathFactory
) -> None:
    small = statements(planet, upstream, stories(range(4)), stories(range(4), "h"))
    planet.root = tmp_path_factory.mktemp("many")
    large = statements(planet, upstream, stories(range(60)), stories(range(60), "h"))
    check_alike(small, large)


@pytest.mark.torture
def test_a_run_in_which_nothing_happens_asks_no_more_where_sources_are_many(
    planet: Planet, upstream: Upstream, tmp_path_factory: pytest.TempPathFactory
) -> None:
    counts = []
    for many in (2, 40):
        planet.root = tmp_path_factory.mktemp(f"of{many}")
        planet.config["sources"] = [{"url": upstream.serve(f"/{n}", stories([n])), "id": f"s{n}"} for n in range(many)]
        planet.run()
        with counted() as asked:
            planet.run(NOON + timedelta(minutes=1))
        counts.append(asked)
    check_alike(*counts)
