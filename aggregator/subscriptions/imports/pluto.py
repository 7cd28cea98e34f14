"""`planet.ini` of Pluto: a section for each feed, with `title` and `feed`; the planet's own options come first."""

from collections.abc import Iterator
from dataclasses import replace

from aggregator.subscriptions.imports.filters import filters
from aggregator.subscriptions.imports.found import (
    Found,
    Planet,
    Remark,
    Settings,
    Subscription,
    as_name,
    no_counterpart,
    sorted_out,
)
from aggregator.subscriptions.imports.ini import Ini, Section

KIND = "Pluto's planet.ini"
_FEED = ("feed", "feed_url", "xml_url")
_TITLE = ("title", "name")
_SITE = ("link", "url", "html_url")  # of the feed, which says it itself
_INCLUDES = ("includes", "include")
_PLANET = {"title": _TITLE, "url": ("link",), "owner": ("author", "owner"), "email": ("email",)}
_NO_FEEDS = ("planet", "defaults")  # sections of the planet itself
_TEXTS = ("title", "content")


def read(ini: Ini) -> Found | None:
    """None if the file is something else."""
    feeds = [one for one in ini.sections if one.name.lower() not in _NO_FEEDS]
    if any("://" in one.name for one in feeds) or not any(name in one for one in feeds for name in _FEED):
        return None
    found = sorted_out(KIND, map(_feed, feeds))
    others = [ini.head, *(one for one in ini.sections if one.name.lower() in _NO_FEEDS)]
    return replace(
        found,
        left_out=(*found.left_out, *ini.strange),
        unused=tuple(remark for section in others for remark in _unused(section)),
        planet=_described(next((one for one in others if one.options), ini.head)),
    )


def _feed(section: Section) -> Subscription | Remark:
    title = as_name(section.value(*_TITLE))
    url = section.value(*_FEED)
    if not url:
        return Remark(section.line, title or as_name(section.name), "it has no `feed`, the address of a feed")
    settings, faults = _includes(section)
    others = no_counterpart(section.others((*_FEED, *_TITLE, *_INCLUDES, *_SITE)))
    return Subscription(section.line, url, title, settings=settings, unused=(*faults, *others))


def _includes(section: Section) -> tuple[Settings, tuple[str, ...]]:
    """`includes` are words with commas between them, one of which an entry must have, in any case."""
    words = [word.strip() for word in section.value(*_INCLUDES).split(",") if word.strip()]
    if not words:
        return {}, ()
    if not all(character.isalnum() or character in " _-" for word in words for character in word):
        return {}, ("includes: only words of letters and digits are taken over",)
    try:
        return {"include": filters([f"(?i){'|'.join(words)}"], _TEXTS)}, ()
    except ValueError as error:
        return {}, (f"includes: {error}",)


def _described(head: Section) -> Planet:
    said = {key: as_name(head.value(*names)) for key, names in _PLANET.items()}
    names = tuple(name for names in _PLANET.values() for name in names if name in head)
    return Planet(min((head.options[name].line for name in names), default=0), names, **said)


def _unused(head: Section) -> Iterator[Remark]:
    others = head.others({name for names in _PLANET.values() for name in names})
    for reason in no_counterpart(others):
        yield Remark(min(head.options[name].line for name in others), "planet", reason)
