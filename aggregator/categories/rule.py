"""A rule, and the placement of a term by it."""

from dataclasses import dataclass
from typing import Literal

from aggregator.categories.names import CategoryPath

Decider = Literal["alias", "drop", "generic", "keep", "tag", "unmapped", "added", "empty", "long", "kind", "most"]
UNMAPPED: frozenset[Decider] = frozenset({"keep", "tag", "unmapped"})  # no rule names the term
KEPT: frozenset[Decider] = frozenset({"keep", "tag"})  # it stays on its entries as it came


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of the config. `patterns`: one for a term or level, several for the prefix of a path."""

    decider: Decider
    patterns: tuple[str, ...]
    target: tuple[str, ...] = ()
    where: str = ""
    prefix: bool = False


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a received term (or path) went, and by which rule. An empty `path`: to no category.

    `came`: the term as received, or the part of it between the source's separators.
    """

    came: tuple[str, ...]
    path: CategoryPath
    decider: Decider
    where: str = ""


Ranked = tuple[int, Placement]  # the number is smaller if the deciding rule comes earlier
