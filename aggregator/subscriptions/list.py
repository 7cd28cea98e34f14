"""The sources as one list: what the config wants, and what the state knows of it."""

from collections.abc import Iterator
from typing import Any

from aggregator.codec import unpack
from aggregator.config import SourceConfig
from aggregator.model.document import FeedInfo
from aggregator.store import SourceRow
from aggregator.subscriptions.config_file import ConfigFile
from aggregator.text.normalize import one_line


def listed(register: ConfigFile) -> list[dict[str, Any]]:
    """`posts` first, then `sources`, each in config order, as JSON has them."""
    config = register.config
    folders = [
        _listing(register, one.id, "posts", {"url": one.path, "title": one.title or config.site.title})
        for one in config.posts
    ]
    return folders + [row for one in config.sources for row in _listings(register, one)]


def _listings(register: ConfigFile, one: SourceConfig) -> Iterator[dict[str, Any]]:
    """A reading list is followed by its feeds."""
    if not one.opml:
        yield _source(register, one)
        return
    known = register.lists.get(one.id)
    state = "paused" if one.paused else "new" if known is None else "failing" if known.failures else "ok"
    feeds = [feed for feed in register.with_lists.sources if register.with_lists.listed_by.get(feed.id) == one.id]
    entries = sum(register.counts.get(feed.id, 0) for feed in feeds)
    yield {"id": one.id, "url": one.shown_url, "title": one.title, "kind": "list", "state": state, "entries": entries}
    for feed in feeds:
        yield _source(register, feed) | {"list": one.id}


def _source(register: ConfigFile, one: SourceConfig) -> dict[str, Any]:
    title = one.title or _own_title(register.rows.get(one.id))
    listing = _listing(register, one.id, "feed", {"url": one.shown_url, "title": title})
    row = register.rows.get(one.id)
    if one.paused:
        listing["state"] = "paused"
    if row and row.moved_url:
        listing["asked"] = one.hidden.masked(row.moved_url)
    return listing


def _listing(register: ConfigFile, id_: str, kind: str, said: dict[str, str]) -> dict[str, Any]:
    """A source that no run has seen yet is new."""
    row = register.rows.get(id_)
    state = row.state if row else "new"
    return {"id": id_, **said, "kind": kind, "state": state, "entries": register.counts.get(id_, 0)}


def _own_title(row: SourceRow | None) -> str:
    return one_line(unpack(row.about, FeedInfo).title) if row and row.about else ""
