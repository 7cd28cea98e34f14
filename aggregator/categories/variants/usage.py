"""The use of a term, and the evidence that two terms are one."""

from dataclasses import dataclass
from typing import Literal

from aggregator.text.normalize import shorten

Kind = Literal["signs", "plural", "script", "letters", "slip", "short", "name", "version"]


@dataclass(frozen=True, slots=True)
class Usage:
    """`key`: the folded term; `spellings`: as received, the most frequent first; `entries` and `sources` that use it;
    `target`: the path of the category that the config already sends this name to.
    """

    key: str
    spellings: tuple[str, ...]
    entries: frozenset[int] = frozenset()
    sources: frozenset[str] = frozenset()
    target: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return self.spellings[0]


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why the terms with the keys `one` and `other` are one. `sure`: hardly anybody would disagree."""

    kind: Kind
    one: str
    other: str
    words: str
    sure: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """Terms that are one, the most used first. `sure`: the sure evidence alone connects all of them."""

    usages: tuple[Usage, ...]
    evidence: tuple[Evidence, ...]
    sure: bool


def quoted(usage: Usage) -> str:
    return f"`{shorten(usage.name, 60)}`"
