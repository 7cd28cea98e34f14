"""Arriving entries and known sightings, and an index of the latter by what identifies them. Pure."""

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence, ValuesView
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Literal

from aggregator.dedup.copies import Copy


@dataclass(frozen=True, slots=True)
class Arriving:
    """An entry that a source shows now. `title` and `text` are folded; `claimed`: its published, else updated claim.

    `dated`: the best known publication time; `own_text`: the text without its source's boilerplate. `given`: a public
    id of ours that it shows, or whose page it links to; `recovered_id`: an id that it would be given and that the
    published tree holds. `origin`: another source of ours, which it names as its own source; `is_ours`: it names a feed
    of ours; `may_be_ours`: it names a feed with the title of one of ours. `minting_link`: the form of its link that an
    id is minted from. `aliases`: old addresses of a post, in the form of `canonical`. `enclosures`: comparable forms of
    their addresses.
    """

    item: str
    upstream_id: str = ""
    canonical: str = ""
    path: str = ""
    title: str = ""
    text: str = ""
    whole: str = ""
    body: str = ""
    claimed: datetime | None = None
    on_own_host: bool = False  # the link leads to the site that the source is fetched from
    dated: datetime | None = None
    own_text: str = ""
    given: str = ""
    recovered_id: str = ""
    origin: str = ""
    is_ours: bool = False
    may_be_ours: bool = False
    minting_link: str = ""
    aliases: tuple[str, ...] = ()
    enclosures: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Known:
    """A known sighting. `gone`: no longer in its source's document. `given`: the public id of its entry, where it was
    found by that; `recovered_id`: its id in the published tree, from which it was recovered; `origin`: see Arriving.
    """

    id: int
    source_id: str
    entry_id: int
    item: str
    upstream_id: str = ""
    canonical: str = ""
    path: str = ""
    title: str = ""
    whole: str = ""
    body: str = ""
    claimed: datetime | None = None
    last_seen_at: datetime | None = None
    gone: bool = False
    on_own_host: bool = False
    given: str = ""
    recovered_id: str = ""
    origin: str = ""


@dataclass(frozen=True, slots=True)
class Neighbor:
    """A sighting of another source whose text may be nearly the same.

    `mine` and `theirs`: what is compared of the arriving entry and of the sighting; `dated`: when the sighting's entry
    was published; `siblings`: the arriving source's own sightings of that entry; `is_removed`: a person removed it, so
    a copy of any age matches it.
    """

    seen: Known
    mine: Copy
    theirs: Copy
    dated: datetime
    siblings: tuple[Known, ...] = ()
    is_removed: bool = False


@dataclass(frozen=True, slots=True)
class Removed:
    """A removed entry that a source shows again. `why`: what agrees; `seen`: a sighting of the entry, None where
    only digests of it are left, under `number`."""

    why: str
    basis: Literal["guid", "link", "fingerprint"]
    seen: Known | None = None
    number: int | None = None


One = Arriving | Known

# What a sighting is found by; a falsy key finds nothing.
KEYS: Mapping[str, Callable[[One], Hashable]] = {
    "item": lambda one: (one.item, one.path),
    "id": lambda one: one.upstream_id,
    "link": lambda one: one.canonical,
    "path": lambda one: one.path,
    "whole": lambda one: one.whole,
    "body": lambda one: one.body,
    "id and link": lambda one: one.upstream_id and one.canonical and (one.upstream_id, one.canonical),
    "id and title": lambda one: one.upstream_id and one.title and (one.upstream_id, one.title),
    "id and whole": lambda one: one.upstream_id and one.whole and (one.upstream_id, one.whole),
    "link and title": lambda one: one.canonical and one.title and (one.canonical, one.title),
    "thing": lambda one: one.upstream_id and (one.upstream_id, one.canonical, one.title),
    "title": lambda one: one.title,
    "date": lambda one: one.claimed,
    "title and date": lambda one: one.title and one.claimed and (one.title, one.claimed),
    "title alone": lambda one: "" if one.upstream_id or one.canonical or one.path else one.title,
    "given": lambda one: one.given,
    "recovered": lambda one: one.recovered_id,
}


class CandidateIndex:
    """Sightings by each of their `KEYS`, in the order in which they were added. What nobody asks for is not indexed."""

    def __init__(self, seen: Iterable[Known] = ()) -> None:
        self._all = {one.id: one for one in seen}
        self._by: dict[str, dict[Hashable, dict[int, Known]]] = {}  # by the name of the key

    def __contains__(self, seen: Known) -> bool:
        return seen.id in self._all

    def __len__(self) -> int:
        return len(self._all)

    def __iter__(self) -> Iterator[Known]:
        return iter(self._all.values())

    def add(self, seen: Known) -> None:
        """Replaces a sighting with the same number."""
        self.remove(seen.id)
        self._all[seen.id] = seen
        for name, known in self._by.items():
            _index(known, KEYS[name](seen), seen)

    def remove(self, id_: int) -> None:
        if seen := self._all.pop(id_, None):
            for name, known in self._by.items():
                if key := KEYS[name](seen):
                    del known[key][id_]

    def find(self, name: str, one: One) -> ValuesView[Known]:
        """Sightings that share this key with `one`, the oldest first."""
        return self._sharing(name, one).values()

    def latest(self, name: str, one: One, most: int) -> list[Known]:
        """The newest `most` of them, the newest first."""
        return list(islice(reversed(self._sharing(name, one).values()), most))

    def _sharing(self, name: str, one: One) -> dict[int, Known]:
        if not self._all:
            return {}
        key = KEYS[name](one)
        return self._named(name).get(key, {}) if key else {}

    def _named(self, name: str) -> dict[Hashable, dict[int, Known]]:
        if name not in self._by:
            self._by[name] = {}
            for seen in self._all.values():
                _index(self._by[name], KEYS[name](seen), seen)
        return self._by[name]


def _index(known: dict[Hashable, dict[int, Known]], key: Hashable, seen: Known) -> None:
    if key:
        known.setdefault(key, {})[seen.id] = seen


class ShownKeys:
    """The keys of all entries of a document: a sighting without any of them is no longer shown. `paths`: those of a
    folder's posts, unread ones too."""

    def __init__(self, arriving: Sequence[Arriving], paths: Iterable[str]) -> None:
        self.links = Counter(one.canonical for one in arriving if one.canonical)
        self.paths = {one.path for one in arriving if one.path}.union(paths)
        self._arriving = arriving
        self._keys: dict[str, set[Hashable]] = {}  # by the name of the key, where somebody asked
        self.titles = Counter(one.title for one in arriving)
        self.dates = Counter(one.claimed for one in arriving)
        self._enclosures = {(one.title, address) for one in arriving for address in one.enclosures}
        self._anonymous = {one.canonical for one in arriving if not one.upstream_id}

    def holds(self, name: str, seen: Known) -> bool:
        key = KEYS[name](seen)
        return bool(key) and key in self._named(name)

    def _named(self, name: str) -> set[Hashable]:
        if name not in self._keys:
            self._keys[name] = {KEYS[name](one) for one in self._arriving}
        return self._keys[name]

    def holds_enclosure(self, title: str, enclosures: Iterable[str]) -> bool:
        """Whether an entry with this title has one of these enclosures."""
        return any((title, address) in self._enclosures for address in enclosures)

    def holds_anonymous_link(self, seen: Known) -> bool:
        return bool(seen.canonical) and seen.canonical in self._anonymous
