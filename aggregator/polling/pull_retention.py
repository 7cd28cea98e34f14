"""Which old pulls of a source may be deleted. Pure.

Most say that nothing changed. Pulls that merge needs are kept: the last good pull, enough changed ones, and the
one with most new entries after the first (see `flood_guard`).
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from aggregator.polling.flood_guard import KNOWN_AFTER

KEPT = 100  # newest pulls of a source, kept whatever their outcome


@dataclass(frozen=True, slots=True)
class PastPull:
    """`outcome`: changed, unchanged, failed or pushed. `new`: entries that matched nothing known. Pulls of one
    `batch_at` count as one."""

    id: int
    batch_at: datetime
    outcome: str
    new: int


def superfluous(pulls: Sequence[PastPull], kept: int = KEPT) -> list[int]:
    """Ids of the pulls that may be deleted. `pulls`: all merged pulls of one source, newest first."""
    needed = _batches_to_keep(pulls)
    return [one.id for one in pulls[kept:] if one.batch_at not in needed]


def _batches_to_keep(pulls: Sequence[PastPull]) -> set[datetime]:
    """The last good batch; of the changed ones the first, the one with most new entries after it, and the last
    `KNOWN_AFTER`, so that habits stay known."""
    good = [one.batch_at for one in pulls if one.outcome not in ("failed", "pushed")]
    news: defaultdict[datetime, int] = defaultdict(int)
    for one in pulls:
        if one.outcome == "changed":
            news[one.batch_at] += one.new
    changed = sorted(news)
    by_new = sorted(changed[1:], key=lambda at: news[at])
    return {*good[:1], *changed[:1], *by_new[-1:], *changed[-KNOWN_AFTER:]}
