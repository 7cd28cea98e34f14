"""Finds the source of the config that an entry of the published tree is of."""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from aggregator.app import App
from aggregator.config import SourceConfig
from aggregator.merge.named_sources import plain_address
from aggregator.merge.public_ids import minting_prefix
from aggregator.model.document import FeedInfo
from aggregator.recover.read_tree import BEST_FIRST, RecoveredEntry
from aggregator.text.slugs import unique_slug
from aggregator.text.urls import absolute

_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,99}")
_MINTED = re.compile(rf"({_ID.pattern})/[a-z2-7]{{16}}")


@dataclass(frozen=True, slots=True)
class Origin:
    """The source of an entry. `kept`: the atom:source that it arrived with, None for an entry of the source itself.
    `url`: of a source that is not in the config, "" where unknown."""

    source_id: str
    kind: str
    is_configured: bool
    kept: FeedInfo | None = None
    url: str = ""


class Origins:
    """The sources of the config, indexed by everything that a published entry may name them by."""

    def __init__(self, app: App) -> None:
        self._prefix = minting_prefix(app)
        self._folders = [folder.id for folder in app.folders]
        self._kinds = dict.fromkeys(self._folders, "posts") | {source.id: "feed" for source in app.sources}
        self._addresses: defaultdict[str, list[str]] = defaultdict(list)
        for source in app.sources:
            for address in _addresses(source):
                self._addresses[address].append(source.id)
        self._urls = {one.id: plain_address(absolute(one.public_url)) if one.is_remote else "" for one in app.sources}
        self._titles = {source.title or source.id: source.id for source in app.sources}
        self._unknown_id = unique_slug("unknown", self._kinds)

    def of(self, one: RecoveredEntry) -> Origin:
        """The source by the best evidence: its id, its URL, its id in an entry id that we minted, its own feed, or
        being the only candidate. Entries of a source that is not in the config are kept, but not shown.
        """
        named = list(self._named(one))
        known = next((id_ for id_ in named or self._guessed(one) if id_ in self._kinds), "")
        if known:
            return Origin(known, self._kinds[known], True, self._kept(one, known))
        source = one.own or one.entry.source
        return Origin(
            source_id=next(iter(named), self._unknown_id),
            kind="feed" if source else "posts",
            is_configured=False,
            kept=self._kept(one, ""),
            url=source.self_link if named and source else "",
        )

    def _named(self, one: RecoveredEntry) -> Iterator[str]:
        if _ID.fullmatch(one.source_id):
            yield one.source_id
        for address in (one.own.self_link if one.own else "", one.entry.address):
            yield from self._addresses.get(plain_address(address), ()) if address else ()
        if match := _MINTED.fullmatch(one.entry.public_id.removeprefix(self._prefix)):
            yield match[1]
        yield from (feed.removeprefix("source/") for feed in one.feeds if feed.startswith("source/"))

    def _guessed(self, one: RecoveredEntry) -> Iterator[str]:
        """Yields candidates for an entry without a known id or URL. Posts have no source element; in RSS, local files
        have none either."""
        source, files = one.own or one.entry.source, self._addresses.get("", [])
        if source is None:
            yield from _if_single(files) if BEST_FIRST[one.rank] == "rss" and not one.entry.slug else ()
            yield from self._folders
        else:
            yield self._titles.get(source.title, "")
            yield from _if_single(list(self._urls) if source.self_link else files)

    def _kept(self, one: RecoveredEntry, source_id: str) -> FeedInfo | None:
        """RSS and JSON name our source; Atom names the original one."""
        original = one.entry.source
        is_own = one.rank or plain_address(one.entry.address) == (self._urls.get(source_id) or None)
        if original is None or is_own:
            return None
        return None if one.own and (one.own.id, one.own.title) == (original.id, original.title) else original


def _if_single(ids: list[str]) -> list[str]:
    return ids if len(ids) == 1 else []


def _addresses(source: SourceConfig) -> set[str]:
    """The URL as fetched, which an older tree may have, and as published."""
    return {plain_address(source.url), plain_address(absolute(source.public_url))} if source.is_remote else {""}
