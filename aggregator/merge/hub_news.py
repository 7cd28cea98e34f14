"""Who was first with the news of a source: its hub, or a poll."""

from aggregator.polling.hub_trust import is_proved
from aggregator.store import PendingPull, Transaction


def count_news(tx: Transaction, pull: PendingPull, new: int) -> None:
    """`new`: sightings that the source never showed before. A hub that was first with the news a few times in a row is
    relied on; one that was not is no longer relied on."""
    row = tx.subscriptions.of_source(pull.source_id) if new else None
    if row is None or not row.is_active(pull.batch_at) or row.since > pull.batch_at:
        return
    if pull.outcome == "pushed":
        tx.subscriptions.change(row.id, told=row.told + 1)
        tx.subscriptions.tally(row.hub, by_push=new, at=pull.batch_at)
        if is_proved(row.told + 1):
            tx.sources.change(pull.source_id, hub_proved=True)
    else:
        tx.subscriptions.change(row.id, told=0, missed=row.missed + 1)
        tx.subscriptions.tally(row.hub, by_poll=new, at=pull.batch_at)
        tx.subscriptions.poll_as_usual([pull.source_id])
