"""What feeds show of entries: each with its winner, and with the other sources that show it."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, or_, select

from aggregator.store.dialects import among
from aggregator.store.schema import entry, sighting, source
from aggregator.store.table import TableQueries


@dataclass(frozen=True, slots=True)
class ShownEntry:
    """What a feed needs of one entry: its row, its winner and the winner's source."""

    id: int
    public_id: str
    slug: str | None
    published: datetime
    updated: datetime
    first_seen_at: datetime
    changed_at: datetime
    clean: bytes
    source_updated: datetime | None
    source_id: str
    source_kind: str
    source_title: str
    source_about: bytes | None
    sighting_id: int
    kept_in: str | None


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A source that shows an entry beside the winner's source, and its link."""

    entry_id: int
    source_id: str
    source_kind: str
    source_title: str
    source_about: bytes | None
    link: str
    canonical: str


SHOWN = (
    entry.c.id,
    entry.c.public_id,
    entry.c.slug,
    entry.c.published,
    entry.c.updated,
    entry.c.first_seen_at,
    entry.c.changed_at,
    sighting.c.clean,
    sighting.c.source_updated,
    sighting.c.source_id,
    source.c.kind.label("source_kind"),
    source.c.title.label("source_title"),
    source.c.about.label("source_about"),
    sighting.c.id.label("sighting_id"),
    sighting.c.kept_in,
)

OF = (
    select(*SHOWN)
    .join(sighting, sighting.c.id == entry.c.winner_id)
    .join(source, source.c.id == sighting.c.source_id)
    .where(among(entry.c.id))
)

# Nearly every entry has one sighting only, and the index alone answers the join for it.
WINNER = sighting.alias("winner")
ELSEWHERE = (
    select(
        sighting.c.entry_id,
        sighting.c.source_id,
        source.c.kind,
        source.c.title,
        source.c.about,
        sighting.c.link,
        sighting.c.canonical,
    )
    .select_from(entry)
    .join(sighting, and_(sighting.c.entry_id == entry.c.id, sighting.c.id != entry.c.winner_id))
    .join(source, source.c.id == sighting.c.source_id)
    .where(
        among(entry.c.id),
        sighting.c.withheld == "",
        source.c.configured,
        source.c.published,
        sighting.c.source_id != select(WINNER.c.source_id).where(WINNER.c.id == entry.c.winner_id).scalar_subquery(),
        # a source that names the origin of the entry, and links to the same page, is no publisher of its own
        or_(
            sighting.c.origin == "",
            sighting.c.canonical
            != select(WINNER.c.canonical).where(WINNER.c.id == entry.c.winner_id).scalar_subquery(),
        ),
    )
    .order_by(source.c.position, sighting.c.link == "", sighting.c.gone_at.is_not(None), sighting.c.id)
)


class ShownEntries(TableQueries):
    def of(self, ids: Iterable[int]) -> dict[int, ShownEntry]:
        return {row[0]: ShownEntry(*tuple(row)) for row in self._each(OF, ids)}

    def elsewhere(self, ids: Iterable[int]) -> dict[int, dict[str, Elsewhere]]:
        """Entry id → source id → where the source shows the entry, for sources beside the winner's, in config order.

        Of several sightings of a source, the first that has a link and is not gone counts.
        """
        found: defaultdict[int, dict[str, Elsewhere]] = defaultdict(dict)
        for row in self._each(ELSEWHERE, ids):
            found[row.entry_id].setdefault(row.source_id, Elsewhere(*row))
        return found
