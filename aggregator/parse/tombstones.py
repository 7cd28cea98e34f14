"""Tombstones: entries that a document says were withdrawn (at:deleted-entry, RFC 6721)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from feedparser.mixin import _FeedParserMixin

from aggregator.parse.feed_info import date
from aggregator.parse.untrusted_dict import Raw, string
from aggregator.text.feed_dates import read_date
from aggregator.text.normalize import bounded

DELETED = "deleted-entry"
_NAMESPACE = "http://purl.org/atompub/tombstones/1.0"
# feedparser looks for handlers by a prefix of its own, whatever the document's is. No document can write this one, so
# that none can have bound it to something else.
_PREFIX = "rfc 6721"


@dataclass(frozen=True, slots=True)
class Tombstone:
    """`ref` is the id of the entry; `when` it was withdrawn, None where that cannot be read."""

    ref: str
    when: datetime | None


class TombstoneReader(_FeedParserMixin):  # type: ignore[misc]
    """feedparser's handlers, and one for tombstones. What stands in one is not said of the feed: it is passed over.

    `buried` counts the elements that are open from the tombstone on, 0 outside of one.
    """

    _matchnamespaces = {uri.lower(): prefix for uri, prefix in _FeedParserMixin.namespaces.items()} | {
        _NAMESPACE: _PREFIX
    }
    buried = 0

    def __init__(self, base: str, language: str | None, encoding: str) -> None:
        super().__init__(base, language, encoding)
        self.tombstones: list[Tombstone] = []

    def unknown_starttag(self, tag: str, attrs: list[tuple[str, str]]) -> None:
        if self.buried:
            self.buried += 1
        else:
            super().unknown_starttag(tag, attrs)

    def unknown_endtag(self, tag: str) -> None:
        if self.buried > 1:
            self.buried -= 1
            return
        if self.buried:
            self.unbury()
        super().unknown_endtag(tag)

    def bury(self, attrs_d: dict[str, str]) -> None:
        """A tombstone begins. Inside an entry it would be the entry's word on another one: that counts for nothing."""
        self.buried = 1
        self.push(DELETED, 0)  # takes its text, which is nobody's
        ref = string(attrs_d, "ref")
        if ref and not self.inentry and not self.insource:
            self.tombstones.append(Tombstone(ref, read_date(string(attrs_d, "when"))))

    def unbury(self) -> None:
        self.buried = 0
        self.pop(DELETED)

    def bury_unprefixed(self, attrs_d: dict[str, str]) -> None:
        """The loose parser knows nothing of default namespaces: the element must bring the declaration itself."""
        if attrs_d.get("xmlns", "").lower() == _NAMESPACE:
            self.bury(attrs_d)


# The names that feedparser looks for.
setattr(TombstoneReader, f"_start_{_PREFIX}_{DELETED}", TombstoneReader.bury)
setattr(TombstoneReader, f"_start_{DELETED}", TombstoneReader.bury_unprefixed)


def withdrawn(tombstones: Iterable[Tombstone], entries: Iterable[Raw]) -> tuple[str, ...]:
    """The ids of withdrawn entries, each once, in order, as long as an id may be.

    Where the document shows the entry as well, the later of the two statements holds (RFC 6721 section 3); the
    entry's, where they are of the same time or one of them does not say when.
    """
    shown = _updated(entries)
    return tuple(dict.fromkeys(bounded(stone.ref) for stone in tombstones if _holds(stone, shown)))


def _updated(entries: Iterable[Raw]) -> dict[str, datetime | None]:
    """When each entry was last updated, by id; None where it does not say so each time that it is shown."""
    found: dict[str, datetime | None] = {}
    for entry in entries:
        id_, updated = string(entry, "id"), date(entry, "updated")
        other = found.get(id_, updated)
        found[id_] = max(updated, other) if updated and other else None
    return found


def _holds(stone: Tombstone, shown: Mapping[str, datetime | None]) -> bool:
    if stone.ref not in shown:
        return True
    updated = shown[stone.ref]
    return stone.when is not None and updated is not None and stone.when > updated
