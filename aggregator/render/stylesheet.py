"""The style sheet that makes feeds readable in a browser, and the instruction that links to it.

CSS, because browsers are dropping XSLT. It is applied where the file is served as application/xml, as most static
hosts do, and our server to whoever opens a feed in a browser (web/media_types.py); Chromium shows application/atom+xml
and application/rss+xml as plain text whatever the file says. CSS makes no links of XML, so addresses stand as text that
one click selects.
"""

from aggregator.model.feed import Feed

FEED_STYLE = "static/feed.css"  # relative to the tree
PAGE_STYLE = "static/pages.css"  # one name for ever: sealed pages link to it
_DECLARED = b"?>\n"


def styled(document: bytes, feed: Feed) -> bytes:
    """The XML document of a feed with the instruction as its second line. The address is relative, so that the tree can
    be served from any folder."""
    up = "../" * len((feed.old_id or feed.id).split("/"))
    instruction = f'<?xml-stylesheet type="text/css" href="{up}{FEED_STYLE}"?>\n'
    head, mark, rest = document.partition(_DECLARED)
    return head + mark + instruction.encode() + rest if mark else document
