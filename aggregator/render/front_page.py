"""The river of the front page: the newest entries under the days on which they were published, each as a teaser."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from aggregator.model.entry import Entry
from aggregator.model.published import FeedListing
from aggregator.render.entry_picture import picture
from aggregator.render.human_dates import HumanDates
from aggregator.render.page_links import shown_at
from aggregator.render.plain_text import HEADLINE, beginning

EXCERPT = 280  # characters
MOST_CHIPS = 6
Chip = tuple[str, str]  # name, href


@dataclass(frozen=True, slots=True)
class Teaser:
    """`picture`: an address, "" for none; `excerpt`: plain text; `chips`: the pages of its categories."""

    entry: Entry
    excerpt: str
    picture: str
    chips: tuple[Chip, ...]


@dataclass(frozen=True, slots=True)
class Day:
    """`at`: when its newest entry was published."""

    at: datetime
    teasers: tuple[Teaser, ...]


def days(entries: Sequence[Entry], pages: Mapping[tuple[str, ...], str], dates: HumanDates) -> list[Day]:
    """The entries by day, in their order. `pages`: hrefs of category pages, by the names of the path."""
    grouped = groupby(entries, lambda entry: dates.local_date(entry.published))
    days = (tuple(_teaser(entry, pages) for entry in some) for _, some in grouped)
    return [Day(teasers[0].entry.published, teasers) for teasers in days]


def category_pages(listings: Iterable[FeedListing]) -> dict[tuple[str, ...], str]:
    """The hrefs of the pages of categories, else of their documents, by the names of the path."""
    pages: dict[tuple[str, ...], str] = {}
    for listing in listings:
        if listing.category and listing.editions:
            pages.setdefault(listing.category, shown_at(listing))
    return pages


def _teaser(entry: Entry, pages: Mapping[tuple[str, ...], str]) -> Teaser:
    excerpt = beginning(entry.clean.summary or entry.clean.content, EXCERPT)
    if not entry.clean.title and len(excerpt) <= HEADLINE:  # the headline says it
        excerpt = ""
    chips = tuple(dict.fromkeys(_chips(entry, pages)))[:MOST_CHIPS]
    return Teaser(entry, excerpt, picture(entry), chips)


def _chips(entry: Entry, pages: Mapping[tuple[str, ...], str]) -> Iterator[Chip]:
    for path in entry.paths:
        for depth in range(1, len(path) + 1):
            if href := pages.get(path[:depth]):
                yield path[depth - 1], href
