"""Near-duplicates in the store: signatures of recent entries, and the neighbors of an arriving one."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from aggregator.codec import pack
from aggregator.dedup.candidates import Arriving, Known, Neighbor
from aggregator.dedup.comparable import keys_of
from aggregator.dedup.copies import Copy
from aggregator.dedup.minhash import bands, own_text, scheme
from aggregator.merge.context import MergeContext
from aggregator.merge.copies import SourceCopies, boilerplate_of
from aggregator.model.entry import CleanEntry
from aggregator.store import SightingRow, SignatureRow, Transaction
from aggregator.store.chunks import chunks
from aggregator.store.entry_content import clean_drafts
from aggregator.store.fact_names import SIGNATURE_SETTINGS

SCOPE = "and what was removed"  # changed whenever other sightings need signatures as well
MOST_OF_ONE_BAND = 20


def is_signing(context: MergeContext) -> bool:
    """Whether near-duplicates are compared: the config says so, and there is more than one source."""
    return context.app.config.duplicates.across_sources == "near" and len(context.sources) > 1


def sign_again(context: MergeContext, tx: Transaction, at: datetime) -> None:
    """Renews the signatures of removed entries, and of those inside the window, where algorithm, threshold or window
    changed. Old signatures would match nothing, without a word."""
    duplicates = context.app.config.duplicates
    wanted = scheme(duplicates.threshold) if is_signing(context) else ""
    current = f"{wanted} {duplicates.window} {SCOPE}" if wanted else ""
    if tx.facts.get(SIGNATURE_SETTINGS) == current:
        return
    tx.signatures.prune_schemes(wanted)
    if wanted:
        _sign(context, tx, tx.signatures.unsigned(wanted, at - duplicates.window))
    tx.facts.set(SIGNATURE_SETTINGS, current)


def sign_removed(context: MergeContext, tx: Transaction) -> None:
    """Signs removed entries, whatever their age: a late copy of one has to be recognized, too."""
    if is_signing(context):
        _sign(context, tx, tx.signatures.unsigned(scheme(context.app.config.duplicates.threshold), None))


def _sign(context: MergeContext, tx: Transaction, unsigned: Iterable[tuple[int, str, datetime]]) -> None:
    """`unsigned`: (sighting, its source, when its entry was published or first seen)."""
    threshold = context.app.config.duplicates.threshold
    known = {row.id: boilerplate_of(row.boilerplate) for row in context.sources.values()}
    for chunk in chunks(unsigned):
        tx.signatures.add(
            SignatureRow(id_, scheme(threshold), latest, keys)
            for id_, source_id, latest in chunk
            if (keys := bands(own_text(text_of(tx, id_), known.get(source_id, frozenset())), threshold))
        )


def forget_old(context: MergeContext, tx: Transaction, at: datetime) -> None:
    """Drops signatures outside the window, so that look-ups do not get slower as the store grows. Those of removed
    entries stay."""
    tx.signatures.prune(at - context.app.config.duplicates.window)


def text_of(tx: Transaction, sighting_id: int) -> str:
    """The folded text of a sighting, wherever it is kept; "" where it was dropped for good."""
    return clean_drafts(tx, tx.retention.contents([sighting_id]))[sighting_id].fingerprint.text


def store_boilerplate(context: MergeContext, tx: Transaction, source_id: str, boilerplate: frozenset[str]) -> None:
    if boilerplate != boilerplate_of(context.sources[source_id].boilerplate):
        tx.sources.change(source_id, boilerplate=pack(sorted(boilerplate)))
        context.sources[source_id] = tx.sources.get(source_id)


@dataclass(slots=True)
class Neighborhood:
    """Finds the neighbors of one source's entries, and collects their signatures until `close` stores them."""

    context: MergeContext
    tx: Transaction
    source_id: str
    seen: Callable[[SightingRow], Known]
    _arrived: dict[str, tuple[Arriving, CleanEntry]] = field(default_factory=dict)  # by item
    _copies: dict[str, SourceCopies] = field(default_factory=dict)  # by source
    _known: dict[int, Copy] = field(default_factory=dict)  # by sighting: many may look like one
    _keys: dict[str, tuple[int, ...]] = field(default_factory=dict)  # by text
    _there: dict[int, list[int]] = field(default_factory=dict)  # sightings by key
    _signed: list[SignatureRow] = field(default_factory=list)

    def look_up(self, arrived: Sequence[tuple[Arriving, CleanEntry]], made: Mapping[str, tuple[int, ...]]) -> None:
        """Reads the bands of all texts that will be compared or signed, in one query. `made`: see `keys_of`."""
        threshold = self.context.app.config.duplicates.threshold
        self._arrived = {one.item: (one, clean) for one, clean in arrived}
        self._keys = keys_of({one.own_text for one, _ in arrived}, threshold, made)
        self._there = self.tx.signatures.sharing({key for keys in self._keys.values() for key in keys})

    def of(self, one: Arriving) -> Iterator[Neighbor]:
        """Sightings of other sources that share a band with `one`."""
        found = {id_ for key in self._keys.get(one.own_text, ()) for id_ in self._there.get(key, ())}
        rows = [row for row in self.tx.sightings.light(sorted(found)) if self._is_other(row)]
        if not rows:
            return
        entries = self.tx.entries.of({row.entry_id for row in rows})
        own = self.tx.sightings.of_source_in(self.source_id, entries)
        mine = self._mine(one)
        for row in rows:
            siblings = tuple(self.seen(mine) for mine in own if mine.entry_id == row.entry_id)
            entry = entries[row.entry_id]
            is_removed = entry.kept_back == "removed"
            yield Neighbor(self.seen(row), mine, self._theirs(row), entry.published, siblings, is_removed)

    def sign(self, sighting_id: int, text: str, at: datetime) -> None:
        """`at`: when its entry was published or first seen, whichever is later.

        A full band is left out: a text that many repeat must not make each comparison slower.
        """
        there = self._there
        free = tuple(key for key in self._keys.get(text, ()) if key not in there or len(there[key]) < MOST_OF_ONE_BAND)
        if free:
            made_by = scheme(self.context.app.config.duplicates.threshold)
            self._signed.append(SignatureRow(sighting_id, made_by, at, free))
            for key in free:
                there.setdefault(key, []).append(sighting_id)

    def close(self) -> None:
        self.tx.signatures.add(self._signed)

    def _is_other(self, row: SightingRow) -> bool:
        return row.source_id != self.source_id and not row.echo

    def _mine(self, one: Arriving) -> Copy:
        beside = [(item, arriving.own_text) for item, (arriving, _) in self._arrived.items()]
        return self._of_source(self.source_id, beside).copy(one.item, self._arrived[one.item][1], one.own_text)

    def _theirs(self, row: SightingRow) -> Copy:
        if row.id not in self._known:
            clean = clean_drafts(self.tx, self.tx.retention.contents([row.id]))[row.id]
            self._known[row.id] = self._of_source(row.source_id).copy(row.entry_id, clean)
        return self._known[row.id]

    def _of_source(self, source_id: str, beside: Iterable[tuple[str, str]] = ()) -> SourceCopies:
        if source_id not in self._copies:
            self._copies[source_id] = SourceCopies.of(self.tx, self.context.sources[source_id], beside)
        return self._copies[source_id]
