"""Enclosures of an entry, as a page shows them: players, pictures and files."""

from dataclasses import dataclass
from html import escape

from aggregator.model.document import Link
from aggregator.model.entry import Entry
from aggregator.render.attribution import enclosures
from aggregator.render.media_types import media_type
from aggregator.render.number_forms import with_fraction
from aggregator.render.words import Words

SHOWN = frozenset({"audio", "video", "image"})


@dataclass(frozen=True, slots=True)
class Attachment:
    """`kind`: audio, video, image, or "" for a plain link; `facts`: its type, size and duration."""

    href: str
    name: str
    kind: str
    facts: str


def attached(entry: Entry, words: Words) -> list[Attachment]:
    """Of a picture in several sizes only the last one is kept; a picture that the text shows is a plain link."""
    if not entry.clean.enclosures:
        return []
    found: dict[str, Attachment] = {}
    for link in enclosures(entry):
        one = _attachment(link, entry, words)
        found[_without_query(link.href) if one.facts.startswith("image/") else link.href] = one
    return list(found.values())


def _attachment(link: Link, entry: Entry, words: Words) -> Attachment:
    media, clean = media_type(link), entry.clean
    kind = media.partition("/")[0].lower()
    address = _without_query(link.href)
    text = clean.content or clean.summary
    is_shown = kind == "image" and (address == _without_query(clean.image) or escape(address) in text)
    facts = " · ".join(filter(None, (media, size(link.length, words), duration(link.duration))))
    name = link.title or address.rpartition("/")[2] or link.href
    return Attachment(link.href, name, kind if kind in SHOWN and not is_shown else "", facts)


def _without_query(href: str) -> str:
    """The address without its query, which often gives a picture's size."""
    return href.partition("?")[0]


def size(count: int | None, words: Words) -> str:
    """The size of a file in decimal units; "" where it is unknown (many feeds give 0)."""
    if not count or count < 0:
        return ""
    if count < 999_500:
        return words.phrase("{n} kB", n=max(1, round(count / 1000)))
    megabytes = count / 1_000_000
    number = with_fraction(megabytes, words.catalog) if megabytes < 99.95 else words.number(round(megabytes))
    return words.phrase("{n} MB", n=number)


def duration(seconds: int | None) -> str:
    """A duration as 1:02:03 or 4:05; "" where it is unknown."""
    if not seconds or seconds < 0:
        return ""
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
