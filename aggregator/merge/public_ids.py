"""The next numbers, and the public ids that nobody has yet."""

from collections.abc import Iterator, Sequence

from aggregator.app import App
from aggregator.dedup.candidates import Arriving
from aggregator.model.entry import CleanEntry
from aggregator.store import Transaction
from aggregator.text.entry_ids import carried, mint, minted, tag_prefix

Named = tuple[Arriving, CleanEntry]


class Names:
    """Gives names to what one source shows for the first time. `shown`: all that is about to ask for one."""

    def __init__(self, tx: Transaction, app: App, source_id: str, shown: Sequence[Named]) -> None:
        self.sighting = tx.sightings.next_id()
        self.entry = tx.entries.next_id()
        self._tx = tx
        self._source_id = source_id
        self._prefix = minting_prefix(app)
        self._asked = {id_ for one, clean in shown for id_ in candidates(self._prefix, source_id, one, clean)}
        self._taken = tx.entries.taken_ids(self._asked)

    def __contains__(self, public_id: object) -> bool:
        """Whether an entry has this id; nearly all are known from one question for all."""
        if public_id in self._asked or public_id in self._taken:
            return public_id in self._taken
        return bool(self._tx.entries.taken_ids([str(public_id)]))

    def next_sighting(self) -> int:
        self.sighting += 1
        return self.sighting - 1

    def next_entry(self) -> int:
        self.entry += 1
        return self.entry - 1

    def public_id(self, one: Arriving, clean: CleanEntry) -> str:
        """The upstream id where it can be carried and nobody has it, else a minted one."""
        public_id = carried(clean.id)
        if not public_id or public_id in self:
            public_id = minted(self._prefix, self._source_id, evidence(one, clean), self)
        self._taken.add(public_id)
        return public_id


def minting_prefix(app: App) -> str:
    return tag_prefix(app.config.site.url, app.config.site.since)


def candidates(prefix: str, source_id: str, one: Arriving, clean: CleanEntry) -> Iterator[str]:
    """The ids that an entry shown so would be given, the first free one of them."""
    yield carried(clean.id)
    for best in evidence(one, clean):
        yield mint(prefix, source_id, best)


def evidence(one: Arriving, clean: CleanEntry) -> Iterator[str]:
    """What an id is made of, the most lasting first; what two entries may share comes with what tells them apart."""
    best = [text for text in (one.upstream_id, one.canonical, one.path, clean.link) if text]
    yield from best[:1]
    yield "\n".join([*best[:1], one.title, one.whole])
