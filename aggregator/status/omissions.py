"""What published feeds lack: entries that the gate left out of a format, and documents that it withheld.

It is reported as long as it lasts, not only by the run that published the feed.
"""

from collections.abc import Iterator, Mapping

from aggregator.codec import unpack_or
from aggregator.errors import LONGEST_MESSAGE
from aggregator.model.problems import Problem
from aggregator.model.published import FeedListing, Omission
from aggregator.store import Transaction
from aggregator.store.fact_names import FEEDS_THAT_LACK
from aggregator.text.masking import cut


def record_omissions(tx: Transaction, lacks: Mapping[str, bool]) -> None:
    """Records which of these feeds, by id, lack something since they were published now."""
    before = set(tx.facts.get(FEEDS_THAT_LACK).split())
    after = (before - lacks.keys()) | {id_ for id_, is_lacking in lacks.items() if is_lacking}
    if after != before:
        tx.facts.set(FEEDS_THAT_LACK, "\n".join(sorted(after)))


def read_omissions(tx: Transaction) -> Iterator[Omission]:
    """In the order of feed ids. Reads only feeds that lack something."""
    for id_ in tx.facts.get(FEEDS_THAT_LACK).split():
        row = tx.feeds.find(id_)
        listing = unpack_or(row.listing, FeedListing, None) if row and row.moved_to is None else None
        yield from listing.omissions if listing else ()


def standing_problems(tx: Transaction) -> Iterator[Problem]:
    """A problem for each message of an omission, however many feeds it concerns."""
    first: dict[str, str] = {}  # message → feed
    for one in read_omissions(tx):
        first.setdefault(cut(one.message, LONGEST_MESSAGE), one.feed)
    return (Problem(feed, "render", message) for message, feed in first.items())
