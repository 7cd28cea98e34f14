"""Repairs the damaged rows of each table, and decides or pulls again what depended on them."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from aggregator.app import App
from aggregator.clean.version import cleaning_version
from aggregator.codec import pack, unpack
from aggregator.dedup.sketch import TextSketch, sketch_of
from aggregator.errors import DamagedError
from aggregator.maintenance.entry_repair import DamagedEntry
from aggregator.maintenance.packed_columns import BY_NAME, Damage
from aggregator.merge.category_tree import CategoryTree
from aggregator.merge.context import open_context
from aggregator.merge.decide import decide
from aggregator.merge.placement import terms_of
from aggregator.model.document import FeedInfo
from aggregator.model.entry import CleanEntry
from aggregator.model.problems import Problem
from aggregator.model.published import FeedListing, PublishedFile, SealedPage
from aggregator.parse.autodiscovery import same
from aggregator.pull.reading_list_sources import resolve_sources
from aggregator.recover.read_tree import PublishedTree
from aggregator.recover.sources import Origins
from aggregator.render import FILES
from aggregator.report import Report
from aggregator.settings import content_settings
from aggregator.store import Transaction
from aggregator.store.entry_content import clean_drafts
from aggregator.store.fact_names import SIGNATURE_SETTINGS
from aggregator.store.reading_lists import ListedFeed
from aggregator.store.rows import Key

KINDS = {
    "post_file": "front-matter",
    "entry": "category",
    "entry_category": "category",
    "feed": "render",
    "rendered": "render",
    "archive_page": "render",
}  # kind of the problem for a row of the table; of all other tables: parse


@dataclass(slots=True)
class TableRepair:
    """`rows`: the sightings and arrivals, restored; `tree`: the published tree, where it was read.
    Each method named after a table repairs one damaged row of it; a row of another table is deleted, and made again."""

    app: App
    tx: Transaction
    rows: Mapping[tuple[str, Key], DamagedEntry]
    tree: PublishedTree | None
    to_pull: set[str] = field(default_factory=set)  # sources to pull again, without validators
    to_decide: set[int] = field(default_factory=set)  # entries to decide again
    problems: list[Problem] = field(default_factory=list)

    def run(self, damages: Iterable[Damage]) -> list[Problem]:
        """Returns a problem for each damage. A row of `rows` is repaired once for all of its values."""
        done: set[tuple[str, Key]] = set()
        for damage in damages:
            place = damage.column.table, damage.key
            where = self._where(damage)
            how = self.rows[place].how if place in self.rows else damage.column.remedy
            if place not in done or place not in self.rows:
                getattr(self, f"_{damage.column.table}", self._delete)(damage)
            done.add(place)
            kind = KINDS.get(damage.column.table, "parse")
            self.problems.append(Problem(where, kind, f"{damage.place} {damage.fault}; {how}"))
        self._pull_again()
        if self.to_decide:
            app = self.app.with_config(resolve_sources(self.app.config, self.tx))
            decide(open_context(app, self.tx, Report()), self.tx, self.to_decide, app.clock(), edits=False)
        return self.problems

    def _where(self, damage: Damage) -> str:
        table, key = damage.column.table, damage.key
        if table in {"sighting", "pull"}:
            return str(self.tx.rows.value(table, key, "source_id"))
        if table == "arrival":
            return str(self.tx.rows.value("pull", (self.tx.rows.value(table, key, "pull_id"),), "source_id"))
        if table in {"entry", "entry_category", "rendered"}:
            return str(self.tx.rows.value("entry", key[:1], "public_id"))
        return str(key[1] if table == "post_file" else key[0])

    def _delete(self, damage: Damage) -> None:
        self.tx.rows.delete(damage.column.table, damage.key)

    def _change(self, damage: Damage, **values: Any) -> None:
        self.tx.rows.change(damage.column.table, damage.key, values)

    def _pull_again(self) -> None:
        """Clears validators and digests, with which the sources would answer that nothing changed."""
        for id_ in self.to_pull:
            self.tx.sources.change(id_, etag="", last_modified="", body_digest="", listing="")
        for key, _ in self.tx.rows.values("post_file") if self.to_pull else ():
            if key[0] in self.to_pull:
                self.tx.rows.change("post_file", key, {"signature": "", "digest": ""})

    # pulled

    def _sighting(self, damage: Damage) -> None:
        row, id_ = self.rows["sighting", damage.key], damage.key[0]
        clean = unpack(row.clean or b"", CleanEntry)
        values: dict[str, Any] = {"clean": row.clean, "terms": terms_of(clean)}
        if self._is_damaged("sighting", damage.key, "clean"):
            values["rules_version"] = cleaning_version(content_settings(self.app.config))
        if self._is_damaged("sighting", damage.key, "draft"):
            values |= {"draft": row.draft, "item": f"repaired {id_}"}
            self.to_pull.add(self.tx.rows.value("sighting", damage.key, "source_id"))
        if damage.column.name == "sketch":
            values = {"sketch": pack(self._sketch(id_))}
        self._change(damage, **values)

    def _sketch(self, sighting_id: int) -> TextSketch:
        """The sketch of the text beside a sealed page; an empty one where the text was dropped for good."""
        clean = clean_drafts(self.tx, self.tx.retention.contents([sighting_id])).get(sighting_id)
        return sketch_of(clean.fingerprint.text) if clean else TextSketch()

    def _is_damaged(self, table: str, key: Key, column: str) -> bool:
        try:
            BY_NAME[table, column].read(self.tx.rows.value(table, key, column))
        except DamagedError:
            return True
        return False

    def _arrival(self, damage: Damage) -> None:
        row = self.rows["arrival", damage.key]
        if not row.is_lost:
            self._change(damage, draft=row.draft, clean=row.clean, comparable=None)
            return
        pull = (self.tx.rows.value("arrival", damage.key, "pull_id"),)
        self.to_pull.add(self.tx.rows.value("pull", pull, "source_id"))
        self.tx.rows.change("pull", pull, {"complete": False})  # so that the left-out entry does not count as gone
        self.tx.rows.delete("arrival", damage.key)

    def _pull(self, damage: Damage) -> None:
        self.to_pull.add(self.tx.rows.value("pull", damage.key, "source_id"))
        self._change(damage, deleted=[])

    def _source(self, damage: Damage) -> None:
        self.to_pull.add(damage.key[0])
        name = damage.column.name
        about = self._about(damage.key[0]) if name == "about" else None
        self._change(damage, **{name: pack(about) if about else None})

    def _about(self, source_id: str) -> FeedInfo | None:
        origins = Origins(self.app)
        for one in self.tree.entries.values() if self.tree else ():
            origin = origins.of(one)
            about = (one.entry.source if origin.kept is None else None) or one.own
            if origin.source_id == source_id and about:
                return about
        return None

    def _reading_list(self, damage: Damage) -> None:
        """Restores `feeds` from `ids` or the reverse, with the stored sources; the list is read again at once."""
        rows = [row for row in self.tx.sources.all() if row.kind == "feed"]
        if damage.column.name == "feeds":
            ids = set(self._ids(damage, rows).values())
            feeds = tuple(ListedFeed(row.url) for row in rows if row.configured and row.id in ids)
            values: dict[str, Any] = {"feeds": pack(feeds)}
        else:
            values = {"ids": self._ids(damage, rows)}
        self._change(damage, **values, etag="", last_modified="", body_digest="", next_read_at=None)

    def _ids(self, damage: Damage, rows: Iterable[Any]) -> dict[str, str]:
        if not self._is_damaged("reading_list", damage.key, "ids"):
            return dict(self.tx.lists.all()[damage.key[0]].ids)
        own = {one.id for one in self.app.config.written}
        return {same(row.url): row.id for row in rows if row.id not in own}

    def _post_file(self, damage: Damage) -> None:
        self._change(damage, notes=None, signature="", digest="")
        self.tx.sources.change(damage.key[0], listing="")

    def _signature(self, damage: Damage) -> None:
        for key, _ in list(self.tx.rows.values("band")):
            if key[1] == damage.key[0]:
                self.tx.rows.delete("band", key)
        self.tx.rows.delete("signature", damage.key)
        self.tx.facts.set(SIGNATURE_SETTINGS, "")

    # decided and published

    def _entry(self, damage: Damage) -> None:
        self._change(damage, placements=[])
        self.to_decide.add(damage.key[0])

    def _entry_category(self, damage: Damage) -> None:
        """Fills in the labels of the category, until the entry is decided again."""
        category_tree = CategoryTree(self.tx)
        is_placed = self.tx.rows.value("entry_category", damage.key, "position") is not None
        labels = category_tree.labels(category_tree.by_id[damage.key[1]]) if is_placed else ()
        self._change(damage, terms=[[label, None] for label in labels] if is_placed else None)
        self.to_decide.add(damage.key[0])

    def _feed(self, damage: Damage) -> None:
        if damage.column.name == "contents":
            self._change(damage, contents=None, dirty=True)
            return
        row = self.tx.feeds.all()[damage.key[0]]
        files = self.tx.files.all()
        paths = {one: f"{row.id}/{name}" for one, name in FILES.items()}
        editions = tuple((one, PublishedFile(path, files[path], 0)) for one, path in paths.items() if files.get(path))
        entries = 0 if row.moved_to else 1
        listing = FeedListing(row.id, row.id, f"{row.id}/", row.recorded_at, entries, editions=editions)
        self._change(damage, listing=pack(listing), dirty=True)

    def _archive_page(self, damage: Damage) -> None:
        feed_id, number = damage.key
        row = self.tx.feeds.all()[feed_id]
        if page := self._page_in_tree(f"{feed_id}/archive/{row.generation}/{number}/"):
            self._change(damage, page=pack(page))
        else:
            self.tx.archives.forget(feed_id)
            self.tx.feeds.mark_dirty(ids=[feed_id])

    def _page_in_tree(self, folder: str) -> SealedPage | None:
        """The page from the tree; None where a file is not what was written there."""
        recorded = self.tx.files.all()
        found = []
        for name in FILES.values():
            path = self.app.output / folder / name
            if recorded.get(folder + name):
                body = path.read_bytes() if path.is_file() else b""
                if hashlib.sha256(body).hexdigest() != recorded[folder + name]:
                    return None
                found.append((name, body))
        return SealedPage(tuple(found)) if found else None
