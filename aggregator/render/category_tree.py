"""Feed listings as a tree, nested like their categories; and a long index by letters, with its largest categories."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby

from aggregator.model.published import FeedListing

MANY = 60  # top-level nodes in one list
LARGEST = 24
DIGITS = "0–9"


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


@dataclass(frozen=True, slots=True)
class Letter:
    name: str
    nodes: tuple[Node, ...]
    feeds: int


def letters(nodes: Sequence[Node]) -> list[Letter]:
    """The nodes by the first letter of their address, which is Latin for every script (Яндекс is under Y, 新媒体 under
    X); [] where the nodes are few enough for one list."""
    if len(nodes) <= MANY:
        return []
    by_letter = groupby(sorted(nodes, key=_letter), _letter)
    return [_counted(name, tuple(found)) for name, found in by_letter]


def largest(listings: Sequence[FeedListing]) -> list[FeedListing]:
    """The categories with the most entries; of equal ones, those of higher levels first."""
    placed = [listing for listing in listings if listing.category]
    return sorted(placed, key=_by_size)[:LARGEST]


def _by_size(listing: FeedListing) -> tuple[int, int, str, str]:
    return -listing.entries, len(listing.category or ()), listing.title.casefold(), listing.id


def _counted(name: str, nodes: tuple[Node, ...]) -> Letter:
    return Letter(name, nodes, sum(map(_count, nodes)))


def _count(node: Node) -> int:
    return (node.listing is not None) + sum(map(_count, node.children))


def _letter(node: Node) -> str:
    while node.listing is None:
        node = node.children[0]
    sign = node.listing.path[:1].upper()
    return DIGITS if sign.isdigit() else sign
