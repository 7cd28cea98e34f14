"""Entries as they stand in the tree already: one that did not change is neither rendered nor looked at again.

Of each feed it is noted what its entries were made of, and how they lie in its page, which does not say where an entry
ends. A file that is to the byte what we wrote, and so has passed the gate, is cut into its entries; the pieces of those
that would be made of the same again are handed to the press.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from aggregator.codec import digest, unpack
from aggregator.model.entry import Entry, Feed
from aggregator.model.published import FeedListing
from aggregator.model.rendered import RenderedDocument, split_document
from aggregator.publish.documents import MOST_KNOWN, DocumentMaker
from aggregator.publish.output_tree import Tree, sha256
from aggregator.render import FILES
from aggregator.store import FeedRow
from aggregator.validate import split_feed

SIZE = 8  # bytes of a digest: a million entries meet by chance once in forty million runs


@dataclass(frozen=True)
class Reuse:
    """`rendering`: a digest of all but the entry that a piece is made of; `recorded`: path → SHA-256 of our files."""

    press: DocumentMaker
    tree: Tree
    recorded: Mapping[str, str]
    rendering: str
    _made: dict[str, tuple[Entry, bytes]] = field(default_factory=dict)

    def made_of(self, feed: Feed) -> bytes:
        """What is noted of the feed: the rendering and each entry, in order."""
        return self._seed + b"".join(map(self._of, feed.entries))

    def can(self, row: FeedRow | None) -> bool:
        """Whether anything of the feed could be taken over."""
        return bool(row and row.listing and unpack(row.listing, FeedListing).made.startswith(self._seed))

    def recall(self, feed: Feed, row: FeedRow | None) -> None:
        """Hands what stands in the feed's files to the press."""
        if row is None or row.listing is None or not self.can(row):
            return
        listing = unpack(row.listing, FeedListing)
        now = {self._of(entry): entry for entry in feed.entries}
        places = enumerate(_pieces(listing.made[SIZE:]))
        unchanged = {place: entry for place, made in places if (entry := now.get(made))}
        for one, edition in listing.editions:
            if one in FILES and edition.entries == listing.entries and unchanged:
                document = self._document(one, edition.href, listing.laid)
                if document and len(document.entries) == listing.entries:
                    self.press.recall(document, one, unchanged)

    def _document(self, format: str, path: str, laid: Sequence[int]) -> RenderedDocument | None:  # noqa: A002
        """In its parts, as it stands in the tree; None where it is not as we wrote it."""
        data = self.tree.read(path) if path in self.recorded else None
        if data is None or sha256(data) != self.recorded[path]:
            return None
        return split_document(data, laid) if format == "html" else split_feed(data, format)

    @property
    def _seed(self) -> bytes:
        return bytes.fromhex(self.rendering)[:SIZE]

    def _of(self, entry: Entry) -> bytes:
        known = self._made.get(entry.id)
        if known is None or known[0] is not entry:
            if len(self._made) > MOST_KNOWN:
                self._made.clear()
            self._made[entry.id] = known = (entry, bytes.fromhex(digest(entry))[:SIZE])
        return known[1]


def _pieces(made: bytes) -> Iterator[bytes]:
    return (made[at : at + SIZE] for at in range(0, len(made), SIZE))
