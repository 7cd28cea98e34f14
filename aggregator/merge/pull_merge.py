"""Merges one pull: its sightings in document order ─▶ match ─▶ decide ─▶ entries, with reasons."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from aggregator.clean.opt_out import blocks
from aggregator.codec import unpack
from aggregator.dedup import Known, Match
from aggregator.merge.approval import ApprovalOfPull
from aggregator.merge.arrivals import ArrivedEntry, ArrivedPull
from aggregator.merge.backlog import keep_past_out
from aggregator.merge.context import MergeContext
from aggregator.merge.decide import decide
from aggregator.merge.holding import entries_to_hold
from aggregator.merge.hub_news import count_news
from aggregator.merge.known_sightings import reason_again
from aggregator.merge.named_sources import name_of
from aggregator.merge.near_duplicates import is_signing, store_boilerplate
from aggregator.merge.old_content import is_under_another_base, with_old_content
from aggregator.merge.placement import terms_of
from aggregator.merge.problems import pull_problems
from aggregator.merge.public_ids import IdAllocator
from aggregator.merge.recycled_sightings import RecycledSightings
from aggregator.model.entry import CleanEntry
from aggregator.store import EntryRow, PendingPull, SightingRow, SourceRow, Transaction
from aggregator.store.tables.entries import WAITING
from aggregator.text.normalize import acceptable


@dataclass(slots=True)
class PullMerge:
    """The merge of one pull."""

    context: MergeContext
    tx: Transaction
    pull: PendingPull
    incoming: ArrivedPull = field(init=False)
    names: IdAllocator = field(init=False)
    approval: ApprovalOfPull = field(init=False)
    recycled: RecycledSightings = field(init=False)
    touched: set[int] = field(default_factory=set)
    touches: list[tuple[int, int]] = field(default_factory=list)
    added: list[SightingRow] = field(default_factory=list)
    entries: dict[int, EntryRow] = field(default_factory=dict)  # the new ones, by number
    claims: dict[int, datetime | None] = field(default_factory=dict)  # their publication dates as claimed
    shown: list[tuple[int, int, str]] = field(default_factory=list)  # new or edited: (sighting, entry, own text)
    removed: dict[int, int] = field(default_factory=dict)  # new entries that match a removal, by its number
    decided: list[tuple[ArrivedEntry, Match]] = field(default_factory=list)
    ignored: int = 0
    lost: set[int] = field(default_factory=set)  # entries of posts without a file

    def run(self) -> int:
        """Returns how many entries arrived."""
        source = self.tx.sources.get(self.pull.source_id)
        self.incoming = ArrivedPull(self.context, self.tx, self.pull, source)
        self.recycled = RecycledSightings(self.incoming.rows)
        self._store_learned(source)
        named = [(item.arriving, item.clean) for item in self.incoming.items if item.clean]
        self.names = IdAllocator(self.tx, self.context.app, source.id, named)
        is_needed = self.context.policy(source.id).approve
        self.approval = ApprovalOfPull(self.tx, source.id, is_needed, self.incoming.candidate_entries)
        for item in self.incoming.items:
            self._merge_entry(item, self.incoming.document.decide(item.arriving))
        self._hold()
        for number, entry_id in self.removed.items():
            self.tx.removals.bind(number, entry_id)
        self.tx.sightings.add(self.added)
        self.tx.sightings.touch(self.touches, self.pull.batch_at)
        self._mark_gone()
        self._sign()
        released = decide(self.context, self.tx, self.touched, self.pull.batch_at, new=self.entries)
        keep_past_out(self.context, self.tx, self.incoming, [*self.entries, *released])
        count_news(self.tx, self.pull, len(self.added))
        self._report(source, Counter(entry.kept_back for entry in self.entries.values()), self._count_waiting())
        return len(self.incoming.items)

    def _store_learned(self, before: SourceRow) -> None:
        """Stores what the pull taught about its source."""
        store_boilerplate(self.context, self.tx, before.id, self.incoming.boilerplate)
        if self.incoming.source.repeats_ids and not before.repeats_ids:
            self.tx.sources.change(before.id, repeats_ids=True)

    # one arrival

    def _merge_entry(self, item: ArrivedEntry, decision: Match) -> None:
        if decision.ignored:
            self.ignored += not item.arriving.is_ours
            return
        self.decided.append((item, decision))
        if decision.again:
            seen = self._merge_again(item, decision, decision.again)
        else:
            entry_id = decision.joins.entry_id if decision.joins else self._new_entry(item, decision.removal)
            row = self._new_sighting(item, decision, entry_id)
            self.touched.add(entry_id)
            seen = self.incoming.seen(row)
            self.incoming.enclosures[row.id] = item.arriving.enclosures  # it is stored with the whole pull
        self.incoming.document.merge(seen)

    def _merge_again(self, item: ArrivedEntry, decision: Match, seen: Known) -> Known:
        row = self.incoming.rows[seen.id]
        if item.clean is None or (item.row.item == row.item and not row.recalled):
            self.touches.append((row.id, item.row.place))
            if row.gone_at is not None or row.deleted_at is not None:
                self.touched.add(row.entry_id)
            return replace(seen, gone=False)
        item, clean = with_old_content(self.tx, row, item, unpack(item.row.clean or b"", CleanEntry))
        if clean.digest != row.digest and is_under_another_base(self.tx, row, item):
            self.tx.entries.redigest(row.id, row.digest, clean.digest)
        values = self._content(item, clean) | {
            "place": item.row.place,
            "last_seen_at": self.pull.batch_at,
            "gone_at": None,
            "deleted_at": None,
            "recalled": False,
            "reason": reason_again(row, decision),
        }
        self.tx.sightings.change(row.id, values)
        self.incoming.texts[row.id] = clean.fingerprint.text
        self.touched.add(row.entry_id)
        after = replace(row, **values)
        self.incoming.rows[row.id] = after
        self.shown.append((row.id, row.entry_id, item.arriving.own_text))
        return replace(self.incoming.seen(after), last_seen_at=seen.last_seen_at)

    def _new_sighting(self, item: ArrivedEntry, decision: Match, entry_id: int) -> SightingRow:
        assert item.clean is not None  # noqa: S101 - an unchanged arrival is never new
        is_own = decision.joins is not None and decision.joins.source_id == self.pull.source_id
        recycled = self.recycled.take(entry_id) if is_own else None
        row = SightingRow(
            id=recycled.id if recycled else self.names.next_sighting(),
            source_id=self.pull.source_id,
            entry_id=entry_id,
            matched_by=decision.rule,
            matched_to=decision.joins.id if decision.joins else None,
            score=decision.score,
            reason=decision.reason,
            place=item.row.place,
            first_seen_at=self.pull.batch_at,
            last_seen_at=self.pull.batch_at,
            echo=decision.own_entry_returned,
            withheld=WAITING if self.approval.waits(entry_id) else "",
            **self._content(item, item.clean),
        )
        if recycled:
            self.tx.sightings.change(recycled.id, row.values())
        else:
            self.added.append(row)
        self.incoming.rows[row.id] = row
        self.incoming.texts[row.id] = item.clean.fingerprint.text
        self.context.report.entries.duplicates += decision.joins is not None
        if not decision.own_entry_returned:
            self.shown.append((row.id, entry_id, item.arriving.own_text))
        return row

    def _content(self, item: ArrivedEntry, clean: CleanEntry) -> dict[str, Any]:
        return {
            "upstream_id": clean.id,
            "link": clean.link,
            "canonical": clean.canonical,
            "path": clean.path,
            "item": item.row.item,
            "digest": clean.digest,
            "whole": clean.fingerprint.whole,
            "body": clean.fingerprint.body,
            "title": clean.fingerprint.title,
            "claimed": item.arriving.claimed,
            "draft": item.row.draft,
            "clean": item.row.clean,
            "kept_in": None,
            "sketch": None,
            "terms": terms_of(clean),
            "opt_out": blocks(clean.extras),
            "origin": name_of(clean.source),
            "rules_version": self.context.rules_version,
            "source_updated": acceptable(self.pull.document_updated, self.pull.batch_at),
        }

    def _new_entry(self, item: ArrivedEntry, removal: int | None) -> int:
        """Creates an entry and returns its number. `removal`: the number of the removal that it matches, if any."""
        assert item.clean is not None  # noqa: S101 - an unchanged arrival is never new
        at, clean = self.pull.batch_at, item.clean
        updated = acceptable(clean.updated, at)
        claim = acceptable(clean.published, at) or updated
        published = claim or self._first_seen(item)
        entry = EntryRow(
            id=self.names.next_entry(),
            public_id=self.names.public_id(item.arriving, clean),
            published=published,
            updated=updated or published,
            first_seen_at=min(at, published) if self.incoming.is_first and self.context.is_recovered else at,
            changed_at=at,
            fresh_at=published if self.incoming.is_first else at,
            place=item.row.place,
            digest=clean.digest,
            placements=[],
        )
        waits = WAITING if self.approval.waits(entry.id, is_new=True) else ""
        too_old = self.context.policy(self.pull.source_id).kept_back(claim, at)
        kept_back = "removed" if removal is not None else too_old or waits
        if kept_back:
            entry = replace(entry, kept_back=kept_back, kept_back_at=at)
        if removal is not None:
            self.removed[removal] = entry.id
            self.context.removed_entries.bind(removal, entry.id)
        self.entries[entry.id] = entry
        self.claims[entry.id] = claim
        return entry.id

    def _first_seen(self, item: ArrivedEntry) -> datetime:
        """The date of an undated entry: now; on a source's first pull a day earlier for each place in the document."""
        if not self.incoming.is_first:
            return self.pull.batch_at
        newest = acceptable(self.pull.document_updated, self.pull.batch_at) or self.pull.batch_at
        if self.context.is_recovered:  # entries that the tree does not hold are older than those that it does
            newest = min([newest, *self.tx.entries.newest_dates(self.pull.source_id, 1)])
        return newest - timedelta(days=item.row.place)

    # the whole pull

    def _hold(self) -> None:
        """Holds new entries that a person should see first."""
        claims = {id_: self.claims[id_] for id_, entry in self.entries.items() if not entry.kept_back}
        state, numbers = entries_to_hold(self.context, self.incoming, self.decided, claims)
        for entry in [self.entries[id_] for id_ in numbers]:
            values = {"kept_back": state, "kept_back_at": self.pull.batch_at, "fresh_at": entry.published}
            self.entries[entry.id] = replace(entry, **values)  # type: ignore[arg-type]

    def _count_waiting(self) -> int:
        """New entries that wait for approval. A source that needs none has no such entries."""
        return self.tx.held_entries.waiting_count(self.entries) if self.approval.is_needed else 0

    def _mark_gone(self) -> None:
        at, source = self.pull.batch_at, self.incoming.source
        if source.kind == "posts":
            self.lost = self.tx.gone_sightings.mark_lost(source.id, at=at)
            self.touched.update(self.lost, self.tx.gone_sightings.mark_expired(source.id, at=at))
            replaced = [row.path for row in self.added if row.path]
            self.touched.update(self.tx.gone_sightings.mark_replaced(source.id, replaced, seen_at=at))
        elif self.pull.complete:
            self.touched.update(self.tx.gone_sightings.mark_unseen(source.id, unseen_since=at, at=at))
        self.touched.update(self.tx.gone_sightings.mark_deleted(source.id, self.pull.deleted, at=at))

    def _sign(self) -> None:
        if is_signing(self.context):
            entries = self.entries | self.tx.entries.of({id_ for _, id_, _ in self.shown if id_ not in self.entries})
            for sighting_id, entry_id, text in self.shown:
                entry = entries[entry_id]
                self.incoming.neighborhood.sign(sighting_id, text, max(entry.published, entry.first_seen_at))
            self.incoming.neighborhood.close()

    def _report(self, before: SourceRow, counts: Mapping[str, int], waiting: int) -> None:
        """`counts`: of the new entries, by `kept_back`."""
        report = self.context.report
        new, held = counts[""] + counts[WAITING], counts["held"] + counts["site"]
        self.tx.arrivals.merge(self.pull.id, new=new)
        report.entries.new += new - waiting
        report.entries.held += held + waiting
        report.posts.gone += sum(row.winner_id is None for row in self.tx.entries.of(self.lost).values())
        repeats_ids = self.incoming.source.repeats_ids and not before.repeats_ids
        told = {"held": held, "waiting": waiting, "ignored": self.ignored}
        after = self.context.sources[before.id]
        report.add_problems(pull_problems(after, self.pull.batch_at, repeats_ids=repeats_ids, **told))
