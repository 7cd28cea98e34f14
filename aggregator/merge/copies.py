"""What is compared of the entries of one source, where a copy of them may stand in another."""

from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain

from aggregator.codec import unpack
from aggregator.dedup.copies import Copy
from aggregator.dedup.minhash import own_text
from aggregator.dedup.repeated_shingles import NEWEST, RepeatedShingles
from aggregator.model.document import FeedInfo
from aggregator.model.entry import CleanEntry
from aggregator.store import SourceRow, Transaction
from aggregator.text.comparable_address import comparable_address
from aggregator.text.normalize import fold

PICTURES = (".jpg", ".jpeg", ".png", ".gif", ".webp", ".avif")


def boilerplate_of(packed: bytes | None) -> frozenset[str]:
    return frozenset(unpack(packed, tuple[str, ...])) if packed else frozenset()


@dataclass(frozen=True, slots=True)
class SourceCopies:
    site: str
    boilerplate: frozenset[str]
    repeated: RepeatedShingles

    @classmethod
    def of(cls, tx: Transaction, source: SourceRow, beside: Iterable[tuple[Hashable, str]] = ()) -> "SourceCopies":
        """`beside`: (item, own text) of the entries of the document that arrives."""
        boilerplate = boilerplate_of(source.boilerplate)
        repeated = RepeatedShingles(chain(beside, _newest(tx, source.id, boilerplate)))
        site = fold(unpack(source.about, FeedInfo).title) if source.about else ""
        return cls(site, boilerplate, repeated)

    def copy(self, entry: Hashable, clean: CleanEntry, text: str | None = None) -> Copy:
        """`entry`: its number, or its item in the arriving document; `text`: its own text, where it is at hand."""
        text = own_text(clean.fingerprint.text, self.boilerplate) if text is None else text
        files, pictures = _enclosures(clean)
        return Copy(
            title=clean.fingerprint.title,
            text=text,
            link=clean.canonical,
            files=files,
            pictures=pictures,
            site=self.site,
            repeated=self.repeated.beside(entry, text),
        )


def _newest(tx: Transaction, source_id: str, boilerplate: frozenset[str]) -> Iterator[tuple[int, str]]:
    """Of the newest entries whose text was not dropped. Texts beside a sealed page would take too long to read."""
    entries = tx.sightings.newest(source_id, NEWEST)
    for one in tx.retention.contents(entries):
        if one.kept_in is None:
            yield entries[one.sighting_id], own_text(unpack(one.clean, CleanEntry).fingerprint.text, boilerplate)


def _enclosures(clean: CleanEntry) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Comparable addresses of files, and of pictures."""
    files: list[str] = []
    pictures: list[str] = []
    for one in clean.enclosures:
        path = one.href.partition("#")[0].partition("?")[0].lower()
        is_picture = one.type.startswith("image/") or path.endswith(PICTURES)
        (pictures if is_picture else files).append(comparable_address(one.href))
    return tuple(files), tuple(pictures)
