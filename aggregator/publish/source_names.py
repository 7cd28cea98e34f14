"""What sources are called wherever people read of them, and the feeds of single sources."""

from functools import lru_cache

from aggregator.codec import unpack
from aggregator.model.document import FeedInfo
from aggregator.store import SourceRow
from aggregator.text.normalize import one_line

NAMES_KNOWN = 10_000


def source_name(row: SourceRow, site_title: str) -> str:
    """The title from the config, else the feed's own; of a posts folder else the site's. The id is the last resort."""
    own = "" if row.title else about_source(row).title
    return row.title or one_line(own) or (site_title if row.kind == "posts" else row.id)


def about_source(row: SourceRow) -> FeedInfo:
    return _unpacked(row.about) if row.about else FeedInfo()


def page_id(source_id: str) -> str:
    """The id of the feed of one source."""
    return f"source/{source_id}"


@lru_cache(NAMES_KNOWN)
def _unpacked(about: bytes) -> FeedInfo:
    return unpack(about, FeedInfo)
