"""Where a document stands among all that hold a feed's entries (RFC 5005 4), in the words of XML formats."""

from collections.abc import Iterator

from aggregator.model.feed import Feed
from aggregator.render.feedgen_extension import Element, child

HISTORY = "http://purl.org/syndication/history/1.0"


def is_sealed(feed: Feed) -> bool:
    return feed.history is not None and feed.history.page > 0


def spaces(feed: Feed) -> dict[str, str]:
    """The namespace that only a sealed page needs."""
    return {"fh": HISTORY} if is_sealed(feed) else {}


def mark(head: Element, feed: Feed) -> None:
    """A sealed page says that it is one."""
    if is_sealed(feed):
        child(head, f"{{{HISTORY}}}archive")


def links(feed: Feed, file: str, media: str) -> Iterator[dict[str, str]]:
    """`file`: what this format is called in each folder. A sealed page is never written again, so it names the next
    one only where that was sealed together with it."""
    history = feed.history
    if history is None:
        return
    ways = {"prev-archive": history.older, "next-archive": history.newer}
    ways |= {"current": history.current} if history.page else {}
    for rel, folder in ways.items():
        if folder:
            yield {"href": folder + file, "rel": rel, "type": media}
