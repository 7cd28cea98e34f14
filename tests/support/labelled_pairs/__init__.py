"""Pairs of entries of two sources, each labelled by us: are they two entries, or one?

The words are ours, in eight languages (`en.yaml` and its siblings). `two.py` makes pairs that are two: templates of
which each source fills in its own name, place or number. `one.py` makes pairs that are one: a story and a copy of it as
editors and programs make them.

A fixed seed splits the pairs of each kind into a tuning half and a held-out half. The rules were made while looking at
the tuning half alone. Whoever changes a rule does the same: look at failures of `tuning()` only, and read nothing but
the figures of `held_out()`. A pair that was looked at is no evidence any more.
"""

import random
from collections import defaultdict
from collections.abc import Iterable

from tests.support.labelled_pairs.one import pairs_that_are_one
from tests.support.labelled_pairs.pair import Item, LabelledPair
from tests.support.labelled_pairs.two import pairs_that_are_two

__all__ = ["Item", "LabelledPair", "held_out", "labelled_pairs", "tuning"]

SEED = 20261129


def labelled_pairs() -> list[LabelledPair]:
    return [*pairs_that_are_two(), *pairs_that_are_one()]


def tuning() -> list[LabelledPair]:
    return _half(0)


def held_out() -> list[LabelledPair]:
    """Never look at these while a rule is changed."""
    return _half(1)


def _half(which: int) -> list[LabelledPair]:
    return [pair for some in _by_kind(labelled_pairs()) for pair in _shuffled(some)[which::2]]


def _by_kind(pairs: Iterable[LabelledPair]) -> list[list[LabelledPair]]:
    kinds = defaultdict(list)
    for pair in pairs:
        kinds[pair.same, pair.kind].append(pair)
    return list(kinds.values())


def _shuffled(pairs: list[LabelledPair]) -> list[LabelledPair]:
    return random.Random(f"{SEED} {pairs[0].kind}").sample(pairs, len(pairs))
