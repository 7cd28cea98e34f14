"""One entry of feedparser's, with its Frame, to a RawEntry in Atom's words."""

from dataclasses import replace

from aggregator.clean.opt_out import BLOCK, blocks
from aggregator.model.document import Extension, RawEntry, Text, TextType
from aggregator.parse.element_handlers import Frame
from aggregator.parse.feed_dates import FeedDates
from aggregator.parse.feed_info import origin, persons, plain, relation, terms
from aggregator.parse.links import image, links
from aggregator.parse.untrusted_dict import Raw, count, mapping, mappings, string

_TYPES: dict[str, TextType] = {
    "text/html": "html",
    "text/htm": "html",
    "application/xhtml+xml": "xhtml",
    "text/plain": "text",
}
# For an entry without summary or description, the best replacement first.
_SUMMARIES = ("dc_description", "itunes_summary", "media_description", "itunes_subtitle")


def draft(entry: Raw, frame: Frame, base: str, dates: FeedDates) -> RawEntry:
    """`base`: the document's; an entry's base is "" if it is the same."""
    content = _content(entry, base)
    return RawEntry(
        id=string(entry, "id"),
        id_is_permalink=frame.permalink and string(entry, "id").lower().startswith(("http://", "https://")),
        title=_title(entry, base),
        summary=_summary(entry, base),
        content=content,
        links=links(entry, permalink=frame.permalink),
        authors=persons(entry, "authors"),
        contributors=persons(entry, "contributors"),
        terms=terms(entry),
        published=dates.of(entry, "published", "created"),
        updated=dates.of(entry, "updated"),
        rights=plain(entry, "rights"),
        language=string(entry, "language") or (content.language if content else "") or frame.language,
        image=image(entry),
        comments=string(entry, "comments"),
        base="" if frame.base == base else frame.base,
        source=origin(mapping(entry, "source"), dates) if mapping(entry, "source") else None,
        extras=(*frame.extras, *_created(entry, frame), *_replies(entry, frame), *_blocked(frame)),
    )


def _title(entry: Raw, base: str) -> Text | None:
    """`title_detail` may be that of a picture, `title` is always the entry's. A podcast may only have itunes:title."""
    text, title = _text(mapping(entry, "title_detail"), base), string(entry, "title")
    if not text and not title and (own := string(entry, "itunes_title")):
        return Text(own)
    return replace(text, value=title) if text and title and text.value != title else text


def _created(entry: Raw, frame: Frame) -> tuple[Extension, ...]:
    """Atom 0.3's `created` becomes dcterms:created, because later formats have no element for it."""
    created = string(entry, "created")
    if not created or any(extra.name == "dcterms:created" for extra in frame.extras):
        return ()
    return (Extension("dcterms:created", text=created),)


def _replies(entry: Raw, frame: Frame) -> tuple[Extension, ...]:
    """The number of replies that a link says (RFC 4685 4) as the entry's (5), which every format has room for."""
    replies = (link for link in mappings(entry, "links") if relation(link) == "replies")
    counts = (count(link.get("thr:count", link.get("count"))) for link in replies)
    number = next((one for one in counts if one is not None), None)
    if number is None or any(extra.name == "thr:total" for extra in frame.extras):
        return ()
    return (Extension("thr:total", text=str(number)),)


def _blocked(frame: Frame) -> tuple[Extension, ...]:
    """An opt-out in any form is carried as one element."""
    return (BLOCK,) if frame.opt_out and not blocks(frame.extras) else ()


def _text(detail: Raw, base: str) -> Text | None:
    """A text construct. feedparser decides the type for RSS: a description is HTML; a title is plain text unless it has
    an end tag or an entity after XML decoding, and only tags and entities of HTML."""
    value = string(detail, "value")
    if not value:
        return None
    own = string(detail, "base")
    return Text(value, _type(detail), "" if own == base else own, string(detail, "language"))


def _type(detail: Raw) -> TextType:
    return _TYPES.get(string(detail, "type"), "text")


def _summary(entry: Raw, base: str) -> Text | None:
    """Reads `summary_detail`, because feedparser copies content to a missing `summary`, without a detail."""
    own = _text(mapping(entry, "summary_detail"), base)
    if own:
        return own
    others = (_text(mapping(entry, f"{name}_detail"), base) for name in _SUMMARIES)
    return next((text for text in others if text), None)


def _content(entry: Raw, base: str) -> Text | None:
    """The first markup, else the first plain text; other media types cannot be shown as text."""
    shown = (*_TYPES, "text/")
    usable = [detail for detail in mappings(entry, "content") if string(detail, "type").startswith(shown)]
    texts = [text for detail in usable if (text := _text(detail, base))]
    return next((text for text in texts if text.type != "text"), texts[0] if texts else None)
