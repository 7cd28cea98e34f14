"""Places the terms of an entry."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Literal

from aggregator.categories.names import DEEPEST, Name, key_of, split
from aggregator.categories.rule import Placement, Ranked
from aggregator.categories.rules import Rules
from aggregator.model.document import CategoryTerm

MOST_TERMS = 1000  # of one entry; more would be spam

Style = Literal["path", "flat"]


def place_terms(
    terms: Sequence[CategoryTerm],
    tags: Sequence[CategoryTerm],
    style: Style,
    rules: Rules,
    paths: Sequence[Sequence[CategoryTerm]] = (),
) -> tuple[Placement, ...]:
    """The placement of every term, added categories last. At most `rules.most` different paths are used. `paths`: the
    terms as several paths, where an entry says which levels belong together."""
    ranked = [rules.place(path) for path in _arriving(terms, tags, style, rules.separator, paths)]
    ranked += [(-1, Placement((), tuple(map(Name, rule.target)), "added", rule.where)) for rule in rules.added]
    return tuple(_limit(ranked, rules.most))


def _arriving(
    terms: Sequence[CategoryTerm],
    tags: Sequence[CategoryTerm],
    style: Style,
    separator: str,
    paths: Sequence[Sequence[CategoryTerm]],
) -> Iterator[tuple[CategoryTerm, ...]]:
    """The received paths: all terms as one path or as the paths that they say, or each term alone. Tags always stand
    alone."""
    if style == "path" and terms:
        for path in paths[:MOST_TERMS] or [terms]:
            yield from filter(None, [tuple(_split_all(path[:DEEPEST], separator))[:DEEPEST]])
    else:
        yield from ((term,) for term in _split_all(terms[:MOST_TERMS], separator)[:MOST_TERMS])
    yield from ((tag,) for tag in _split_all(tags[:MOST_TERMS], separator)[:MOST_TERMS])


def _split_all(terms: Sequence[CategoryTerm], separator: str) -> Sequence[CategoryTerm]:
    return [part for term in terms for part in split(term, separator)] if separator else terms


def _limit(ranked: Sequence[Ranked], most: int) -> Iterable[Placement]:
    """If there are too many paths, added categories come first, then aliases in the order of the config."""
    if len(ranked) <= most:
        return (placement for _, placement in ranked)
    keys = [key_of(placement.path) for _, placement in ranked]
    by_rank = sorted((rank, i) for i, (rank, _) in enumerate(ranked) if keys[i])
    allowed = set(list(dict.fromkeys(keys[i] for _, i in by_rank))[:most])
    return (
        placement if not key or key in allowed else replace(placement, path=(), decider="most")
        for key, (_, placement) in zip(keys, ranked, strict=True)
    )
