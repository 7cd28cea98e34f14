"""Splits a long index by letters, and picks its largest categories."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from aggregator.model.published import FeedListing
from aggregator.render.category_tree import Node

MANY = 60  # top-level nodes in one list
LARGEST = 24
DIGITS = "0–9"


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
