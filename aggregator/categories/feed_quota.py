"""Which categories that no rule names get a feed of their own, on whose account: terms from outside found only so many.

A feed that stands keeps standing; so what is asked here are the categories that have none yet. Pure.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

MOST_OF_SOURCE = 40  # feeds that the terms of one source may found
MOST_SOURCES = 8  # of a category that waits for a feed, whose terms lead there: another one may have room


@dataclass(frozen=True, slots=True)
class Founding:
    """By category: `founders`, the source on whose account it gets a feed; `refused`, the source that has as many as
    it may have, "" where the whole state has."""

    founders: dict[int, str] = field(default_factory=dict)
    refused: dict[int, str] = field(default_factory=dict)


def found_feeds(candidates: Iterable[tuple[int, Sequence[str]]], standing: Mapping[str, int], most: int) -> Founding:
    """`candidates`: categories in the order in which they came, each with the sources whose terms lead there (at least
    one), in order; `standing`: how many feeds count for each source already; `most`: how many may for all together."""
    counts, founding = Counter(standing), Founding()
    left = most - counts.total()
    for id_, sources in candidates:
        founder = next((one for one in sources if counts[one] < MOST_OF_SOURCE), None)
        if founder is None:
            founding.refused[id_] = sources[0]
        elif left <= 0:
            founding.refused[id_] = ""
        else:
            founding.founders[id_] = founder
            counts[founder] += 1
            left -= 1
    return founding
