"""Merges one labelled pair as two sources of a planet, and tells what became of it."""

from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from aggregator.model.document import Link, RawEntry, Text
from tests.support.labelled_pairs.pair import Item, LabelledPair
from tests.support.merging import Merger
from tests.support.planet import NOON

HOMES = {"one": "https://one.example/", "other": "https://other.example/"}


@dataclass(frozen=True, slots=True)
class Verdict:
    pair: LabelledPair
    merged: bool
    reason: str

    @property
    def is_right(self) -> bool:
        return self.merged == self.pair.same


def judge(pair: LabelledPair, root: Path, blank: Path, threshold: float | None = None) -> Verdict:
    """`threshold`: another one than the default; `root`: a new folder."""
    duplicates = {} if threshold is None else {"duplicates": {"threshold": threshold}}
    with closing(Merger(root, blank, HOMES, **duplicates)) as merger:
        for source_id, items in zip(HOMES, (pair.one, pair.other), strict=True):
            merger.pull(source_id, [_draft(item) for item in items])
        merger.merge()
        one, other = (merger.shown_by(source_id)[0] for source_id in HOMES)
    return Verdict(pair, one.public_id == other.public_id, f"{other.rule}: {other.reason}")


def _draft(item: Item) -> RawEntry:
    enclosures = (Link(item.enclosure, rel="enclosure", type="audio/mpeg"),) if item.enclosure else ()
    return RawEntry(
        id=item.link,
        title=Text(item.title),
        content=Text(item.html, "html"),
        links=(Link(item.link), *enclosures),
        published=NOON,
    )
