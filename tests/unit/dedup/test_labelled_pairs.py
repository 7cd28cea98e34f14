"""The labelled pairs themselves: enough of them, in all languages, split once and for all."""

from collections import Counter

from tests.support.labelled_pairs import held_out, labelled_pairs, tuning
from tests.support.labelled_pairs.pair import LANGUAGES

LEAST = 120


def test_there_are_enough_pairs_of_each_sort_and_kind() -> None:
    pairs = labelled_pairs()
    assert min(Counter(pair.same for pair in pairs).values()) >= LEAST
    assert len({pair.kind for pair in pairs if not pair.same}) >= 12
    assert {pair.name.split()[1] for pair in pairs} == set(LANGUAGES)
    assert len({pair.name for pair in pairs}) == len(pairs)


def test_the_halves_share_no_pair_and_leave_none_out() -> None:
    names = [[pair.name for pair in half()] for half in (tuning, held_out)]
    assert sorted(name for half in names for name in half) == sorted(pair.name for pair in labelled_pairs())
    assert abs(len(names[0]) - len(names[1])) <= len({pair.kind for pair in labelled_pairs()})


def test_each_half_has_pairs_of_both_sorts_in_every_language() -> None:
    for half in (tuning(), held_out()):
        assert {(pair.same, pair.name.split()[1]) for pair in half} == {
            (same, language) for same in (True, False) for language in LANGUAGES
        }
