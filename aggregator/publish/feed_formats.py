"""In which formats feeds are published, and their sealed pages: what `feeds.formats`, `archive_formats` and `pages` say
together."""

from aggregator.config import Config
from aggregator.render import FILES


def document_formats(config: Config) -> list[str]:
    """Of the documents to subscribe to."""
    wanted: set[str] = {*config.feeds.formats}
    return [one for one in FILES if one in wanted]


def feed_formats(config: Config) -> list[str]:
    """Of the newest entries of a feed: its documents, and its page."""
    return [*document_formats(config), *([] if config.feeds.pages == "none" else ["html"])]


def archive_formats(config: Config) -> list[str]:
    """Of sealed pages. Documents in these formats, and only in these, name the archive: it is whole in each of them.

    Where feeds have no Atom, their first format stands for it, so that the past is whole in one of them.
    """
    wanted: set[str] = {*config.feeds.archive_formats}
    documents = document_formats(config)
    kept = [one for one in documents if one in wanted] or (documents[:1] if "atom" in wanted else [])
    return [*kept, "html"] if "html" in wanted and config.feeds.pages == "all" else kept
