"""Posts that are read again from the bytes that were read before, because the config or this program reads them
otherwise. That is neither an edit nor another post, whatever became of their title and text."""

from collections.abc import Iterable

from aggregator.codec import unpack
from aggregator.model.entry import CleanEntry
from aggregator.pull.process import ProcessedPost
from aggregator.store import Transaction


def keep_unedited(tx: Transaction, source_id: str, posts: Iterable[ProcessedPost]) -> None:
    """Gives the entries of these posts the digest and the title of what they are now, by which the merge recognizes
    edits, and the post of a file."""
    read = {post.path: unpack(post.entry.clean, CleanEntry) for post in posts if post.entry and post.entry.clean}
    for row in tx.sightings.find(source_id, {"path": read}):
        clean = read[row.path]
        if row.digest != clean.digest:
            tx.entries.redigest(row.id, row.digest, clean.digest)
            if row.gone_at is None:
                tx.sightings.change(row.id, {"title": clean.fingerprint.title})
