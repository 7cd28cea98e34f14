"""Entries as they stand in the tree already: one that did not change is neither rendered nor looked at again.

Of each feed it is noted what its entries were made of. A file that is to the byte what we wrote, and so has passed the
gate, is cut into its entries; the pieces of those that would be made of the same again are handed to the press.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from aggregator.codec import digest, unpack
from aggregator.listings import Listing
from aggregator.models import Entry, Feed
from aggregator.publish import Tree, sha256
from aggregator.publishing.presses import MOST_KNOWN, Press
from aggregator.store import FeedRow

CUT = ("atom", "rss", "json")  # a page does not say where an entry ends
SIZE = 8  # bytes of a digest: a million entries meet by chance once in forty million runs


@dataclass(frozen=True)
class Reuse:
    """`rendering`: a digest of all but the entry that a piece is made of; `recorded`: path → SHA-256 of our files."""

    press: Press
    tree: Tree
    recorded: Mapping[str, str]
    rendering: str
    _made: dict[str, tuple[Entry, bytes]] = field(default_factory=dict)

    def made_of(self, feed: Feed) -> bytes:
        """What is noted of the feed: the rendering and each entry, in order."""
        return self._seed + b"".join(map(self._of, feed.entries))

    def can(self, row: FeedRow | None) -> bool:
        """Whether anything of the feed could be taken over."""
        return bool(row and row.listing and unpack(row.listing, Listing).made.startswith(self._seed))

    def recall(self, feed: Feed, row: FeedRow | None) -> None:
        """Hands what stands in the feed's files to the press."""
        if row is None or row.listing is None or not self.can(row):
            return
        listing = unpack(row.listing, Listing)
        now = {self._of(entry): entry for entry in feed.entries}
        places = enumerate(_pieces(listing.made[SIZE:]))
        unchanged = {place: entry for place, made in places if (entry := now.get(made))}
        for one, edition in listing.editions:
            if one in CUT and edition.entries == listing.entries and unchanged:
                self._take_over(one, edition.href, unchanged, listing.entries)

    def _take_over(self, format: str, path: str, unchanged: Mapping[int, Entry], count: int) -> None:  # noqa: A002
        data = self.tree.read(path) if path in self.recorded else None
        if data is not None and sha256(data) == self.recorded[path]:
            self.press.recall(data, format, unchanged, count)

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
