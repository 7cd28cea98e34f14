"""The sighting that is shown, of those that an entry has."""

from collections.abc import Sequence

from aggregator.codec import unpack
from aggregator.dedup.sketch import TextSketch
from aggregator.merge.context import MergeContext
from aggregator.merge.placement import Cleans
from aggregator.store import SightingSummary


def choose_winner(context: MergeContext, shown: Sequence[SightingSummary], cleans: Cleans) -> SightingSummary | None:
    """The sighting to show: by `duplicates.prefer` (the source named first, or the longest text), then the one whose
    link leads to its own site, then that of the source that showed the entry first. Of one source, the first that is
    still there, else the last that went."""
    if len(shown) == 1:
        return shown[0]
    first_of: dict[str, int] = {}
    for row in shown:
        first_of.setdefault(row.source_id, row.id)
    several = len(first_of) > 1

    def rank(row: SightingSummary) -> tuple[int, int, int, bool, int]:
        preferred = _preference(context.app.config.duplicates.prefer, row, cleans) if several else 0
        elsewhere = context.link_distance(row.source_id, row.canonical) if several else 0
        gone = row.gone_at is not None
        return preferred, elsewhere, first_of[row.source_id], gone, -row.id if gone else row.id

    return min(shown, key=rank, default=None)


def _preference(prefer: str | tuple[str, ...], row: SightingSummary, cleans: Cleans) -> int:
    """The rank of a sighting by `duplicates.prefer`; the lowest wins."""
    if prefer == "longest":
        dropped = unpack(row.sketch, TextSketch) if row.sketch is not None else None
        return -(len(cleans[row.id].fingerprint.text) if dropped is None else dropped.length)
    is_named = not isinstance(prefer, str) and row.source_id in prefer
    return prefer.index(row.source_id) if is_named else len(prefer)
