"""The lines that we add to the text of an entry, and their removal from entries that return. Pure.

The footer names the other sources of an entry, the byline its own source.
"""

from html import escape, unescape

BEGIN, END = "<p><small>Also published by ", "</small></p>"
BYLINE = "<p><small>From "


def byline(title: str, link: str) -> str:
    """The line at the head of a text as HTML. `link`: the site of the source, "" for none."""
    name = f'<a href="{escape(link)}">{escape(title)}</a>' if link else escape(title)
    return f"{BYLINE}{name}{END}"


def without_byline(markup: str, title: str) -> str:
    """Removes the byline of a source with this title. Another first line is the publisher's, and stays."""
    end = markup.find(END) if title and markup.startswith(BYLINE) else -1
    name = markup[len(BYLINE) : end].removesuffix("</a>").rpartition(">")[2]
    return markup[end + len(END) :] if end >= 0 and unescape(name) == title else markup


def footer_at(markup: str) -> int:
    """The offset of the footer if it ends the text, else -1."""
    text = markup.rstrip()
    at = text.rfind(BEGIN)
    return at if at >= 0 and text.find(END, at) == len(text) - len(END) else -1


def without_footers(markup: str) -> str:
    """Removes all footers: a planet that republishes a planet adds its own below the other's."""
    while (at := footer_at(markup)) >= 0:
        markup = markup[:at]
    return markup
