"""Recognizes a known source that suddenly is another site: its domain lapsed, and a stranger writes there now. Pure.

Evidence is counted over its new entries of a week. *Strong*: the feed has quite another title, its address leads to
another domain for good, entries are in another script, entries lead to sites that it never led to. *Weak*: foreign
words, another language, only new categories. Two strong ones decide, or one strong and two weak. All of it is what the
source says about itself, so no source can bring this upon another.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Literal

from aggregator.polling.site_memory import EntryTraits, Showing, SiteMemory
from aggregator.text.language import language_of
from aggregator.text.words import words_of

KNOWN_AFTER = 5  # changed pulls after which a source is known
LEAST = 3  # new entries that show it, and at least half of those since the first that does
MOST_NEW, MOST_KNOWN = 100, 50  # entries that are read: of the week, and before it; the newest of each
LEAST_KNOWN = 5  # entries with text before the week, without which no word is foreign
LEAST_WORDS = 10  # of an entry, without which it says nothing by its words
LEAST_FOREIGN = 0.3  # share of foreign words, and more than nine of ten known entries had in their time
LINKS_OUT = 1 / 3  # share of known entries that led to new places; above it, only places that are repeated count
CONSISTENT = 0.85  # share of linking entries with other evidence that lead away

Kind = Literal["title", "address", "script", "links", "words", "language", "categories"]
STRONG: frozenset[Kind] = frozenset(("title", "address", "script", "links"))
# Another script is another language in other words: that is one evidence, not three.
IMPLIED: Mapping[Kind, Collection[Kind]] = {"script": ("words", "language")}
# Words that many titles have.
GENERIC = frozenset("blog blogs feed feeds news site website weblog home page posts articles comments".split())


@dataclass(frozen=True, slots=True)
class Evidence:
    """`count` of the last `of` new entries show it; 0 of 0 where the feed as a whole does."""

    kind: Kind
    count: int = 0
    of: int = 0


def find_change(history: "SiteHistory", shows_former: Callable[[], bool]) -> list[Evidence]:
    """The evidence that decided; [] if it is the same site still. `shows_former`: whether the document still shows half
    of the entries that it showed before the week. Then title and address are a redesign."""
    feed = history.of_feed()
    if feed and shows_former():
        feed = []
    return next((found for found in history.evidence(feed) if _decides(found)), [])


def is_suspicious(history: "SiteHistory", least: int = LEAST) -> bool:
    """Whether the feed, or at least so many of the new entries, show something strong: else there is nothing to compare
    with known entries."""
    tests = (history.is_in_another_script, history.leads_away)
    return bool(history.of_feed()) or any(sum(map(test, history.new)) >= least for test in tests)


def _decides(found: Collection[Evidence]) -> bool:
    kinds = {one.kind for one in found}
    kinds -= {other for one in kinds for other in IMPLIED.get(one, ())}
    strong = len(kinds & STRONG)
    return strong >= 2 or (strong == 1 and len(kinds - STRONG) >= 2)


@dataclass(frozen=True)
class SiteHistory:
    """A source before a pull, and what the pull says. `new`: entries of the week with those of the pull, `known`:
    entries before; both oldest first."""

    memory: SiteMemory
    at: datetime
    showing: Showing
    new: Sequence[EntryTraits] = ()
    known: Sequence[EntryTraits] = ()

    @cached_property
    def _until(self) -> datetime:
        return self.memory.known_until(self.at)

    # what the feed says

    def of_feed(self) -> list[Evidence]:
        is_told: dict[Kind, bool] = {"title": self._has_another_title(), "address": self._is_elsewhere()}
        return [Evidence(kind) for kind, is_so in is_told.items() if is_so]

    def _has_another_title(self) -> bool:
        known = [words_of(title) - GENERIC for title in self.memory.titles.until(self._until)]
        words = words_of(self.showing.title) - GENERIC
        return bool(words) and any(known) and not any(words & one for one in known)

    def _is_elsewhere(self) -> bool:
        return self.showing.domain not in self.memory.domains.until(self._until) | {""}

    # what an entry says

    def is_in_another_script(self, one: EntryTraits) -> bool:
        return bool(one.script and self._scripts) and one.script not in self._scripts

    def leads_away(self, one: EntryTraits) -> bool:
        """Whether most of the sites that it leads to are such as the source never led to."""
        away = self._away(one)
        return not self.memory.leads.is_full and 2 * len(away) > len(one.leads | away)

    def _away(self, one: EntryTraits) -> frozenset[str]:
        return (one.leads | {one.home}) - self._leads - {""}

    def _has_new_terms(self, one: EntryTraits) -> bool:
        return not self.memory.terms.is_full and bool(one.terms) and not one.terms & self._terms

    def _has_foreign_words(self, one: EntryTraits) -> bool:
        words = words_of(one.text)
        foreign = sum(word not in self._uses for word in words)
        return len(words) >= LEAST_WORDS and foreign > self._usual_share * len(words)

    def _is_in_another_language(self, one: EntryTraits) -> bool:
        return bool(self._languages) and language_of(one.text) not in self._languages | {""}

    @cached_property
    def _scripts(self) -> frozenset[str]:
        return self.memory.scripts.until(self._until)

    @cached_property
    def _leads(self) -> frozenset[str]:
        return self.memory.leads.until(self._until)

    @cached_property
    def _terms(self) -> frozenset[str]:
        return self.memory.terms.until(self._until)

    @cached_property
    def _known_words(self) -> list[frozenset[str]]:
        return [words_of(one.text) for one in self.known]

    @cached_property
    def _uses(self) -> Counter[str]:
        """In how many known entries each word stands."""
        return Counter(word for words in self._known_words for word in words)

    @cached_property
    def _usual_share(self) -> float:
        """The share of words that stood in no other known entry, which nine of ten known entries do not exceed."""
        some = [words for words in self._known_words if len(words) >= LEAST_WORDS]
        if len(some) < LEAST_KNOWN:
            return 1.0
        shares = sorted(sum(self._uses[word] == 1 for word in words) / len(words) for words in some)
        return max(LEAST_FOREIGN, shares[9 * (len(shares) - 1) // 10])

    @cached_property
    def _languages(self) -> frozenset[str]:
        return frozenset(language_of(one.text) for one in self.known) - {""}

    @cached_property
    def _links_out(self) -> bool:
        """Whether it is a habit of the source to lead to new places."""
        uses = Counter(name for one in self.known for name in one.leads | {one.home})
        new = [(one, {name for name in one.leads | {one.home} - {""} if uses[name] == 1}) for one in self.known]
        away = sum(2 * len(places) > len(one.leads | places) for one, places in new)
        return away > LINKS_OUT * len(self.known)

    # what they say together

    def evidence(self, feed: Sequence[Evidence]) -> Iterator[list[Evidence]]:
        """The evidence of the `feed` with that of all new entries, then of all but the first, and so on: what came
        before the site changed says nothing about it. Languages are looked at last, and only where they can decide."""
        tests: dict[Kind, Callable[[EntryTraits], bool]] = {
            "script": self.is_in_another_script,
            "links": self.leads_away,
            "words": self._has_foreign_words,
            "categories": self._has_new_terms,
        }
        shown: dict[Kind, Sequence[bool]] = {kind: [*map(test, self.new)] for kind, test in tests.items()}
        shown["links"] = self._consistent_links(shown)
        without = [[*feed, *found] for found in self._tails(shown)]
        yield from without
        if any(_decides([*found, Evidence("language")]) for found in without):
            shown["language"] = [*map(self._is_in_another_language, self.new)]
            yield from ([*feed, *found] for found in self._tails(shown))

    def _consistent_links(self, shown: Mapping[Kind, Sequence[bool]]) -> Sequence[bool]:
        """Which entries lead away; none if others with some evidence link to where the source always did. Who turns to
        another subject does, who bought the domain does not."""
        others = [any(some) for some in zip(*(shown[kind] for kind in shown if kind != "links"), strict=True)]
        led = [away for one, away, other in zip(self.new, shown["links"], others, strict=True) if other and one.leads]
        return shown["links"] if sum(led) >= CONSISTENT * len(led) else [False] * len(self.new)

    def _tails(self, shown: Mapping[Kind, Sequence[bool]]) -> Iterator[list[Evidence]]:
        for start in range(len(self.new) - LEAST + 1):
            of = len(self.new) - start
            found = [Evidence(kind, sum(some[start:]), of) for kind, some in shown.items()]
            yield [one for one in found if one.count >= max(LEAST, of / 2) and self._counts(one)]

    def _counts(self, one: Evidence) -> bool:
        """Links of a source that often leads to new places count only where the same places come again and again."""
        if one.kind != "links" or not self._links_out:
            return True
        away = Counter(name for entry in self.new[-one.of :] for name in self._away(entry))
        return away.total() >= 2 * len(away)
