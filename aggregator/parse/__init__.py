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
_OTHERS = {"html": "an HTML page", "opml": "an OPML list of feeds", "": "plain text", "urlset": "a sitemap"}


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
        kind = _OTHERS.get(page.root, f"an XML document of another kind, <{page.root[:40]}>")
        raise ParseError("not-a-feed", f"not a feed but {kind}")
    return parse_feed(page, url=url, limit=limit, context=context, known=known)
