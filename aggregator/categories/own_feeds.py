"""Which categories get a feed of their own. Pure.

The config names some, and local posts use some: each of these is a wish. Terms that arrive with upstream entries are
not: they found a feed only where enough entries have them, and on a planet of several sources not by one source alone.
"""

from dataclasses import dataclass
from typing import Literal

SEVERAL_SOURCES = 3  # from how many sources on one source alone has to bring more
ENOUGH_OF_ONE = 10  # entries that one source alone has to bring then

# Why a category has a feed: the config names it; a local post is in it; upstream terms brought enough entries; it was
# published for over a day.
Ground = Literal["named", "posts", "entries", "stands"]
# What it lacks: terms found none (categories.unmapped: tag), too few entries, or too few of one source alone.
Lack = Literal["tag", "few", "one source"]


@dataclass(frozen=True, slots=True)
class Usage:
    """Of one category and those below it. `entries`: shown entries, counted up to `FeedRule.most_counted`; `sources`:
    how many sources show them; `has_post`: a local post is among them. The last two matter, and are known, only below
    that count."""

    entries: int
    sources: int = 0
    has_post: bool = False


@dataclass(frozen=True, slots=True)
class FeedRule:
    """`min_entries`: of feeds.min_entries; `is_explicit`: the config says it, so it holds for local posts, too;
    `sources`: how many sources the planet has, posts folders included; `terms_found`: terms that no rule names may
    found feeds, unless categories.unmapped is tag."""

    min_entries: int
    is_explicit: bool = False
    sources: int = 0
    terms_found: bool = True

    @property
    def most_counted(self) -> int:
        return max(self.min_entries, ENOUGH_OF_ONE)

    def ground(self, usage: Usage, *, is_named: bool) -> Ground | None:
        """Why a category has a feed; None where it has none."""
        if not usage.entries:
            return None
        if is_named:
            return "named"
        if usage.has_post and not (self.is_explicit and usage.entries < self.min_entries):
            return "posts"
        return None if self.lack(usage) else "entries"

    def lack(self, usage: Usage) -> Lack | None:
        """What upstream terms alone lack to found a feed."""
        if not self.terms_found:
            return "tag"
        if usage.entries < self.min_entries:
            return "few"
        if self.wants_two_sources and usage.sources < 2 and usage.entries < self.most_counted:
            return "one source"
        return None

    @property
    def wants_two_sources(self) -> bool:
        """An explicit `min_entries: 1` asks for every category."""
        return self.sources >= SEVERAL_SOURCES and self.min_entries > 1
