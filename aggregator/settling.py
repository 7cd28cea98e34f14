"""settle(batch): Sightings in config order, then document order ─▶ match ─▶ decide ─▶ Entries, with the reasons.

One writer, no waiting: each pull that waits is settled in one transaction, so a crash loses nothing and repeats
nothing, and the result does not depend on who answered first.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from aggregator import matching
from aggregator.addresses import host_of
from aggregator.codec import unpack
from aggregator.deciding import Desk, decide
from aggregator.house import House
from aggregator.identity import is_public_id, mint, minted, tag_prefix
from aggregator.links import canonical_link
from aggregator.matching import Arriving, Decision, Document, Index, Seen
from aggregator.models import About, Clean
from aggregator.normalize import acceptable
from aggregator.refine import rules_version
from aggregator.report import Report
from aggregator.shelf import Shelf
from aggregator.store import EntryRow, PendingPull, SightingRow, SourceRow, Transaction
from aggregator.store.arrivals import ArrivalRow


def settle(house: House, report: Report) -> None:
    """Settles every pull that waits, each in a transaction of its own."""
    with house.store.write() as tx:
        desk = open_desk(house, tx, report)
        pending = tx.arrivals.pending()
    for pull in pending:
        with house.store.write() as tx:
            _Settling(desk, tx, pull).run()


def open_desk(house: House, tx: Transaction, report: Report) -> Desk:
    sources = {row.id: row for row in tx.sources.all()}
    shelf = Shelf(tx, claimed=(extra.id for extra in house.config.feeds.extra))
    hosts = {id_: _host(row) for id_, row in sources.items()}
    return Desk(house, shelf, report, sources, hosts, rules_version(house.content()))


def _host(source: SourceRow) -> str:
    """Where a source is at home: its site's host, else that of its address."""
    home = unpack(source.about, About).link if source.about else ""
    return (host_of(home) or host_of(source.url)).removeprefix("www.")


@dataclass(frozen=True, slots=True)
class Item:
    """One arrival with what matching needs; `clean` is None where nothing changed."""

    row: ArrivalRow
    arriving: Arriving
    clean: Clean | None


@dataclass(slots=True)
class _Settling:
    desk: Desk
    tx: Transaction
    pull: PendingPull
    touched: set[int] = field(default_factory=set)
    touches: list[tuple[int, int]] = field(default_factory=list)
    added: list[SightingRow] = field(default_factory=list)
    entries: list[EntryRow] = field(default_factory=list)
    texts: dict[int, str] = field(default_factory=dict)

    def run(self) -> None:
        source = self.tx.sources.get(self.pull.source_id)
        items = self._items(source)
        document, rows = self._document(source, items)
        is_first = self.tx.sources.previous_success(source.id, self.pull.batch_at) is None
        ids = _Ids(self.tx, self.desk.house, source, items)
        for item in items:
            decision = document.decide(item.arriving)
            seen = self._take(source, item, decision, rows, ids, is_first=is_first)
            document.settle(seen)
        self.tx.entries.add(self.entries)
        self.tx.sightings.add(self.added)
        self.tx.sightings.touch(self.touches, self.pull.batch_at)
        self._note_gone(source)
        decide(self.desk, self.tx, self.touched, self.pull.batch_at)
        self.tx.arrivals.settle(self.pull.id)

    # what arrives, and what is known that it could be

    def _items(self, source: SourceRow) -> list[Item]:
        arrivals = self.tx.arrivals.of(self.pull.id)
        unread = [row.item for row in arrivals if row.clean is None]
        known = {row.item: row for row in self.tx.sightings.find(source.id, {"item": unread})}
        return [self._item(source, row, known) for row in arrivals if row.clean is not None or row.item in known]

    def _item(self, source: SourceRow, row: ArrivalRow, known: dict[str, SightingRow]) -> Item:
        if row.clean is None:
            return Item(row, _arriving_again(known[row.item]), None)
        clean = unpack(row.clean, Clean)
        own = self.desk.on_own_host(source.id, clean.canonical)
        return Item(row, _arriving(row.item, clean, on_own_host=own), clean)

    def _document(self, source: SourceRow, items: list[Item]) -> tuple[Document, dict[int, SightingRow]]:
        config = self.desk.house.config
        arriving = [item.arriving for item in items]
        if not source.repeats_ids and matching.repeats_ids(arriving):
            self.tx.sources.change(source.id, repeats_ids=True)
            source = replace(source, repeats_ids=True)
        found = self.tx.sightings.find(source.id, _keys(arriving)) if self.tx.sightings.any(source.id) else []
        rows = {row.id: row for row in found}
        before = self.tx.sources.previous_success(source.id, self.pull.batch_at)
        known = Index(self._seen(row, before) for row in rows.values())
        new = [item.arriving for item in items if item.clean is not None]
        others = {"canonical": [one.canonical for one in new], "upstream_id": [one.upstream_id for one in new]}
        across = config.duplicates.across_sources != "off"
        elsewhere = self.tx.sightings.elsewhere(source.id, others) if across else []
        about = unpack(source.about, About) if source.about else About()
        feed = next((one for one in config.sources if one.id == source.id), None)
        document = Document(
            source.id,
            arriving,
            known,
            Index(self._seen(row, None) for row in elsewhere),
            self._text,
            home=canonical_link(about.link, tracking=config.content.tracking),
            complete=self.pull.complete,
            ids=feed.ids if feed else "auto",
            repeats_ids=source.repeats_ids,
            across_sources=across,
            threshold=config.duplicates.threshold,
            present=frozenset(self.tx.posts.standing(source.id, [row.path for row in rows.values() if row.path])),
        )
        return document, rows

    def _seen(self, row: SightingRow, before: datetime | None) -> Seen:
        """A document that did not change showed all that it showed before."""
        still = row.gone_at is None and before is not None
        return Seen(
            id=row.id,
            source_id=row.source_id,
            entry_id=row.entry_id,
            item=row.item,
            upstream_id=row.upstream_id,
            canonical=row.canonical,
            path=row.path,
            title=row.title,
            whole=row.whole,
            body=row.body,
            claimed=row.claimed,
            last_seen_at=max(row.last_seen_at, before) if still and before else row.last_seen_at,
            gone=row.gone_at is not None,
            on_own_host=self.desk.on_own_host(row.source_id, row.canonical),
        )

    def _text(self, sighting_id: int) -> str:
        if sighting_id not in self.texts:
            self.texts[sighting_id] = unpack(self.tx.sightings.clean(sighting_id), Clean).fingerprint.text
        return self.texts[sighting_id]

    # what becomes of it

    def _take(
        self,
        source: SourceRow,
        item: Item,
        decision: Decision,
        rows: dict[int, SightingRow],
        ids: "_Ids",
        *,
        is_first: bool,
    ) -> Seen:
        if decision.again:
            return self._take_again(item, decision.again, rows)
        if decision.joins:
            entry_id = decision.joins.entry_id
            self.desk.report.entries.duplicates += 1
        else:
            entry_id = self._new_entry(item, ids, is_first=is_first)
        row = self._new_sighting(source.id, item, decision, entry_id, ids)
        rows[row.id] = row
        self.touched.add(entry_id)
        return replace(self._seen(row, None), last_seen_at=self.pull.batch_at)

    def _take_again(self, item: Item, seen: Seen, rows: dict[int, SightingRow]) -> Seen:
        row = rows[seen.id]
        if item.clean is None or item.row.item == row.item:
            self.touches.append((row.id, item.row.place))
            if row.gone_at is not None:
                self.touched.add(row.entry_id)
            return replace(seen, gone=False)
        values = self._content(item, item.clean)
        values |= {"place": item.row.place, "last_seen_at": self.pull.batch_at, "gone_at": None}
        self.tx.sightings.change(row.id, values)
        self.texts[row.id] = item.clean.fingerprint.text
        self.touched.add(row.entry_id)
        one = item.arriving
        return replace(
            seen,
            item=one.item,
            upstream_id=one.upstream_id,
            canonical=one.canonical,
            path=one.path,
            title=one.title,
            whole=one.whole,
            body=one.body,
            claimed=one.claimed,
            gone=False,
        )

    def _new_sighting(self, source_id: str, item: Item, decision: Decision, entry_id: int, ids: "_Ids") -> SightingRow:
        assert item.clean is not None  # noqa: S101 - what is known by its item is never new
        self.texts[ids.sighting] = item.clean.fingerprint.text
        row = SightingRow(
            id=ids.sighting,
            source_id=source_id,
            entry_id=entry_id,
            matched_by=decision.rule,
            matched_to=decision.joins.id if decision.joins else None,
            score=decision.score,
            reason=decision.reason,
            place=item.row.place,
            first_seen_at=self.pull.batch_at,
            last_seen_at=self.pull.batch_at,
            **self._content(item, item.clean),
        )
        ids.sighting += 1
        self.added.append(row)
        return row

    def _content(self, item: Item, clean: Clean) -> dict[str, Any]:
        return {
            "upstream_id": clean.id,
            "link": clean.link,
            "canonical": clean.canonical,
            "path": clean.path,
            "item": item.row.item,
            "digest": clean.digest,
            "whole": clean.fingerprint.whole,
            "body": clean.fingerprint.body,
            "title": clean.fingerprint.title,
            "claimed": item.arriving.claimed,
            "draft": item.row.draft,
            "clean": item.row.clean,
            "rules_version": self.desk.rules_version,
            "source_updated": acceptable(self.pull.document_updated, self.pull.batch_at),
        }

    def _new_entry(self, item: Item, ids: "_Ids", *, is_first: bool) -> int:
        assert item.clean is not None  # noqa: S101 - what is known by its item is never new
        at, clean = self.pull.batch_at, item.clean
        updated = acceptable(clean.updated, at)
        published = acceptable(clean.published, at) or updated or self._first_seen(item, is_first=is_first)
        entry = EntryRow(
            id=ids.entry,
            public_id=ids.public_id(item.arriving, clean),
            published=published,
            updated=updated or published,
            first_seen_at=at,
            changed_at=at,
            fresh_at=published if is_first else at,
            place=item.row.place,
            digest=clean.digest,
            placements=[],
        )
        ids.entry += 1
        self.entries.append(entry)
        self.desk.report.entries.new += 1
        return entry.id

    def _first_seen(self, item: Item, *, is_first: bool) -> datetime:
        """For an entry without a date: now; on a source's first pull a day earlier for each place in it."""
        if not is_first:
            return self.pull.batch_at
        newest = acceptable(self.pull.document_updated, self.pull.batch_at) or self.pull.batch_at
        return newest - timedelta(days=item.row.place)

    def _note_gone(self, source: SourceRow) -> None:
        at = self.pull.batch_at
        if source.kind == "posts":
            self.touched.update(self.tx.sightings.mark_lost(source.id, at=at))
            replaced = [row.path for row in self.added if row.path]
            self.touched.update(self.tx.sightings.mark_replaced(source.id, replaced, seen_at=at))
        elif self.pull.complete:
            self.touched.update(self.tx.sightings.mark_gone(source.id, unseen_since=at, at=at))


class _Ids:
    """The next numbers, and public ids that nobody has yet."""

    def __init__(self, tx: Transaction, house: House, source: SourceRow, items: list[Item]) -> None:
        self.sighting = tx.sightings.next_id()
        self.entry = tx.entries.next_id()
        self._source_id = source.id
        self._prefix = tag_prefix(house.config.site.url, house.config.site.since)
        self._tx = tx
        self._asked = {id_ for item in items if item.clean for id_ in self._candidates(item.arriving, item.clean)}
        self._taken = tx.entries.taken_ids(self._asked)

    def _candidates(self, one: Arriving, clean: Clean) -> Iterator[str]:
        yield clean.id
        for evidence in _evidence(one, clean):
            yield mint(self._prefix, self._source_id, evidence)

    def __contains__(self, public_id: object) -> bool:
        """Whether an entry has this id; nearly all are known from one question for all."""
        if public_id in self._asked or public_id in self._taken:
            return public_id in self._taken
        return bool(self._tx.entries.taken_ids([str(public_id)]))

    def public_id(self, one: Arriving, clean: Clean) -> str:
        if is_public_id(clean.id) and clean.id not in self:
            public_id = clean.id
        else:
            public_id = minted(self._prefix, self._source_id, _evidence(one, clean), self)
        self._taken.add(public_id)
        return public_id


def _evidence(one: Arriving, clean: Clean) -> Iterator[str]:
    """What an id is made of, the most lasting first; what two entries may share comes with what tells them apart."""
    best = [text for text in (one.upstream_id, one.canonical, one.path, clean.link) if text]
    yield from best[:1]
    yield "\n".join([*best[:1], one.title, one.whole])


def _arriving(item: str, clean: Clean, *, on_own_host: bool) -> Arriving:
    print_ = clean.fingerprint
    return Arriving(
        item=item,
        upstream_id=clean.id,
        canonical=clean.canonical,
        path=clean.path,
        title=print_.title,
        text=print_.text,
        whole=print_.whole,
        body=print_.body,
        claimed=clean.published or clean.updated,
        on_own_host=on_own_host,
    )


def _arriving_again(row: SightingRow) -> Arriving:
    return Arriving(
        item=row.item,
        upstream_id=row.upstream_id,
        canonical=row.canonical,
        path=row.path,
        title=row.title,
        whole=row.whole,
        body=row.body,
        claimed=row.claimed,
    )


def _keys(arriving: list[Arriving]) -> dict[str, list[str]]:
    names = ("item", "upstream_id", "canonical", "path", "whole", "body")
    return {name: sorted({getattr(one, name) for one in arriving}) for name in names}
