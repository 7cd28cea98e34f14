"""Finds an arriving entry among what its source showed before: by id, link, path, title or text. Pure.

A rule returns a match, or None where it does not hold.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from itertools import islice

from aggregator.dedup.candidates import Arriving, Known
from aggregator.dedup.claimed_ids import ClaimedIds
from aggregator.dedup.decision import Match
from aggregator.dedup.document_state import MOST_ALIKE, DocumentState
from aggregator.dedup.moved_entries import MIN_MIGRATED, MovedEntries
from aggregator.dedup.similarity import is_distinctive
from aggregator.dedup.sketch import has_text, is_same

MOST_COMPARED = 5  # candidates of one entry whose whole text is compared

# What a rule within a source starts from, by the names of keys.
STARTS = ("item", "id", "link", "title", "whole", "body", "date", "path", "recovered")

Rule = Callable[[Arriving], Match | None]


@dataclass(slots=True)
class SameSource:
    """`standing`: how many sightings the source showed in its last document."""

    document_state: DocumentState
    standing: Callable[[], int] = lambda: 0
    claimed_ids: ClaimedIds = field(init=False)
    _moved: MovedEntries = field(init=False)
    _migrates: bool = field(init=False, default=False)

    def __post_init__(self) -> None:
        self.claimed_ids = ClaimedIds(self.document_state)
        self._moved = MovedEntries(self.document_state, self.standing)
        self._migrates = self._is_migration()

    def may_know(self, one: Arriving) -> bool:
        """Whether any sighting of the source shares with it what a rule starts from: most new entries share nothing."""
        known = self.document_state.known
        return bool(known) and (bool(one.aliases) or any(known.find(name, one) for name in STARTS))

    def rules(self) -> Iterator[Rule]:
        """Rules for the same sighting, seen again."""
        yield from (self._recovered, self._unchanged)
        yield from (self._same_id, self.claimed_ids.owner, self._same_id_and_text, self._same_id_twice)
        yield from (self._same_place, self._same_title)

    def churn_rules(self) -> Iterator[Rule]:
        """Rules for the same entry, which the source now shows under another id or link."""
        yield from (self._churned_id, self._same_text, *self._moved.rules())

    def _recovered(self, one: Arriving) -> Match | None:
        """A sighting that was recovered from the published tree after the state was lost."""
        for seen in self.document_state.free.find("recovered", one):
            if self.claimed_ids.contradiction(one, seen):
                continue
            return Match("guid", f"it was published as {one.recovered_id} before", again=seen)
        return None

    def _unchanged(self, one: Arriving) -> Match | None:
        """An entry that a document holds twice, byte for byte, is one sighting."""
        for sightings in (self.document_state.free, self.document_state.taken):
            for seen in sightings.find("item", one):
                return Match("path" if one.path else "guid" if one.upstream_id else "link", "unchanged", again=seen)
        return None

    def _same_id(self, one: Arriving) -> Match | None:
        if not self._goes_by_id(one):
            return None
        is_void = self.document_state.ids_are_void
        for seen in self._same_thing(one) if is_void else self._named(one):
            if self._may_have_id(one, seen):
                return Match("guid", f"this source showed the id {one.upstream_id} before", again=seen)
        return None

    def _named(self, one: Arriving) -> list[Known]:
        """Candidates with its id, those that still stand first, then the newest."""
        return sorted(self.document_state.free.latest("id", one, MOST_ALIKE), key=lambda seen: seen.gone)

    def _same_id_and_text(self, one: Arriving) -> Match | None:
        if self.document_state.ids_are_void and self._goes_by_id(one):
            for seen in self._same_text_under_id(one):
                return Match("guid", f"this source showed the id {one.upstream_id} before", again=seen)
        return None

    def _goes_by_id(self, one: Arriving) -> bool:
        return bool(one.upstream_id) and not (self.document_state.ids == "link" and one.canonical)

    def _may_have_id(self, one: Arriving, seen: Known) -> bool:
        return self.document_state.may_be(one, seen) and not self.claimed_ids.contradiction(one, seen)

    def _same_thing(self, one: Arriving) -> Iterator[Known]:
        """Candidates where the source repeats ids: a link that only these two have, or title with date or text, agrees
        as well."""
        at_link = list(islice(self.document_state.free.find("id and link", one), 2))
        if len(at_link) == 1 and self.document_state.shows.links[one.canonical] < 2:
            yield from at_link
        for seen in islice(self.document_state.free.find("id and title", one), MOST_ALIKE):
            if (one.claimed and one.claimed == seen.claimed) or (one.whole and one.whole == seen.whole):
                yield seen

    def _same_text_under_id(self, one: Arriving) -> Iterator[Known]:
        """Candidates where the source repeats ids: half of the text agrees, and link or date."""
        for seen in islice(self.document_state.free.find("id", one), MOST_COMPARED):
            is_at_another = seen.canonical != one.canonical and (
                self.document_state.shows.holds("link", seen)
                or bool(one.claimed and seen.claimed and one.claimed != seen.claimed)
            )
            if not is_at_another and self._may_have_id(one, seen) and self.document_state.is_half(one, seen):
                yield seen

    def _same_id_twice(self, one: Arriving) -> Match | None:
        """The same entry twice in one document, or in two files of which one was not read again."""
        if not self._goes_by_id(one):
            return None
        alike = (
            self.document_state.taken.find("id", one)
            if self.document_state.ids == "guid"
            else self.document_state.known.find("thing", one)
        )
        for seen in islice(alike, MOST_ALIKE):
            if not self.document_state.ids_are_void or one.whole == seen.whole:
                return Match("guid", f"the id {one.upstream_id} stands twice in this source", joins=seen)
        return None

    def _same_place(self, one: Arriving) -> Match | None:
        if one.canonical and (not one.upstream_id or self.document_state.ids == "link"):
            if seen := next(self._at_link(one), None):
                return Match("link", f"this source showed the link {one.canonical} before", again=seen)
            if seen := next(self._twice_at_link(one), None):
                return Match("link", f"the link {one.canonical} stands twice in this source", joins=seen)
        for seen in sorted(self.document_state.free.find("path", one), key=lambda seen: (seen.gone, -seen.id)):
            why = not (one.upstream_id and seen.upstream_id) and self._is_same_post(one, seen)
            if why:
                return Match("path", f"the same file, and {why}", again=seen)
        return self._at_alias(one)

    def _at_alias(self, one: Arriving) -> Match | None:
        """A post that names the link of one whose file is gone as an old address of its own."""
        for alias in one.aliases:
            for seen in islice(self.document_state.free.find("link", replace(one, canonical=alias)), MOST_ALIKE):
                if self.document_state.is_left_behind(seen) and not (one.upstream_id and seen.upstream_id):
                    return Match("link", f"it names {alias}, which this source showed before, as its alias", again=seen)
        return None

    def _at_link(self, one: Arriving) -> Iterator[Known]:
        """Where several entries have the link, date, text or title has to agree as well."""
        found = [
            seen
            for seen in islice(self.document_state.free.find("link", one), MOST_ALIKE)
            if self.document_state.may_be(one, seen) and (not seen.upstream_id or self.document_state.ids == "link")
        ]
        entries = {seen.entry_id for seen in islice(self.document_state.known.find("link", one), MOST_ALIKE)}
        if self.document_state.ids == "link" or (
            len(entries) < 2 and self.document_state.shows.links[one.canonical] < 2
        ):
            yield from found
        yield from (seen for seen in found if self.document_state.agreement(one, seen))

    def _twice_at_link(self, one: Arriving) -> Iterator[Known]:
        """Sightings at the same link that another entry of this document shows, or a file that was not read again."""
        by_link = self.document_state.ids == "link"
        for seen in islice(self.document_state.known.find("link" if by_link else "link and title", one), MOST_ALIKE):
            is_shown = seen in self.document_state.taken or not self.document_state.may_be(one, seen)
            is_other = is_distinctive(one.text) and not self.document_state.is_half(one, seen)
            if is_shown and (by_link or (self.document_state.agreement(one, seen) and not is_other)):
                yield seen

    def _is_same_post(self, one: Arriving, seen: Known) -> str:
        """What agrees, "" where nothing does: then the old post is gone, and another one has its file name."""
        if one.title and one.title == seen.title:
            return "the title agrees"
        if one.text and is_same(one.text, self.document_state.text_of(seen.id)):
            return "the text agrees"
        return "half of the text agrees" if self.document_state.is_half(one, seen) else ""

    def _same_title(self, one: Arriving) -> Match | None:
        """An edit of an entry with neither id nor link. A daily bulletin under one title is a new entry each time."""
        for seen in islice(self.document_state.free.find("title alone", one), MOST_ALIKE):
            if self.document_state.may_be(one, seen) and (why := self._same_nameless(one, seen)):
                return Match(
                    "fingerprint", f"neither has an id or a link, the title is the same, and {why}", again=seen
                )
        return None

    def _same_nameless(self, one: Arriving, seen: Known) -> str:
        if one.claimed and one.claimed == seen.claimed:
            return "the date agrees"
        if one.text and self.document_state.is_half(one, seen):
            return "half of the text agrees"
        if one.claimed and seen.claimed:
            return ""
        return "" if one.text and has_text(self.document_state.text_of(seen.id)) else "one of them says no more"

    def _churned_id(self, one: Arriving) -> Match | None:
        if not self.document_state.is_evidence(one) or (self.document_state.ids == "guid" and one.upstream_id):
            return None
        if len({seen.entry_id for seen in self.document_state.known.find("link", one)}) > 1:
            return None
        for seen in self.document_state.known.latest("link", one, MOST_ALIKE):
            why = self.document_state.is_left_behind(seen) and self.document_state.agreement(one, seen)
            if why:
                change = f"its id changed from {seen.upstream_id or 'none'} to {one.upstream_id or 'none'}"
                return Match("link", f"the same link, {change}, and {why}", joins=seen)
        return None

    def _same_text(self, one: Arriving) -> Match | None:
        alike = self._alike(one)
        standing = {seen.entry_id for seen in alike if self.document_state.is_shown(seen)}
        for seen in alike:
            is_left = seen.entry_id not in standing and self.document_state.is_left_behind(seen)
            if is_left and (self._migrates or self._is_in_time(one, seen)):
                return Match("fingerprint", "the same words as an entry that is gone", joins=seen, score=1.0)
            recrawled = one.path and seen.path and not (one.upstream_id or one.canonical)
            if recrawled and not (seen.upstream_id or seen.canonical) and one.whole == seen.whole:
                return Match("fingerprint", f"the same title, text and images as {seen.path}", joins=seen, score=1.0)
        return None

    def _alike(self, one: Arriving) -> list[Known]:
        """Equal fingerprints before equal text under another title; within each, equal dates first, then the newest. A
        text that only repeats the title is evidence together with the date: stubs of removed entries all say one word.
        """
        found = (self.document_state.known.latest(name, one, MOST_ALIKE) for name in ("whole", "body"))
        alike = (seen for some in found for seen in sorted(some, key=lambda seen: seen.claimed != one.claimed))
        return [seen for seen in alike if one.text != one.title or seen.claimed == one.claimed]

    def _is_in_time(self, one: Arriving, seen: Known) -> bool:
        """A date before the old one went marks a copy of it. Without a date, the whole fingerprint has to agree."""
        if one.claimed and seen.last_seen_at:
            return one.claimed <= seen.last_seen_at
        return bool(one.path) or one.whole == seen.whole

    def _is_migration(self) -> bool:
        """Whether at least three entries, and half of the document, have the text of entries that are gone."""
        moved: set[int] = set()
        for one in self._moved.unknown:
            gone = (seen.entry_id for seen in self._alike(one) if self.document_state.is_gone(seen))
            moved.update(islice((entry_id for entry_id in gone if entry_id not in moved), 1))
        return len(moved) >= MIN_MIGRATED and 2 * len(moved) >= len(self.document_state.arriving)
