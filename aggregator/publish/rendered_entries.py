"""Every entry is rendered once, in the formats that documents want of it: what is kept of it is taken while it is
shown as it was, and else made anew."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
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

Rendered = dict[Key, RenderedEntry]
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
    _begun: dict[Key, "Rendering"] = field(default_factory=dict)  # what is being rendered

    def begin(self, tx: Transaction, keys: Iterable[Key], formats: Iterable[str]) -> Callable[[], Rendered]:
        """Begins to render what is missing; the function that it returns waits for it, and gives each entry in these
        formats at least. It needs no transaction, and is to be called before that of a later call."""
        wanted = frozenset(formats)
        known = {key: self._at_hand.get(key, head) for key, head in self.heads.of(tx, keys).items()}
        found = {key: one for key, one in known.items() if one.pieces.keys() >= wanted}
        missing = {key: one for key, one in known.items() if key not in found}
        begun = {key: one for key in missing if (one := self._begun.get(key)) and one.formats >= wanted}
        missing = {key: one for key, one in missing.items() if key not in begun}
        kept = {} if self.anew else dict(self._kept(tx, missing))
        rendering = self._render(tx, {key: one for key, one in missing.items() if key not in kept}, wanted)

        def finish() -> Rendered:
            made = kept | rendering.finish()
            self._at_hand.update({key: one for key, one in made.items() if _size(one) < AT_HAND})
            self._begun = {key: one for key, one in self._begun.items() if one is not rendering}
            return found | made | {key: one.finish()[key] for key, one in begun.items()}

        return finish

    def rows(self, rendered: Mapping[Key, RenderedEntry]) -> list[RenderedRow]:
        """The rows to keep of these entries, each once; they must be in every format."""
        new = self._new & rendered.keys()
        self._new -= new
        return [RenderedRow(*key, one.shown, pack(one.pieces)) for key, one in rendered.items() if key in new]

    def _kept(self, tx: Transaction, heads: Mapping[Key, RenderedEntry]) -> Iterator[tuple[Key, RenderedEntry]]:
        for key, row in tx.rendered.of(dict.fromkeys(id_ for id_, _ in heads)).items():
            if key in heads and heads[key].shown == row.shown:
                yield key, replace(heads[key], pieces=unpack(row.pieces, dict[str, Any]))

    def _render(self, tx: Transaction, known: Mapping[Key, RenderedEntry], wanted: frozenset[str]) -> "Rendering":
        """Begins to render the `wanted` formats that the entries lack."""
        entries = self.heads.reader.entries(tx, self.heads.rows(tx, (id_ for id_, _ in known)))
        self._new |= known.keys()
        every = self.workers.maker.formats
        lacking = (tuple(form for form in every if form in wanted and form not in one.pieces) for one in known.values())
        shown = [(*_varied(entries[id_], variant), more) for (id_, variant), more in zip(known, lacking, strict=True)]
        rendering = Rendering(known, wanted, every, self.workers.begin(shown))
        self._begun |= dict.fromkeys(known, rendering)
        return rendering


@dataclass(slots=True)
class Rendering:
    """Entries whose missing `formats` are being rendered. `known`: what they have; `every`: all formats, in order."""

    known: Mapping[Key, RenderedEntry]
    formats: frozenset[str]
    every: Sequence[str]
    made: Callable[[], Sequence[RenderedEntry]]
    _finished: Rendered | None = None

    def finish(self) -> Rendered:
        """Each with the formats that it lacked."""
        if self._finished is None:
            made = zip(self.known.items(), self.made(), strict=True)
            self._finished = {key: _joined(before, one, self.every) for (key, before), one in made}
        return self._finished


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
