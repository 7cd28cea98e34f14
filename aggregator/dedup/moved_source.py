"""Evidence that a source is another one under a new address: its document shows the entries of that one. Pure."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from aggregator.dedup.candidates import Arriving, CandidateIndex, Known
from aggregator.dedup.generic_titles import is_generic
from aggregator.dedup.sketch import KnownText, has_text, overlap_with
from aggregator.text.entry_ids import is_public_id

HALF = 0.5


@dataclass(slots=True)
class MovedSource:
    """`arriving`: the document of a new source; `known`: sightings of the old one that the document may show;
    `text_of`: the text of a known sighting, or its sketch."""

    arriving: Sequence[Arriving]
    known: Sequence[Known]
    text_of: Callable[[int], KnownText]
    _index: CandidateIndex = field(init=False)
    _shown: Counter[str] = field(init=False)
    _titled: defaultdict[str, list[Known]] = field(init=False)

    def __post_init__(self) -> None:
        self._index = CandidateIndex(self.known)
        self._shown = Counter(one.title for one in self.arriving)
        self._titled = defaultdict(list)
        for seen in self.known:
            self._titled[seen.title].append(seen)

    def agreement(self) -> Counter[str]:
        """How many entries agree, by what agrees; each counts once, by the first of id, link, and title and date."""
        found: Counter[str] = Counter()
        taken: set[int] = set()
        for one in self.arriving:
            for what, seen in self._alike(one):
                if seen.entry_id not in taken:
                    taken.add(seen.entry_id)
                    found[what] += 1
                    break
        return found

    def _alike(self, one: Arriving) -> Iterator[tuple[str, Known]]:
        for seen in self._index.find("id", one):
            if is_public_id(one.upstream_id) or one.title == seen.title or _same_date(one, seen):
                yield "id", seen
        for seen in self._index.find("link", one):
            yield "link", seen
        if self._is_own_title(one.title):
            for seen in self._titled[one.title]:
                if _same_date(one, seen) and not self._differs(one, seen):
                    yield "title and date", seen

    def _is_own_title(self, title: str) -> bool:
        """Whether the title names one entry, in both documents."""
        entries = {seen.entry_id for seen in self._titled.get(title, ())}
        return len(entries) == 1 and self._shown[title] == 1 and not is_generic(title)

    def _differs(self, one: Arriving, seen: Known) -> bool:
        """Whether both have a text, and half of it differs: anybody can copy titles and dates."""
        text = self.text_of(seen.id)
        return bool(one.text) and has_text(text) and overlap_with(one.text, text) < HALF


def _same_date(one: Arriving, seen: Known) -> bool:
    return one.claimed is not None and one.claimed == seen.claimed
