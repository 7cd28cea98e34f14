"""Which pulls of a source need not be remembered any more. Pure.

Most say that nothing changed. What settling asks of the past stays for ever: when the last good pull was, how many
changed something, and how many new entries one brought at most after the first (see `holding`).
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from aggregator.polling.flood_guard import KNOWN_AFTER

KEPT = 100  # of a source, the last ones, whatever they say


@dataclass(frozen=True, slots=True)
class PastPull:
    """`outcome`: changed, unchanged or failed. `new`: entries it brought that nothing known was like; pulls of one
    `batch_at` count together."""

    id: int
    batch_at: datetime
    outcome: str
    new: int


def superfluous(pulls: Sequence[PastPull], kept: int = KEPT) -> list[int]:
    """The ids of those that may go. `pulls` are all of one source that are settled, the newest first."""
    telling = _telling(pulls)
    return [one.id for one in pulls[kept:] if one.batch_at not in telling]


def _telling(pulls: Sequence[PastPull]) -> set[datetime]:
    """The last good batch; and of those that changed something the first, the most fruitful after it, and the last
    few, so that there are still enough for habits to be known."""
    good = [one.batch_at for one in pulls if one.outcome != "failed"]
    news: defaultdict[datetime, int] = defaultdict(int)
    for one in pulls:
        if one.outcome == "changed":
            news[one.batch_at] += one.new
    changed = sorted(news)
    fruitful = sorted(changed[1:], key=lambda at: news[at])
    return {*good[:1], *changed[:1], *fruitful[-1:], *changed[-KNOWN_AFTER:]}
