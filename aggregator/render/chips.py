"""Links from an entry to the pages of its categories, in pages of any depth.

An entry is rendered once for all pages. Its links to other pages of the tree begin with a byte that neither HTML nor
XML allows, in whose place each page puts the way to the root of the tree. A page that is never written again links only
to addresses that stay.
"""

from collections.abc import Container

from markupsafe import Markup

from aggregator.model.rendered import UP

ROOT = Markup("<!-- root -->")  # stands in a template; foreign text cannot contain it, because `<` is escaped
_CHIP = b'<a class="chip" href="' + UP
_END = b'/index.html">'


def marked(article: bytes) -> bytes:
    """The article of a template, which holds no character that HTML forbids, with the byte in the place of ROOT."""
    return article.replace(ROOT.encode(), UP)


def linked_only(article: bytes, linked: Container[str]) -> bytes:
    """The article with links to the pages of these feeds only."""
    before, *chips = article.split(_CHIP)
    return before + b"".join(_chip(chip, linked) for chip in chips)


def _chip(rest: bytes, linked: Container[str]) -> bytes:
    """A link without an address is a placeholder (HTML 4.5.1)."""
    feed, _, text = rest.partition(_END)
    return _CHIP + rest if feed.decode() in linked else b'<a class="chip">' + text
