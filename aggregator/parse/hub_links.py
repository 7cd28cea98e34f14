"""The hub and the topic that a web page names (WebSub 4; RFC 8288, appendix A)."""

from aggregator.model.document import FeedInfo
from aggregator.parse.autodiscovery import joined, tags
from aggregator.text.encoding import decode

MOST = 10  # hubs of a page


def named_by_page(body: bytes, content_type: str, url: str) -> FeedInfo:
    """A FeedInfo with `hubs` and `self_link` alone."""
    base, hubs, topics = url, list[str](), list[str]()
    for tag in tags(decode(body, content_type), {"link", "base"}):
        href = tag.get("href").strip()
        if tag.name == "base" and base is url and href:
            base = joined(url, href) or url
        elif tag.name == "link" and href:
            rels = tag.get("rel").lower().split()
            hubs += [joined(base, href)] if "hub" in rels and len(hubs) < MOST else []
            topics += [joined(base, href)] if "self" in rels else []
    return FeedInfo(hubs=tuple(filter(None, hubs)), self_link=next(filter(None, topics), ""))
