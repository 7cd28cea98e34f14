"""Posts that are read again from the bytes that were read before, because the config or this program reads them
otherwise. That is no edit, whatever became of their text."""

from collections.abc import Iterable

from aggregator.codec import unpack
from aggregator.model.entry import CleanEntry
from aggregator.pull.process import ProcessedPost
from aggregator.store import Transaction


def keep_unedited(tx: Transaction, source_id: str, posts: Iterable[ProcessedPost]) -> None:
    """Gives the entries of these posts the digest of what they are now, by which the merge recognizes edits."""
    digests = {
        post.path: unpack(post.entry.clean, CleanEntry).digest for post in posts if post.entry and post.entry.clean
    }
    for row in tx.sightings.find(source_id, {"path": digests}):
        if row.digest != digests[row.path]:
            tx.entries.redigest(row.id, row.digest, digests[row.path])
