"""What the page of a feed shows beside its entries."""

from dataclasses import dataclass

from aggregator.model.published import SourceListing


@dataclass(frozen=True, slots=True)
class Nearby:
    """The surroundings of a feed's page. `children`: feeds of direct subcategories, as (name, feed id); `total`: number
    of the feed's entries, those of its archive included, 0 where it is unknown; `source`: whose feed this is, None
    where it is that of several; `linked`: the ids of the feeds to which chips link, None for all that have a page."""

    children: tuple[tuple[str, str], ...] = ()
    total: int = 0
    source: SourceListing | None = None
    linked: frozenset[str] | None = None


NOTHING_NEARBY = Nearby()
