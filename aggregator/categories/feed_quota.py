"""Which categories without a rule get a feed of their own: foreign terms may create only a limited number. Pure.

An existing feed stays, so only categories without a feed are decided here.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

MOST_OF_SOURCE = 40  # feeds that the terms of one source may create
MOST_SOURCES = 8  # sources to try for each waiting category


@dataclass(frozen=True, slots=True)
class Founding:
    """By category: `founders`, the source that its feed counts for; `refused`, the source that has reached its limit,
    "" if the limit of all sources is reached."""

    founders: dict[int, str] = field(default_factory=dict)
    refused: dict[int, str] = field(default_factory=dict)


def found_feeds(candidates: Iterable[tuple[int, Sequence[str]]], standing: Mapping[str, int], most: int) -> Founding:
    """`candidates`: categories in order of appearance, each with the sources (one or more, in order) whose terms lead
    there; `standing`: the number of existing feeds of each source; `most`: the limit for all sources together."""
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
