"""How a batch starts: what a one-shot run is asked to do, the time of the batch, and what must fit the state before
anything is stored."""

import time
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from aggregator.app import App
from aggregator.errors import StateError
from aggregator.one_shot.idle_run import StateChanges
from aggregator.publish.output_tree import Tree
from aggregator.pull.claim import PullScope
from aggregator.report import Report
from aggregator.store import Transaction
from aggregator.text.generator import INDEX


@dataclass(frozen=True, slots=True)
class RunOptions:
    """`force`: pull sources that are not due, too; `only`: ids of the sources to pull, () = all; `fresh`: an empty
    state may replace a published tree; `punctual`: ignore the jitter that spreads a scheduler's pulls."""

    force: bool = False
    only: Collection[str] = ()
    fresh: bool = False
    punctual: bool = True

    @property
    def scope(self) -> PullScope:
        return PullScope(self.force, self.only, self.punctual)


@dataclass(frozen=True, slots=True)
class Batch:
    """The batch of a one-shot run. `changes`: those of the state since it started; `started`: time of a monotonic
    clock."""

    at: datetime
    changes: StateChanges
    report: Report
    started: float


def start(app: App, *, fresh: bool = False) -> Batch:
    started, changes = time.monotonic(), StateChanges.since_now(app.store)
    return Batch(begin(app, fresh=fresh), changes, Report(), started)


def begin(app: App, *, fresh: bool = False, alone: bool = True) -> datetime:
    """Starts a batch and returns its time. Raises, before anything is stored, if the tree or the clock do not fit the
    state. `alone`: no other process works on the state, so leases that are left are ended."""
    with app.store.write() as tx:
        _refuse_unusable_tree(app, tx, fresh=fresh)
        at = app.now(tx)
        if fresh and tx.facts.is_empty():
            _learn_removals(app, tx)
        if alone:
            tx.sources.release()
    return at


def _learn_removals(app: App, tx: Transaction) -> None:
    """A fresh start keeps the removals of the published tree: what was taken down stays down."""
    from aggregator.merge.removals import learn_removals
    from aggregator.recover.removed_json import read_removed

    if not tx.removals.all():
        removed = read_removed(Tree(app.output))
        learn_removals(tx, removed.salt, removed.groups)


def _refuse_unusable_tree(app: App, tx: Transaction, *, fresh: bool) -> None:
    """Refuses a published tree beside an empty state, and another program's file in the place of our index."""
    tree = Tree(app.output)
    if tx.facts.is_empty() and not fresh and tree.is_published():
        raise StateError(
            f"the state {app.store.name} is empty, but {app.output} holds a published tree: publishing now"
            " would show every reader every entry again. `aggregator db recover` rebuilds the state from the tree; or"
            " restore the state from a backup; or, if this is a new start, run `aggregator run --fresh`"
        )
    row = tx.files.find(INDEX)
    if row is None or row.stamp is None or tree.stamps([INDEX]).get(INDEX) != row.stamp:
        tree.refuse_foreign_index()
