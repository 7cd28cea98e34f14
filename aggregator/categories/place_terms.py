"""What arrives with an entry, placed."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Literal

from aggregator.categories.names import DEEPEST, Name, key_of, split
from aggregator.categories.rule import Placement, Ranked
from aggregator.categories.rules import Rules
from aggregator.model.document import CategoryTerm

MOST_TERMS = 1000  # of one entry; whoever sends more wants to be everywhere

Style = Literal["path", "flat"]


def place_terms(
    terms: Sequence[CategoryTerm], tags: Sequence[CategoryTerm], style: Style, rules: Rules
) -> tuple[Placement, ...]:
    """Every term's placement, added categories last; at most `rules.most` go anywhere, one per path."""
    ranked = [rules.place(path) for path in _arriving(terms, tags, style, rules.separator)]
    ranked += [(-1, Placement((), tuple(map(Name, rule.target)), "added", rule.where)) for rule in rules.added]
    return tuple(_limit(ranked, rules.most))


def _arriving(
    terms: Sequence[CategoryTerm], tags: Sequence[CategoryTerm], style: Style, separator: str
) -> Iterator[tuple[CategoryTerm, ...]]:
    """One path, or terms that stand alone, as their tags always do."""
    if style == "path" and terms:
        yield from filter(None, [tuple(_parted(terms[:DEEPEST], separator))[:DEEPEST]])
    else:
        yield from ((term,) for term in _parted(terms[:MOST_TERMS], separator)[:MOST_TERMS])
    yield from ((tag,) for tag in _parted(tags[:MOST_TERMS], separator)[:MOST_TERMS])


def _parted(terms: Sequence[CategoryTerm], separator: str) -> Sequence[CategoryTerm]:
    return [part for term in terms for part in split(term, separator)] if separator else terms


def _limit(ranked: Sequence[Ranked], most: int) -> Iterable[Placement]:
    """Where there are too many, what a person asked for stays: added categories, then aliases as they are written."""
    if len(ranked) <= most:
        return (placement for _, placement in ranked)
    keys = [key_of(placement.path) for _, placement in ranked]
    by_rank = sorted((rank, i) for i, (rank, _) in enumerate(ranked) if keys[i])
    allowed = set(list(dict.fromkeys(keys[i] for _, i in by_rank))[:most])
    return (
        placement if not key or key in allowed else replace(placement, path=(), decider="most")
        for key, (_, placement) in zip(keys, ranked, strict=True)
    )
