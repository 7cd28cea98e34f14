"""One pull as matching needs it: its entries, and the known sightings that each of them could be."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from aggregator.codec import unpack
from aggregator.config import SourceConfig
from aggregator.dedup import Arriving, CandidateIndex, Known, Matcher, Removed, repeats_ids
from aggregator.dedup.comparable import Comparable, compared_entry
from aggregator.dedup.minhash import SAMPLED_ENTRIES, find_boilerplate, own_text
from aggregator.dedup.removal import KIND_NAMES, KIND_RULES
from aggregator.dedup.sketch import KnownText
from aggregator.merge.context import MergeContext
from aggregator.merge.copies import boilerplate_of
from aggregator.merge.known_sightings import arriving_again, enclosures, find_known, known_enclosures, known_sighting
from aggregator.merge.named_sources import name_of
from aggregator.merge.near_duplicates import Neighborhood, is_signing
from aggregator.merge.own_ids import recovered_ids, shown_ids
from aggregator.merge.public_ids import minting_prefix
from aggregator.merge.removals import ids_of
from aggregator.model.document import FeedInfo
from aggregator.model.entry import CleanEntry
from aggregator.polling.site_memory import EntryTraits
from aggregator.polling.site_traits import compared_text, traits_of
from aggregator.store import PendingPull, SightingRow, SourceRow, Transaction
from aggregator.store.arrivals import ArrivalRow
from aggregator.store.entry_content import known_text, known_texts
from aggregator.text.canonical_url import canonical_link
from aggregator.text.normalize import acceptable

Read = tuple[CleanEntry, Comparable | None]


@dataclass(frozen=True, slots=True)
class ArrivedEntry:
    """One arrival with what matching needs; `clean` is None where it did not change, and need not have what is only
    shown; `comparable` is also None where a former version recorded it."""

    row: ArrivalRow
    arriving: Arriving
    clean: CleanEntry | None
    comparable: Comparable | None = None

    def traits(self, clean: CleanEntry) -> EntryTraits:
        if self.comparable is None:
            return traits_of(clean)
        return replace(self.comparable.traits, text=compared_text(clean))


@dataclass(slots=True)
class ArrivedPull:
    """One pull that is about to be merged: its items, and the matcher that decides each of them. It only reads.
    `source` and `boilerplate`: what the pull teaches about its source is in them, and still to be stored."""

    context: MergeContext
    tx: Transaction
    pull: PendingPull
    source: SourceRow
    again: list[SightingRow] = field(init=False)  # the known sightings of entries that are as they were
    items: list[ArrivedEntry] = field(init=False)
    document: Matcher = field(init=False)
    rows: dict[int, SightingRow] = field(init=False)  # known sightings of this source, by number
    texts: dict[int, KnownText] = field(default_factory=dict)
    enclosures: dict[int, tuple[str, ...]] = field(default_factory=dict)  # comparable, by sighting
    neighborhood: Neighborhood = field(init=False)
    boilerplate: frozenset[str] = field(init=False)
    is_known: bool = field(init=False)  # whether the source ever showed an entry
    _before: datetime | None = field(init=False)

    def __post_init__(self) -> None:
        self._before = self.tx.pulls.previous_success(self.source.id, self.pull.batch_at)
        self.neighborhood = Neighborhood(self.context, self.tx, self.source.id, self.seen)
        self.boilerplate = boilerplate_of(self.context.sources[self.source.id].boilerplate)
        self.items = self._items()
        self.is_known = bool(self.again) or self.tx.sightings.any(self.source.id)
        arriving = [item.arriving for item in self.items]
        if not self.source.repeats_ids and repeats_ids(arriving):
            self.source = replace(self.source, repeats_ids=True)
        self.rows = find_known(self.tx, self.source.id, arriving, self._home, self.again) if self.is_known else {}
        self.document = self._document(arriving)
        if self.document.repeats_ids and not self.source.repeats_ids:
            self.source = replace(self.source, repeats_ids=True)

    @property
    def is_first(self) -> bool:
        """Whether this is the source's first good pull."""
        return self._before is None

    def candidate_entries(self) -> set[int]:
        """The entries of all known sightings that share a key with what arrives."""
        return {row.entry_id for row in self.rows.values()} | {seen.entry_id for seen in self.document.elsewhere}

    def seen(self, row: SightingRow) -> Known:
        """The sighting as matching knows it. A document that did not change still showed all of its entries."""
        still = row.source_id == self.source.id and row.gone_at is None and self._before is not None
        return known_sighting(
            row,
            last_seen_at=max(row.last_seen_at, self._before) if still and self._before else row.last_seen_at,
            on_own_host=not self.context.link_distance(row.source_id, row.canonical),
            origin=self._origin(row.origin, row.source_id),
        )

    def _origin(self, name: str, source_id: str = "") -> str:
        """The id of another source of ours with this `name_of`, "" where there is none."""
        found = self.context.named.source_of(name)
        return "" if found == (source_id or self.source.id) else found

    def _names_us(self, about: FeedInfo, asks: Callable[[Transaction, FeedInfo], bool]) -> bool:
        """Whether `about` names a feed of ours. A source may lie below our site, as a blog beside its planet does."""
        is_source = self.context.named.source_of(name_of(about))
        return self.source.kind == "feed" and not is_source and asks(self.tx, about)

    def text(self, sighting_id: int) -> KnownText:
        if sighting_id not in self.texts:
            self.texts[sighting_id] = known_text(self.tx, sighting_id)
        return self.texts[sighting_id]

    def _enclosures_of(self, sighting_id: int) -> tuple[str, ...]:
        if sighting_id not in self.enclosures:
            self.enclosures[sighting_id] = known_enclosures(self.tx, sighting_id, self._tracking)
        return self.enclosures[sighting_id]

    # what arrives

    def _items(self) -> list[ArrivedEntry]:
        arrivals = self.tx.arrivals.of(self.pull.id)
        unread = [row.item for row in arrivals if row.clean is None]
        self.again = self.tx.sightings.find(self.source.id, {"item": unread})
        known = {row.item: row for row in self.again}
        shown = [row for row in arrivals if row.clean is not None or row.item in known]
        read = {row.item: _read(row) for row in shown if row.clean is not None}
        is_compared = is_signing(self.context)
        if is_compared:
            newest = list(self._newest_texts(shown, read, known))
            texts = [text for text in newest if isinstance(text, str)]
            if len(texts) == len(newest):  # else some were dropped, and what was learned before stays
                self.boilerplate = find_boilerplate(texts)
        items = [
            self._item(row, *read[row.item], is_compared=is_compared)
            if row.item in read
            else ArrivedEntry(row, arriving_again(known[row.item]), None)
            for row in shown
        ]
        if is_compared:
            made = {item.comparable.signed: item.comparable.keys for item in items if item.comparable}
            self.neighborhood.look_up([(item.arriving, item.clean) for item in items if item.clean], made)
        return self._with_own_ids(items)

    def _with_own_ids(self, items: Sequence[ArrivedEntry]) -> list[ArrivedEntry]:
        """Marks entries with the public ids of ours that they show, and those that the published tree holds of them."""
        new = [(item.arriving, item.clean) for item in items if item.clean]
        given = shown_ids(self.tx, [one for one, _ in new], site=self._site, is_ours=self._is_ours)
        recovered = recovered_ids(self.context, self.tx, self.source.id, new) if self.context.is_recovered else {}
        return [
            _with(item, given=given.get(item.row.item, ""), recovered_id=recovered.get(item.row.item, ""))
            if item.row.item in given or item.row.item in recovered
            else item
            for item in items
        ]

    def _item(
        self, row: ArrivalRow, clean: CleanEntry, compared: Comparable | None, *, is_compared: bool
    ) -> ArrivedEntry:
        """A new or edited entry. `is_compared`: by its text with those of other sources."""
        at, print_ = self.pull.batch_at, clean.fingerprint
        arriving = Arriving(
            item=row.item,
            upstream_id=clean.id,
            canonical=clean.canonical,
            path=clean.path,
            title=print_.title,
            text=print_.text,
            whole=print_.whole,
            body=print_.body,
            claimed=clean.published or clean.updated,
            on_own_host=not self.context.link_distance(self.source.id, clean.canonical),
            dated=acceptable(clean.published, at) or acceptable(clean.updated, at) or at,
            own_text=own_text(print_.text, self.boilerplate) if is_compared else "",
            origin=self._origin(name_of(clean.source)),
            is_ours=clean.source is not None and self._names_us(clean.source, self.context.named.is_ours),
            aliases=clean.aliases,
            may_be_ours=clean.source is not None and self._names_us(clean.source, self.context.named.may_be_ours),
            minting_link=clean.minting_link or clean.canonical,
            enclosures=enclosures(clean, self._tracking),
        )
        return ArrivedEntry(row, arriving, clean, compared)

    def _newest_texts(
        self, shown: Sequence[ArrivalRow], read: Mapping[str, Read], known: Mapping[str, SightingRow]
    ) -> Iterator[KnownText]:
        """Of the newest entries that the source shows: a feed has them first, a folder last."""
        newest = shown[:SAMPLED_ENTRIES] if self.source.kind == "feed" else shown[-SAMPLED_ENTRIES:]
        self.texts |= known_texts(self.tx, [known[row.item].id for row in newest if row.item not in read])
        for row in newest:
            yield read[row.item][0].fingerprint.text if row.item in read else self.text(known[row.item].id)

    # what it could be

    def _document(self, arriving: list[Arriving]) -> Matcher:
        config = self.context.app.config
        section = self.context.app.rules.section(self.source.id)
        return Matcher(
            arriving,
            CandidateIndex(map(self.seen, self.rows.values())),
            CandidateIndex(self._elsewhere()),
            self.text,
            home=self._home,
            complete=self.pull.complete,
            ids=section.ids if isinstance(section, SourceConfig) else "auto",
            repeats_ids=self.source.repeats_ids,
            across_sources=config.duplicates.across_sources,
            threshold=config.duplicates.threshold,
            window=config.duplicates.window,
            neighbors_of=self.neighborhood.of,
            removed_of=self._removed,
            present=frozenset(
                self.tx.posts.standing(self.source.id, [one.path for one in self.rows.values() if one.path])
            ),
            is_ours=self._is_ours,
            source_id=self.source.id,
            enclosures_of=self._enclosures_of,
            standing=lambda: self.tx.sightings.standing_count(self.source.id),
        )

    def _removed(self, one: Arriving) -> Removed | None:
        """The removed entry that this one repeats: by its text, unless this source shows that text on another entry as
        well; else by the digests that removed.json held."""
        removed = self.context.removed_entries
        same = [row.entry_id for row in self.rows.values() if row.body and row.body == one.body]
        is_shown_elsewhere = any(entry_id not in removed.entries for entry_id in same)
        entry_id = None if is_shown_elsewhere else removed.with_text(one)
        if entry_id is not None:
            return Removed("its text", "fingerprint", self.seen(self._row_of(entry_id)))
        learned = removed.learned(one, ids_of(one, minting_prefix(self.context.app), self.source.id))
        if learned is None or (is_shown_elsewhere and learned[1] == "text"):
            return None
        number, what = learned
        entry_id = removed.entry(number)
        seen = None if entry_id is None else self.seen(self._row_of(entry_id))
        return Removed(KIND_NAMES[what], KIND_RULES[what], seen, number)

    def _row_of(self, entry_id: int) -> SightingRow:
        mine = (row for row in self.rows.values() if row.entry_id == entry_id)
        return next(mine, None) or self.tx.sightings.light_of(entry_id)[0]

    def _elsewhere(self) -> Iterator[Known]:
        """Sightings of other sources with the same link or id, and those of entries that show a public id of ours."""
        new = [item.arriving for item in self.items if item.clean is not None]
        given = self.tx.sightings.first_of({one.given for one in new if one.given})
        claimed = {one.given for one in new if one.is_ours or one.may_be_ours or one.origin}
        given = {
            id_: row
            for id_, row in given.items()
            if self._is_ours or id_ in claimed or row.upstream_id != id_  # else it is not minted
        }
        for public_id, row in given.items():
            yield replace(self.seen(row), given=public_id)
        if self.context.app.config.duplicates.across_sources == "off" and not self._is_ours:
            new = [one for one in new if one.origin or one.is_ours]
        keys = {"canonical": [one.canonical for one in new], "upstream_id": [one.upstream_id for one in new]}
        numbers = {row.id for row in given.values()}
        for row in self.tx.sightings.elsewhere(self.source.id, keys):
            if row.id not in numbers and not row.echo:
                yield self.seen(row)

    @property
    def _about(self) -> FeedInfo:
        return unpack(self.source.about, FeedInfo) if self.source.about else FeedInfo()

    @property
    def _home(self) -> str:
        return canonical_link(self._about.link, tracking=self._tracking)

    @property
    def _tracking(self) -> tuple[str, ...]:
        return self.context.app.config.content.tracking

    @property
    def _site(self) -> str:
        return self.context.app.config.site.url

    @property
    def _is_ours(self) -> bool:
        """Whether the document is a feed that we publish, wherever it is fetched from."""
        about, context = self._about, self.context
        has_our_id = about.id.startswith(f"{minting_prefix(context.app)}feed/")
        is_here = self.source.url.startswith(self._site) or about.self_link.startswith(self._site)
        return self.source.kind == "feed" and (is_here or (has_our_id and context.named.is_ours(self.tx, about)))


def _read(row: ArrivalRow) -> Read:
    return compared_entry(row.draft or b"", row.clean or b"", row.comparable)


def _with(item: ArrivedEntry, **more: str) -> ArrivedEntry:
    return replace(item, arriving=replace(item.arriving, **more))  # type: ignore[arg-type]
