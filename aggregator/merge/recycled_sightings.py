"""Sightings that went, of which new ones overwrite the oldest.

A source whose ids change with every pull must not add a row with each.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from aggregator.store import SightingRow

MOST_GONE = 8  # sightings of one entry at one source that are kept after they went


@dataclass(slots=True)
class RecycledSightings:
    """`rows`: the known sightings of one source, by number, as the pull goes on."""

    rows: Mapping[int, SightingRow]
    _gone: defaultdict[int, list[int]] | None = field(default=None, init=False)

    def take(self, entry_id: int) -> SightingRow | None:
        """The sighting to overwrite where the entry has many that went, the one that went first; None else."""
        gone = [row for id_ in self._gone_by_entry()[entry_id] if (row := self.rows[id_]).gone_at is not None]
        return min(gone, key=lambda row: (row.last_seen_at, row.id)) if len(gone) >= MOST_GONE else None

    def _gone_by_entry(self) -> defaultdict[int, list[int]]:
        """Sightings that were gone before this pull."""
        if self._gone is None:
            self._gone = defaultdict(list)
            for row in self.rows.values():
                if row.gone_at is not None:
                    self._gone[row.entry_id].append(row.id)
        return self._gone
