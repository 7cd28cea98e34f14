"""The sources as one list, from the config and the state."""

from collections.abc import Iterator
from typing import Any

from aggregator.codec import unpack
from aggregator.config import SourceConfig
from aggregator.model.document import FeedInfo
from aggregator.status.source_state import state_of
from aggregator.store import SourceRow
from aggregator.subscriptions.config_file import ConfigFile
from aggregator.text.normalize import one_line


def list_sources(config_file: ConfigFile) -> list[dict[str, Any]]:
    """The rows of `source list --json`: `posts` first, then `sources`, each in config order."""
    config = config_file.config
    folders = [
        _listing(config_file, one.id, "posts", {"url": one.path, "title": one.title or config.site.title})
        for one in config.posts
    ]
    return folders + [row for one in config.sources for row in _listings(config_file, one)]


def _listings(config_file: ConfigFile, one: SourceConfig) -> Iterator[dict[str, Any]]:
    """One row; for a reading list also the rows of its feeds."""
    if not one.opml:
        yield _source(config_file, one)
        return
    known = config_file.lists.get(one.id)
    state = "paused" if one.paused else "new" if known is None else "failing" if known.failures else "ok"
    feeds = [feed for feed in config_file.with_lists.sources if config_file.with_lists.listed_by.get(feed.id) == one.id]
    entries = sum(config_file.counts.get(feed.id, 0) for feed in feeds)
    yield {"id": one.id, "url": one.shown_url, "title": one.title, "kind": "list", "state": state, "entries": entries}
    for feed in feeds:
        yield _source(config_file, feed) | {"list": one.id}


def _source(config_file: ConfigFile, one: SourceConfig) -> dict[str, Any]:
    title = one.title or _own_title(config_file.rows.get(one.id))
    listing = _listing(config_file, one.id, "feed", {"url": one.shown_url, "title": title})
    row = config_file.rows.get(one.id)
    if one.paused:
        listing["state"] = "paused"
    if row and row.moved_url:
        listing["asked"] = one.hidden.masked(row.moved_url)
    return listing


def _listing(config_file: ConfigFile, id_: str, kind: str, values: dict[str, str]) -> dict[str, Any]:
    """The state as `status` tells it; "new" before the first run that sees the source."""
    row = config_file.rows.get(id_)
    state = state_of(row, config_file.health.get(id_)) if row else "new"
    return {"id": id_, **values, "kind": kind, "state": state, "entries": config_file.counts.get(id_, 0)}


def _own_title(row: SourceRow | None) -> str:
    return one_line(unpack(row.about, FeedInfo).title) if row and row.about else ""
