"""Titles of entries, to show what a term is used for."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from aggregator.codec import unpack
from aggregator.store import Transaction

MOST = 3


@dataclass(frozen=True, slots=True)
class _Titled:
    """Of a packed models.Clean nothing but this."""

    title: str = ""


class Examples:
    """Made for `wanted` entries of each term at once, the newest first; asked for one term at a time."""

    def __init__(self, tx: Transaction, wanted: Iterable[Iterable[int]]) -> None:
        ids = sorted({id_ for entries in wanted for id_ in islice(entries, MOST)})
        self._titles: Mapping[int, str] = {
            id_: unpack(face.clean, _Titled).title for id_, face in tx.lookups.faces(ids).items()
        }

    def of(self, entries: Sequence[int]) -> tuple[str, ...]:
        titles = (self._titles.get(id_, "") for id_ in entries[:MOST])
        return tuple(dict.fromkeys(title for title in titles if title))
