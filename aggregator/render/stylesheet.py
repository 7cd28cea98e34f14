"""Feeds that a person can read in a browser: a style sheet beside them, by its processing instruction.

CSS, because browsers are dropping XSLT. It is applied where the file is served as application/xml, as most static
hosts do; Chromium shows application/atom+xml and application/rss+xml as plain text whatever the file says.
"""

from aggregator.model.feed import Feed

FEED_STYLE = "static/feed.css"  # below the tree
_DECLARED = b"?>\n"


def styled(document: bytes, feed: Feed) -> bytes:
    """The XML document of a feed with the instruction as its second line; its address is relative, so that the tree
    can be served at any place."""
    up = "../" * len((feed.old_id or feed.id).split("/"))
    instruction = f'<?xml-stylesheet type="text/css" href="{up}{FEED_STYLE}"?>\n'
    head, mark, rest = document.partition(_DECLARED)
    return head + mark + instruction.encode() + rest if mark else document
