"""Every entry is rendered once, in the formats that documents want of it: what is kept of it is taken while it is
shown as it was, and else made anew."""

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from cachetools import LRUCache

from aggregator.app import App
from aggregator.codec import digest, pack, unpack
from aggregator.model.entry import Entry
from aggregator.model.published import FeedContents
from aggregator.model.rendered import RenderedEntry
from aggregator.publish.entry_reader import EntryReader, StoredEntry
from aggregator.publish.entry_workers import EntryWorkers
from aggregator.store import RenderedRow, Transaction
from aggregator.store.rendered import Key
from aggregator.text.title_template import titled

MOST_HEADS = 20_000  # entries
AT_HAND = 48 * 2**20  # bytes of entries that are kept for the next feed


def _size(one: RenderedEntry) -> int:
    return sum(map(len, one.pieces.values()))


@dataclass(slots=True)
class EntryHeads:
    """Tells whether entries are shown as they were, without reading or rendering them. `design`: a digest of all but
    the entry that its bytes depend on; `stored`: the rows of those that were asked for last and not known before."""

    reader: EntryReader
    design: str
    stored: dict[int, StoredEntry] = field(default_factory=dict)
    _known: dict[Key, RenderedEntry] = field(default_factory=dict)

    def of(self, tx: Transaction, keys: Iterable[Key]) -> dict[Key, RenderedEntry]:
        """Each entry without its pieces."""
        wanted = dict.fromkeys(keys)
        if len(self._known) > MOST_HEADS:
            self._known.clear()
        if missing := [key for key in wanted if key not in self._known]:
            self.stored = self.reader.stored(tx, list(dict.fromkeys(id_ for id_, _ in missing)))
            shown = {id_: digest([self.design, self.reader.shown(one)]) for id_, one in self.stored.items()}
            for id_, variant in missing:
                row = self.stored[id_].row
                self._known[id_, variant] = RenderedEntry(row.public_id, row.updated, {}, shown[id_])
        return {key: self._known[key] for key in wanted}

    def rows(self, tx: Transaction, ids: Iterable[int]) -> dict[int, StoredEntry]:
        """The rows of these entries; those of the last question are at hand."""
        wanted = dict.fromkeys(ids)
        others = self.reader.stored(tx, [id_ for id_ in wanted if id_ not in self.stored])
        return others | {id_: one for id_, one in self.stored.items() if id_ in wanted}


@dataclass(slots=True)
class RenderedEntries:
    """`anew`: whether every entry is rendered, also those that are kept."""

    heads: EntryHeads
    workers: EntryWorkers
    anew: bool
    _at_hand: LRUCache[Key, RenderedEntry] = field(default_factory=lambda: LRUCache(AT_HAND, _size))
    _new: set[Key] = field(default_factory=set)  # what was rendered and is not kept yet

    def read(self, tx: Transaction, keys: Iterable[Key], formats: Iterable[str]) -> dict[Key, RenderedEntry]:
        """Each entry in these formats at least."""
        wanted = set(formats)
        known = {key: self._at_hand.get(key, head) for key, head in self.heads.of(tx, keys).items()}
        found = {key: one for key, one in known.items() if one.pieces.keys() >= wanted}
        missing = {key: one for key, one in known.items() if key not in found}
        made = {} if self.anew else dict(self._kept(tx, missing))
        made |= self._rendered(tx, {key: one for key, one in missing.items() if key not in made}, wanted)
        self._at_hand.update({key: one for key, one in made.items() if _size(one) < AT_HAND})
        return found | made

    def rows(self, rendered: Mapping[Key, RenderedEntry]) -> list[RenderedRow]:
        """The rows to keep of these entries, each once; they must be in every format."""
        new = self._new & rendered.keys()
        self._new -= new
        return [RenderedRow(*key, one.shown, pack(one.pieces)) for key, one in rendered.items() if key in new]

    def _kept(self, tx: Transaction, heads: Mapping[Key, RenderedEntry]) -> Iterator[tuple[Key, RenderedEntry]]:
        for key, row in tx.rendered.of(dict.fromkeys(id_ for id_, _ in heads)).items():
            if key in heads and heads[key].shown == row.shown:
                yield key, replace(heads[key], pieces=unpack(row.pieces, dict[str, Any]))

    def _rendered(
        self, tx: Transaction, known: Mapping[Key, RenderedEntry], wanted: Container[str]
    ) -> dict[Key, RenderedEntry]:
        """The entries, with the `wanted` formats that they lack."""
        entries = self.heads.reader.entries(tx, self.heads.rows(tx, (id_ for id_, _ in known)))
        self._new |= known.keys()
        every = self.workers.maker.formats
        lacking = (tuple(form for form in every if form in wanted and form not in one.pieces) for one in known.values())
        shown = [(*_varied(entries[id_], variant), more) for (id_, variant), more in zip(known, lacking, strict=True)]
        made = zip(known.items(), self.workers.render(shown), strict=True)
        return {key: _joined(before, one, every) for (key, before), one in made}


def _joined(before: RenderedEntry, made: RenderedEntry, formats: Iterable[str]) -> RenderedEntry:
    """The pieces of both, in the order of `formats`."""
    pieces = before.pieces | made.pieces
    ordered = {one: pieces[one] for one in formats if one in pieces}
    return RenderedEntry(made.id, made.updated, ordered, before.shown, made.left_out)


def made_of(settings: str, entries: Iterable[RenderedEntry]) -> bytes:
    """`FeedListing.made`. `settings`: a digest of all but the entries that it depends on."""
    return bytes.fromhex(digest([settings, [one.shown for one in entries]]))[:8]


def drop_unused(app: App) -> None:
    """Drops what is kept of entries that stand in no document or page of a feed any more, but on sealed pages."""
    with app.store.write() as tx:
        packed = (unpack(row.contents, FeedContents) for row in tx.feeds.all().values() if row.contents)
        tx.rendered.keep_only({id_ for one in packed for id_ in (*one.ids, *one.page_ids)})


def _varied(entry: Entry, variant: str) -> tuple[Entry, str]:
    """The entry under the title that a combined feed gives it, and the language of its pages."""
    language, _, template = variant.partition("|")
    if not template:
        return entry, language
    title = titled(template, entry.clean.title, entry.source_title)
    return replace(entry, clean=replace(entry.clean, title=title, title_html="")), language
