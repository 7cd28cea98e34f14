"""The cost of matching in small and large stores, as ratios: `make bench`. Nothing here asserts times."""

import os
import random
import sqlite3
import statistics
import subprocess
import sys
from contextlib import closing
from dataclasses import astuple, dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from aggregator.app import App
from aggregator.clean.clean_entry import ContentSettings, clean
from aggregator.clean.version import cleaning_version
from aggregator.codec import digest, pack
from aggregator.explain import explain
from aggregator.merge.arrivals import ArrivedPull
from aggregator.merge.context import open_context
from aggregator.merge.sync_sources import sync_sources
from aggregator.model.document import Link, RawEntry, Text
from aggregator.model.entry import CleanEntry, Fingerprint
from aggregator.pipeline import merge
from aggregator.report import Report
from aggregator.settings import content_settings
from aggregator.store import EntryRow, SightingRow, Store
from aggregator.store.arrivals import ArrivalRow
from aggregator.store.schema import metadata
from tests.bench.test_costs import timed
from tests.support.planet import NOON, Planet

pytestmark = pytest.mark.bench

SOURCES = 100
NEW = 50  # entries in each pull that is measured
WORDS = [f"word{n}" for n in range(2000)]


def text(seed: object) -> str:
    """Sixty words that no other seed gives."""
    return " ".join(random.Random(str(seed)).choices(WORDS, k=60))


# What tells the copies of the template row from one another, as SQL over their number `i`.
LINK = f"'s' || (i % {SOURCES}) || '.example/' || i"
NUMBER = "lower(hex(randomblob(32)))"
APART = {
    "entry": {"id": "i", "public_id": "'urn:x:' || i", "winner_id": "i", "digest": NUMBER}
    | dict.fromkeys(("published", "updated", "first_seen_at", "changed_at", "fresh_at"), "t.published - i * 1000000"),
    "sighting": {
        "id": "i", "entry_id": "i", "source_id": f"'s' || (i % {SOURCES})", "canonical": LINK,
        "upstream_id": f"'https://' || {LINK}", "link": f"'https://' || {LINK}", "item": NUMBER, "digest": NUMBER,
        "whole": NUMBER, "body": NUMBER, "title": "'entry ' || i", "claimed": "t.claimed - i * 1000000",
    },
}  # fmt: skip


def fill(store: Store, count: int, version: str) -> None:
    """A store of `count` entries, each seen at one of the sources, a month ago and before."""
    at = NOON - timedelta(days=30)
    draft = pack(RawEntry(title=Text("An entry"), content=Text(f"<p>{text(0)}</p>", "html")))
    packed = pack(
        CleanEntry(title="An entry", content=text(0), fingerprint=Fingerprint(title="an entry", text=text(0)))
    )
    entry = EntryRow(1, "urn:x:1", at, at, at, at, at, 0, "", [], winner_id=1)
    sighting = SightingRow(
        id=1, source_id="s1", entry_id=1, upstream_id="", link="", canonical="", path="", item="", digest="", whole="",
        body="", title="", claimed=at, draft=draft, clean=packed, rules_version=version, source_updated=None,
        matched_by="new", matched_to=None, score=None, reason="nothing known is like it", place=0, first_seen_at=at,
        last_seen_at=at,
    )  # fmt: skip
    with store.write() as tx:
        tx.entries.add([entry])
        tx.sightings.add([sighting])
    store.close()
    with closing(sqlite3.connect(store.path, isolation_level=None)) as connection:
        for pragma in ("journal_mode=OFF", "synchronous=OFF", "cache_size=-1000000"):
            connection.execute(f"PRAGMA {pragma}")
        indexes = list(connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql <> ''"))
        for name, _ in indexes:
            connection.execute(f"DROP INDEX {name}")
        for table, apart in APART.items():
            names = [column.name for column in metadata.tables[table].columns]
            values = ", ".join(apart.get(name, f"t.{name}") for name in names)
            connection.execute(
                f"WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < {count})"
                f" INSERT INTO {table} ({', '.join(names)}) SELECT {values} FROM n, {table} t WHERE t.id = 1"
            )
        for _, sql in indexes:
            connection.execute(sql)
        connection.execute("PRAGMA journal_mode=WAL")
    store.open()


def arrive(planet: Planet, batch: int) -> None:
    """Each source shows some entries that nobody has seen."""
    at = NOON + timedelta(hours=batch)
    with planet.app(at) as app:
        drafts = {
            source.id: [
                RawEntry(
                    id=f"https://{source.id}.example/new/{batch}/{n}",
                    title=Text(f"New {batch} {n} of {source.id}"),
                    content=Text(f"<p>{text((batch, n, source.id))}</p>", "html"),
                    links=(Link(f"https://{source.id}.example/new/{batch}/{n}"),),
                    published=at,
                )
                for n in range(NEW)
            ]
            for source in app.sources
        }
        with app.store.write() as tx:
            for id_, some in drafts.items():
                pull_id = tx.sources.add_pull(
                    source_id=id_, batch_at=at, outcome="changed", complete=False, merged=False
                )
                tx.arrivals.add(
                    pull_id, [arrival(i, draft, content_settings(app.config)) for i, draft in enumerate(some)]
                )


def arrival(place: int, draft: RawEntry, settings: ContentSettings) -> ArrivalRow:
    cleaned = clean(draft, base="", settings=settings)
    return ArrivalRow(place, digest(draft), pack(draft), pack(cleaned))


# What a process needs at most, its children's and its parent's not counted (proc(5), VmHWM).
PROGRAM = """
import atexit, re
from aggregator.cli import main
atexit.register(lambda: print(re.search(r"VmHWM:\\s+([0-9]+)", open("/proc/self/status").read())[1]))
main()
"""


@dataclass(frozen=True)
class Cost:
    """Seconds for one new entry: `match` to find out what it is, `merge` with all that is decided and written,
    `explain` to tell why."""

    match: float
    merge: float
    explain: float


def subscribed(planet: Planet, **values: Any) -> None:
    """Sources that were pulled a month ago."""
    planet.config["sources"] = [{"url": f"https://s{n}.example/feed", "id": f"s{n}"} for n in range(SOURCES)]
    with planet.app() as app, app.store.write() as tx:
        sync_sources(app, tx, NOON - timedelta(days=40))
        for source in app.sources:
            tx.sources.add_pull(source_id=source.id, batch_at=NOON - timedelta(days=29), outcome="changed")
            if values:
                tx.sources.change(source.id, **values)


def cost(root: Path, planet: Planet, count: int) -> Cost:
    planet.root = root
    subscribed(planet)
    with planet.app() as app:
        fill(app.store, count, cleaning_version(content_settings(app.config)))
    costs = [one_batch(planet, batch) for batch in range(1, 4)]
    return Cost(*(statistics.median(times) for times in zip(*map(astuple, costs), strict=True)))


def one_batch(planet: Planet, batch: int) -> Cost:
    arrive(planet, batch)
    with planet.app(NOON + timedelta(hours=batch)) as app:
        matching = timed(lambda: match_all(app))
        report = Report()
        merging = timed(lambda: merge(app, report, app.clock()))
        explaining = timed(lambda: explain(app, f"https://s7.example/new/{batch}/7"))
    assert report.entries.new == SOURCES * NEW
    return Cost(matching / (SOURCES * NEW), merging / (SOURCES * NEW), explaining)


def match_all(app: App) -> None:
    with app.store.write() as tx:
        context = open_context(app, tx, Report())
        for pull in tx.arrivals.pending():
            incoming = ArrivedPull(context, tx, pull, tx.sources.get(pull.source_id))
            decisions = [incoming.document.decide(item.arriving) for item in incoming.items]
            assert {decision.rule for decision in decisions} == {"new"}


def test_one_new_entry_costs_about_the_same_in_a_store_of_any_size(tmp_path: Path, planet: Planet) -> None:
    sizes = (10_000, 1_000_000)
    costs = []
    for size in sizes:
        root = tmp_path / str(size)
        root.mkdir()
        costs.append(one := cost(root, planet, size))
        print(f"\na new entry, {size:>9,} known: {1000 * one.match:.3f} ms to match,", end="")
        print(f" {1000 * one.merge:.3f} ms to match, decide and write, {1000 * one.explain:.0f} ms to explain", end="")
    small, large = costs
    ratios = [f"{more / less:.2f}" for more, less in zip(astuple(large), astuple(small), strict=True)]
    print("\nlarge : small = {} : 1 to match, {} : 1 in all, {} : 1 to explain".format(*ratios))


def test_a_hundred_thousand_entries_in_memory(tmp_path: Path, planet: Planet) -> None:
    """The peak of a run in a process of its own, nothing due."""
    planet.root = tmp_path
    subscribed(planet, next_poll_at=NOON + timedelta(days=9))
    with planet.app() as app:
        fill(app.store, 100_000, cleaning_version(content_settings(app.config)))
    command = [sys.executable, "-c", PROGRAM, "-c", str(tmp_path / "config.yaml"), "--quiet", "run"]
    environment = os.environ | {"AGGREGATOR_NOW": NOON.isoformat()}
    done = subprocess.run(command, check=True, env=environment, capture_output=True, text=True)
    print(f"\na run over 100,000 known entries: {int(done.stdout) / 1024:.0f} MB at most", end="")
