"""What is wrong in a document that we are about to publish."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning", "advice"]
SHOWN = 80  # characters of what was found


@dataclass(frozen=True, slots=True)
class Finding:
    """`rule` names its source and says what would be right; `found` is what stands there instead, cut.

    `place` counts the document's entries from 0, None for what belongs to the feed; `entry` is the id found there.
    An error keeps the document back, or costs the entry its place. A warning is of what we should have written
    otherwise. Advice is of what a publisher said less of than is wise: who carries it on unchanged adds nothing to it.
    """

    rule: str
    found: str = ""
    severity: Severity = "error"
    entry: str = ""
    place: int | None = None

    def __str__(self) -> str:
        return f"{self.rule} (here: {self.found})" if self.found else self.rule


Faults = Iterable[Finding]


@dataclass(frozen=True, slots=True)
class EntryCheck:
    """On one entry. `is_authored`: it says itself who wrote it."""

    id: str = ""
    faults: tuple[Finding, ...] = ()
    is_authored: bool = True


def verdict(id_: str, faults: Faults, *, is_authored: bool = True) -> EntryCheck:
    """Of faults that may have been found twice."""
    return EntryCheck(id_, tuple(dict.fromkeys(faults)), is_authored)


def fault(rule: str, found: str = "") -> Finding:
    return Finding(rule, found if len(found) <= SHOWN else found[:SHOWN] + "…")


def warning(rule: str, found: str = "") -> Finding:
    return Finding(rule, fault(rule, found).found, "warning")


def advice(rule: str, found: str = "") -> Finding:
    return Finding(rule, fault(rule, found).found, "advice")
