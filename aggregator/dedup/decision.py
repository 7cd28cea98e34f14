"""The decision about one arriving entry, and its reason."""

from dataclasses import dataclass
from typing import Literal

from aggregator.dedup.candidates import Known

Basis = Literal["new", "guid", "link", "path", "fingerprint", "near"]


@dataclass(frozen=True, slots=True)
class Match:
    """`again`: the sighting that is seen again; else `joins`: the sighting whose entry it joins; else it is new.

    `score`: similarity of the texts, where that decided. `own_entry_returned`: it is an entry of ours that came back;
    `renumbered`: the sighting is seen again under another id, because the old one is another entry's. `ignored`: a feed
    of ours shows it, and no entry of ours is like it. `removal`: the number of the removal that it
    matches, where no entry is left of the removed one.
    """

    rule: Basis
    reason: str
    again: Known | None = None
    joins: Known | None = None
    score: float | None = None
    own_entry_returned: bool = False
    ignored: bool = False
    removal: int | None = None
    renumbered: bool = False
