"""Copies as matching compares them today, for entries that were matched before."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from aggregator.dedup.copies import Copy, compare
from aggregator.explain.case import EntryCase
from aggregator.merge.copies import SourceCopies
from aggregator.model.entry import CleanEntry
from aggregator.store import SourceRow, Transaction


@dataclass(frozen=True, slots=True)
class Copies:
    """What is compared of entries of several sources; each source is read once."""

    tx: Transaction
    sources: Mapping[str, SourceRow]
    _known: dict[str, SourceCopies] = field(default_factory=dict)

    def of(self, source_id: str, entry_id: int, clean: CleanEntry) -> Copy:
        if source_id not in self._known:
            self._known[source_id] = SourceCopies.of(self.tx, self.sources[source_id])
        return self._known[source_id].copy(entry_id, clean)


def apart_today(case: EntryCase) -> dict[int, str]:
    """The sightings that joined the entry by their text and would not by today's rules, and why. They stay joined."""
    return dict(_apart_today(case, Copies(case.tx, case.sources)))


def _apart_today(case: EntryCase, copies: Copies) -> Iterator[tuple[int, str]]:
    rows = {row.id: row for row in case.sightings}
    threshold = case.app.config.duplicates.threshold
    for row in rows.values():
        joined = rows.get(row.matched_to) if row.matched_to and row.matched_by == "near" else None
        if joined is None:
            continue
        mine, theirs = (copies.of(one.source_id, case.entry.id, case.cleans[one.id]) for one in (row, joined))
        if mine.text and theirs.text:
            likeness = compare(mine, theirs)
            if likeness.apart or likeness.score < threshold:
                yield row.id, likeness.apart or f"only {likeness.score:.2f} of their texts is the same"
