"""What is remembered of a source, to notice when it becomes another site: what it showed, and since when. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

WEEK = timedelta(days=7)
MOST_SEEN = 1000  # names of one kind


@dataclass(frozen=True, slots=True)
class EntryTraits:
    """What an entry says about its site. `home` and `leads`: the registrable domains of its link, and of the links in
    its text; `script`: "" where unclear; `terms`: its categories, folded; `text`: title and text, folded."""

    home: str = ""
    leads: frozenset[str] = frozenset()
    script: str = ""
    terms: frozenset[str] = frozenset()
    text: str = ""


@dataclass(frozen=True, slots=True)
class Showing:
    """What a pull says about its site as a whole: the title of the document, folded, and the registrable domain that
    permanent redirects lead to, "" where they lead to none, or to that of the config."""

    title: str = ""
    domain: str = ""


@dataclass(frozen=True, slots=True)
class Seen:
    """Names of one kind, each with the time when the source first showed it."""

    at: Mapping[str, datetime] = field(default_factory=dict)

    @property
    def is_full(self) -> bool:
        """A source that has shown so many says nothing by another one."""
        return len(self.at) >= MOST_SEEN

    def until(self, at: datetime) -> frozenset[str]:
        return frozenset(name for name, first in self.at.items() if first <= at)

    def more(self, names: Iterable[str], at: datetime) -> "Seen":
        new = sorted({name for name in names if name} - self.at.keys())
        return Seen({**self.at, **dict.fromkeys(new[: MOST_SEEN - len(self.at)], at)}) if new else self


@dataclass(frozen=True, slots=True)
class SiteMemory:
    """`since`: what was seen until then is known, because it is what the first pull showed, or what a person trusts.
    `domains`: where its address led."""

    since: datetime
    titles: Seen = Seen()
    domains: Seen = Seen()
    scripts: Seen = Seen()
    leads: Seen = Seen()
    terms: Seen = Seen()

    def known_until(self, at: datetime) -> datetime:
        """What was first seen until then is known at `at`; what came later is judged."""
        return max(self.since, at - WEEK)

    def after(self, showing: Showing, entries: Iterable[EntryTraits], at: datetime) -> "SiteMemory":
        """The memory after a pull at `at` with these new entries."""
        some = list(entries)
        return replace(
            self,
            titles=self.titles.more([showing.title], at),
            domains=self.domains.more([showing.domain], at),
            scripts=self.scripts.more((one.script for one in some), at),
            leads=self.leads.more((name for one in some for name in (one.home, *one.leads)), at),
            terms=self.terms.more((name for one in some for name in one.terms), at),
        )
