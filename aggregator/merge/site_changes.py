"""Holds the new entries of a source that became another site, and remembers what each source shows."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

from aggregator.codec import pack, unpack
from aggregator.merge.context import MergeContext
from aggregator.model.document import FeedInfo
from aggregator.model.entry import CleanEntry
from aggregator.polling.site_change import (
    KNOWN_AFTER,
    LEAST,
    MOST_KNOWN,
    MOST_NEW,
    Evidence,
    SiteHistory,
    find_change,
    is_suspicious,
)
from aggregator.polling.site_evidence import evidence_text
from aggregator.polling.site_memory import EntryTraits, Showing, SiteMemory
from aggregator.polling.site_traits import domain_of, traits_of
from aggregator.store import SourceRow, Transaction
from aggregator.store.site_memories import FirstSighting
from aggregator.text.normalize import fold

LEARNED = 100  # entries of a source that a former version knew
MOST_FORMER = 200  # entries of which it is asked whether the document still shows them


@dataclass(frozen=True)
class SitePull:
    """A pull as far as it tells whether the site is another one. `new`: traits of the entries that the source
    never showed before; `shown`: ids of the entries that it shows, `renewed`: links of those that it knew and shows in
    another way; `complete`: what it does not show is gone."""

    source: SourceRow
    at: datetime
    is_first: bool
    complete: bool
    new: Sequence[EntryTraits]
    shown: Collection[int]
    renewed: Collection[str] = ()


def is_another_site(context: MergeContext, tx: Transaction, pull: SitePull) -> bool:
    """Whether the new entries of the pull are held, because its source is another site, now or since an earlier pull.
    Stores what the pull taught."""
    if pull.source.kind != "feed":
        return False
    check, since, evidence = _Check(tx, pull), pull.source.site_changed_at, pull.source.site_evidence
    if found := check.evidence():
        since, evidence = pull.at, evidence_text(found)
        tx.sources.change(pull.source.id, site_changed_at=since, site_evidence=evidence)
    check.remember()
    known = context.sources[pull.source.id]
    context.sources[pull.source.id] = replace(known, site_changed_at=since, site_evidence=evidence)
    return since is not None


@dataclass(frozen=True)
class _Check:
    tx: Transaction
    pull: SitePull

    def evidence(self) -> list[Evidence]:
        source = self.pull.source
        is_known = not self.pull.is_first and source.changed_pulls > KNOWN_AFTER  # this pull is counted already
        if source.site_changed_at or not is_known or not self._arrived or self._are_few():
            return []
        history = SiteHistory(self.memory, self.pull.at, self.showing, self._arrived)
        if not is_suspicious(history, least=1):
            return []
        memories, id_, until = self.tx.site_memories, source.id, self._until
        new = [*_traits(memories.entries_after(id_, until, MOST_NEW)), *self._arrived]
        history = replace(history, new=new[-MOST_NEW:])
        if not is_suspicious(history):
            return []
        known = _traits(memories.entries_until(id_, until, MOST_KNOWN))
        return find_change(replace(history, known=known), self._shows_former)

    def _are_few(self) -> bool:
        """Whether too few entries are new for any evidence."""
        missing = LEAST - len(self._arrived)
        return missing > 0 and self.tx.site_memories.count_after(self.pull.source.id, self._until, missing) < missing

    def remember(self) -> None:
        memory = self.memory.after(self.showing, self._arrived, self.pull.at)
        if memory != self._stored:
            self.tx.site_memories.put(self.pull.source.id, pack(memory))

    # what is known

    @cached_property
    def memory(self) -> SiteMemory:
        """What is remembered, with the domains that the source moved its former entries to."""
        memory = self._stored or self._learned()
        moved_to = [name for link in self.pull.renewed if (name := domain_of(link)) not in memory.leads.at]
        if moved_to and self._shows_former_of(memory):
            memory = replace(memory, leads=memory.leads.more(moved_to, memory.since))
        return memory

    @cached_property
    def _stored(self) -> SiteMemory | None:
        packed = self.tx.site_memories.get(self.pull.source.id)
        return unpack(packed, SiteMemory) if packed else None

    def _learned(self) -> SiteMemory:
        """A memory that begins: all that the source showed until now is known, and its title and address are those of
        this pull."""
        if self.pull.is_first:
            return SiteMemory(self.pull.at).after(self.showing, self._arrived, self.pull.at)
        entries = self.tx.site_memories.entries_until(self.pull.source.id, self.pull.at, LEARNED)
        memory = SiteMemory(entries[-1].first_seen_at if entries else self.pull.at)
        return memory.after(self.showing, _traits(entries), memory.since)

    @cached_property
    def _until(self) -> datetime:
        return self.memory.known_until(self.pull.at)

    @cached_property
    def showing(self) -> Showing:
        source = self.pull.source
        title = unpack(source.about, FeedInfo).title if source.about else ""
        moved_to = domain_of(source.moved_url or source.move_target)
        return Showing(fold(title), "" if moved_to == domain_of(source.url) else moved_to)

    @cached_property
    def _arrived(self) -> list[EntryTraits]:
        """Oldest first: a document shows the newest first."""
        return [*reversed(self.pull.new)]

    def _shows_former(self) -> bool:
        return self._shows_former_of(self.memory)

    def _shows_former_of(self, memory: SiteMemory) -> bool:
        """Whether the document still shows half of the entries that it showed before the week."""
        until = memory.known_until(self.pull.at)
        former = self.tx.site_memories.shown_after(self.pull.source.id, until, MOST_FORMER)
        return bool(former) and (not self.pull.complete or 2 * len(former & set(self.pull.shown)) >= len(former))


def _traits(entries: Iterable[FirstSighting]) -> list[EntryTraits]:
    return [traits_of(unpack(one.clean, CleanEntry)) for one in entries]
