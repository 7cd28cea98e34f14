"""What becomes of a labelled pair: by the rules alone, which is quick, and by merging it as two sources of a planet."""

from contextlib import closing
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from aggregator.clean.clean_entry import ContentSettings, clean
from aggregator.dedup.copies import Copy, Likeness, compare
from aggregator.dedup.minhash import bands
from aggregator.dedup.repeated_shingles import RepeatedShingles
from aggregator.merge.copies import SourceCopies
from aggregator.model.document import Link, RawEntry, Text
from aggregator.text.normalize import fold
from tests.support.labelled_pairs.pair import Item, LabelledPair
from tests.support.merging import Merger
from tests.support.planet import NOON

HOMES = {"one": "https://one.example/", "other": "https://other.example/"}


@dataclass(frozen=True, slots=True)
class Verdict:
    pair: LabelledPair
    merged: bool
    why: str

    @property
    def is_right(self) -> bool:
        return self.merged == self.pair.same


def judge(pair: LabelledPair, threshold: float) -> Verdict:
    """By the rules alone."""
    one, other, likeness = _compared(pair)
    found = bool(set(bands(one.text, threshold)) & set(bands(other.text, threshold)))
    merged = found and likeness.score >= threshold and not likeness.apart
    return Verdict(pair, merged, f"{likeness.score:.2f} {likeness.apart}{'' if found else ' (not looked up)'}")


@lru_cache(maxsize=1000)
def _compared(pair: LabelledPair) -> tuple[Copy, Copy, Likeness]:
    one, other = _copy(pair.one, "one"), _copy(pair.other, pair.site)
    return one, other, compare(one, other)


def _copy(items: tuple[Item, ...], site: str) -> Copy:
    cleaned = [clean(_draft(item), base="", settings=ContentSettings()) for item in items]
    texts = [(place, one.fingerprint.text) for place, one in enumerate(cleaned)]
    return SourceCopies(fold(site), frozenset(), RepeatedShingles(texts)).copy(0, cleaned[0])


def merged(pair: LabelledPair, root: Path, blank: Path) -> Verdict:
    """By merging both documents; `root`: a new folder."""
    with closing(Merger(root, blank, HOMES)) as merger:
        for source_id, items in zip(HOMES, (pair.one, pair.other), strict=True):
            title = pair.site if source_id == "other" else ""
            merger.pull(source_id, [_draft(item) for item in items], title=title)
        merger.merge()
        one, other = (merger.shown_by(source_id)[0] for source_id in HOMES)
    return Verdict(pair, one.public_id == other.public_id, other.reason)


def _draft(item: Item) -> RawEntry:
    enclosures = (Link(item.enclosure, rel="enclosure", type="audio/mpeg"),) if item.enclosure else ()
    return RawEntry(
        id=item.link,
        title=Text(item.title),
        content=Text(item.html, "html"),
        links=(Link(item.link), *enclosures),
        published=NOON,
    )
