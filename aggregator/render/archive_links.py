"""Archive links and markers (RFC 5005 4) of the XML formats, and the page that all documents of a feed name."""

from collections.abc import Iterator

from aggregator.model.feed import Feed, Site
from aggregator.render.feedgen_extension import Element, child

HISTORY = "http://purl.org/syndication/history/1.0"


def page_address(feed: Feed, site: Site) -> str:
    """The page for people that shows the same entries; where none is made, the one above it."""
    if not site.has_pages:
        return site.url
    if feed.history and feed.history.page and "html" not in (feed.history.formats or ["html"]):
        return feed.history.current
    return feed.home


def is_sealed(feed: Feed) -> bool:
    return feed.history is not None and feed.history.page > 0


def namespaces(feed: Feed) -> dict[str, str]:
    """The namespace of the marker, which only a sealed page needs."""
    return {"fh": HISTORY} if is_sealed(feed) else {}


def mark_sealed(head: Element, feed: Feed) -> None:
    """Adds fh:archive to a sealed page."""
    if is_sealed(feed):
        child(head, f"{{{HISTORY}}}archive")


def links(feed: Feed, file: str, media: str) -> Iterator[dict[str, str]]:
    """`file`: the name of this format's file in each folder. A sealed page is never written again, so it links to the
    next page only if both were sealed together."""
    history = feed.history
    if history is None:
        return
    folders = {"prev-archive": history.older, "next-archive": history.newer}
    folders |= {"current": history.current} if history.page else {}
    for rel, folder in folders.items():
        if folder:
            yield {"href": folder + file, "rel": rel, "type": media}
