"""Real feeds: which entries are merged across sources, for review, and how long it takes: `make figures`."""

import os
import statistics
import subprocess
import sys
from functools import partial

import pytest
from sqlalchemy import select

from aggregator.store.schema import sighting
from tests.bench.figures.timing import show, timed
from tests.support import paths
from tests.support.planet import NOON, Planet, Upstream

pytestmark = pytest.mark.bench

FEEDS = paths.SHARED / "data" / "feeds"


@pytest.mark.skipif(not FEEDS.is_dir(), reason="the corpus of real feeds is not here")
def test_pairs_that_are_merged_across_sources(planet: Planet, upstream: Upstream) -> None:
    files = sorted(file for file in FEEDS.rglob("*") if file.is_file())
    planet.config["fetch"]["per_host"] = 64
    planet.config["sources"] = [
        {"url": upstream.serve(f"/{n}/{file.name}", file.read_bytes()), "id": f"source-{n}"}
        for n, file in enumerate(files)
    ]
    show(f"{len(files)} real feeds, cold", timed(planet.run), len(files), "a feed")
    other = sighting.alias()
    statement = (
        select(sighting.c.matched_by, sighting.c.score, sighting.c.title, other.c.title, sighting.c.reason)
        .join(other, other.c.id == sighting.c.matched_to)
        .where(sighting.c.source_id != other.c.source_id)
    )
    with planet.app() as app, app.store._database.read() as connection:
        merged = list(connection.execute(statement))
    print(f"\n{len(merged)} merged across sources:")
    for rule, score, title, other_title, reason in merged:
        likeness = "" if score is None else f"{score:.2f}"
        print(f"  {rule:<11} {likeness:>4}  {title[:50]:<50} | {other_title[:50]}  ({reason})")
    assert all(rule in {"guid", "link", "near"} for rule, *_ in merged)
    _explain(planet)


def _explain(planet: Planet) -> None:
    """The whole command, as a person waits for it, for entries from all over the store."""
    with planet.app() as app, app.store.read() as tx:
        rows = tx.entries.of(tx.entries.ids(after=0, most=2**31))
    asked = [rows[id_].public_id for id_ in sorted(rows)[:: len(rows) // 40 + 1]]
    took = [timed(partial(_ask, planet, ref)) for ref in asked]
    print(f"\nexplain: {len(asked)} entries of {len(rows)}, the whole command:", end=" ")
    print(f"{min(took):.2f} to {max(took):.2f} s, the median {statistics.median(took):.2f} s")


def _ask(planet: Planet, ref: str) -> None:
    command = [sys.executable, "-m", "aggregator", "explain", "--json", ref]
    environment = os.environ | {"AGGREGATOR_NOW": NOON.isoformat()}
    answer = subprocess.run(command, cwd=planet.root, env=environment, capture_output=True, check=True)
    assert b'"feeds"' in answer.stdout
