"""The marks of near-duplicates on the labelled pairs: no wrong merge, and nearly all copies found, on both halves."""

from collections.abc import Callable
from pathlib import Path

import pytest

from aggregator.config.sections import DuplicatesConfig
from tests.support.labelled_pairs import LabelledPair, held_out, labelled_pairs, tuning
from tests.support.labelled_pairs.judge import judge, merged

LEAST_FOUND = 0.92
THRESHOLD = DuplicatesConfig().threshold


@pytest.mark.torture
@pytest.mark.parametrize("half", [tuning, held_out])
def test_no_template_is_merged_and_nearly_all_copies_are_found(half: Callable[[], list[LabelledPair]]) -> None:
    verdicts = [judge(pair, THRESHOLD) for pair in half()]
    wrong = [f"{one.pair}: {one.why}" for one in verdicts if one.merged and not one.pair.same]
    assert len(wrong) == 0
    found = [one.merged for one in verdicts if one.pair.same]
    assert sum(found) >= LEAST_FOUND * len(found)


@pytest.mark.variants(quick=3)
@pytest.mark.parametrize("place", range(8))
def test_merging_decides_as_the_rules_do(place: int, tmp_path: Path, blank_state: Path) -> None:
    pair = labelled_pairs()[7 + 62 * place]
    assert merged(pair, tmp_path / "planet", blank_state).merged == judge(pair, THRESHOLD).merged
