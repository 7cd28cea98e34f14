"""Reads index.json of a published tree. It may have been edited: invalid rows are left out."""

import json
import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from aggregator.errors import StateError
from aggregator.model.problems import Problem
from aggregator.model.published import FeedListing, MovedFeed, PublishedFile
from aggregator.render import FILES
from aggregator.text.normalize import SINCE, one_line

MOST_ENTRIES = 10**9
LARGEST = 256 * 2**20  # bytes; four times that of 100,000 feeds

_ID = re.compile(r"[a-z0-9][a-z0-9-]*(?:/[a-z0-9][a-z0-9-]*)*")


@dataclass(frozen=True, slots=True)
class PublishedIndex:
    """`problems`: the invalid rows."""

    site_url: str
    listings: list[FeedListing]
    moved: list[MovedFeed]
    problems: list[Problem]


def is_feed_id(text: str) -> bool:
    return bool(_ID.fullmatch(text))


def read_index(path: Path) -> PublishedIndex:
    """Raises StateError."""
    try:
        index = json.loads(_limited(path))
        site_url, rows, moved = str(index["site"]["url"]), list(index["feeds"]), list(index.get("moved", ()))
    except (OSError, ValueError, LookupError, TypeError, RecursionError) as error:
        raise StateError(f"{path} cannot be read ({error}), so there is nothing to recover from; restore it") from error
    listings: dict[str, FeedListing] = {}
    problems = []
    for place, row in enumerate(rows, 1):
        try:
            listing = _listing(row)
        except (AttributeError, LookupError, TypeError, ValueError) as error:
            problems.append(Problem(path.name, "parse", f"feed {place} is left out: {type(error).__name__}: {error}"))
        else:
            listings.setdefault(listing.id, listing)
    addresses: dict[str, MovedFeed] = {}
    for row in moved:
        try:
            address = _moved(row)
        except (AttributeError, LookupError, TypeError, ValueError) as error:
            problems.append(Problem(path.name, "parse", f"a moved feed is left out: {type(error).__name__}: {error}"))
        else:
            if address.id not in listings:
                addresses.setdefault(address.id, address)
    return PublishedIndex(site_url, list(listings.values()), list(addresses.values()), problems)


def _limited(path: Path) -> bytes:
    with path.open("rb") as file:
        data = file.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise ValueError(f"larger than {LARGEST // 2**20} MiB")
    return data


def _moved(row: dict[str, Any]) -> MovedFeed:
    """Raises the same errors as `_listing`."""
    id_, to = _text(row["id"]), row["moved_to"]
    labels = _labels(id_, row["category"])
    if not _ID.fullmatch(id_) or labels is None:
        raise ValueError(f"{id_[:200]} is not the id of a category's feed")
    return MovedFeed(id_, labels, None if to is None else _text(to), _moment(row["recorded"]))


def _listing(row: dict[str, Any]) -> FeedListing:
    """Raises AttributeError, LookupError, TypeError or ValueError for an invalid row."""
    id_ = _text(row["id"])
    if not _ID.fullmatch(id_):
        raise ValueError(f"{id_[:200]} is not a feed id")
    labels = _labels(id_, row["category"])
    return FeedListing(
        id=id_,
        title=one_line(_text(row["title"])),
        path=f"{id_}/",
        updated=_moment(row["updated"]),
        entries=_count(row["entries"]),
        category=labels,
        editions=tuple((name, _edition(id_, name, one)) for name, one in row["formats"].items() if name in FILES),
    )


def _labels(id_: str, category: Any) -> tuple[str, ...] | None:
    if category is None:
        return None
    labels = tuple(one_line(_text(label)) for label in category)
    if len(labels) != id_.count("/") + 1 or not all(labels):
        raise ValueError(f"{id_[:200]} is not the folder of the category {labels}")
    return labels


def _edition(id_: str, name: str, edition: dict[str, Any]) -> PublishedFile:
    return PublishedFile(f"{id_}/{FILES[name]}", _text(edition["sha256"]), _count(edition["entries"]))


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r:.200} is not a text")
    return value


def _count(value: Any) -> int:
    if not isinstance(value, int) or not 0 <= value <= MOST_ENTRIES:
        raise ValueError(f"{value!r:.200} is not a number of entries")
    return value


def _moment(value: Any) -> datetime:
    moment = datetime.fromisoformat(_text(value))
    if moment.tzinfo is None or moment < SINCE:
        raise ValueError(f"{value} is not an update time of a feed")
    return moment
