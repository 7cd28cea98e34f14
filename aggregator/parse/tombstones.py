"""Tombstones: entries that a document says were withdrawn (at:deleted-entry, RFC 6721)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from feedparser.mixin import _FeedParserMixin

from aggregator.parse.feed_dates import FeedDates
from aggregator.parse.untrusted_dict import Raw, string
from aggregator.text.dates import DateReader
from aggregator.text.normalize import bounded

DELETED = "deleted-entry"
_NAMESPACE = "http://purl.org/atompub/tombstones/1.0"
# feedparser finds handlers by a prefix of its own, whatever the document's is. This one has a space, so that no
# document can bind it to another namespace.
_PREFIX = "rfc 6721"


@dataclass(frozen=True, slots=True)
class Tombstone:
    """`ref`: the id of the entry; `when`: when it was withdrawn, None if unreadable."""

    ref: str
    when: datetime | None


class TombstoneReader(_FeedParserMixin):  # type: ignore[misc]
    """Handlers for tombstones. Elements inside one are skipped, because they do not describe the feed.

    `tombstone_depth` counts the open elements from the tombstone on; 0 outside.
    """

    _matchnamespaces = {uri.lower(): prefix for uri, prefix in _FeedParserMixin.namespaces.items()} | {
        _NAMESPACE: _PREFIX
    }
    tombstone_depth = 0

    def __init__(self, base: str, language: str | None, encoding: str) -> None:
        super().__init__(base, language, encoding)
        self.tombstones: list[Tombstone] = []

    def unknown_starttag(self, tag: str, attrs: list[tuple[str, str]]) -> None:
        if self.tombstone_depth:
            self.tombstone_depth += 1
        else:
            super().unknown_starttag(tag, attrs)

    def unknown_endtag(self, tag: str) -> None:
        if self.tombstone_depth > 1:
            self.tombstone_depth -= 1
            return
        if self.tombstone_depth:
            self.end_tombstone()
        super().unknown_endtag(tag)

    def start_tombstone(self, attrs_d: dict[str, str]) -> None:
        """A tombstone begins. Inside an entry it is ignored: an entry cannot withdraw another one."""
        self.tombstone_depth = 1
        self.push(DELETED, 0)  # collects its text, which is dropped
        ref = string(attrs_d, "ref")
        if ref and not self.inentry and not self.insource:
            self.tombstones.append(Tombstone(ref, DateReader().read(string(attrs_d, "when"))))

    def end_tombstone(self) -> None:
        self.tombstone_depth = 0
        self.pop(DELETED)


# The name that feedparser looks for.
setattr(TombstoneReader, f"_start_{_PREFIX}_{DELETED}", TombstoneReader.start_tombstone)


def withdrawn(tombstones: Iterable[Tombstone], entries: Iterable[Raw], dates: FeedDates) -> tuple[str, ...]:
    """The ids of withdrawn entries, each once, in order, bounded to the length of an id.

    If the document also shows the entry, the later of the two counts (RFC 6721 section 3); the entry counts if both
    have the same time, or one has none.
    """
    shown = _updated(entries, dates)
    return tuple(dict.fromkeys(bounded(stone.ref) for stone in tombstones if _holds(stone, shown)))


def _updated(entries: Iterable[Raw], dates: FeedDates) -> dict[str, datetime | None]:
    """Id → when the entry was last updated; None if one of its versions has no date."""
    found: dict[str, datetime | None] = {}
    for entry in entries:
        id_, updated = string(entry, "id"), dates.of(entry, "updated")
        other = found.get(id_, updated)
        found[id_] = max(updated, other) if updated and other else None
    return found


def _holds(stone: Tombstone, shown: Mapping[str, datetime | None]) -> bool:
    if stone.ref not in shown:
        return True
    updated = shown[stone.ref]
    return stone.when is not None and updated is not None and stone.when > updated
