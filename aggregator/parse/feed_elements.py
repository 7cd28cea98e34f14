"""What elements and prefixes are in feeds, as far as a document that is not well-formed leaves that to guess."""

from feedparser.mixin import _FeedParserMixin

from aggregator.clean.extensions import SPACES
from aggregator.html.allowlist import KNOWN as _HTML

ENTRIES = frozenset({"entry", "item"})
TOMBSTONE = "deleted-entry"  # RFC 6721; it stands beside entries
# Elements in which entries stand.
FEEDS = frozenset({"channel", "feed", "rdf", "rss"})
# Elements whose parts have the names of an entry's elements. RSS's `source` is a text.
HOLDERS = ENTRIES | FEEDS | {"image", "items", "seq", "source", "textinput"}
# Elements of a feed and of an entry without a prefix, in lower case. They do not stand in a text.
STRUCTURE = ENTRIES | FEEDS | frozenset("""author category comments content contributor copyright created description
    enclosure generator guid id issued language lastbuilddate link managingeditor modified pubdate published rights
    source subtitle summary tagline title ttl updated webmaster""".split())  # fmt: skip
# HTML's elements without an end tag, but for those that feeds have, too.
VOID = frozenset("area base br col embed hr img input param track wbr".split())
# Names of HTML, which may stand in a text; `title` and `link` do not.
INLINE = _HTML - {"link", "title"}

_MARKUP = frozenset({"xhtml", "xlink", "xml"})
_FEED_NAMESPACES = frozenset(uri.lower() for uri, prefix in _FeedParserMixin.namespaces.items() if not prefix)
# Prefix → namespace, as publishers mean a prefix that they forget to declare.
WELL_KNOWN = {
    prefix: uri for uri, prefix in _FeedParserMixin.namespaces.items() if prefix and prefix not in _MARKUP
} | SPACES  # fmt: skip
_VOCABULARIES = frozenset(uri.lower().rstrip("/#") for uri in WELL_KNOWN.values())
WELL_KNOWN |= {
    "atom": "http://www.w3.org/2005/Atom",
    "rss": "http://backend.userland.com/rss",
    "xhtml": "http://www.w3.org/1999/xhtml",
}


def is_feed_namespace(uri: str) -> bool:
    return uri.lower() in _FEED_NAMESPACES


def is_vocabulary(uri: str) -> bool:
    """Whether elements of the namespace describe a feed or an entry, and never stand in a text."""
    return uri.lower().rstrip("/#") in _VOCABULARIES
