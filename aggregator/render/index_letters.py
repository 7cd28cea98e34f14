"""A long index, opened a letter at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from aggregator.model.published import FeedListing
from aggregator.render.category_tree import Node

MANY = 60  # first levels that one list may have
LARGEST = 24
DIGITS = "0–9"


@dataclass(frozen=True, slots=True)
class Letter:
    name: str
    nodes: tuple[Node, ...]
    feeds: int


def letters(nodes: Sequence[Node]) -> list[Letter]:
    """By the first letter of the address, which is Latin in every script (Яндекс is under Y, 新媒体 under X); [] where
    the nodes are few enough for one list."""
    if len(nodes) <= MANY:
        return []
    ordered = sorted(nodes, key=_letter)
    return [_gathered(name, tuple(found)) for name, found in groupby(ordered, _letter)]


def largest(listings: Sequence[FeedListing]) -> list[FeedListing]:
    """The categories with the most entries, of the first level where there are two of a size."""
    placed = [listing for listing in listings if listing.category]
    return sorted(placed, key=lambda one: (-one.entries, len(one.category or ()), one.title.casefold(), one.id))[
        :LARGEST
    ]


def _size(listing: FeedListing) -> tuple[int, int, str, str]:
    return -listing.entries, len(listing.category or ()), listing.title.casefold(), listing.id


def _gathered(name: str, nodes: tuple[Node, ...]) -> Letter:
    return Letter(name, nodes, sum(map(_count, nodes)))


def _count(node: Node) -> int:
    return (node.listing is not None) + sum(map(_count, node.children))


def _letter(node: Node) -> str:
    while node.listing is None:
        node = node.children[0]
    sign = node.listing.path[:1].upper()
    return DIGITS if sign.isdigit() else sign
