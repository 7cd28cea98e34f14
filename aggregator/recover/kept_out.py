"""Which entries a feed has in its archive alone, though its documents would have room for them. Pure."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from aggregator.recover.read_document import TreeDocument

EARLIEST = datetime.min.replace(tzinfo=UTC)


def kept_out(documents: Iterable[TreeDocument], pages: Iterable[TreeDocument], limit: int) -> Iterator[str]:
    """Yields public ids. `limit`: how many entries a document has whatever their dates. Without a complete document
    nothing is known."""
    shown = next((document.entries for document in documents if document.complete), None)
    if shown is None:
        return
    oldest = shown[limit - 1].published if len(shown) >= limit else EARLIEST
    there = {entry.public_id for entry in shown}
    sealed = (entry for page in pages for entry in page.entries)
    yield from (one.public_id for one in sealed if one.public_id not in there and one.published > oldest)
