"""Which documents a hub has to hear of: those of feeds whose bytes changed."""

from collections.abc import Mapping

from aggregator.app import App
from aggregator.settings import hub_of, own_hub
from aggregator.store import Transaction
from aggregator.text.media_types import feed_type


def record_news(app: App, tx: Transaction, digests: Mapping[str, str]) -> None:
    """Belongs into the transaction that records what was written, so that a hub hears of it however the run ends.
    `digests`: path → SHA-256 of files whose bytes changed and that stand on the disk."""
    if not hub_of(app.config):
        return
    documents = {path: sha256 for path, sha256 in digests.items() if feed_type(path)}
    if not documents:
        return
    if own_hub(app.config):
        tx.hub_subscriptions.changed(documents, app.clock())
    else:
        tx.pings.changed(documents, app.clock())


def forget_news(tx: Transaction, paths: list[str]) -> None:
    """For files that are no longer published."""
    if documents := [path for path in paths if feed_type(path)]:
        tx.pings.forget(documents)
        tx.hub_subscriptions.settle(documents)
