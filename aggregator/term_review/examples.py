"""Titles of entries, as examples of how a term is used."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from aggregator.codec import unpack
from aggregator.store import Transaction

MAX_TITLES = 3


@dataclass(frozen=True, slots=True)
class _TitleOnly:
    """The part of a packed CleanEntry that is unpacked."""

    title: str = ""


class Examples:
    """Titles of the newest entries. `wanted`: entry ids of each term, the newest first; all titles are read at once."""

    def __init__(self, tx: Transaction, wanted: Iterable[Iterable[int]]) -> None:
        ids = sorted({id_ for entries in wanted for id_ in islice(entries, MAX_TITLES)})
        self._titles: Mapping[int, str] = {
            id_: unpack(face.clean, _TitleOnly).title for id_, face in tx.lookups.faces(ids).items()
        }

    def of(self, entries: Sequence[int]) -> tuple[str, ...]:
        titles = (self._titles.get(id_, "") for id_ in entries[:MAX_TITLES])
        return tuple(dict.fromkeys(title for title in titles if title))
