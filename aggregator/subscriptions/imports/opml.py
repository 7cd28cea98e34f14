"""OPML of feed readers: folders are categories. FreshRSS and Miniflux write settings of a feed as attributes.

Attributes of a namespace that nobody here knows are listed. Attributes of OPML itself are not: they describe the feed,
which describes itself.
"""

from collections.abc import Mapping

from aggregator.opml import Outline, is_opml, read_outlines
from aggregator.subscriptions.imports import freshrss, miniflux
from aggregator.subscriptions.imports.found import (
    Filters,
    Found,
    Remark,
    Settings,
    Subscription,
    no_counterpart,
    sorted_out,
)

KIND = "OPML"
_OPML = frozenset("text title type xmlurl htmlurl url category description version language created".split())
_READERS = {"frss": freshrss.settings_of, "miniflux": miniflux.settings_of}


def read(text: str) -> Found | None:
    """None if the text is something else."""
    return sorted_out(KIND, map(_one, read_outlines(text))) if is_opml(text) else None


def _one(outline: Outline) -> Subscription | Remark:
    if outline.list_url:
        title = _title(outline)
        return Subscription(outline.line, outline.list_url, title, outline.categories, is_list=True)
    if outline.fault:
        return Remark(outline.line, outline.name, outline.fault)
    settings, unused = _settings(dict(outline.settings))
    return Subscription(outline.line, outline.url, _title(outline), outline.categories, settings, unused)


def _title(outline: Outline) -> str:
    """The name that a person reads (OPML 2.0 `text`, else `title`), so that the feed has one before it was read; ""
    where both are only its address, as of feeds without a title."""
    return next((one for one in (outline.text, outline.title) if one not in {"", outline.url}), "")


def _settings(written: Mapping[str, str]) -> tuple[Settings, tuple[str, ...]]:
    settings: dict[str, str | Filters] = {}
    unused: list[str] = []
    for prefix, settings_of in _READERS.items():
        named = ((name.partition(":"), value) for name, value in written.items())
        found, remarks = settings_of({name: value for (space, _, name), value in named if space == prefix})
        settings |= found
        unused += remarks
    foreign = (name for name in written if name.partition(":")[0] not in _READERS and _local(name) not in _OPML)
    return settings, (*unused, *no_counterpart(foreign))


def _local(name: str) -> str:
    return name.rpartition(":")[2]
