"""Chooses the spelling that is shown for a group. Pure."""

from collections import defaultdict
from collections.abc import Sequence

from aggregator.categories.names import DECORATION
from aggregator.categories.variants.tokens import form_of
from aggregator.categories.variants.usage import Usage


def best_name(usages: Sequence[Usage]) -> str:
    """The name used most, preferably with capitals, and of its spellings one with spaces between its words. "" if
    every spelling has a `/`, which would mean two levels.
    """
    spelled: defaultdict[str, list[tuple[str, int]]] = defaultdict(list)
    counts: defaultdict[str, int] = defaultdict(int)
    for usage in usages:
        joined = form_of(usage).joined
        counts[joined] += len(usage.entries)
        names = map(_undecorated, usage.spellings)
        spelled[joined] += [(name, len(usage.entries)) for name in names if "/" not in name]
    pairs = [(joined, name) for joined, some in spelled.items() for name, _ in some]
    best = min(pairs, key=lambda one: (_is_lower(one[1]), -counts[one[0]], one[0][-1:] == "s", one[0]), default=None)
    return min(spelled[best[0]], key=lambda one: _plainness(*one))[0] if best else ""


def _plainness(name: str, count: int) -> tuple[bool, bool, bool, int, str]:
    """Sort key: the most readable spelling comes first."""
    shouts = name.isupper() and len(name) > 5
    return _is_lower(name), shouts, " " not in name, -count, name


def _is_lower(name: str) -> bool:
    """Whether it has no capitals, though its script has them."""
    return name == name.lower() != name.upper()


def _undecorated(name: str) -> str:
    return name.strip(DECORATION).lstrip(f"#{DECORATION}") or name
