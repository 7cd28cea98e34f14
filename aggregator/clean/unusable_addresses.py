"""Finds the links, enclosures and pictures of an entry that cleaning leaves out because their addresses cannot be used,
in order to report them: a scheme that no feed may show, no host, a picture that is no raster image.

Trackers, placeholders and invisible pictures are left out on purpose, and not reported. Addresses that are too long are
found by `overlong_urls`.
"""

from collections.abc import Iterator
from itertools import islice

from aggregator.clean.clean_entry import OF_THE_FEED, relation
from aggregator.clean.overlong_urls import MOST_LINKS
from aggregator.html.lazy_pictures import CANDIDATES, SOURCES
from aggregator.html.tokenizer import Start, Tokens
from aggregator.html.trackers import is_invisible
from aggregator.model.document import RawEntry
from aggregator.model.entry import CleanEntry
from aggregator.text.data_pictures import KINDS, LARGEST, data_picture, is_data, size
from aggregator.text.local_pictures import local_picture
from aggregator.text.masking import MARK
from aggregator.text.uris import left_out
from aggregator.text.urls import LONGEST, MEDIA, WEB, ContentSettings, absolute, is_nothing, unwrap

SHORTEST_DRAWING = 1000  # characters of a data: URL; shorter ones stand in for a picture that a script loads
_WHAT = {"alternate": "link", "enclosure": "enclosure"}


def in_draft(draft: RawEntry, clean: CleanEntry, settings: ContentSettings) -> list[str]:
    """A message for each address that is left out. `clean`: what cleaning made of the draft."""
    return [*_Addresses(draft, settings).left_out(clean)]


class _Addresses:
    """Those of one draft, with the base that they resolve against."""

    def __init__(self, draft: RawEntry, settings: ContentSettings) -> None:
        self._draft = draft
        self._settings = settings
        self._base = absolute(unwrap(draft.base, settings.unwrap))

    def left_out(self, clean: CleanEntry) -> Iterator[str]:
        for link in islice(self._draft.links, MOST_LINKS):
            rel = relation(link)
            if rel not in OF_THE_FEED and not self._is_usable(link.href, MEDIA if rel == "enclosure" else WEB):
                yield left_out(_WHAT.get(rel, "other link"), link.href)
        if not self._is_picture(self._draft.image):
            yield self._picture("picture", self._draft.image)
        texts = [text for text in (self._draft.content, self._draft.summary) if text and text.type != "text"]
        written = sum(text.value.lower().count("<img") for text in texts)
        if written > (clean.content + clean.summary).count("<img "):  # few entries: tokenizing takes long
            yield from dict.fromkeys(message for text in texts for message in self._in_markup(text.value))

    def _in_markup(self, markup: str) -> Iterator[str]:
        for token in Tokens(markup):
            if isinstance(token, Start) and token.name == "img" and not _is_replaced(token):
                written = [token.get(name) for name in ("src", *SOURCES) if name in token.written]
                if written and not any(map(self._is_picture, written)):
                    yield self._picture("<img>", written[0])

    def _is_usable(self, href: str, schemes: frozenset[str] = WEB) -> bool:
        """Also if it says that there is none, holds a secret, which is left out on purpose, or may be too long."""
        if is_nothing(href) or MARK in href or len(href) > LONGEST // 12:
            return True
        return bool(absolute(unwrap(href, self._settings.unwrap), self._base, schemes))

    def _is_picture(self, href: str) -> bool:
        if is_data(href):
            is_drawing = len(href) >= SHORTEST_DRAWING and size(href) <= LARGEST
            return not is_drawing or bool(data_picture(href))
        return self._is_usable(href) or bool(local_picture(href, "" if self._base else self._draft.path))

    def _picture(self, what: str, address: str) -> str:
        """Says why: a file beside a post, and a drawing in the text, are of another kind; where a post has no link,
        nothing says which site `/a.png` is on; other addresses cannot be fetched."""
        if address.startswith("/") and not self._base:
            return left_out(what, address, "nothing says on which site it is; a link of the post, or posts.link, would")
        if is_data(address) or ":" not in address:
            return left_out(what, address, f"it is no {KINDS}")
        return left_out(what, address)


def _is_replaced(token: Start) -> bool:
    """Whether the address does not matter: the picture is invisible, or there are other candidates."""
    is_seen = not is_invisible(token.get("width"), token.get("height"), token.get("style"))
    return not is_seen or any(token.get(name) for name in ("srcset", *CANDIDATES))
