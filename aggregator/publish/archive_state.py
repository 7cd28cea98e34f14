"""Which entries of a feed wait for a sealed archive page, and which archives must restart.

An entry that enters a feed waits, whatever its date, and the feed itself shows it until a page is full; so a late
arrival is on the newest page. An entry that is kept out of the feed's documents waits for nothing: it is sealed at
once, on a page for such entries alone. An entry that leaves a feed must not be on any of its pages. Sealed pages never
change, so the archive restarts as a new generation, at addresses that were never used.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from operator import itemgetter

from aggregator.app import App
from aggregator.model.archive_paging import Paging
from aggregator.model.backlog import binding_since, is_kept_out
from aggregator.publish.archive_settings import formats_of_old_digest, settings_digest
from aggregator.publish.select import FeedPlan
from aggregator.store import FeedRow, Transaction
from aggregator.store.archives import APART, Begun
from aggregator.store.chunks import chunks
from aggregator.store.entry_content import restore_content
from aggregator.store.fact_names import ARCHIVE_FORMATS

MOST_APART = 1000  # entries on a page for those that are kept out; thousands of sources may join at once
RECOVERED = "recalled"  # in place of the settings digest of an archive that was recovered from the tree


def update_archives(
    app: App, tx: Transaction, plans: Mapping[str, FeedPlan], rows: Mapping[str, FeedRow]
) -> dict[str, FeedRow]:
    """Brings the archives up to date; returns the changed rows of feeds whose archive starts, restarts or ends."""
    update = _ArchiveUpdate(app, tx, rows)
    update.end_unlisted(plans)
    listed = [plan for plan in plans.values() if plan.is_listed]
    update.adopt([plan for plan in listed if update.is_known(plan)])
    if stale := {plan.id: plan for plan in listed if update.row(plan).archive != update.settings_digest(plan)}:
        update.restart(list(stale.values()))
    if shifted := tx.archives.shifted():
        update.move_entries([plan for plan in listed if plan.id not in stale], shifted)
    voided = tx.archives.voided()
    update.restart([plan for plan in listed if plan.id in voided])
    tx.archives.clear_shifted()
    return update.changed


@dataclass(frozen=True, slots=True)
class FullPage:
    """A page to seal, with its entries, newest first. `is_followed`: the next page is sealed in the same run."""

    plan: FeedPlan
    row: FeedRow
    number: int
    entry_ids: tuple[int, ...]
    is_followed: bool


def full_pages(
    tx: Transaction, plans: Sequence[FeedPlan], rows: Mapping[str, FeedRow], pages: Mapping[str, int], paging: Paging
) -> Iterator[FullPage]:
    """Every page to seal now. `pages`: how many sealed pages each feed has."""
    counts, apart, size = tx.archives.pending_counts(), tx.archives.apart(), paging.size
    for plan in plans:
        full = paging.full(counts.get(plan.id, 0), has_pages=plan.id in pages)
        waiting = tx.archives.pending(plan.id, full * size) if full else []
        contents = [*chunks(apart.get(plan.id, []), MOST_APART), *chunks(waiting, size)]
        for number, ids in enumerate(contents, pages.get(plan.id, 0) + 1):
            is_followed = ids is not contents[-1]
            yield FullPage(plan, rows[plan.id], number, tuple(reversed(ids)), is_followed)


def near_each_other(pages: Iterable[FullPage]) -> list[FullPage]:
    """The pages in an order in which those with the same entries are near each other, so that few entries must be at
    hand: a page follows the one that completes its entries. The pages of a feed stay in order, and the first page of
    each entry stays the first."""
    known: dict[int, int] = {}  # entry id → the place of its first page
    places: dict[str, int] = {}  # feed id → the place of its last page
    placed = []
    for at, page in enumerate(pages):
        feed = page.plan.id
        places[feed] = max(places.get(feed, 0), *(known.setdefault(id_, at) for id_ in page.entry_ids))
        placed.append((places[feed], page))
    return [page for _, page in sorted(placed, key=itemgetter(0))]


def folder_of(row: FeedRow, number: int) -> str:
    """The folder of a sealed page, relative to the tree."""
    return f"{row.id}/archive/{row.generation}/{number}/"


@dataclass(slots=True)
class _ArchiveUpdate:
    app: App
    tx: Transaction
    rows: Mapping[str, FeedRow]
    changed: dict[str, FeedRow] = field(default_factory=dict)

    def settings_digest(self, plan: FeedPlan) -> str:
        """A digest of what sealed pages depend on: site address and the feed's filter."""
        return settings_digest(self.app.config.site.url, plan.members)

    def is_known(self, plan: FeedPlan) -> bool:
        """Whether the archive was recovered from the tree, or begun by an earlier version for the same settings."""
        stored = self.rows[plan.id].archive
        if not stored or stored == self.settings_digest(plan):
            return False
        return stored == RECOVERED or self._old_formats(plan) is not None

    def _old_formats(self, plan: FeedPlan) -> tuple[str, ...] | None:
        return formats_of_old_digest(self.rows[plan.id].archive, self.app.config.site.url, plan.members)

    def row(self, plan: FeedPlan) -> FeedRow:
        return self.changed.get(plan.id, self.rows[plan.id])

    def adopt(self, plans: Sequence[FeedPlan]) -> None:
        """Keeps the pages of known archives; entries on none of them are found again."""
        begun_with = [formats for plan in plans if (formats := self._old_formats(plan)) is not None]
        if begun_with and not self.tx.facts.get(ARCHIVE_FORMATS):
            self.tx.facts.set(ARCHIVE_FORMATS, json.dumps(sorted({*set.intersection(*map(set, begun_with)), "html"})))
        for plan in plans:
            self.changed[plan.id] = replace(self.rows[plan.id], archive=self.settings_digest(plan))
            self.tx.archives.resume(plan.id, self.rows[plan.id].generation, self.settings_digest(plan))

    def restart(self, plans: Sequence[FeedPlan]) -> None:
        """Starts a new generation of these archives, whose entries all wait again."""
        begun = []
        for plan in plans:
            row, settings = self.rows[plan.id], self.settings_digest(plan)
            self.changed[plan.id] = replace(row, generation=row.generation + 1, archive=settings, dirty=True)
            since = binding_since(plan.id, row.recorded_at)
            begun.append(Begun(plan.id, plan.members, row.generation + 1, settings, since))
        restore_content(self.tx, [one.feed_id for one in begun])
        self.tx.archives.begin(begun)

    def end_unlisted(self, plans: Mapping[str, FeedPlan]) -> None:
        for row in self.rows.values():
            if row.archive and not (row.id in plans and plans[row.id].is_listed):
                restore_content(self.tx, [row.id])
                self.tx.archives.forget(row.id)
                self.changed[row.id] = replace(row, archive="")

    def move_entries(self, plans: Sequence[FeedPlan], shifted: Sequence[int]) -> None:
        """Adds and drops waiting entries; restarts archives with a sealed entry that left the feed."""
        if not plans:
            return
        filed = self.tx.archives.filed(shifted)
        placed, backlogs = self._placed(shifted), self.tx.entries.backlogs(shifted)
        stale = []
        for plan in plans:
            known = filed.get(plan.id, {})
            now = placed.get(plan.category.id, set()) if plan.category else self._members(plan, shifted)
            sealed = {id_ for id_, number in known.items() if number}
            if sealed - now:
                stale.append(plan)
                continue
            since = binding_since(plan.id, self.rows[plan.id].recorded_at)
            apart = {id_ for id_, one in backlogs.items() if is_kept_out(*one, since)}
            misplaced = {id_ for id_ in known.keys() - sealed if (known[id_] == APART) != (id_ in apart)}
            self.tx.archives.drop(plan.id, (known.keys() - now) | misplaced)
            self.tx.archives.add(plan.id, sorted(now - (known.keys() - misplaced)), apart)
        self.restart(stale)

    def _members(self, plan: FeedPlan, shifted: Sequence[int]) -> set[int]:
        return self.tx.feed_members.among(plan.members, shifted)

    def _placed(self, shifted: Sequence[int]) -> dict[int, set[int]]:
        """The visible ones of these entries, by category."""
        found: defaultdict[int, set[int]] = defaultdict(set)
        for id_, categories in self.tx.entries.placed(self.tx.entries.visible(shifted)).items():
            for category_id in categories:
                found[category_id].add(id_)
        return found
