"""Fills the store with rows made from the published tree."""

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aggregator.app import App
from aggregator.categories import CategoryPath
from aggregator.categories.feed_quota import MOST_SOURCES
from aggregator.clean.version import cleaning_version
from aggregator.codec import pack, record_digest, unpack
from aggregator.merge.category_tree import CategoryTree
from aggregator.merge.hidden_secrets import set_published
from aggregator.merge.removals import learn_removals, match_groups
from aggregator.merge.sync_sources import sync_sources
from aggregator.model.document import ADDED_FIELDS, FeedInfo, RawEntry
from aggregator.model.entry import CleanEntry
from aggregator.model.problems import Problem
from aggregator.model.published import FileRow
from aggregator.publish.output_tree import Tree
from aggregator.recover.archives import read_archives
from aggregator.recover.categories import Levels, PathFinder
from aggregator.recover.feeds import category_rows, feed_rows
from aggregator.recover.read_tree import BEST_FIRST, PublishedTree, RecoveredEntry
from aggregator.recover.sources import Origin
from aggregator.recover.withdrawals import withdrawal_rows
from aggregator.settings import content_settings, named_categories, source_policy
from aggregator.store import CategoryRow, EntryRow, SightingRow, SourceRow, Transaction
from aggregator.store.fact_names import RECOVERED_AT

REASON = "learned again from the published tree"

Placed = dict[int, tuple[int | None, Any]]  # an entry's categories, as the store takes them


@dataclass(frozen=True, slots=True)
class Learned:
    """An entry of the tree, ready to be stored. `draft`, `clean`: packed."""

    one: RecoveredEntry
    origin: Origin
    draft: bytes
    clean: bytes


@dataclass(frozen=True, slots=True)
class Rebuilt:
    feeds: int
    categories: int
    problems: tuple[Problem, ...]


def rebuild(app: App, tx: Transaction, tree: PublishedTree, learned: Sequence[Learned], at: datetime) -> Rebuilt:
    """Fills an empty store. `learned`: in feed order.

    The rows get negative places, which keep the order of equal dates and sort before every later entry.
    """
    sync_sources(app, tx, at)
    _add_sources(tx, learned)
    categories, problems = category_rows(tree)
    tx.categories.add(categories.values())
    category_tree = CategoryTree(tx, (extra.id for extra in app.config.feeds.extra), named=named_categories(app.rules))
    paths = list(_paths(app, tree, categories, learned))
    placed = _place_all(category_tree, learned, paths)
    category_tree.store_new(tx)
    _assign_founders(tx, category_tree, tree, learned, placed)
    numbers = {each.one.entry.public_id: _number(learned, i) for i, each in enumerate(learned)}
    down = match_groups(tree.removed.salt, tree.removed.groups, numbers)
    tx.entries.add(_entries(app, learned, {numbers[id_] for id_ in down.values()}, at))
    learn_removals(tx, tree.removed.salt, tree.removed.groups)
    for number, public_id in down.items():
        tx.removals.bind(number, numbers[public_id])
    tx.sightings.add(_sightings(app, learned, tree, at))
    tx.entries.place(placed)
    feeds = list(feed_rows(app, tree, categories, at))
    tx.feeds.add(feeds)
    read_archives(app, tx, tree, numbers)
    tx.withdrawals.add(withdrawal_rows(Tree(app.output), tree, numbers.keys() - down.values()))
    tx.files.add((path, tree.owners.get(path, "")) for path in tree.files)
    tx.files.change({path: FileRow(sha256) for path, sha256 in tree.files.items()})
    tx.facts.set(RECOVERED_AT, at.isoformat())
    set_published(tx, {one.origin.source_id for one in learned})
    return Rebuilt(len(feeds), len(category_tree.by_id), tuple(problems))


# sources


def _add_sources(tx: Transaction, learned: Iterable[Learned]) -> None:
    """Sets what entries tell about their sources, until these are pulled, and adds sources that left the config."""
    known = {row.id: row for row in tx.sources.all()}
    abouts: dict[str, FeedInfo] = {}
    for one in learned:
        origin, own = one.origin, one.one.own
        about = one.one.entry.source if origin.kept is None else None
        if about or own:
            abouts.setdefault(origin.source_id, about or own or FeedInfo())
        if origin.source_id not in known:
            row = SourceRow(id=origin.source_id, kind=origin.kind, url=origin.url, position=0, configured=False)
            tx.sources.add(row)
            known[row.id] = row
    for source_id, about in abouts.items():
        if known[source_id].about is None:
            tx.sources.change(source_id, about=pack(about))


# entries


def _number(learned: Sequence[Learned], place: int) -> int:
    """The entry id; the newest entry gets the highest."""
    return len(learned) - place


def _entries(app: App, learned: Sequence[Learned], removed: Container[int], at: datetime) -> Iterator[EntryRow]:
    """`removed`: ids of removed entries that the tree still has, for example in an old copy of a feed."""
    slugs: set[str] = set()
    for place, (one, origin) in enumerate((each.one, each.origin) for each in learned):
        entry = one.entry
        slug = entry.slug if entry.slug not in slugs else ""
        slugs.add(slug)
        number = _number(learned, place)
        is_kept_out = one.is_kept_out and not app.config.feeds.source_cap  # which leaves out entries of its own accord
        yield EntryRow(
            id=number,
            public_id=entry.public_id,
            published=entry.published,
            updated=entry.updated,
            first_seen_at=entry.published,
            changed_at=entry.updated,
            fresh_at=_fresh_at(app, one),
            place=place - len(learned),
            digest="",
            placements=[],
            slug=slug or None,
            winner_id=number if origin.is_configured and number not in removed else None,
            kept_back="removed" if number in removed else "",
            kept_back_at=at if number in removed else None,
            backlog="recovered" if is_kept_out else "",
            backlog_at=at if is_kept_out else None,
        )


def _fresh_at(app: App, one: RecoveredEntry) -> datetime:
    """An entry beyond a feed's limit was there because it was fresh; it stays for another window."""
    fresh = max(one.entry.published, one.entry.updated)
    return max(fresh, one.beyond - app.config.feeds.window) if one.beyond else fresh


def _sightings(app: App, learned: Sequence[Learned], tree: PublishedTree, at: datetime) -> Iterator[SightingRow]:
    """Sightings as their sources showed them when the tree was published."""
    version = cleaning_version(content_settings(app.config))
    seen_at = max((listing.updated for listing in tree.listings), default=at)
    for place, each in enumerate(learned):
        entry, clean = each.one.entry, unpack(each.clean, CleanEntry)
        yield SightingRow(
            id=_number(learned, place),
            source_id=each.origin.source_id,
            entry_id=_number(learned, place),
            upstream_id=entry.public_id,
            link=clean.link,
            canonical=clean.canonical,
            path="",
            item=record_digest(unpack(each.draft, RawEntry), ADDED_FIELDS),
            digest="",  # unknown, so that the next pull is no edit
            whole=clean.fingerprint.whole,
            body=clean.fingerprint.body,
            title=clean.fingerprint.title,
            claimed=entry.published,
            draft=each.draft,
            clean=each.clean,
            rules_version=version,
            source_updated=entry.source.updated if entry.source else None,
            matched_by="new",
            matched_to=None,
            score=None,
            reason=REASON,
            place=place - len(learned),
            first_seen_at=entry.published,
            last_seen_at=seen_at,
            recalled=True,
        )


def _paths(
    app: App, tree: PublishedTree, categories: Mapping[str, CategoryRow], learned: Sequence[Learned]
) -> Iterator[list[CategoryPath]]:
    listed = {listing.id for listing in tree.listings if listing.id in categories}
    placing = PathFinder(categories, listed, tree.unread, app.config.feeds.depth)
    styles = {id_: source_policy(app.rules, id_).style for id_ in {one.origin.source_id for one in learned}}
    schemes = {tree.site_url, app.config.site.url}
    for one in learned:
        entry, origin = one.one.entry, one.origin
        are_ours = origin.kind == "posts" if BEST_FIRST[one.one.rank] == "json" else None
        yield placing.paths(one.one.feeds, Levels(entry.terms, schemes, are_ours), styles[origin.source_id])


def _place_all(
    category_tree: CategoryTree, learned: Sequence[Learned], paths: Sequence[list[CategoryPath]]
) -> dict[int, Placed]:
    """Entry id → its categories; oldest entry first, so that the first source of a category is its founder."""
    places = range(len(learned) - 1, -1, -1)
    return {_number(learned, at): _placed(category_tree, paths[at], _founder(learned[at].origin)) for at in places}


def _founder(origin: Origin) -> str:
    """The source whose quota counts, "" for posts."""
    return "" if origin.kind == "posts" else origin.source_id


def _assign_founders(
    tx: Transaction,
    category_tree: CategoryTree,
    tree: PublishedTree,
    learned: Sequence[Learned],
    placed: Mapping[int, Placed],
) -> None:
    """Categories with a feed in the tree keep it, counted for their first source; the others wait for a feed."""
    addresses = {one.id for one in tree.listings} | {one.id for one in tree.moved}
    sources: dict[int, dict[str, None]] = {}
    for place in range(len(learned) - 1, -1, -1):
        for id_ in placed[_number(learned, place)]:
            sources.setdefault(id_, {})[_founder(learned[place].origin)] = None
    foreign = {id_: tuple(some) for id_, some in sources.items() if "" not in some}
    named = {id_ for id_ in foreign if category_tree.is_named(category_tree.by_id[id_])}
    owned = {id_: some for id_, some in foreign.items() if id_ not in named}
    standing = {id_ for id_ in owned if category_tree.by_id[id_].path in addresses}
    tx.categories.found({id_: owned[id_][0] for id_ in sorted(standing)})
    tx.categories.wait({id_: owned[id_][:MOST_SOURCES] for id_ in sorted(owned.keys() - standing)})


def _placed(category_tree: CategoryTree, paths: Iterable[CategoryPath], by: str) -> Placed:
    """In the shape of `Entries.place`; terms are a list of [term, scheme, or null for ours], one for each level."""
    placed: Placed = {}
    for position, path in enumerate(paths, 1):
        *above, last = category_tree.get_or_create(path, by)
        for row in above:
            placed.setdefault(row.id, (None, None))
        placed[last.id] = (position, [[name.term, name.scheme] for name in path])
    return placed
