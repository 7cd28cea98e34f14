"""Keeps removed entries removed: their digests are stored, recovered from the tree where the state was lost, and
recognize a copy that a source or a late mirror shows.

Only `entry remove` is recorded. A tombstone concerns its source's own sighting, every document repeats an opt-out, and
a deleted post is absent: each of these is decided again whenever the source is read.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import cast

from aggregator.app import App
from aggregator.dedup.candidates import Arriving
from aggregator.dedup.removal import Kind, RemovalDigest, Trait, digest_of, title_trait, traits
from aggregator.dedup.sketch import length_of
from aggregator.merge.public_ids import minting_prefix
from aggregator.store import RemovalRow, RemovedSighting, Transaction
from aggregator.store.entry_content import known_text
from aggregator.store.fact_names import REMOVAL_SALT
from aggregator.text.entry_ids import as_public_id, mint

MOST = 100  # digests of one entry: a source that goes on editing a removed entry must not add more for ever
Group = Sequence[RemovalDigest]
Digests = Mapping[int, Sequence[tuple[Trait, RemovalDigest]]]  # by entry


def salt_of(app: App, tx: Transaction) -> str:
    """The salt of all digests. It is stored with the first ones, so that they stay valid when the site moves."""
    return tx.facts.get(REMOVAL_SALT) or minting_prefix(app)


# recording


def record_removals(app: App) -> tuple[str, list[Group]]:
    """Adds digests of what removed entries show now. Older digests stay, because a mirror may show an older version.
    Returns the salt and all groups of digests: those of entries, and those recovered from the tree."""
    with app.store.read() as tx:
        rows, salt = tx.removals.all(), salt_of(app, tx)
        sightings = tx.removals.sightings()
        wanted = dict(_wanted(minting_prefix(app), sightings))
        bodies = {row.body: row.id for row in sightings}
        known: defaultdict[int, set[str]] = defaultdict(set)
        for row in rows:
            if row.entry_id is not None and row.made_of:
                known[row.entry_id].add(row.made_of)
        new = {id_: [trait for trait in some if trait.key not in known[id_]] for id_, some in wanted.items()}
        new = {id_: some[: max(0, MOST - len(known[id_]))] for id_, some in new.items()}
        added = {id_: [_measured(tx, one, bodies) for one in some] for id_, some in new.items() if some}
    digests = {id_: [(trait, digest_of(trait, salt)) for trait in some] for id_, some in added.items()}
    gone = {row.entry_id for row in rows if row.entry_id is not None} - wanted.keys()
    if digests or gone:
        with app.store.write() as tx:
            tx.removals.forget(gone)
            _add(tx, digests, rows)
            rows = tx.removals.all()
            tx.facts.set(REMOVAL_SALT, salt)
    return salt, list(_groups(rows))


def _add(tx: Transaction, digests: Digests, rows: Iterable[RemovalRow]) -> None:
    numbers, free = {row.entry_id: row.number for row in rows}, tx.removals.next_number()
    for place, (id_, some) in enumerate(sorted(digests.items())):
        number = numbers.get(id_, free + place)
        tx.removals.add(RemovalRow(number, id_, *one, made_of=trait.key) for trait, one in some)


def _wanted(prefix: str, sightings: Iterable[RemovedSighting]) -> Iterator[tuple[int, list[Trait]]]:
    """The traits of each removed entry; the lengths of texts are still 0."""
    for entry_id, some in groupby(sightings, lambda row: row.entry_id):
        rows = list(some)
        ids = [rows[0].public_id, *(id_ for row in rows for id_ in ids_of(row, prefix, row.source_id))]
        yield entry_id, traits(ids, [(row.canonical, row.title) for row in rows], [row.body for row in rows])


def ids_of(one: RemovedSighting | Arriving, prefix: str, source_id: str) -> Iterator[str]:
    """The ids that it would get as a new entry."""
    yield as_public_id(one.upstream_id)
    link = one.minting_link if isinstance(one, Arriving) else one.canonical
    if best := one.upstream_id or link or one.path:
        yield mint(prefix, source_id, best)


def _measured(tx: Transaction, trait: Trait, bodies: Mapping[str, int]) -> Trait:
    if trait.kind != "text":
        return trait
    return trait._replace(length=length_of(known_text(tx, bodies[trait.value])))


def _groups(rows: Iterable[RemovalRow]) -> Iterator[Group]:
    for _, some in groupby(rows, lambda row: row.number):
        yield [RemovalDigest(cast("Kind", row.kind), row.digest, row.length) for row in some]


def learn_removals(tx: Transaction, salt: str, groups: Sequence[Group]) -> None:
    """Stores groups from the published tree in a state that has none; they are numbered from 1."""
    if groups:
        tx.facts.set(REMOVAL_SALT, salt)
        for number, group in enumerate(groups, 1):
            tx.removals.add(RemovalRow(number, None, *one) for one in group)


def match_groups(salt: str, groups: Sequence[Group], public_ids: Iterable[str]) -> dict[int, str]:
    """The public id that each group matches, by the number that `learn_removals` gives it."""
    known = {digest_of(Trait("id", id_), salt): id_ for id_ in public_ids} if groups else {}
    found = ((number, known.get(one)) for number, group in enumerate(groups, 1) for one in group)
    return {number: id_ for number, id_ in found if id_}


# recognizing


@dataclass(slots=True)
class RemovedEntries:
    """Recognizes removed entries among arriving ones. `entries`: the removed ones; `_texts`: these by the keys of their
    texts, old and new. For recovered groups: `_numbers` by digest, `_bound` entries by number."""

    salt: str
    entries: set[int] = field(default_factory=set)
    _texts: dict[str, int] = field(default_factory=dict)
    _numbers: dict[RemovalDigest, int] = field(default_factory=dict)
    _bound: dict[int, int] = field(default_factory=dict)
    _lengths: set[int] = field(default_factory=set)  # of recovered texts

    @classmethod
    def of(cls, app: App, tx: Transaction) -> "RemovedEntries":
        found = cls(salt_of(app, tx))
        for row in tx.removals.sightings():
            found.entries.add(row.entry_id)
            if row.body:
                found._texts.setdefault(Trait("text", row.body).key, row.entry_id)
        for one in tx.removals.all():
            if one.made_of:
                if one.entry_id in found.entries:
                    found._texts.setdefault(one.made_of, one.entry_id)
            else:
                found._numbers.setdefault(RemovalDigest(cast("Kind", one.kind), one.digest, one.length), one.number)
                found._bound |= {} if one.entry_id is None else {one.number: one.entry_id}
                found._lengths |= {one.length}
        return found

    def with_text(self, one: Arriving) -> int | None:
        """The removed entry that has, or had, the same text."""
        return self._texts.get(Trait("text", one.body).key) if one.body and self._texts else None

    def learned(self, one: Arriving, ids: Iterable[str]) -> tuple[int, Kind] | None:
        """The number of the recovered group that this entry matches, and the kind of trait that agrees. `ids`: those
        that it would get. A link is enough on the source's own site; elsewhere the title has to agree, too."""
        if not self._numbers:
            return None
        for id_ in ids:
            if id_ and (number := self._find(Trait("id", id_))):
                return number, "id"
        for link in filter(None, dict.fromkeys((one.canonical, one.minting_link))):  # digests of older versions, too
            if number := self._find(Trait("link", link)):
                if one.on_own_host:
                    return number, "link"
                if one.title and (number := self._find(title_trait(link, one.title))):
                    return number, "title"
        if one.body and len(one.text) in self._lengths:
            number = self._find(Trait("text", one.body, len(one.text)))
            return (number, "text") if number else None
        return None

    def entry(self, number: int) -> int | None:
        """The removed entry of a recovered group, None where there is none yet."""
        return self._bound.get(number)

    def bind(self, number: int, entry_id: int) -> None:
        """Records that a recovered group belongs to an entry now."""
        self._bound[number] = entry_id
        self.entries.add(entry_id)

    def _find(self, trait: Trait) -> int | None:
        return self._numbers.get(digest_of(trait, self.salt))
