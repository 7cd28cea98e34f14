"""Pairs of real feeds that show the same entries stay merged, where those feeds are present."""

from collections import Counter

import pytest
from sqlalchemy import select

from aggregator.store.schema import sighting
from tests.support.corpus import FEEDS
from tests.support.planet import Planet, Upstream

# Two files, and how many entries both show. No other two of the real feeds share an entry.
NATURAL = {
    ("feedjira/PaulDixExplainsNothing.xml", "feedjira/PaulDixExplainsNothingAlternate.xml"): 5,
    (
        "node-feedparser/rss-with-relative-urls-with-absolute-xmlurl.xml",
        "node-feedparser/rss-with-relative-urls.xml",
    ): 2,
}


@pytest.mark.skipif(not FEEDS.is_dir(), reason="the corpus of real feeds is not here")
def test_the_entries_that_two_real_feeds_share_are_found(planet: Planet, upstream: Upstream) -> None:
    names = [name for pair in NATURAL for name in pair]
    planet.config["sources"] = [
        {"url": upstream.serve(f"/{n}/feed.xml", (FEEDS / name).read_bytes()), "id": f"source-{n}"}
        for n, name in enumerate(names)
    ]
    planet.run()
    other = sighting.alias()
    statement = (
        select(other.c.source_id, sighting.c.source_id)
        .join(other, other.c.id == sighting.c.matched_to)
        .where(sighting.c.source_id != other.c.source_id)
    )
    with planet.app() as app, app.store._database.read() as connection:
        found = Counter((names[int(a[7:])], names[int(b[7:])]) for a, b in connection.execute(statement))
    assert {tuple(sorted(pair)): count for pair, count in found.items()} == {
        tuple(sorted(pair)): count for pair, count in NATURAL.items()
    }
