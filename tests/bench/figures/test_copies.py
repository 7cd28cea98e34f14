"""Which copies are found and which templates are merged, over the threshold: `make figures`."""

import pytest

from tests.support.labelled_pairs import LabelledPair, held_out, tuning
from tests.support.labelled_pairs.judge import judge

pytestmark = pytest.mark.bench

THRESHOLDS = (0.5, 0.6, 0.7, 0.75, 0.8, 0.825, 0.85, 0.875, 0.9, 0.925, 0.95, 1.0)


def test_the_curve_over_the_threshold() -> None:
    print("\nthreshold  tuning half                                held-out half")
    for threshold in THRESHOLDS:
        print(f"{threshold:>9}  {counts(tuning(), threshold)}    {counts(held_out(), threshold)}")


def counts(pairs: list[LabelledPair], threshold: float) -> str:
    verdicts = [judge(pair, threshold) for pair in pairs]
    two = [verdict for verdict in verdicts if not verdict.pair.same]
    one = [verdict for verdict in verdicts if verdict.pair.same]
    wrong, found = sum(verdict.merged for verdict in two), sum(verdict.merged for verdict in one)
    return f"{wrong:>4} of {len(two)} wrong, {found:>4} of {len(one)} found ({found / len(one):.1%})"
