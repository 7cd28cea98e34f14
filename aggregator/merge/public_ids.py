"""Allocates numbers and unused public ids to new sightings and entries."""

from collections.abc import Iterator, Sequence

from aggregator.app import App
from aggregator.dedup.candidates import Arriving
from aggregator.model.entry import CleanEntry
from aggregator.store import Transaction
from aggregator.text.entry_ids import as_public_id, mint, minted, tag_prefix

Named = tuple[Arriving, CleanEntry]


class IdAllocator:
    """Allocates for one pull of a source. `shown`: all entries that may need an id."""

    def __init__(self, tx: Transaction, app: App, source_id: str, shown: Sequence[Named]) -> None:
        self.sighting = tx.sightings.next_id()
        self.entry = tx.entries.next_id()
        self._tx = tx
        self._source_id = source_id
        self._prefix = minting_prefix(app)
        likely = (candidates(self._prefix, source_id, one, clean) for one, clean in shown)
        self._candidates = {next(filter(None, some), "") for some in likely}
        self._taken = tx.entries.taken_ids(self._candidates)

    def __contains__(self, public_id: object) -> bool:
        """Whether an entry has this id. One query answers for nearly all of them."""
        if public_id in self._candidates or public_id in self._taken:
            return public_id in self._taken
        return bool(self._tx.entries.taken_ids([str(public_id)]))

    def next_sighting(self) -> int:
        self.sighting += 1
        return self.sighting - 1

    def next_entry(self) -> int:
        self.entry += 1
        return self.entry - 1

    def public_id(self, one: Arriving, clean: CleanEntry) -> str:
        """The upstream id where it is public and unused, else a minted one."""
        public_id = as_public_id(clean.id)
        if not public_id or public_id in self:
            public_id = minted(self._prefix, self._source_id, evidence(one, clean), self)
        self._taken.add(public_id)
        return public_id


def minting_prefix(app: App) -> str:
    return tag_prefix(app.config.site.url, app.config.site.since)


def candidates(prefix: str, source_id: str, one: Arriving, clean: CleanEntry) -> Iterator[str]:
    """The ids that a new entry may get, in order of preference."""
    yield as_public_id(clean.id)
    for best in evidence(one, clean):
        yield mint(prefix, source_id, best)


def evidence(one: Arriving, clean: CleanEntry) -> Iterator[str]:
    """The texts that an id is minted from: the most stable one, then that with title and fingerprint added, in case two
    entries share it."""
    best = [text for text in (one.upstream_id, one.minting_link, one.path, clean.link) if text]
    yield from best[:1]
    yield "\n".join([*best[:1], one.title, one.whole])
