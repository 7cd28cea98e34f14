"""Signatures of recent sightings, and the bands by which near-duplicates are found.

A signature is kept only while its entry is inside the window, so that a lookup costs the same for every store size.
"""

import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Integer, and_, bindparam, case, delete, false, insert, or_, select

from aggregator.errors import DamagedError
from aggregator.store.chunks import chunks
from aggregator.store.dialects import among, listed
from aggregator.store.schema import band, entry, sighting, signature
from aggregator.store.table import TableQueries

# The keys of one sighting are one parameter: SQLAlchemy takes longer for a row of parameters than SQLite for a row.
SIGHTING = bindparam("sighting_id_", type_=Integer)
ADD_BANDS = insert(band).from_select(["key", "sighting_id"], select(listed("keys", BigInteger).c.value, SIGHTING))
DELETE_BANDS = delete(band).where(among(band.c.key, "keys"), band.c.sighting_id == SIGHTING)
SHARING = select(band.c.key, band.c.sighting_id).where(among(band.c.key))
OF = select(signature.c.sighting_id, signature.c.scheme, signature.c.at, signature.c.bands).where(
    among(signature.c.sighting_id)
)
ADD = insert(signature)
REMOVED = select(sighting.c.id).join(entry, entry.c.id == sighting.c.entry_id).where(entry.c.kept_back == "removed")
OLD = select(signature.c.sighting_id).where(
    signature.c.at < bindparam("before_"), signature.c.sighting_id.not_in(REMOVED)
)
FORGET = delete(signature).where(among(signature.c.sighting_id))


@dataclass(frozen=True, slots=True)
class SignatureRow:
    """`scheme` names the algorithm, its seed and shape; `bands` are signed 64-bit keys; `at`: see `unsigned`."""

    sighting_id: int
    scheme: str
    at: datetime
    bands: tuple[int, ...]


class Signatures(TableQueries):
    def add(self, rows: Iterable[SignatureRow]) -> None:
        """Adds signatures, or replaces those of the same sightings."""
        for chunk in chunks(rows):
            self.forget([row.sighting_id for row in chunk])
            values = [
                {"sighting_id": row.sighting_id, "scheme": row.scheme, "at": row.at, "bands": _packed(row.bands)}
                for row in chunk
            ]
            self._connection.execute(ADD, values)
            self._connection.execute(ADD_BANDS, list(map(_keys, chunk)))

    def sharing(self, bands: Iterable[int]) -> dict[int, list[int]]:
        """Band → ids of the sightings that have it, without bands that none has."""
        found: dict[int, list[int]] = {}
        for key, sighting_id in self._each(SHARING, bands):
            found.setdefault(key, []).append(sighting_id)
        return found

    def of(self, sighting_ids: Iterable[int]) -> dict[int, SignatureRow]:
        rows = self._each(OF, sighting_ids)
        return {row[0]: SignatureRow(row[0], row[1], row[2], read_bands(row[3])) for row in rows}

    def unsigned(self, scheme: str, since: datetime | None) -> list[tuple[int, str, datetime]]:
        """(sighting id, source id, when the entry was published or first seen, whichever is later) of sightings that
        need a signature of this scheme and have none: those of removed entries, and with `since` all since then."""
        is_late = or_(entry.c.published >= since, entry.c.first_seen_at >= since) if since else false()
        latest = case((entry.c.published > entry.c.first_seen_at, entry.c.published), else_=entry.c.first_seen_at)
        signed = and_(signature.c.sighting_id == sighting.c.id, signature.c.scheme == scheme)
        statement = (
            select(sighting.c.id, sighting.c.source_id, latest)
            .join(entry, entry.c.id == sighting.c.entry_id)
            .join(signature, signed, isouter=True)
            .where(
                or_(is_late, entry.c.kept_back == "removed"),
                sighting.c.body != "",
                signature.c.sighting_id.is_(None),
            )
            .order_by(sighting.c.id)
        )
        return [(row[0], row[1], row[2]) for row in self._connection.execute(statement)]

    def prune(self, before: datetime) -> None:
        """Drops signatures older than the window, except those of removed entries."""
        self.forget(self._connection.execute(OLD, {"before_": before}).scalars().all())

    def prune_schemes(self, keep: str) -> None:
        """Drops signatures of every other scheme."""
        other = select(signature.c.sighting_id).where(signature.c.scheme != keep)
        self.forget(self._connection.execute(other).scalars().all())

    def forget(self, sighting_ids: Iterable[int]) -> None:
        for chunk in chunks(sighting_ids):
            if keys := [_keys(row) for row in self.of(chunk).values()]:
                self._connection.execute(DELETE_BANDS, keys)
                self._connection.execute(FORGET, {"among": chunk})


def _keys(row: SignatureRow) -> dict[str, Any]:
    return {"sighting_id_": row.sighting_id, "keys": list(set(row.bands))}


def _packed(bands: Sequence[int]) -> bytes:
    return struct.pack(f"<{len(bands)}q", *bands)


def read_bands(data: bytes) -> tuple[int, ...]:
    """Raises DamagedError where the bytes are no sequence of 64-bit integers."""
    try:
        return struct.unpack(f"<{len(data) // 8}q", data)
    except (struct.error, TypeError) as error:
        raise DamagedError(f"the state holds a damaged signature: {error}") from error
