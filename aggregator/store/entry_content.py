"""The content of entries: kept with its sighting, or beside a sealed page after it was pruned.

The bytes of a sealed page stay in the store for ever. Compressed together with them, the content costs next to nothing.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from aggregator.codec import pack, unpack
from aggregator.dedup.sketch import KnownText, TextSketch
from aggregator.model.document import RawEntry
from aggregator.model.entry import CleanEntry
from aggregator.model.published import SealedPage
from aggregator.store import Transaction
from aggregator.store.retention import Content

NOWHERE = ""  # `kept_in` of a sighting whose content was dropped for good


@dataclass(frozen=True, slots=True)
class PageRef:
    """A sealed page of a feed's archive."""

    feed_id: str
    number: int

    def __str__(self) -> str:
        return f"{self.feed_id}/{self.number}"


def page_ref(kept_in: str) -> PageRef:
    feed_id, _, number = kept_in.rpartition("/")
    return PageRef(feed_id, int(number))


def without_content(clean: CleanEntry) -> CleanEntry:
    """Keeps ids, links, names, dates and digests; removes text, also from the fingerprint."""
    print_ = replace(clean.fingerprint, text="", images=())
    return replace(clean, summary="", content="", texts=(), extras=(), fingerprint=print_)


def without_words(draft: RawEntry) -> RawEntry:
    return RawEntry(
        id=draft.id,
        id_is_permalink=draft.id_is_permalink,
        links=draft.links,
        published=draft.published,
        updated=draft.updated,
        language=draft.language,
        path=draft.path,
    )


def clean_drafts(tx: Transaction, contents: Iterable[Content]) -> dict[int, CleanEntry]:
    """Sighting id → clean entry, with its content where it is kept anywhere."""
    rows = {one.sighting_id: one for one in contents}
    found = {id_: unpack(one.clean, CleanEntry) for id_, one in rows.items()}
    return found | dict(_kept(tx, {id_: one.kept_in for id_, one in rows.items() if one.kept_in}))


def _kept(tx: Transaction, wanted: Mapping[int, str]) -> Iterator[tuple[int, CleanEntry]]:
    pages: defaultdict[str, set[int]] = defaultdict(set)
    for id_, kept_in in wanted.items():
        pages[kept_in].add(id_)
    for kept_in, ids in pages.items():
        ref = page_ref(kept_in)
        packed = tx.archives.page(ref.feed_id, ref.number)
        page = unpack(packed, SealedPage) if packed else SealedPage(())
        yield from ((id_, clean) for id_, clean in page.kept if id_ in ids)


def known_texts(tx: Transaction, sighting_ids: Iterable[int]) -> dict[int, KnownText]:
    """The folded text of each sighting; its sketch where the text was pruned, since reading a sealed page for each
    comparison would cost too much."""
    return {one.sighting_id: _known_text(one) for one in tx.retention.contents(sighting_ids)}


def known_text(tx: Transaction, sighting_id: int) -> KnownText:
    return known_texts(tx, [sighting_id])[sighting_id]


def _known_text(content: Content) -> KnownText:
    if content.kept_in is not None and content.sketch is not None:
        return unpack(content.sketch, TextSketch)
    return unpack(content.clean, CleanEntry).fingerprint.text


def restore_content(tx: Transaction, feed_ids: Iterable[str]) -> None:
    """Moves content that is kept beside pages of these archives back to its sightings. Call it before the pages are
    forgotten; the next pruning moves it again."""
    if not tx.retention.is_any_kept():
        return
    for feed_id in feed_ids:
        rows = [one for one in tx.retention.kept_below(feed_id) if page_ref(one.kept_in or "").feed_id == feed_id]
        for id_, clean in clean_drafts(tx, rows).items():
            tx.sightings.change(id_, {"clean": pack(clean), "kept_in": None})
