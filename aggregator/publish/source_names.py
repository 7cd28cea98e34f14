"""What sources are called wherever people read of them, and the feeds of single sources."""

from functools import lru_cache

from aggregator.codec import unpack
from aggregator.model.document import FeedInfo
from aggregator.store import SourceRow
from aggregator.text.normalize import one_line
from aggregator.text.site_names import site_name

NAMES_KNOWN = 10_000


def source_name(row: SourceRow, site_title: str, address: str) -> str:
    """The title from the config, else the feed's own; of a posts folder else the site's. A feed that has none is called
    by its site or its public `address`. The id is left to files without a title and to secret addresses."""
    about = about_source(row)
    name = row.title or one_line(about.title)
    return name or (site_title if row.kind == "posts" else site_name(about.link, address, row.id))


def about_source(row: SourceRow) -> FeedInfo:
    return _unpacked(row.about) if row.about else FeedInfo()


def page_id(source_id: str) -> str:
    """The id of the feed of one source."""
    return f"source/{source_id}"


@lru_cache(NAMES_KNOWN)
def _unpacked(about: bytes) -> FeedInfo:
    return unpack(about, FeedInfo)
