"""The order in which the rules are tried."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from aggregator.dedup.across_sources import AcrossPolicy, OtherSources
from aggregator.dedup.candidates import Arriving, CandidateIndex, Known, Neighbor, Removed
from aggregator.dedup.decision import Match
from aggregator.dedup.document_state import DocumentState, IdsPolicy
from aggregator.dedup.sketch import KnownText
from aggregator.dedup.within_source import SameSource


@dataclass(slots=True)
class Matcher:
    """Matches the entries of one source's document. `DocumentState`, `SameSource` and `OtherSources` describe the
    arguments; `repeats_ids` is true afterwards where the document shows it."""

    arriving: Sequence[Arriving]
    known: CandidateIndex
    elsewhere: CandidateIndex
    text_of: Callable[[int], KnownText]
    home: str = ""
    complete: bool = True
    ids: IdsPolicy = "auto"
    repeats_ids: bool = False
    present: frozenset[str] = frozenset()
    across_sources: AcrossPolicy = "near"
    threshold: float = 0.85
    window: timedelta = timedelta(days=14)
    neighbors_of: Callable[[Arriving], Iterable[Neighbor]] = lambda _: ()
    removed_of: Callable[[Arriving], Removed | None] = lambda _: None
    is_ours: bool = False
    source_id: str = ""
    enclosures_of: Callable[[int], tuple[str, ...]] = lambda _: ()
    standing: Callable[[], int] = lambda: 0
    _state: DocumentState = field(init=False)
    _same: SameSource = field(init=False)
    _others: OtherSources = field(init=False)

    def __post_init__(self) -> None:
        self._state = DocumentState(
            self.arriving,
            self.known,
            self.text_of,
            home=self.home,
            complete=self.complete,
            ids=self.ids,
            repeats_ids=self.repeats_ids,
            present=self.present,
            enclosures_of=self.enclosures_of,
        )
        self._same = SameSource(self._state, self.standing)
        self.repeats_ids = self._state.repeats_ids
        self._others = OtherSources(
            self._state,
            self.elsewhere,
            self.neighbors_of,
            across=self.across_sources,
            threshold=self.threshold,
            window=self.window,
            is_ours=self.is_ours,
            source_id=self.source_id,
        )

    def decide(self, one: Arriving) -> Match:
        """Returns the match of the first rule that holds. The caller then passes the resulting sighting to `merge`."""
        is_ours = self.is_ours or one.is_ours
        for rule in self._rules(one, is_ours=is_ours):
            if decision := rule(one):
                return decision
        removed = None if is_ours else self.removed_of(one)
        return _match_removed(removed) if removed else Match("new", self._why_new(one), ignored=is_ours)

    def _why_new(self, one: Arriving) -> str:
        why = self._same.claimed_ids.reuse(one)
        return f"another entry had its id {one.upstream_id} before: {why}" if why else "nothing known is like it"

    def merge(self, seen: Known) -> None:
        self._state.merge(seen)

    def _rules(self, one: Arriving, *, is_ours: bool) -> Iterator[Callable[[Arriving], Match | None]]:
        if self._same.may_know(one):
            yield from self._same.rules()
            if not is_ours:
                yield from self._same.churn_rules()
        yield from self._others.rules(is_ours=is_ours)


def _match_removed(removed: Removed) -> Match:
    """A removed entry stays removed: neither date nor title limits this match."""
    reason = f"{removed.why} is that of an entry that a person removed"
    if removed.seen:
        score = 1.0 if removed.basis == "fingerprint" else None
        return Match(removed.basis, reason, joins=removed.seen, score=score)
    return Match("new", reason, removal=removed.number)


def repeats_ids(arriving: Iterable[Arriving]) -> bool:
    """Whether this document shows one id on entries that are different things."""
    things: dict[str, tuple[str, str]] = {}
    for one in arriving:
        thing = (one.canonical, one.title)
        if one.upstream_id and things.setdefault(one.upstream_id, thing) != thing:
            return True
    return False
