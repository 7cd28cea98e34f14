"""What stands as it was decided, though the rules of today would decide otherwise: a person may change it."""

from collections.abc import Iterator
from itertools import combinations, islice

from aggregator.dedup.document_state import HALF, MOST_ALIKE
from aggregator.dedup.generic_titles import is_generic
from aggregator.dedup.similarity import overlap
from aggregator.explain.case import EntryCase
from aggregator.model.problems import Problem
from aggregator.store import SightingRow

MOST_COMPARED = 20  # pairs of texts
TWO = (
    "sightings {one} and {other} show one id, but date and half of the text differ: today they would be two entries"
    " (`aggregator entry split` makes them two)"
)
ONE = (
    "entry #{other} of this source has the same title and date, and one of both is gone: today they would be one"
    " (`aggregator entry join` makes them one)"
)


def decided_otherwise(case: EntryCase) -> Iterator[Problem]:
    if case.entry.kept_back != "joined":
        yield from _two_in_one(case)
        yield from _one_in_two(case)


def _two_in_one(case: EntryCase) -> Iterator[Problem]:
    """Articles that one document shows under one id."""
    machine = (row for row in case.sightings if row.matched_by != "person" and row.gone_at is None)
    standing = [row for row in machine if row.upstream_id and not row.path and row.claimed]
    pairs = ((a, b) for a, b in combinations(standing, 2) if _share_id(a, b) and a.claimed != b.claimed)
    for one, other in islice(pairs, MOST_COMPARED):
        a, b = (case.cleans[row.id].fingerprint.text for row in (one, other))
        if a and b and overlap(a, b) < HALF:
            yield Problem(one.source_id, "match", TWO.format(one=one.id, other=other.id))
            return


def _share_id(one: SightingRow, other: SightingRow) -> bool:
    return (one.source_id, one.upstream_id) == (other.source_id, other.upstream_id)


def _one_in_two(case: EntryCase) -> Iterator[Problem]:
    """Entries of one source that moved before title and date were evidence."""
    for row in case.sightings:
        if row.path or not row.claimed or is_generic(row.title):
            continue
        found = case.tx.sightings.titled(row.source_id, [row.title], MOST_ALIKE)
        others = [one for one in found if one.entry_id != case.entry.id]
        if len({one.entry_id for one in others}) == 1 and any(_moved(row, one) for one in others):
            yield Problem(row.source_id, "match", ONE.format(other=others[0].entry_id))
            return


def _moved(row: SightingRow, other: SightingRow) -> bool:
    is_one_gone = (row.gone_at is None) != (other.gone_at is None)
    return row.claimed == other.claimed and is_one_gone and row.upstream_id != other.upstream_id
