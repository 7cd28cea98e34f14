"""What matching decided about one arriving entry, and why."""

from dataclasses import dataclass
from typing import Literal

from aggregator.dedup.candidates import Known

Basis = Literal["new", "guid", "link", "path", "fingerprint", "near"]


@dataclass(frozen=True, slots=True)
class Match:
    """`again`: the sighting that this is, seen again; else `joins`: the sighting whose entry it joins; else new.

    `score`: how alike the texts are, where that decided. `echo`: it is our own entry come back; `ignored`: it stands
    in one of our own feeds, and we do not know it. `removal`: the number under which it is remembered that a person
    took it down, where no entry is left of it.
    """

    rule: Basis
    reason: str
    again: Known | None = None
    joins: Known | None = None
    score: float | None = None
    echo: bool = False
    ignored: bool = False
    removal: int | None = None
