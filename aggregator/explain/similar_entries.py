"""Entries that are similar to this one but separate: the rules told them apart, or both were published before the
match showed."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from aggregator.codec import unpack
from aggregator.dedup.copies import Likeness, compare
from aggregator.explain.answer import SimilarEntry
from aggregator.explain.case import EntryCase, address
from aggregator.explain.copies import Copies
from aggregator.model.entry import CleanEntry
from aggregator.store.lookups import Face, Key

MAX_FOUND = 10
MAX_COMPARED = 12  # texts; one comparison may take milliseconds
MAX_SHARING = 50
MIN_SCORE = 0.5  # below it two texts share no more than a subject

# What two entries may share, the strongest first; bands of their signatures come after these.
SAME: Mapping[Key, str] = {
    "whole": "the same title, text and images",
    "body": "the same text",
    "canonical": "the same link",
}

SAME_TEXT = {"whole", "body"}

Shared = Mapping[str, int]  # what two entries share → how much of it


def also_like(case: EntryCase) -> tuple[SimilarEntry, ...]:
    """At most `MAX_FOUND`, the most similar first."""
    shared = _shared(case)
    nearest = sorted(shared, key=lambda id_: _rank(shared[id_]))[:MAX_COMPARED]
    if not nearest:
        return ()
    faces = case.tx.lookups.faces(nearest)
    sources = case.tx.lookups.sources({face.source_id for face in faces.values()})
    comparison = _Comparison(case, Copies(case.tx, case.sources | sources))
    found = (comparison.alike(faces[id_], shared[id_]) for id_ in nearest if id_ in faces)
    return tuple(one for one in found if one)[:MAX_FOUND]


def _shared(case: EntryCase) -> dict[int, Shared]:
    """Entry id → what it shares with this one."""
    shared: defaultdict[int, Counter[str]] = defaultdict(Counter)
    for name in SAME:
        values = {value for row in case.sightings if (value := getattr(row, name))}
        for entry_id in case.tx.lookups.sharing(name, values, MAX_SHARING) if values else ():
            shared[entry_id][name] = 1
    for entry_id, count in _near(case).items():
        shared[entry_id]["bands"] = count
    shared.pop(case.entry.id, None)
    return dict(shared)


def _near(case: EntryCase) -> dict[int, int]:
    """Entry id → how many bands of its signature this one shares."""
    mine = case.tx.signatures.of([row.id for row in case.sightings])
    keys = {key for row in mine.values() for key in row.bands}
    sharing = case.tx.signatures.sharing(keys) if keys else {}
    common = Counter(id_ for ids in sharing.values() for id_ in ids)
    nearest = dict(common.most_common(MAX_COMPARED + len(mine)))
    rows = case.tx.sightings.light(nearest) if nearest else []
    return {row.entry_id: nearest[row.id] for row in sorted(rows, key=lambda row: nearest[row.id])}


def _rank(shared: Shared) -> list[int]:
    return [-shared.get(name, 0) for name in (*SAME, "bands")]


@dataclass
class _Comparison:
    """Compares texts as matching does: without what their sources repeat."""

    case: EntryCase
    copies: Copies

    def alike(self, face: Face, shared: Shared) -> SimilarEntry | None:
        """None if the texts turn out to differ."""
        clean = unpack(face.clean, CleanEntry)
        likeness = self._likeness(face, clean)
        score = 1.0 if shared.keys() & SAME_TEXT else (likeness.score if likeness else None)
        if shared.keys().isdisjoint(SAME) and (score or 0) < MIN_SCORE:
            return None
        link = address(self.case.app, face.slug, clean)
        why = "; ".join((*self._common(shared, score), *self._apart(face, likeness, score)))
        return SimilarEntry(
            face.public_id, clean.title, link, face.source_id, why, score if score is None else round(score, 3)
        )

    def _common(self, shared: Shared, score: float | None) -> Iterator[str]:
        yield from (
            words for name, words in SAME.items() if name in shared and not (name == "body" and "whole" in shared)
        )
        if score is not None and not shared.keys() & SAME_TEXT:
            yield self._words(score)

    def _words(self, score: float) -> str:
        if score >= self.case.app.config.duplicates.threshold:
            return "nearly the same text" if score < 1 else "the same text"
        return "half of the text" if score >= MIN_SCORE else "different text"

    def _apart(self, face: Face, likeness: Likeness | None, score: float | None) -> Iterator[str]:
        """Why they are separate, as far as the state can still tell."""
        if face.source_id in self.case.sources:
            yield "one source shows both"
        if likeness and likeness.apart and (score or 0) >= MIN_SCORE:
            yield likeness.apart

    def _likeness(self, face: Face, clean: CleanEntry) -> Likeness | None:
        """None where one of them has no text."""
        row = self.case.shown
        if not (row and self.case.clean.fingerprint.text and clean.fingerprint.text):
            return None
        mine = self.copies.of(row.source_id, self.case.entry.id, self.case.clean)
        return compare(mine, self.copies.of(face.source_id, face.id, clean))
