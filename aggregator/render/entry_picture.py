"""The picture that stands for an entry."""

import html
import re
from collections.abc import Iterator

from aggregator.model.entry import Entry
from aggregator.render.attachments import attached
from aggregator.render.tags import INNER, each_tag
from aggregator.render.words import Words

FAR = 20_000  # characters of a text in which its picture is looked for
SMALL = 100  # pixels; what is declared to be smaller is no picture of the entry but an icon or a smiley

_PICTURE = re.compile(rf"<img(?=[ >])({INNER})(>)?")
_SOURCE = re.compile(r' src="(https?://[^"]++)"', re.IGNORECASE)
_SIZE = re.compile(r' (?:width|height)="(\d{1,6}+)')


def picture(entry: Entry) -> str:
    """The address of the entry's own picture, else of the first one in its text or among its enclosures."""
    shown = (one.href for one in attached(entry, Words()) if one.kind == "image")
    found = (entry.clean.image, *_pictures(entry.clean.content), *_pictures(entry.clean.summary), *shown)
    return next((one for one in found if one.lower().startswith(("http://", "https://"))), "")


def _pictures(markup: str) -> Iterator[str]:
    for tag in each_tag(_PICTURE, markup[:FAR], 2):
        is_small = any(int(size) < SMALL for size in _SIZE.findall(tag[1]))
        source = _SOURCE.search(tag[1])
        if source and not is_small:
            yield html.unescape(source[1])
