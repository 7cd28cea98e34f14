"""Sources from a reading list: which outlines are feeds, and the id of each."""

from collections.abc import Collection, Iterable, Mapping

from aggregator.app import App, with_known_ids
from aggregator.config import Config, SourceConfig
from aggregator.config.source_ids import source_id
from aggregator.config.url_input import shown, web_address
from aggregator.errors import UsageError
from aggregator.model.problems import Problem
from aggregator.opml import Outline
from aggregator.opml import Path as CategoryPath
from aggregator.parse.autodiscovery import same
from aggregator.store import ListRow, SourceRow, Transaction
from aggregator.store.reading_lists import ListedFeed, listed_in
from aggregator.text.counts import count_of
from aggregator.text.free_names import FreeNames
from aggregator.text.normalize import shorten

MOST = 2000  # feeds of one list
MOST_CATEGORIES = 100  # of one feed
MOST_REPORTED = 5  # outlines left out that are reported one by one


def feeds_of(outlines: Iterable[Outline], where: str) -> tuple[list[ListedFeed], list[Problem]]:
    """Each feed once, with the categories of all its outlines; and problems for outlines that are left out."""
    found: dict[str, ListedFeed] = {}
    left_out: list[str] = []
    for outline in outlines:
        try:
            url = _address(outline)
        except UsageError as error:
            name = shown(shorten(outline.name, 100))
            left_out.append(f"line {outline.line}: {f'{name}: ' if name else ''}{error}")
            continue
        key = same(url)
        first = found.get(key)
        if first is None and len(found) == MOST:
            left_out.append(f"line {outline.line}: there are more than {MOST:,} feeds; the rest is not read")
            break
        known = first or ListedFeed(url, "" if outline.text == outline.title else outline.text)
        more = tuple(dict.fromkeys((*known.categories, *map(_levels, outline.categories[:MOST_CATEGORIES]))))
        if len(outline.categories) > MOST_CATEGORIES or len(more) > MOST_CATEGORIES:
            left_out.append(f"line {outline.line}: a feed has {MOST_CATEGORIES} categories at most; the first are kept")
        found[key] = ListedFeed(known.url, known.title, more[:MOST_CATEGORIES])
    reported = left_out[:MOST_REPORTED]
    if more_left_out := len(left_out) - len(reported):
        reported.append(f"… and {count_of(more_left_out, 'more outline is', 'more outlines are')} left out")
    return list(found.values()), [Problem(where, "parse", one) for one in reported]


def _address(outline: Outline) -> str:
    """Raises UsageError."""
    if outline.fault:
        raise UsageError(outline.fault)
    return web_address(outline.url)


def _levels(path: CategoryPath) -> CategoryPath:
    """As `import` writes them: a slash in a name would split it into two levels."""
    return tuple(name.replace("/", "／") for name in path)


def assign_ids(
    feeds: Iterable[ListedFeed], row: ListRow | None, taken: Collection[str], rows: Iterable[SourceRow]
) -> dict[str, str]:
    """comparable URL → source id, for every feed that the list ever had. An id is assigned once, made as for the
    config; a feed that was a source before gets that id again."""
    ids = dict(row.ids) if row else {}
    known = {one.id: one for one in rows}
    former = {same(one.url): one.id for one in known.values() if one.kind == "feed" and one.id not in taken}
    free = FreeNames({*taken, *known, *ids.values()})
    for feed in feeds:
        key = same(feed.url)
        if key not in ids:
            ids[key] = former.get(key) or free.take(source_id(feed.url))
    return ids


def resolve_sources(config: Config, tx: Transaction) -> Config:
    """The config with each reading list replaced by its feeds, as they were last read, and with ids that are known."""
    config = with_known_ids(config, tx)
    return config.with_lists(sources_of(config, tx.lists.all())) if config.lists else config


def with_resolved_sources(app: App) -> App:
    with app.store.read() as tx:
        return app.with_config(resolve_sources(app.config, tx))


def sources_of(config: Config, rows: Mapping[str, ListRow]) -> dict[str, list[SourceConfig]]:
    """list id → its sources, without feeds that the config or a former list names."""
    own = [one for one in config.written if not one.opml]
    seen = {same(one.url) for one in own}
    free = FreeNames({*(one.id for one in config.written), *(one.id for one in config.posts)})
    found: dict[str, list[SourceConfig]] = {}
    for one in config.lists:
        row, mine = rows.get(one.id), []
        if row and row.url == one.url:
            for feed in listed_in(row):
                if (key := same(feed.url)) not in seen:
                    seen.add(key)
                    mine.append(_source(one, feed, free.take(row.ids[key])))
        found[one.id] = mine
    return found


def _source(one: SourceConfig, feed: ListedFeed, id_: str) -> SourceConfig:
    """The keys beside `opml` apply to each of its feeds, except the list's secrets."""
    is_private = one.publish is None and one.has_secret_headers
    return one.of_list(
        url=feed.url,
        id=id_,
        title=feed.title,
        categories=tuple(dict.fromkeys((*one.categories, *feed.categories))),
        publish=False if is_private else one.publish,
    )
