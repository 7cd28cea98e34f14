"""Whether an id still names the entry that it named: some sources number the places of a document. Pure.

Guids such as 0, 1, 2 …, hashes of these, or `#item-1` stand at another article after each pull. What contradicts an id
is what identifies an entry without it: its link, or its enclosure where it has no link, together with title and date.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice

from aggregator.dedup.candidates import Arriving, Known
from aggregator.dedup.decision import Match
from aggregator.dedup.document_state import HALF, MOST_ALIKE, DocumentState
from aggregator.dedup.similarity import contradict, is_distinctive, share_a_word, share_half, words_of_half
from aggregator.dedup.sketch import overlap_with

SEVERAL = 2  # ids that name other entries than before; then no id of the source is evidence
MOST_CLAIMS = 5  # sightings of one id, and entries of a document with one id, that are compared
MIN_RENUMBERED = 3  # entries of a document that tell together that its ids are places
MIN_TITLES = 3  # of a document that may repeat words in them
SAME_TEXT = 0.85  # share of 3-grams; a text that stays is the same entry under a new title


@dataclass(slots=True)
class ClaimedIds:
    """Finds the ids of a document that name other entries than before, and tells `document_state`."""

    document_state: DocumentState
    _reused: dict[str, str] = field(init=False, default_factory=dict)  # id → what contradicts it
    _contradictions: dict[tuple[str, int], str] = field(init=False, default_factory=dict)
    _renumbered: bool | None = field(init=False, default=None)
    _repeated: frozenset[str] = field(init=False, default=frozenset())  # words of most titles

    def __post_init__(self) -> None:
        if self.document_state.ids != "auto" or self.document_state.repeats_ids:
            return
        if len(self.document_state.arriving) >= MIN_TITLES:
            self._repeated = words_of_half([one.title for one in self.document_state.arriving])
        claims: defaultdict[str, list[Arriving]] = defaultdict(list)
        for one in self.document_state.arriving:
            if one.upstream_id and not one.path:
                claims[one.upstream_id].append(one)
        for some in claims.values():
            self._judge(some[:MOST_CLAIMS])
        is_several = len(self._reused) >= SEVERAL or any(map(self._are_several_articles, claims.values()))
        self.document_state.repeats_ids = is_several

    def _judge(self, claims: list[Arriving]) -> None:
        """Marks the known sightings of one id that none of its claims can be."""
        id_, named = claims[0].upstream_id, self.document_state.known.latest("id", claims[0], MOST_CLAIMS)
        displaced = [seen for seen in named if all(self.contradiction(one, seen) for one in claims)]
        self.document_state.displaced.update(seen.id for seen in displaced)
        if named and len(displaced) == len(named):
            self._reused[id_] = self.contradiction(claims[0], named[0])

    # ── an id and the sighting that had it ──

    def contradiction(self, one: Arriving, seen: Known) -> str:
        """Why `one` is not the entry that had its id, in words; "" where nothing contradicts the id."""
        if self.document_state.ids != "auto" or one.path or seen.path or one.item == seen.item:
            return ""
        pair = one.item, seen.id
        if pair not in self._contradictions:
            self._contradictions[pair] = self._contradiction(one, seen)
        return self._contradictions[pair]

    def reuse(self, one: Arriving) -> str:
        """Why its id names another entry than before, "" where it does not."""
        return self._reused.get(one.upstream_id, "")

    def _contradiction(self, one: Arriving, seen: Known) -> str:
        if any(other.entry_id != seen.entry_id for other in self._owners(one, seen)):
            return f"{self._what(one)} are those of another entry that this source showed before"
        if self._moved_on(one, seen):
            return f"{self._what(seen)} of the entry that had it stand under another id now"
        return self._difference(one, seen)

    def _what(self, one: Arriving | Known) -> str:
        if self._has_link(one):
            return "link and title"
        return "enclosure and title" if self._enclosures(one) else "title and date"

    def _owners(self, one: Arriving, seen: Known | None = None) -> Iterator[Known]:
        """Known sightings with the link and title of `one`, unless `seen` has that link (or enclosure, or date)."""
        if not one.title:
            return
        if self._has_link(one):
            if seen is None or seen.canonical != one.canonical:
                yield from islice(self.document_state.known.find("link and title", one), MOST_ALIKE)
            return
        if one.enclosures:
            if seen is None or not self._share_enclosure(one, seen):
                yield from (other for other in self._namesakes(one) if self._share_enclosure(one, other))
        elif one.claimed and not (seen and (seen.title == one.title or seen.claimed == one.claimed)):
            dated = [other for other in self._namesakes(one) if other.claimed == one.claimed]
            if len({other.entry_id for other in dated}) == 1 and self.document_state.shows.titles[one.title] < 2:
                yield from dated

    def _namesakes(self, one: Arriving) -> Iterator[Known]:
        same = islice(self.document_state.known.find("title", one), MOST_ALIKE)
        return (other for other in same if not self._has_link(other))

    def _moved_on(self, one: Arriving, seen: Known) -> bool:
        """Whether another entry of this document has link and title of `seen`."""
        shows = self.document_state.shows
        if self._has_link(seen):
            return one.canonical != seen.canonical and shows.holds("link and title", seen)
        if self._has_link(one) or not seen.title or shows.titles[seen.title] != 1 or one.title == seen.title:
            return False
        if there := self._enclosures(seen):
            return not self._share_enclosure(one, seen) and shows.holds_enclosure(seen.title, there)
        return not one.enclosures and one.claimed != seen.claimed and shows.holds("title and date", seen)

    def _difference(self, one: Arriving, seen: Known) -> str:
        """What differs, where that is too much for an edit."""
        place = self._place_that_differs(one, seen)
        if not place:
            is_other = self._is_unlike(one, seen) and self._is_renumbered()
            return "title, date and half of the text differ, as in others of this document" if is_other else ""
        if one.claimed and seen.claimed:
            why = "" if one.claimed == seen.claimed else self._titles_that_differ(one, seen)
            return f"{place} and date differ from those of the entry that had it, and {why}" if why else ""
        if self._are_alike(one, seen) or not self.document_state.is_other_text(one, seen):
            return ""
        return f"{place}, title and half of the text differ from those of the entry that had it"

    def _place_that_differs(self, one: Arriving, seen: Known) -> str:
        if self._has_link(one) and self._has_link(seen):
            return "link" if one.canonical != seen.canonical else ""
        if self._has_link(one) or self._has_link(seen) or not one.enclosures:
            return ""
        there = self._enclosures(seen)
        return "enclosure" if there and not set(there).intersection(one.enclosures) else ""

    def _titles_that_differ(self, one: Arriving, seen: Known) -> str:
        if not (one.title and seen.title):
            return "half of the text differs" if self.document_state.is_other_text(one, seen) else ""
        if contradict(one.title, seen.title):
            return "the titles contradict each other"
        if self._are_alike(one, seen) or self._has_same_text(one, seen):
            return ""
        if not share_a_word(one.title, seen.title):
            return "the titles share no word"
        if self.document_state.is_other_text(one, seen):
            return "the titles share few words, and half of the text differs"
        return "the titles share few words, as others of this document" if self._is_renumbered() else ""

    def _is_renumbered(self) -> bool:
        """Whether at least three entries, and half of the document, are unlike those that had their ids."""
        if self._renumbered is None:
            arriving = self.document_state.arriving
            pairs = ((one, self.document_state.known.latest("id", one, 1)) for one in arriving)
            unlike = sum(self._is_unlike(one, seen) for one, some in pairs for seen in some)
            self._renumbered = unlike >= MIN_RENUMBERED and 2 * unlike >= len(arriving)
        return self._renumbered

    def _is_unlike(self, one: Arriving, seen: Known) -> bool:
        """Whether date and title differ, and link or enclosure; where neither has any, half of the text."""
        if not (one.claimed and seen.claimed and one.title and seen.title) or one.claimed == seen.claimed:
            return False
        if self._are_alike(one, seen):
            return False
        if self._has_link(one) or self._has_link(seen) or one.enclosures:
            return bool(self._place_that_differs(one, seen))
        return not self._enclosures(seen) and self.document_state.is_other_text(one, seen)

    def _are_alike(self, one: Arriving, seen: Known) -> bool:
        return one.title == seen.title or share_half(one.title, seen.title, self._repeated)

    def _has_same_text(self, one: Arriving, seen: Known) -> bool:
        state = self.document_state
        if not is_distinctive(one.text) or not state.may_compare():
            return False
        return overlap_with(one.text, state.text_of(seen.id)) >= SAME_TEXT

    # ── what stands for an id ──

    def _has_link(self, one: Arriving | Known) -> bool:
        """Whether its link counts: not the home page, nor one that several entries show."""
        return self.document_state.is_own_link(one.canonical) and (
            len({seen.entry_id for seen in islice(self.document_state.known.find("link", one), MOST_ALIKE)}) < 2
        )

    def _enclosures(self, one: Arriving | Known) -> tuple[str, ...]:
        return one.enclosures if isinstance(one, Arriving) else self.document_state.enclosures_of(one.id)

    def _share_enclosure(self, one: Arriving, seen: Known) -> bool:
        return bool(one.enclosures) and not set(one.enclosures).isdisjoint(self._enclosures(seen))

    def owner(self, one: Arriving) -> Match | None:
        """The entry that `one` is by its link and title, where its own id or that of the entry is another's now."""
        state = self.document_state
        if state.ids != "auto" or one.path:
            return None
        for seen in self._owners(one):
            is_free = seen in state.free and state.may_be(one, seen)
            is_loose = state.repeats_ids or seen.id in state.displaced or bool(seen.recovered_id)
            if is_free and (is_loose or self.reuse(one)):
                was = f"which this source showed before under the id {seen.upstream_id or 'none'}"
                return Match("link", f"{self._what(one)} are those of an entry {was}", again=seen, renumbered=True)
        return None

    # ── one id twice in a document ──

    def _are_several_articles(self, claims: list[Arriving]) -> bool:
        return any(self.is_other_article(claims[0], one) for one in claims[1:])

    def is_other_article(self, one: Arriving, other: Arriving | Known) -> bool:
        """Whether two entries of one document with one id differ in claimed date and in half of the text."""
        if not (one.claimed and other.claimed) or one.claimed == other.claimed:
            return False
        if isinstance(other, Known):
            return self.document_state.is_other_text(one, other)
        if one.text and other.text:
            return self.document_state.may_compare() and overlap_with(one.text, other.text) < HALF
        changed, same = (one, other) if one.text else (other, one)
        stored = next(iter(self.document_state.known.find("item", same)), None)
        return stored is not None and self.document_state.is_other_text(changed, stored)
