"""Series of documents in a publisher's terms, in which a letter names the entry that each item is."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from aggregator.clean.fingerprint import fingerprint
from aggregator.dedup import Arriving, CandidateIndex, Known, Match, Matcher, repeats_ids

DAY = timedelta(days=1)
START = datetime(2026, 1, 1, 12, tzinfo=UTC)
KEYS = ("item", "upstream_id", "canonical", "path", "whole", "body", "title", "claimed")

LONG = " ".join(f"word{i}" for i in range(60))
OTHER = " ".join(f"else{i}" for i in range(60))


def day(number: float) -> datetime:
    return START + number * DAY


def text(topic: str, words: int = 60) -> str:
    return " ".join(f"{topic}{i}" for i in range(words))


@dataclass
class Shown:
    """One item of a document, in a publisher's terms. `thing` is the letter of the entry that it really is."""

    thing: str
    id: str = ""
    link: str = ""
    title: str = ""
    text: str = ""
    at: datetime | None = None
    path: str = ""
    own: bool = False
    files: tuple[str, ...] = ()

    def arriving(self) -> Arriving:
        print_ = fingerprint(self.title, self.text)
        return Arriving(
            item=repr(replace(self, thing="")),
            upstream_id=self.id,
            canonical=self.link,
            path=self.path,
            title=print_.title,
            text=print_.text,
            whole=print_.whole,
            body=print_.body,
            claimed=self.at,
            on_own_host=self.own,
            enclosures=self.files,
        )


def e(thing: str, **claims: Any) -> Shown:
    return Shown(thing, **claims)


@dataclass
class Planet:
    """A store in memory, merged as the real one is: the rules know only sightings that share a key."""

    seen: list[Known] = field(default_factory=list)
    texts: dict[int, str] = field(default_factory=dict)
    files: dict[int, tuple[str, ...]] = field(default_factory=dict)
    void: set[str] = field(default_factory=set)
    now: datetime = START
    entries: int = 0

    def pull(self, source: str, shown: Sequence[Shown], **how: Any) -> list[tuple[int, Match]]:
        """(entry id, decision) of each shown entry, in order; a day passes."""
        arriving = [one.arriving() for one in shown]
        known = self._sharing([one for one in self.seen if one.source_id == source], arriving, KEYS)
        others = self._sharing([one for one in self.seen if one.source_id != source], arriving, KEYS[1:3])
        if repeats_ids(arriving):
            self.void.add(source)
        document = Matcher(
            arriving,
            CandidateIndex(known),
            CandidateIndex(others),
            self.texts.__getitem__,
            repeats_ids=source in self.void,
            enclosures_of=self.files.__getitem__,
            standing=lambda: sum(one.source_id == source and not one.gone for one in self.seen),
            **how,
        )
        self.void |= {source} if document.repeats_ids else set()
        found = []
        for one in arriving:
            decision = document.decide(one)
            seen = self._take(source, one, decision)
            document.merge(seen)
            found.append((seen.entry_id, decision))
        self._mark_gone(source, how)
        self.now += DAY
        return found

    @staticmethod
    def _sharing(seen: list[Known], arriving: list[Arriving], names: Sequence[str]) -> list[Known]:
        keys = {(name, getattr(one, name)) for one in arriving for name in names if getattr(one, name)}
        return [one for one in seen if any((name, getattr(one, name)) in keys for name in names)]

    def _take(self, source: str, one: Arriving, decision: Match) -> Known:
        names = ("item", "upstream_id", "canonical", "path", "title", "whole", "body", "claimed", "on_own_host")
        values = {name: getattr(one, name) for name in names}
        if decision.again:
            number, entry = decision.again.id, decision.again.entry_id
        else:
            self.entries += decision.joins is None
            number, entry = len(self.seen), decision.joins.entry_id if decision.joins else self.entries
            self.seen.append(Known(number, source, entry, ""))
        self.texts[number] = one.text
        self.files[number] = one.enclosures
        self.seen[number] = Known(number, source, entry, last_seen_at=self.now, **values)
        return self.seen[number]

    def _mark_gone(self, source: str, how: dict[str, Any]) -> None:
        for number, one in enumerate(self.seen):
            standing = one.path and one.path in how.get("present", ())
            if one.source_id == source and one.last_seen_at != self.now and how.get("complete", True) and not standing:
                self.seen[number] = replace(one, gone=True)


def check(pulls: Sequence[tuple[str, Sequence[Shown], dict[str, Any]]]) -> None:
    """One letter is one entry, in all documents of the series."""
    planet = Planet()
    entry_of: dict[str, int] = {}
    thing_of: dict[int, str] = {}
    for number, (source, shown, how) in enumerate(pulls):
        for one, (entry, decision) in zip(shown, planet.pull(source, shown, **how), strict=True):
            place = f"pull {number}, {one.thing} {one.title!r}: {decision.rule}, {decision.reason}"
            assert thing_of.setdefault(entry, one.thing) == one.thing, place
            assert entry_of.setdefault(one.thing, entry) == entry, place


def pulls(*documents: Sequence[Shown], **how: Any) -> list[tuple[str, Sequence[Shown], dict[str, Any]]]:
    return [("source", shown, how) for shown in documents]
