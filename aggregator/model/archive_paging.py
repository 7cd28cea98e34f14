"""Decides how many pages of an archive to seal from the entries that wait for one.

A feed document holds its newest entries and all waiting ones, together at most four times its limit. So a page is
sealed when enough entries wait to fill it, or earlier, with fewer entries, when the document has no room for more.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Paging:
    """`limit`: entries that a feed always holds; `archive`: entries on a page of its archive."""

    limit: int
    archive: int

    @property
    def most(self) -> int:
        """The most entries that a feed may hold."""
        return 4 * self.limit

    @property
    def size(self) -> int:
        """Entries on each page: the feed always has room for that many beside its newest entries."""
        return min(self.archive, self.most - self.limit)

    def full(self, waiting: int, *, has_pages: bool) -> int:
        """How many pages to seal now. Before the first page, all entries wait, the newest among them."""
        room = self.most - self.limit if has_pages else self.most
        return 0 if waiting < self.archive and waiting <= room else waiting // self.size
