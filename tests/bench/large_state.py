"""States of any number of known entries, by direct inserts; and news that arrive in them."""

import asyncio
import random
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

from aggregator.clean.clean_entry import ContentSettings, clean
from aggregator.clean.version import cleaning_version
from aggregator.codec import digest, pack
from aggregator.dedup.comparable import Signing, comparable
from aggregator.merge.sync_sources import sync_sources
from aggregator.model.document import Link, RawEntry, Text
from aggregator.model.entry import CleanEntry, Fingerprint
from aggregator.settings import content_settings
from aggregator.store import EntryRow, SightingRow, Store
from aggregator.store.arrivals import ArrivalRow
from aggregator.store.schema import metadata
from tests.support.planet import NOON, Planet
from tests.support.same_process import SameProcess

SOURCES = 100
ADDRESS = "address"  # the file that says where the state is, if not beside the config
THRESHOLD = 0.85  # the default of duplicates.threshold
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
    with closing(sqlite3.connect(store.at, isolation_level=None)) as connection:
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


def sources_of(folder: Path) -> Planet:
    """A planet of SOURCES sources, for calls in this process that use neither an event loop nor other processes."""
    planet = Planet(folder, asyncio.Runner(), SameProcess())
    planet.config["sources"] = [{"url": f"https://s{n}.example/feed", "id": f"s{n}"} for n in range(SOURCES)]
    if (address := folder / ADDRESS).exists():
        planet.config["state"] = address.read_text()
    return planet


def move_to(folder: Path, address: str) -> None:
    """The state of the planet in this folder is in this database from here on."""
    with closing(Store(folder / ".aggregator/state.db")) as file, closing(Store(address)) as there:
        file.open()
        there.open()
        there.copy_from(file)
    (folder / ADDRESS).write_text(address)


def subscribed(planet: Planet, **values: Any) -> None:
    """Its sources were pulled a month ago."""
    with planet.app() as app, app.store.write() as tx:
        sync_sources(app, tx, NOON - timedelta(days=40))
        for source in app.sources:
            tx.pulls.add(source_id=source.id, batch_at=NOON - timedelta(days=29), outcome="changed")
            if values:
                tx.sources.change(source.id, **values)


def known(folder: Path, count: int, **values: Any) -> Planet:
    """A planet whose sources showed `count` entries."""
    planet = sources_of(folder)
    subscribed(planet, **values)
    with planet.app() as app:
        fill(app.store, count, cleaning_version(content_settings(app.config)))
    return planet


def news(source: str, batch: int, count: int) -> list[RawEntry]:
    """Entries of a source that nobody has seen."""
    at = NOON + timedelta(hours=batch)
    return [
        RawEntry(
            id=f"https://{source}.example/new/{batch}/{n}",
            title=Text(f"New {batch} {n} of {source}"),
            content=Text(f"<p>{text((batch, n, source))}</p>", "html"),
            links=(Link(f"https://{source}.example/new/{batch}/{n}"),),
            published=at,
        )
        for n in range(count)
    ]


def arrive(planet: Planet, drafts: Mapping[str, Sequence[RawEntry]], hours: int = 0) -> None:
    """As if the sources had just shown these entries: they wait to be merged."""
    with planet.app(NOON + timedelta(hours=hours)) as app, app.store.write() as tx:
        for id_, some in drafts.items():
            pull = tx.pulls.add(source_id=id_, batch_at=app.clock(), outcome="changed", complete=False, merged=False)
            tx.arrivals.add((pull, arrival(i, one, content_settings(app.config))) for i, one in enumerate(some))


def arrival(place: int, draft: RawEntry, settings: ContentSettings) -> ArrivalRow:
    cleaned = clean(draft, base="", settings=settings)
    packed = pack(draft), pack(cleaned)
    return ArrivalRow(place, digest(draft), *packed, comparable(cleaned, Signing(THRESHOLD), packed))
