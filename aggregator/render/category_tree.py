"""Feed listings as a tree, nested like their categories."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from aggregator.model.published import FeedListing


@dataclass(slots=True)
class Node:
    """One name of a category path; `listing` is None where that level has no feed of its own."""

    name: str
    listing: FeedListing | None = None
    children: list["Node"] = field(default_factory=list)


def tree(listings: Sequence[FeedListing]) -> list[Node]:
    """The roots: feeds without a category, and top-level categories, in the order given."""
    roots: list[Node] = []
    known: dict[tuple[str, ...], Node] = {}
    for listing in listings:
        node = _node(listing.category, known, roots) if listing.category else None
        if node and node.listing is None:
            node.listing = listing
        else:  # no category, or a second feed of the same one
            (node.children if node else roots).append(Node(listing.title, listing))
    return roots


def _node(path: tuple[str, ...], known: dict[tuple[str, ...], Node], roots: list[Node]) -> Node:
    if path not in known:
        siblings = _node(path[:-1], known, roots).children if len(path) > 1 else roots
        known[path] = Node(path[-1])
        siblings.append(known[path])
    return known[path]
