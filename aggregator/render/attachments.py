"""What comes with an entry beside its text, as a page shows it: players, pictures and files."""

from dataclasses import dataclass
from html import escape

from aggregator.model.document import Link
from aggregator.model.entry import Entry
from aggregator.render.attribution import enclosures
from aggregator.render.human_sizes import duration, size
from aggregator.render.media_types import media_type

SHOWN = frozenset({"audio", "video", "image"})


@dataclass(frozen=True, slots=True)
class Attachment:
    """`kind`: audio, video, image, or "" for what is only linked; `facts`: its type, size and length."""

    href: str
    name: str
    kind: str
    facts: str


def attached(entry: Entry) -> list[Attachment]:
    """A picture that is there in several sizes is shown once, the last; one that the text shows is only linked."""
    if not entry.clean.enclosures:
        return []
    found: dict[str, Attachment] = {}
    for link in enclosures(entry):
        one = _attachment(link, entry)
        found[_place(link.href) if one.facts.startswith("image/") else link.href] = one
    return list(found.values())


def _attachment(link: Link, entry: Entry) -> Attachment:
    media, clean = media_type(link), entry.clean
    kind = media.partition("/")[0].lower()
    place = _place(link.href)
    text = clean.content or clean.summary
    told = kind == "image" and (place == _place(clean.image) or escape(place) in text)
    facts = " · ".join(filter(None, (media, size(link.length), duration(link.duration))))
    name = link.title or place.rpartition("/")[2] or link.href
    return Attachment(link.href, name, kind if kind in SHOWN and not told else "", facts)


def _place(href: str) -> str:
    """The address without its query, in which a picture's size is often told."""
    return href.partition("?")[0]
