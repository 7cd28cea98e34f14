"""Rows of the feeds that the published tree lists, and of the categories that their addresses name."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from aggregator.app import App
from aggregator.categories import fold_term
from aggregator.codec import pack
from aggregator.merge.public_ids import minting_prefix
from aggregator.model.backlog import SUBSCRIBED_AFTER
from aggregator.model.problems import Problem
from aggregator.model.published import FeedListing, MovedFeed
from aggregator.recover.read_tree import PublishedTree
from aggregator.store import CategoryRow, FeedRow
from aggregator.text.free_names import FreeNames


def category_rows(tree: PublishedTree) -> tuple[dict[str, CategoryRow], list[Problem]]:
    """Path → row, parents included. An address that contradicts an earlier one is left out with a problem."""
    addresses: dict[str, Sequence[str] | None] = {one.id: one.category for one in tree.listings}
    addresses |= {one.id: one.category for one in tree.moved}
    found: dict[str, CategoryRow] = {}
    by_name: dict[tuple[int | None, str], str] = {}
    problems = []
    for id_, labels in addresses.items():
        slugs, parent = id_.split("/"), None
        for depth, label in enumerate(labels or (), 1):
            path = "/".join(slugs[:depth])
            key = (parent.id if parent else None, fold_term(label))
            if by_name.setdefault(key, path) != path or (path in found and found[path].name != key[1]):
                message = f"its category {' › '.join(labels or ())} is that of another feed; it is left out"
                problems.append(Problem(f"{id_}/", "category", message))
                break
            if path not in found:
                found[path] = CategoryRow(len(found) + 1, key[0], key[1], label, slugs[depth - 1], path, depth)
            parent = found[path]
    _set_moved(found, tree.moved)
    return found, problems


def _set_moved(categories: dict[str, CategoryRow], moved: Iterable[MovedFeed]) -> None:
    """Sets `moved_to` of categories whose feeds moved, except to a parent: these are only too deep for a feed."""
    for address in moved:
        to = categories.get(address.to or "")
        if to and address.id in categories and not address.id.startswith(f"{to.path}/"):
            categories[address.id] = replace(categories[address.id], moved_to=to.id)


def feed_rows(app: App, tree: PublishedTree, categories: Mapping[str, CategoryRow], at: datetime) -> Iterator[FeedRow]:
    """Every feed, and every address that shows another one. `categories`: by path; `at`: now."""
    feeds = [_feed(app, tree, listing, categories, at) for listing in tree.listings]
    feeds += [_old_address(app, address, categories) for address in tree.moved]
    yield from _with_unique_ids(feeds)


def _feed(
    app: App, tree: PublishedTree, listing: FeedListing, categories: Mapping[str, CategoryRow], at: datetime
) -> FeedRow:
    """Since when it stands is lost; it counts as having subscribers. An empty feed shows when it was recorded."""
    row = categories.get(listing.id) if listing.category else None
    recorded_at = min(listing.updated, at - SUBSCRIBED_AFTER) if listing.entries else listing.updated
    return FeedRow(
        id=listing.id,
        atom_id=tree.atom_ids.get(listing.id) or f"{minting_prefix(app)}feed/{listing.id}",
        recorded_at=recorded_at,
        category_id=row.id if row else None,
        listing=pack(listing),
    )


def _old_address(app: App, address: MovedFeed, categories: Mapping[str, CategoryRow]) -> FeedRow:
    """An empty row; publishing fills in the feed that the address shows."""
    listing = FeedListing(address.id, address.category[-1], f"{address.id}/", address.recorded_at, 0, address.category)
    row = categories.get(address.id)
    return FeedRow(
        id=address.id,
        atom_id=f"{minting_prefix(app)}feed/{address.id}",
        recorded_at=address.recorded_at,
        category_id=row.id if row else None,
        listing=pack(listing),
        moved_to=address.to,
    )


def _with_unique_ids(feeds: Iterable[FeedRow]) -> Iterator[FeedRow]:
    """Makes Atom ids unique, which an edited tree may repeat."""
    free = FreeNames()
    for row in feeds:
        yield replace(row, atom_id=free.take(row.atom_id))
