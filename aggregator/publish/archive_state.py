"""Which entries of a feed wait to be sealed, and when an archive must begin anew: kept true with what is decided.

An entry that comes into a feed waits, whatever its date, and the feed itself holds it until a page is full; so late
arrivals stand on the newest page. One that leaves a feed must be found on none of its pages: what is sealed never
changes, so the archive begins anew, at addresses that were never given before.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from aggregator.app import App
from aggregator.codec import digest, frozen_text
from aggregator.model.archive_paging import Paging
from aggregator.publish.select import FeedPlan
from aggregator.render import FILES
from aggregator.store import FeedRow, Transaction
from aggregator.store.archives import Begun
from aggregator.store.entry_content import take_back

RECALLED = "recalled"  # stands for what an archive was begun for that was learned again from the tree


def keep_archives(
    app: App, tx: Transaction, plans: Mapping[str, FeedPlan], rows: Mapping[str, FeedRow]
) -> dict[str, FeedRow]:
    """Tells the archives what was decided; returns the rows of feeds whose archive begins or ends."""
    gate = _Keeper(app, tx, rows)
    gate.end(plans)
    listed = [plan for plan in plans.values() if plan.is_listed]
    gate.adopt([plan for plan in listed if rows[plan.id].archive == RECALLED])
    if stale := {plan.id: plan for plan in listed if gate.row(plan).archive != gate.shape(plan)}:
        gate.begin(list(stale.values()))
    if shifted := tx.archives.shifted():
        gate.tell([plan for plan in listed if plan.id not in stale], shifted)
    voided = tx.archives.voided()
    gate.begin([plan for plan in listed if plan.id in voided])
    tx.archives.settle_shifted()
    return gate.changed


@dataclass(frozen=True, slots=True)
class Sealing:
    """A page that is full: its entries, the newest first. `is_followed`: the next one is sealed with it."""

    plan: FeedPlan
    row: FeedRow
    number: int
    entry_ids: tuple[int, ...]
    is_followed: bool


def sealings(
    tx: Transaction, plans: Sequence[FeedPlan], rows: Mapping[str, FeedRow], pages: Mapping[str, int], paging: Paging
) -> Iterator[Sealing]:
    """Every page that is to be sealed now. `pages`: how many each feed has."""
    counts, size = tx.archives.pending_counts(), paging.size
    for plan in plans:
        full = paging.full(counts.get(plan.id, 0), has_pages=plan.id in pages)
        ids = tx.archives.pending(plan.id, full * size) if full else []
        for place in range(full):
            number = pages.get(plan.id, 0) + place + 1
            entry_ids = tuple(reversed(ids[place * size : (place + 1) * size]))
            yield Sealing(plan, rows[plan.id], number, entry_ids, place < full - 1)


def folder_of(row: FeedRow, number: int) -> str:
    """The folder of a sealed page, below the tree."""
    return f"{row.id}/archive/{row.generation}/{number}/"


@dataclass(slots=True)
class _Keeper:
    app: App
    tx: Transaction
    rows: Mapping[str, FeedRow]
    changed: dict[str, FeedRow] = field(default_factory=dict)

    def shape(self, plan: FeedPlan) -> str:
        """What pages were sealed for: other addresses, other formats or another choice of entries want others."""
        config = self.app.config
        return digest(
            [
                config.site.url,
                [one for one in FILES if one in config.feeds.formats],
                frozen_text("Members", plan.members),
            ]
        )

    def row(self, plan: FeedPlan) -> FeedRow:
        return self.changed.get(plan.id, self.rows[plan.id])

    def adopt(self, plans: Sequence[FeedPlan]) -> None:
        """Its entries are all to be told; what is on a page already stays there."""
        for plan in plans:
            self.changed[plan.id] = replace(self.rows[plan.id], archive=self.shape(plan))
            self.tx.archives.recall(plan.id, self.rows[plan.id].generation, self.shape(plan))

    def begin(self, plans: Sequence[FeedPlan]) -> None:
        begun = []
        for plan in plans:
            row, shape = self.rows[plan.id], self.shape(plan)
            self.changed[plan.id] = replace(row, generation=row.generation + 1, archive=shape, dirty=True)
            begun.append(Begun(plan.id, plan.members, row.generation + 1, shape))
        take_back(self.tx, [one.feed_id for one in begun])
        self.tx.archives.begin(begun)

    def end(self, plans: Mapping[str, FeedPlan]) -> None:
        for row in self.rows.values():
            if row.archive and not (row.id in plans and plans[row.id].is_listed):
                take_back(self.tx, [row.id])
                self.tx.archives.forget(row.id)
                self.changed[row.id] = replace(row, archive="")

    def tell(self, plans: Sequence[FeedPlan], shifted: Sequence[int]) -> None:
        if not plans:
            return
        filed = self.tx.archives.filed(shifted)
        placed = self._placed(shifted)
        again = []
        for plan in plans:
            known = filed.get(plan.id, {})
            now = placed.get(plan.category.id, set()) if plan.category else self._among(plan, shifted)
            if any(known[id_] is not None for id_ in known.keys() - now):
                again.append(plan)
                continue
            self.tx.archives.drop(plan.id, known.keys() - now)
            self.tx.archives.add(plan.id, sorted(now - known.keys()))
        self.begin(again)

    def _among(self, plan: FeedPlan, shifted: Sequence[int]) -> set[int]:
        return self.tx.feed_members.among(plan.members, shifted)

    def _placed(self, shifted: Sequence[int]) -> dict[int, set[int]]:
        """By category: those of the entries that are shown there."""
        found: defaultdict[int, set[int]] = defaultdict(set)
        for id_, categories in self.tx.entries.placed(self.tx.entries.visible(shifted)).items():
            for category_id in categories:
                found[category_id].add(id_)
        return found
