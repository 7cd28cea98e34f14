"""What a check finds wrong in a rendered document."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning", "advice"]
SHOWN = 80  # characters of what was found


@dataclass(frozen=True, slots=True)
class Finding:
    """`rule` names its source and says what would be right; `found` is what the document has instead, shortened.

    `entry`: the id of the entry, "" for a finding about the feed.
    An error withholds the document, or leaves the entry out of it. A warning is about what we should write otherwise.
    Advice is about what the publisher left out, which we do not add.
    """

    rule: str
    found: str = ""
    severity: Severity = "error"
    entry: str = ""

    def __str__(self) -> str:
        return f"{self.rule} (here: {self.found})" if self.found else self.rule


Findings = Iterable[Finding]


@dataclass(frozen=True, slots=True)
class EntryCheck:
    """The result for one entry. `is_authored`: the entry, or its atom:source, names an author."""

    id: str = ""
    faults: tuple[Finding, ...] = ()
    is_authored: bool = True


def check_result(id_: str, faults: Findings, *, is_authored: bool = True) -> EntryCheck:
    """`faults` may contain duplicates; the result does not."""
    return EntryCheck(id_, tuple(dict.fromkeys(faults)), is_authored)


def fault(rule: str, found: str = "") -> Finding:
    return Finding(rule, found if len(found) <= SHOWN else found[:SHOWN] + "…")


def warning(rule: str, found: str = "") -> Finding:
    return Finding(rule, fault(rule, found).found, "warning")


def advice(rule: str, found: str = "") -> Finding:
    return Finding(rule, fault(rule, found).found, "advice")
