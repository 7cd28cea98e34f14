"""The links of an entry, with enclosures and media, and its image."""

from dataclasses import replace

from aggregator.model.document import Link
from aggregator.parse.feed_info import written
from aggregator.parse.untrusted_dict import Raw, count, mapping, mappings, seconds, string
from aggregator.text.urls import is_nothing

_WEB = ("http://", "https://")
_PLAYED = ("audio", "video")


def links(entry: Raw, *, permalink: bool) -> tuple[Link, ...]:
    """All links in document order, then media that are not among the enclosures."""
    found = [written(link) for link in mappings(entry, "links") if not is_nothing(string(link, "href"))]
    if permalink and not _has(found, "alternate") and string(entry, "id").lower().startswith((*_WEB, "/")):
        found.append(Link(string(entry, "id")))  # RSS 2.0: a guid is a link unless isPermaLink is false
    found = _proxied(found, string(entry, "feedburner_origlink"))
    found += _remote(entry, alternate=not _has(found, "alternate"))
    media = {medium.href: medium for medium in map(_medium, mappings(entry, "media_content")) if medium.href}
    found = [_completed(link, media) if link.rel == "enclosure" else link for link in found]
    carried = {link.href for link in found if link.rel == "enclosure"}
    found += [medium for href, medium in media.items() if href not in carried]
    return tuple(_timed(list(dict.fromkeys(found)), seconds(string(entry, "itunes_duration"))))


def _has(found: list[Link], rel: str) -> bool:
    return any(link.rel == rel for link in found)


def _proxied(found: list[Link], original: str) -> list[Link]:
    """Puts back the entry's own address, which FeedBurner replaces with a counting one and keeps in origLink."""
    if not original.lower().startswith(_WEB):
        return found
    return [replace(link, href=original) if link.rel == "alternate" else link for link in found]


def _remote(entry: Raw, *, alternate: bool) -> list[Link]:
    """Links to out-of-line content (RFC 4287 4.1.3.2)."""
    details = [detail for detail in mappings(entry, "content") if string(detail, "src")]
    return [
        Link(string(detail, "src"), "alternate" if alternate and "html" in kind else "enclosure", kind)
        for detail in details
        if (kind := string(detail, "type")) is not None
    ]


def _medium(media: Raw) -> Link:
    """Media RSS's content element; feedparser writes attribute names in lower case."""
    return Link(
        href=string(media, "url"),
        rel="enclosure",
        type=string(media, "type"),
        length=count(media.get("filesize")),
        duration=seconds(string(media, "duration")),
    )


def _completed(enclosure: Link, media: dict[str, Link]) -> Link:
    """The enclosure with its duration, which only Media RSS has."""
    duration = media[enclosure.href].duration if enclosure.href in media else None
    return enclosure if duration is None else replace(enclosure, duration=duration)


def _timed(found: list[Link], duration: int | None) -> list[Link]:
    """Gives itunes:duration to the first audio or video enclosure."""
    for place, link in enumerate(found):
        if link.rel == "enclosure" and (not link.type or link.type.startswith(_PLAYED)):
            timed = replace(link, duration=duration if link.duration is None else link.duration)
            return [*found[:place], timed, *found[place + 1 :]]
    return found


def image(entry: Raw) -> str:
    thumbnails = (string(thumbnail, "url") for thumbnail in mappings(entry, "media_thumbnail"))
    return next(filter(None, thumbnails), "") or string(mapping(entry, "image"), "href")
