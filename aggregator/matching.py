"""Which entry is this? Pure: what arrives and what is known in, a decision with its reason out.

The rules stand in the order in which they are tried; the first that holds decides. Inside one source an id, a link,
a path or the text tells that an entry was seen before; between sources only a link with agreeing words, or an id
with the same words, does: an id alone is a claim that anybody can make.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

Rule = Literal["new", "guid", "link", "path", "fingerprint"]
IdsPolicy = Literal["auto", "guid", "link"]

HALF = 0.5
MIGRATION_LEAST = 3
MOST_ALIKE = 20  # a source that repeats one text for ever must not cost the square of its length


@dataclass(frozen=True, slots=True)
class Arriving:
    """What a source shows now. `title`, `text` are folded; `claimed` = its published, else updated claim."""

    item: str
    upstream_id: str = ""
    canonical: str = ""
    path: str = ""
    title: str = ""
    text: str = ""
    whole: str = ""
    body: str = ""
    claimed: datetime | None = None
    on_own_host: bool = False  # the link leads to the source's own site


@dataclass(frozen=True, slots=True)
class Seen:
    """A sighting that is known. `gone` = no longer in its source's document."""

    id: int
    source_id: str
    entry_id: int
    item: str
    upstream_id: str = ""
    canonical: str = ""
    path: str = ""
    title: str = ""
    whole: str = ""
    body: str = ""
    claimed: datetime | None = None
    last_seen_at: datetime | None = None
    gone: bool = False
    on_own_host: bool = False


@dataclass(frozen=True, slots=True)
class Decision:
    """`again`: the sighting that this is, seen again; else `joins`: the sighting whose entry it joins; else new."""

    rule: Rule
    reason: str
    again: Seen | None = None
    joins: Seen | None = None
    score: float | None = None


class Index:
    """Known sightings by each thing they can be found by, oldest first."""

    def __init__(self, seen: Iterable[Seen] = ()) -> None:
        self._by: dict[str, defaultdict[str, dict[int, Seen]]] = {
            name: defaultdict(dict) for name in ("item", "upstream_id", "canonical", "path", "whole", "body")
        }
        for one in seen:
            self.add(one)

    def add(self, seen: Seen) -> None:
        for name, found in self._by.items():
            if key := getattr(seen, name):
                found[key][seen.id] = seen

    def find(self, name: str, key: str) -> list[Seen]:
        found = self._by[name].get(key, {}) if key else {}
        return [found[id_] for id_ in sorted(found)]


@dataclass(slots=True)
class Document:
    """One source's document while it is being matched: what it shows, what is known, what is taken already.

    `home` is the canonical form of the source's home page; `text_of` gives a known sighting's folded text.
    `complete`: absence means gone. `present` names paths that stand in a posts folder unread.
    """

    source_id: str
    arriving: Sequence[Arriving]
    known: Index
    elsewhere: Index
    text_of: Callable[[int], str]
    home: str = ""
    complete: bool = True
    ids: IdsPolicy = "auto"
    repeats_ids: bool = False
    across_sources: bool = True
    threshold: float = 0.85
    present: frozenset[str] = frozenset()
    taken: set[int] = field(default_factory=set)
    _shows: dict[str, set[str]] = field(init=False)
    _links: dict[str, int] = field(init=False)
    _migrates: bool = field(init=False, default=False)

    def __post_init__(self) -> None:
        self._shows = {
            "item": {one.item for one in self.arriving},
            "upstream_id": {one.upstream_id for one in self.arriving if one.upstream_id},
            "canonical": {one.canonical for one in self.arriving if not one.upstream_id and one.canonical},
            "path": {one.path for one in self.arriving if one.path} | self.present,
        }
        self._links = defaultdict(int)
        for one in self.arriving:
            self._links[one.canonical] += 1
        self._migrates = self._is_migration()

    def decide(self, one: Arriving) -> Decision:
        """The first rule that holds. The caller adds what it makes of the decision by `settle`."""
        for rule in (self._unchanged, self._same_id, self._same_place, self._churned_id, self._same_text):
            if decision := rule(one):
                return decision
        if self.across_sources and (decision := self._other_source(one)):
            return decision
        return Decision("new", "nothing known is like it")

    def settle(self, seen: Seen) -> None:
        self.known.add(seen)
        self.taken.add(seen.id)

    def is_gone(self, seen: Seen) -> bool:
        """No longer shown: known to be gone, or absent from this complete document."""
        if seen.id in self.taken:
            return False
        by_id = ("item", "upstream_id" if seen.upstream_id else "canonical")
        identity = ("path",) if seen.path else by_id
        shown = any(getattr(seen, name) in self._shows[name] for name in identity)
        return not shown and (seen.gone or self.complete)

    # rule 2: the same source shows what it showed before

    def _unchanged(self, one: Arriving) -> Decision | None:
        same = [seen for seen in self._free("item", one.item) if seen.path == one.path]
        return Decision("path" if one.path else "guid", "unchanged", again=same[0]) if same else None

    def _same_id(self, one: Arriving) -> Decision | None:
        if not one.upstream_id or self.ids == "link":
            return None
        found = self._free("upstream_id", one.upstream_id)
        if self.repeats_ids and self.ids == "auto":
            found = [seen for seen in found if one.canonical == seen.canonical and self._agrees(one, seen)]
        if found:
            return Decision("guid", f"this source showed the id {one.upstream_id} before", again=found[0])
        return self._repeated(one)

    def _repeated(self, one: Arriving) -> Decision | None:
        """The same entry twice in one document."""
        for seen in self.known.find("upstream_id", one.upstream_id):
            same_words = (seen.canonical, seen.title, seen.whole) == (one.canonical, one.title, one.whole)
            if seen.id in self.taken and (same_words or self.ids == "guid"):
                return Decision("guid", f"the id {one.upstream_id} stands twice in this document", joins=seen)
        return None

    def _same_place(self, one: Arriving) -> Decision | None:
        if one.canonical and (not one.upstream_id or self.ids == "link"):
            found = [
                seen for seen in self._free("canonical", one.canonical) if not seen.upstream_id or self.ids == "link"
            ]
            if found:
                found.sort(key=lambda seen: seen.title != one.title)
                return Decision("link", f"this source showed the link {one.canonical} before", again=found[0])
        if one.path and not one.upstream_id:
            for seen in self._free("path", one.path):
                if not seen.upstream_id and (why := self._agreement(one, seen)):
                    return Decision("path", f"the same file, and {why}", again=seen)
        return None

    # rule 3: the link stayed, the id churned

    def _churned_id(self, one: Arriving) -> Decision | None:
        if not self._is_evidence(one.canonical):
            return None
        found = self.known.find("canonical", one.canonical)
        if len({seen.entry_id for seen in found}) > 1:
            return None
        for seen in found:
            why = self.is_gone(seen) and self._agreement(one, seen, dated=True)
            if why:
                change = f"its id changed from {seen.upstream_id or 'none'} to {one.upstream_id or 'none'}"
                return Decision("link", f"the same link, {change}, and {why}", joins=seen)
        return None

    # rule 4: the words stayed

    def _same_text(self, one: Arriving) -> Decision | None:
        for seen in self._alike(one):
            gone = self.is_gone(seen)
            in_time = not (one.claimed and seen.last_seen_at) or one.claimed <= seen.last_seen_at
            if gone and (in_time or self._migrates):
                return Decision("fingerprint", "the same words as an entry that is gone", joins=seen, score=1.0)
            recrawled = one.path and seen.path and not (one.upstream_id or one.canonical)
            if recrawled and not (seen.upstream_id or seen.canonical) and one.whole == seen.whole:
                return Decision("fingerprint", f"the same title, text and images as {seen.path}", joins=seen, score=1.0)
        return None

    def _alike(self, one: Arriving) -> Iterator[Seen]:
        yield from self.known.find("whole", one.whole)[:MOST_ALIKE]
        yield from self.known.find("body", one.body)[:MOST_ALIKE]

    def _is_migration(self) -> bool:
        """At least three entries, and half of the document, show the words of entries that are gone."""
        moved = sum(
            any(self.is_gone(seen) for seen in self._alike(one))
            for one in self.arriving
            if not self.known.find("upstream_id", one.upstream_id)
        )
        return moved >= MIGRATION_LEAST and 2 * moved >= len(self.arriving)

    # rule 5: another source

    def _other_source(self, one: Arriving) -> Decision | None:
        for seen in self.elsewhere.find("canonical", one.canonical) if self._is_evidence(one.canonical) else ():
            why = "both on its own site" if one.on_own_host and seen.on_own_host else self._likeness(one, seen)
            if why:
                return Decision("link", f"source {seen.source_id} shows the same link, {why}", joins=seen)
        for seen in self.elsewhere.find("upstream_id", one.upstream_id if ":" in one.upstream_id else ""):
            if one.whole and seen.whole == one.whole:
                reason = f"source {seen.source_id} shows the same id with the same words"
                return Decision("guid", reason, joins=seen, score=1.0)
        return None

    def _is_evidence(self, canonical: str) -> bool:
        """A home page, or a link that this source shows on several entries, says nothing."""
        return bool(canonical) and canonical != self.home and self._links[canonical] < 2

    # what agrees

    def _free(self, name: str, key: str) -> list[Seen]:
        return [seen for seen in self.known.find(name, key) if seen.id not in self.taken]

    def _agrees(self, one: Arriving, seen: Seen) -> bool:
        return bool(self._agreement(one, seen))

    def _agreement(self, one: Arriving, seen: Seen, *, dated: bool = False) -> str:
        """What agrees of title, (claimed date) and half of the text; "" where nothing does."""
        if one.title and one.title == seen.title:
            return "the title agrees"
        if dated and one.claimed and one.claimed == seen.claimed:
            return "the date agrees"
        if one.whole and one.whole == seen.whole:
            return "the text agrees"
        if one.text and overlap(one.text, self.text_of(seen.id)) >= HALF:
            return "half of the text agrees"
        return ""

    def _likeness(self, one: Arriving, seen: Seen) -> str:
        if one.title and one.title == seen.title:
            return "under the same title"
        if one.text and similarity(one.text, self.text_of(seen.id)) >= self.threshold:
            return "with near the same text"
        return ""


def grams(text: str) -> frozenset[str]:
    """The set of word 3-grams; of characters where the script has no spaces."""
    words = text.split()
    parts: Sequence[str] = text if len(words) * 12 < len(text) else words
    if len(parts) < 3:
        return frozenset([" ".join(parts)]) if parts else frozenset()
    joint = "" if isinstance(parts, str) else " "
    return frozenset(joint.join(parts[i : i + 3]) for i in range(len(parts) - 2))


def overlap(one: str, other: str) -> float:
    """The share of the longer text's 3-grams that both have, 0 to 1."""
    a, b = grams(one), grams(other)
    return len(a & b) / max(len(a), len(b)) if a and b else 0.0


def similarity(one: str, other: str) -> float:
    """Jaccard similarity of the sets of 3-grams, 0 to 1."""
    a, b = grams(one), grams(other)
    return len(a & b) / len(a | b) if a and b else 0.0


def repeats_ids(arriving: Iterable[Arriving]) -> bool:
    """Whether this document shows one id on entries that are different things."""
    things: dict[str, tuple[str, str]] = {}
    for one in arriving:
        if one.upstream_id and things.setdefault(one.upstream_id, (one.canonical, one.title)) != (
            one.canonical,
            one.title,
        ):
            return True
    return False
