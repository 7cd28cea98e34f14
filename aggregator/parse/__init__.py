"""Bytes of an upstream answer to a FeedDocument. No other input or output, so that the process may be killed."""

import re

from aggregator.errors import ParseError
from aggregator.model.document import NOTHING_READ, FeedDocument, ReadMarkup
from aggregator.parse.repair_json import is_wrapped
from aggregator.parse.repair_xml import FEED_ROOTS, repair
from aggregator.text.dates import NO_CONTEXT, DateContext
from aggregator.text.encoding import decode

__all__ = ["parse"]

_NO_TEXT = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f\ufffd]")
_MESSAGES = ("", "br", "b", "p")  # roots of text that is no document: comments, and what PHP says of errors
_OTHERS = {"opml": "an OPML list of feeds", "": "plain text", "urlset": "a sitemap"}
# First elements of HTML: a page may omit <html>, <head> and <body> (HTML 13.1.2.4), and an error message has none.
_OF_HTML = frozenset("html head body title meta link base script style main div center font h1 h2 pre".split())
_DOCTYPE = re.compile(r"\s*<!doctype\s+html", re.IGNORECASE)


def parse(
    body: bytes,
    *,
    url: str,
    content_type: str = "",
    limit: int = 5_000,
    context: DateContext = NO_CONTEXT,
    known: ReadMarkup = NOTHING_READ,
) -> FeedDocument:
    """The document in Atom's words, whatever media type it was sent as; values are not normalized.

    `url`: the document's address, against which relative URLs resolve. Only the first `limit` entries are kept.
    `context`: for its dates. `known`: entries that need not be read again. Raises ParseError: `not-a-feed` for anything
    else, `parse` for a feed of which nothing can be read.
    """
    # feedparser takes 0.1 s to import: only processes that read feeds need it
    from aggregator.parse.feed import parse_feed
    from aggregator.parse.jsonfeed import parse_json

    text = decode(body, content_type)
    start = text[:1000].lstrip("\ufeff\0 \t\r\n")[:1]
    if not start:
        raise ParseError("not-a-feed", "the answer is empty")
    if start in "{[":
        return parse_json(text, url=url, limit=limit, context=context)
    page = repair(text)
    if page.root in _MESSAGES and is_wrapped(text):
        return parse_json(text, url=url, limit=limit, context=context)
    if page.root not in FEED_ROOTS:
        if not page.root and _NO_TEXT.search(text[:1000]):
            raise ParseError("not-a-feed", "not a feed but a file that is no text")
        raise ParseError("not-a-feed", f"not a feed but {_kind(page.root, text)}")
    return parse_feed(page, url=url, limit=limit, context=context, known=known)


def _kind(root: str, text: str) -> str:
    if root in _OF_HTML or root in _MESSAGES[1:] or _DOCTYPE.match(text):
        return "an HTML page"
    return _OTHERS.get(root, f"an XML document of another kind, <{root[:40]}>")
