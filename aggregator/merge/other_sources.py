"""When another source lets an entry out that was kept back for the sake of one."""

from collections.abc import Sequence

from aggregator.merge.context import MergeContext
from aggregator.store import EntryRow, SightingSummary


def is_shown_elsewhere(
    context: MergeContext, entry: EntryRow, sightings: Sequence[SightingSummary], shown: Sequence[SightingSummary]
) -> bool:
    """Whether the entry stands at another source, too: then it is no flood, or the other's own, or not too old for that
    one. `sightings`: all, in merge order; `shown`: those that may be shown."""
    match entry.kept_back:
        case "site":
            return any(not context.is_of_other_site(row) for row in shown)
        case "held":
            return len({row.source_id for row in shown}) > 1
        case "too-old":
            others = [row for row in shown if row.source_id != sightings[0].source_id]
            return any(not context.policy(row.source_id).kept_back(row.claimed, row.first_seen_at) for row in others)
        case _:
            return False
