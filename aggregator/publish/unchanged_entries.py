"""Reuses rendered entries from the published files: an unchanged entry is neither rendered nor validated again.

A feed's listing keeps a digest of each entry's content, and the lengths of the page's parts, because a page does not
mark where an entry ends. A file with the recorded digest passed the gate before. It is split into its entries, and
those whose content has the same digest are given to the DocumentMaker's caches.
"""

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from aggregator.codec import digest, unpack
from aggregator.model.entry import Entry
from aggregator.model.feed import Feed
from aggregator.model.published import FeedListing
from aggregator.model.rendered import RenderedDocument, split_document
from aggregator.publish.documents import MOST_KNOWN, DocumentMaker
from aggregator.publish.output_tree import Tree, sha256
from aggregator.render import FILES, STUBBED
from aggregator.store import FeedRow
from aggregator.validate import split_feed

SIZE = 8  # bytes of a digest: two of a million entries collide once in forty million runs


@dataclass(frozen=True)
class Reuse:
    """`rendering`: a digest of all but the entry that its bytes depend on; `recorded`: path → SHA-256 of our files."""

    maker: DocumentMaker
    tree: Tree
    recorded: Mapping[str, str]
    rendering: str
    _digests: dict[str, tuple[Entry, bytes]] = field(default_factory=dict)

    def digests_of(self, entries: Iterable[Entry]) -> bytes:
        """`FeedListing.made`: the digest of the rendering, then of each entry in order."""
        return _start_of(self.rendering) + b"".join(map(self._digest_of, entries))

    def is_possible(self, row: FeedRow | None) -> bool:
        """Whether entries of the feed were rendered as they would be now."""
        return bool(row and row.listing and unpack(row.listing, FeedListing).made.startswith(_start_of(self.rendering)))

    def load(self, feed: Feed, row: FeedRow | None) -> None:
        """Caches the unchanged entries in the feed's files."""
        if row is None or row.listing is None or not self.is_possible(row):
            return
        listing = unpack(row.listing, FeedListing)
        now = {self._digest_of(entry): entry for entry in (*feed.entries, *feed.edition("html").entries)}
        for one, edition in listing.editions:
            before = list(_split_digests(((one == "html" and listing.page_made) or listing.made)[SIZE:]))
            unchanged = {place: entry for place, known in enumerate(before) if (entry := now.get(known))}
            if one in FILES and edition.entries == len(before) and unchanged:
                document = self._document(one, edition.href, listing.laid)
                document = _without_stubs(document, listing.stubs) if document and one in STUBBED else document
                if document and len(document.entries) == len(before):
                    self.maker.remember(document, one, unchanged, feed.language)

    def _document(self, format: str, path: str, lengths: Sequence[int]) -> RenderedDocument | None:  # noqa: A002
        """The published file in its parts; None where it is not as we wrote it. `lengths`: of the parts of a page."""
        data = self.tree.read(path) if path in self.recorded else None
        if data is None or sha256(data) != self.recorded[path]:
            return None
        return split_document(data, lengths) if format == "html" else split_feed(data, format)

    def _digest_of(self, entry: Entry) -> bytes:
        known = self._digests.get(entry.id)
        if known is None or known[0] is not entry:
            if len(self._digests) > MOST_KNOWN:
                self._digests.clear()
            self._digests[entry.id] = known = (entry, _start_of(digest(entry)))
        return known[1]


def _without_stubs(document: RenderedDocument, places: Container[int]) -> RenderedDocument:
    return replace(document, entries=[one for place, one in enumerate(document.entries) if place not in places])


def made_of(rendering: str, entries: Iterable[Entry]) -> bytes:
    """`FeedListing.made` of these entries."""
    return _start_of(rendering) + b"".join(_start_of(digest(entry)) for entry in entries)


def _start_of(digest: str) -> bytes:
    return bytes.fromhex(digest)[:SIZE]


def _split_digests(joined: bytes) -> Iterator[bytes]:
    return (joined[at : at + SIZE] for at in range(0, len(joined), SIZE))
