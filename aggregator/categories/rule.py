"""A rule, and what becomes of a term by it."""

from dataclasses import dataclass
from typing import Literal

from aggregator.categories.names import CategoryPath

Decider = Literal["alias", "drop", "generic", "keep", "unmapped", "added", "empty", "long", "kind", "most"]


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of config. `patterns`: one for a term or level, several for the prefix of a path."""

    decider: Decider
    patterns: tuple[str, ...]
    target: tuple[str, ...] = ()
    where: str = ""
    prefix: bool = False


@dataclass(frozen=True, slots=True)
class Placement:
    """Where one arriving term (or path) went, and by which rule. An empty `path` = to no category.

    `came`: as it arrived, or the part of it that the source's separator set apart.
    """

    came: tuple[str, ...]
    path: CategoryPath
    decider: Decider
    where: str = ""


Ranked = tuple[int, Placement]  # the earlier the deciding rule stands, the smaller the number
