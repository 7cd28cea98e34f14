"""Merges pending pulls, in config order.

One writer merges each pull in one transaction, small ones together. So a crash loses nothing and repeats nothing, and
the result does not depend on which source answered first.
"""

from collections import deque
from collections.abc import Collection
from datetime import datetime

from aggregator.app import App
from aggregator.merge.context import open_context
from aggregator.merge.decide import decide
from aggregator.merge.moved_sources import recognize_moved
from aggregator.merge.near_duplicates import forget_old, sign_again
from aggregator.merge.problems import opt_out
from aggregator.merge.pull_merge import PullMerge
from aggregator.merge.sync_sources import apply_opt_outs
from aggregator.report import Progress, Report

TOGETHER = 200  # entries that are merged in one transaction, and those of the pull that reaches it


def merge_pulls(
    app: App,
    report: Report,
    at: datetime,
    *,
    unfinished: Collection[datetime] = (),
    by_time: bool = False,
    progress: Progress = lambda _: None,
) -> list[int]:
    """Merges every pending pull, small ones together in a transaction, and returns their ids. `unfinished`: times of
    batches that wait for the rest of their pulls; `by_time`: one batch after the other, as if each was merged alone."""
    with app.store.write() as tx:
        changed, context = apply_opt_outs(app, tx), open_context(app, tx, report)
        decide(context, tx, tx.sightings.entries_of_sources(changed), at, edits=False)
        for source in (context.sources[id_] for id_ in changed if not context.sources[id_].published):
            report.add_problems([opt_out(source.id, source.asks)])
        sign_again(context, tx, at)
        pending = [pull for pull in tx.arrivals.pending(by_time=by_time) if pull.batch_at not in unfinished]
    waiting = deque(pending)
    while waiting:
        entries = 0
        with app.store.write() as tx:
            context.category_tree.refresh(tx)
            while waiting and entries < TOGETHER:
                pull = waiting.popleft()
                progress(pull.source_id)
                recognize_moved(context, tx, pull)
                entries += max(PullMerge(context, tx, pull).run(), 1)
    with app.store.write() as tx:
        forget_old(context, tx, at)
    return [pull.id for pull in pending]
