"""When pages of an archive are full: how many of the entries that wait are sealed, and how many go on waiting.

A feed holds its newest entries and all that wait, at most four times its limit together. So a page is sealed when it is
full, or when those that wait would not find room any more; then it is as small as that makes it.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Paging:
    """`limit`: entries that a feed holds whatever their dates; `archive`: entries on a page."""

    limit: int
    archive: int

    @property
    def most(self) -> int:
        """Entries that a feed may hold."""
        return 4 * self.limit

    @property
    def size(self) -> int:
        """Entries on each page. Less than so many wait, and there is room for them beside the newest."""
        return min(self.archive, self.most - self.limit)

    def full(self, waiting: int, *, has_pages: bool) -> int:
        """How many pages are to be sealed. Where none was before, those that wait are the newest themselves."""
        room = self.most - self.limit if has_pages else self.most
        return 0 if waiting < self.archive and waiting <= room else waiting // self.size
