"""index.json: the published feeds, for programs."""

import json
from collections.abc import Sequence
from typing import Any

import msgspec

from aggregator.model.feed import Site
from aggregator.model.published import FeedListing, MovedFeed, PublishedFile
from aggregator.text.date_formats import rfc3339
from aggregator.text.generator import GENERATOR


def index_json(site: Site, listings: Sequence[FeedListing], moved: Sequence[MovedFeed]) -> bytes:
    """`moved`: addresses that were feeds of their own, each with the feed that it shows now or null."""
    index = {"site": _site(site), "feeds": list(map(_feed, listings)), "moved": list(map(_moved, moved))}
    try:
        return msgspec.json.format(msgspec.json.encode(index), indent=1) + b"\n"
    except UnicodeEncodeError:  # half a surrogate pair
        return (json.dumps(index, ensure_ascii=False, indent=1) + "\n").encode(errors="replace")


def _site(site: Site) -> dict[str, Any]:
    return {"title": site.title, "url": site.url, "language": site.language, "generator": GENERATOR}


def _feed(listing: FeedListing) -> dict[str, Any]:
    return {
        "id": listing.id,
        "title": listing.title,
        "category": None if listing.category is None else list(listing.category),
        "path": listing.path,
        "entries": listing.entries,
        "total": listing.total,
        "updated": rfc3339(listing.updated),
        "formats": {name: _edition(edition) for name, edition in listing.editions},
    } | ({"archive": _archive(listing)} if listing.archive else {})


def _archive(listing: FeedListing) -> dict[str, Any]:
    return {"pages": listing.pages, "newest": listing.archive, "formats": list(listing.archive_formats)}


def _moved(address: MovedFeed) -> dict[str, Any]:
    return {
        "id": address.id,
        "category": list(address.category),
        "path": f"{address.id}/",
        "moved_to": address.to,
        "recorded": rfc3339(address.recorded_at),
    }


def _edition(edition: PublishedFile) -> dict[str, Any]:
    """A folder has no digest."""
    digest = {"sha256": edition.sha256} if edition.sha256 else {}
    return {"href": edition.href, **digest, "entries": edition.entries}
