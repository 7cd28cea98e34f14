"""Deletes records of past pulls that nothing needs any more; `polling.pull_retention` says which."""

from aggregator.polling.pull_retention import KEPT, superfluous
from aggregator.report import Progress
from aggregator.store import Store
from aggregator.store.chunks import chunks

SLACK = 20  # pulls of a source beyond those that are kept, from which on deleting pays
BATCH_SIZE = 50  # sources in one transaction


def delete_past_pulls(store: Store, progress: Progress) -> int:
    """Returns how many pulls it deleted."""
    count = 0
    with store.read() as tx:
        ids = tx.pulls.crowded(more_than=KEPT + SLACK)
    for batch in chunks(ids, BATCH_SIZE):
        progress("")
        with store.write() as tx:
            gone = [one for id_ in batch for one in superfluous(tx.pulls.of(id_))]
            tx.pulls.forget(gone)
        count += len(gone)
    return count
