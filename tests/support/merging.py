"""Merging alone: drafts of sources in, entries out; no network, no processes, no published files."""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any, ClassVar

import yaml
from sqlalchemy import select

from aggregator.app import App
from aggregator.codec import pack
from aggregator.config import load_config
from aggregator.merge.held import seal_held
from aggregator.merge.sync_sources import sync_sources
from aggregator.model.backlog import binding_since
from aggregator.model.document import CategoryTerm, FeedInfo, Link, RawEntry, Text
from aggregator.pipeline import merge
from aggregator.pull.process import _process_entry
from aggregator.report import Report
from aggregator.settings import content_settings
from aggregator.store import FeedRow, Store
from aggregator.store.arrivals import ArrivalRow
from aggregator.store.feed_members import FeedFilter, FeedPosition
from aggregator.store.schema import entry, entry_category, sighting
from tests.support.planet import NOON


@dataclass(frozen=True, slots=True)
class MergedEntry:
    """The entry at one place of a document, as it was merged."""

    place: int
    public_id: str
    rule: str
    reason: str
    visible: bool


class Merger:
    """`homes`: home pages by source id, in config order. `blank`: an empty state; `keys`: of each source; `more`: other
    keys of the config."""

    backlog: ClassVar[int] = 0  # set: the feed `all` stands for days, and a source that joins brings that many entries

    def __init__(
        self,
        root: Path,
        blank: Path,
        homes: Mapping[str, str],
        *,
        keys: Mapping[str, Mapping[str, object]] = MappingProxyType({}),
        **more: Any,
    ) -> None:
        root.mkdir(parents=True, exist_ok=True)
        shutil.copy(blank, root / "state.db")
        config: dict[str, object] = {
            "site": {"title": "Planet", "url": "https://planet.example/", "since": "2026-11-23"},
            "state": "state.db",
            "posts": [],
            "sources": [{"url": f"{home}feed", "id": id_, **keys.get(id_, {})} for id_, home in homes.items()],
            **more,
        }
        if self.backlog:
            config["feeds"] = {"backlog": self.backlog}
        (root / "config.yaml").write_text(yaml.safe_dump(config, sort_keys=False), encoding="utf-8")
        self.homes = homes
        self.now = NOON
        self.store = Store(root / "state.db")
        self.store.open()
        self.app = App(load_config(root / "config.yaml", {}), self.store, lambda: self.now)
        self._turn_off_fsync()
        with self.store.write() as tx:
            sync_sources(self.app, tx, self.now)
            row = FeedRow("all", "tag:planet.example,2026:feed/all", self.now - timedelta(days=2))
            tx.feeds.add([row] if self.backlog else [])

    def _turn_off_fsync(self) -> None:
        """Turns off fsync, which takes most of the time here and is tested elsewhere."""
        engine = self.store._database._engine
        assert engine is not None
        raw = engine.raw_connection()
        raw.cursor().execute("PRAGMA synchronous=OFF")
        raw.close()

    def close(self) -> None:
        self.store.close()

    def pull(self, source_id: str, drafts: Sequence[RawEntry], *, complete: bool = True, title: str = "") -> None:
        """Records a changed answer, as pulling does; it waits until it is merged."""
        content = content_settings(self.app.config)
        with self.store.write() as tx:
            row = tx.sources.get(source_id)
            known = tx.arrivals.known_items(source_id)
            processed = [_process_entry(draft, known, content)[0] for draft in drafts]
            about = FeedInfo(title=title or source_id.upper(), link=self.homes[source_id])
            tx.sources.change(
                source_id, state="ok", last_success_at=self.now, about=pack(about), changed_pulls=row.changed_pulls + 1
            )
            pull_id = tx.pulls.add(
                source_id=source_id, batch_at=self.now, outcome="changed", complete=complete, merged=False
            )
            tx.arrivals.add((pull_id, ArrivalRow(i, one.item, one.draft, one.clean)) for i, one in enumerate(processed))

    def merge(self) -> Report:
        report = Report()
        merge(self.app, report, self.now)
        return report

    def release(self) -> Report:
        """Releases entries that were held for a day, as each run does first."""
        report = Report()
        with self.store.write() as tx:
            seal_held(self.app, tx, report, self.now)
        return report

    def shown_by(self, source_id: str) -> list[MergedEntry]:
        """The entries of the source's newest document, in its order."""
        columns = (sighting.c.place, entry.c.public_id, sighting.c.matched_by, sighting.c.reason, entry.c.winner_id)
        now = (sighting.c.source_id == source_id, sighting.c.last_seen_at == self.now)
        statement = select(*columns).join(entry, entry.c.id == sighting.c.entry_id).where(*now)
        with self.store.read() as tx:
            rows = tx.entries._connection.execute(statement.order_by(sighting.c.place)).all()
        return [MergedEntry(*row[:4], row[4] is not None) for row in rows]

    def all(self) -> list[tuple[FeedPosition, str]]:
        """The rows of the feed `all` in its order, each with its public id."""
        with self.store.read() as tx:
            rows = tx.feed_members.newest(FeedFilter(), 10_000)
            ids = {row[0]: row[1] for row in tx.entries._connection.execute(select(entry.c.id, entry.c.public_id))}
        return [(row, ids[row.id]) for row in rows]

    def news(self) -> set[str]:
        """The public ids in the documents of `all`, if these had room for everything."""
        with self.store.read() as tx:
            rows = tx.feed_members.newest(FeedFilter(), 10_000, binding_since("all", tx.feeds.recorded()["all"]))
            return set(tx.entries.public_ids([row.id for row in rows]).values())

    def whole(self) -> list[tuple[object, ...]]:
        """Everything that was decided, in an order that does not depend on the order of arrival."""
        with self.store.read() as tx:
            rows = tx.sightings.of_entries(tx.entries.ids(0, 10_000))
            entries = tx.entries.of({row.entry_id for row in rows})
            placed = tx.entries._connection.execute(select(entry_category.c.entry_id, entry_category.c.category_id))
            categories = {(row[0], row[1]) for row in placed}
            names = {row.id: row.path for row in tx.categories.all()}
        return sorted(
            (
                row.source_id,
                row.place,
                entries[row.entry_id].public_id,
                entries[row.entry_id].published.isoformat(),
                entries[row.entry_id].winner_id == row.id,
                row.matched_by,
                row.reason,
                row.score or 0.0,
                entries[row.entry_id].backlog,
                tuple(sorted(names[id_] for of, id_ in categories if of == row.entry_id)),
            )
            for row in rows
        )


def draft(
    title: str, text: str, *, link: str = "", guid: str = "", at: datetime | None = None, terms: Sequence[str] = ()
) -> RawEntry:
    return RawEntry(
        id=guid,
        title=Text(title),
        content=Text(text),
        links=(Link(link),) if link else (),
        published=at,
        terms=tuple(CategoryTerm(term) for term in terms),
    )
