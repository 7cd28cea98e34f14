"""Which source of the config an entry of the published tree was taken from."""

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
    """`kept`: the atom:source that the entry arrived with from its source, None where it was that source's own.
    `url`: the address of a source that is not in the config, "" where nobody says it."""

    source_id: str
    kind: str
    is_configured: bool
    kept: FeedInfo | None = None
    url: str = ""


class Origins:
    """The sources of the config, by all that a published entry may say of them."""

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
        self._nobody = unique_slug("unknown", self._kinds)

    def of(self, one: RecoveredEntry) -> Origin:
        """The source by the best evidence there is: its id, its address, its name in an id that we minted, a feed of
        its own, what it alone can be. A source that is not in the config shows nothing, but keeps what is its own.
        """
        named = list(self._named(one))
        known = next((id_ for id_ in named or self._guessed(one) if id_ in self._kinds), "")
        if known:
            return Origin(known, self._kinds[known], True, self._kept(one, known))
        source = one.own or one.entry.source
        return Origin(
            source_id=next(iter(named), self._nobody),
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
        """Posts have no source; but RSS cannot name one that is a local file either."""
        source, files = one.own or one.entry.source, self._addresses.get("", [])
        if source is None:
            yield from _alone(files) if BEST_FIRST[one.rank] == "rss" and not one.entry.slug else ()
            yield from self._folders
        else:
            yield self._titles.get(source.title, "")
            yield from _alone(list(self._urls) if source.self_link else files)

    def _kept(self, one: RecoveredEntry, source_id: str) -> FeedInfo | None:
        """RSS and JSON name our source alone; Atom names the first that published it."""
        said = one.entry.source
        is_own = one.rank or plain_address(one.entry.address) == (self._urls.get(source_id) or None)
        if said is None or is_own:
            return None
        return None if one.own and (one.own.id, one.own.title) == (said.id, said.title) else said


def _alone(ids: list[str]) -> list[str]:
    return ids if len(ids) == 1 else []


def _addresses(source: SourceConfig) -> set[str]:
    """As it is fetched, which an older tree may say, and as everybody is shown it."""
    return {plain_address(source.url), plain_address(absolute(source.public_url))} if source.is_remote else {""}
