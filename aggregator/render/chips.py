"""Links from an entry to the pages of its categories, in pages of any depth.

An entry is rendered once for all pages. Its links to other pages of the tree begin with a mark, in whose place each
page puts the way to the root of the tree. A page that is never written again links only to addresses that stay.
"""

from collections.abc import Container

from markupsafe import Markup

ROOT = Markup("<!-- root -->")  # foreign text cannot contain it, because `<` is escaped
_MARK = ROOT.encode()
_CHIP = b'<a class="chip" href="'
_END = b'/index.html">'
_UP = b"../"


def placed(article: bytes, up: str, linked: Container[str] | None) -> bytes:
    """The article as a page shows it. `up`: the way to the root of the tree; `linked`: the ids of the feeds to whose
    pages it links, None for all that it names."""
    if _MARK not in article:
        return article
    return (article if linked is None else _unlinked(article, linked)).replace(_MARK, up.encode())


def _unlinked(article: bytes, linked: Container[str]) -> bytes:
    before, *chips = article.split(_CHIP + _MARK)
    return before + b"".join(_chip(chip, linked) for chip in chips)


def _chip(rest: bytes, linked: Container[str]) -> bytes:
    """A link without an address is a placeholder (HTML 4.5.1)."""
    feed, _, text = rest.partition(_END)
    return _CHIP + _MARK + rest if feed.decode() in linked else b'<a class="chip">' + text


def unplaced(article: bytes) -> bytes:
    """The article of a page, as it was before `placed`."""
    before, *chips = article.split(_CHIP)
    return before + b"".join(_CHIP + _MARK + _without_up(chip) for chip in chips)


def _without_up(rest: bytes) -> bytes:
    while rest.startswith(_UP):
        rest = rest[len(_UP) :]
    return rest
