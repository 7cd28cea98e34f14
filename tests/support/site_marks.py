"""Plays histories of sources in one planet, and counts the sources that it held as another site."""

import sqlite3
from collections import defaultdict
from collections.abc import Collection
from contextlib import closing
from dataclasses import dataclass
from functools import partial

from aggregator import pipeline
from aggregator.app import App
from aggregator.pull.claim import PullScope
from aggregator.pull.feeds import pull_sources
from aggregator.report import Report
from aggregator.worker_pool import WorkerPool
from tests.support.planet import Planet, Upstream
from tests.support.simulation import DAY
from tests.support.site_histories import BEGIN, History, Shown

HELD = (
    "SELECT DISTINCT sighting.source_id FROM entry JOIN sighting ON sighting.entry_id = entry.id"
    " WHERE entry.kept_back = 'site'"
)


@dataclass(frozen=True)
class Marks:
    """Names of take-overs that were not held, and of honest histories that were."""

    missed: list[str]
    wronged: list[str]


def play(planet: Planet, upstream: Upstream, histories: Collection[History]) -> Marks:
    """Each document is served on its day, and its source alone is pulled. Sources do not join one another's entries:
    the histories share their sentences."""
    planet.config |= {
        "duplicates": {"across_sources": "off"},
        "posts": [],
        "sources": [{"url": upstream.url(f"/{one.name}"), "id": one.name} for one in histories],
    }
    days: defaultdict[float, list[tuple[str, Shown]]] = defaultdict(list)
    for history in histories:
        for document in history.documents:
            days[document.day].append((history.name, document))
    for day in sorted(days):
        for name, document in days[day]:
            _serve(upstream, name, document)
        planet._work(partial(_pull, planet.pool, [name for name, _ in days[day]]), BEGIN + day * DAY)
    held = _held(planet)
    return Marks(
        sorted(one.name for one in histories if one.taken_over and one.name not in held),
        sorted(one.name for one in histories if not one.taken_over and one.name in held),
    )


async def _pull(pool: WorkerPool, sources: list[str], app: App) -> Report:
    """A run that publishes nothing."""
    report = Report()
    app, at = await pipeline.prepare(app, pool, report, pull_lists=False)
    await pull_sources(app, pool, at, report, PullScope(force=True, only=sources))
    pipeline.merge(app, report, at)
    return report


def _serve(upstream: Upstream, name: str, document: Shown) -> None:
    if not document.elsewhere:
        upstream.serve(f"/{name}", document.body)
        return
    there = upstream.serve(f"/moved/{name}", document.body).replace("127.0.0.1", "localhost")
    upstream.serve(f"/{name}", b"", status=301, headers={"Location": there})


def _held(planet: Planet) -> set[str]:
    with closing(sqlite3.connect(planet.root / ".aggregator" / "state.db")) as state:
        return {row[0] for row in state.execute(HELD)}
