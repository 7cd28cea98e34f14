"""Whether two entries of different sources are copies of one, by their texts. Pure.

Two texts that share most of their shingles are copies, or two uses of one template: warnings for two regions, a job in
two cities, the first episodes of two podcasts. To merge the latter loses an entry, so what tells them apart decides. A
long text is rarely a template. A short one is judged by its title and by each word that was replaced.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from aggregator.dedup.compared_titles import Titled, brackets, comparable_titles
from aggregator.dedup.replaced_words import Change, Words, has_digit, replaced_words, title_changes, title_words
from aggregator.dedup.shingles import SIZE, first_tokens, is_unspaced, shingles, tokens
from aggregator.dedup.similarity import MIN_COMMON_WORDS, contradict

LONG = 150  # words
FOR_A_CORRECTION = 100  # words of a short text for each word that may be corrected
LEAST = 30  # words that a source does not repeat
CHARACTERS = 2  # of a script without spaces, for each word above
DOTS = "..."  # of an excerpt; folding makes them of an ellipsis
MOST_BEHIND = 15  # words behind the dots: `Read more`, `The post appeared first on`
LONGEST_SLOT = 3  # words of a title that a template fills in
ADDED = 0.5  # weight of what stands before or behind a whole text: a byline, a credit, a correction
MOST_NUMBERS = 2  # replaced in a long text, and no other word; more is another day's report


@dataclass(frozen=True, slots=True)
class Copy:
    """What is compared of one entry. `title` and `text` are folded, the text without boilerplate; `link`: canonical;
    `files`: comparable addresses of its enclosures, `pictures`: of those that are pictures; `site`: the folded title of
    its source; `repeated`: shingles of the text that stand in other entries of its source."""

    title: str = ""
    text: str = ""
    link: str = ""
    files: tuple[str, ...] = ()
    pictures: tuple[str, ...] = ()
    site: str = ""
    repeated: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Likeness:
    """`score`: the share of their shingles that both texts have, 0 to 1, without what a source repeats; `apart`: why
    they are two entries however alike, "" where nothing says so."""

    score: float
    apart: str = ""


def compare(one: Copy, other: Copy, least: float = 0) -> Likeness:
    """`least`: the score below which nobody asks why they are apart."""
    pair = _Pair(one, other)
    return Likeness(pair.score, next(pair.reasons(), "") if pair.score >= least else "")


class _Pair:
    """Two entries, and what their texts have in common."""

    def __init__(self, one: Copy, other: Copy) -> None:
        self.titles = comparable_titles(*(Titled(each.title, each.site, each.text) for each in (one, other)))
        one, other = self.one, self.other = _shown_part(one, other), _shown_part(other, one)
        repeated = one.repeated | other.repeated
        mine, theirs = shingles(one.text) - repeated, shingles(other.text) - repeated
        self._words = min(len(mine), len(theirs)) + SIZE - 1
        both, apart = len(mine & theirs), len(mine ^ theirs)
        weight = ADDED if apart and (_is_part_of(one, other) or _is_part_of(other, one)) else 1
        self.score = both / (both + weight * apart) if both else 0.0

    @cached_property
    def _unit(self) -> int:
        return CHARACTERS if is_unspaced("".join((*tokens(self.one.text), *tokens(self.other.text)))) else 1

    @cached_property
    def _replaced(self) -> list[Change]:
        return replaced_words(_own_lines(self.one), _own_lines(self.other))

    @property
    def is_long(self) -> bool:
        return self._words >= LONG * self._unit

    def reasons(self) -> Iterator[str]:
        if _differ(self.one.files, self.other.files):
            yield "their enclosures differ"
        if contradict(self.one.title, self.other.title):
            yield "their titles contradict each other"
        if self._are_pages_of_one_site and not self._is_whole:
            yield "they are two pages of one site"
        if self._words < LEAST * self._unit and not self._are_equal:
            yield "their sources repeat most of these texts"
        if brackets(self.titles[0]) != brackets(self.titles[1]) and (self._are_titles_alike or not self.is_long):
            yield "their titles differ in brackets"
        yield from self._reasons_of_a_long_text() if self.is_long else self._reasons_of_a_short_text()

    @property
    def _are_pages_of_one_site(self) -> bool:
        mine, theirs = (copy.link.partition("/")[0].removeprefix("www.") for copy in (self.one, self.other))
        return bool(mine) and mine == theirs and self.one.link != self.other.link

    @property
    def _is_whole(self) -> bool:
        """Whether a long text is the same from the first word to the last, under the same words as a title: an article
        that a site shows in two of its sections."""
        return self.is_long and self.score == 1 and title_words(self.titles[0]) == title_words(self.titles[1])

    @property
    def _are_equal(self) -> bool:
        """Whether title and text are the same, and the text is not all repeated: a source that fills in a template all
        day, and another that carries some of that."""
        mine, theirs = ((copy.title, copy.text) for copy in (self.one, self.other))
        return bool(self.one.title) and mine == theirs

    @property
    def _are_titles_alike(self) -> bool:
        """Whether they share most of their words. An entry without a title may be a copy of one that has its title in
        the text."""
        one, other = (Counter(title_words(title)) for title in self.titles)
        if not one or not other:
            return True
        return (one & other).total() >= MIN_COMMON_WORDS * max(one.total(), other.total())

    def _reasons_of_a_long_text(self) -> Iterator[str]:
        replaced = self._replaced
        titles = title_changes(*self.titles) if self._are_titles_alike else []
        named = [change for change in replaced if any(_is_in_title(change, title) for title in titles)]
        if named or _are_all_replaced(self.titles, replaced):
            change = (named or replaced)[0]
            yield f"their texts differ in the words by which their titles differ ({change})"
        elif self._is_one_slot(titles):
            yield f"their titles differ in one place alone ({titles[0]})"
        again = [change for change, count in Counter(replaced).items() if count > 1]
        if again:
            yield f"one has other words in the same places ({again[0]})"
        numbers = [change for change in replaced if has_digit("".join(change.old + change.new))]
        if len(numbers) > MOST_NUMBERS or 0 < len(numbers) < len(replaced):
            yield f"one has other numbers in the same places ({numbers[0]})"

    def _is_one_slot(self, titles: Sequence[Change]) -> bool:
        """Whether like titles have a few other words in one place, as a template has, and not both texts have them."""
        longest = max((len(words) for change in titles for words in change), default=0)
        is_short = longest <= LONGEST_SLOT * (CHARACTERS if is_unspaced("".join(self.titles)) else 1)
        return len(titles) == 1 and all(titles[0]) and is_short and not self._both_say(titles[0])

    def _reasons_of_a_short_text(self) -> Iterator[str]:
        if _differ(self.one.pictures, self.other.pictures):
            yield "their pictures differ"
        if not self._are_titles_alike:
            yield "their titles share few words, and the text is short"
        for change in title_changes(*self.titles):
            if has_digit("".join(change.old + change.new)) or not self._both_say(change):
                yield f"their titles differ ({change}), and the text is short"
        replaced = self._replaced
        named = [change for change in replaced if has_digit("".join(change.old + change.new))]
        if named or len(replaced) > self._words // (FOR_A_CORRECTION * self._unit):
            yield f"the text is short, and has other words in the same place ({(named or replaced)[0]})"

    def _both_say(self, change: Change) -> bool:
        """Whether both texts have all of these words, so that they tell nothing apart."""
        return all(_says(copy.text, words) for words in change for copy in (self.one, self.other))


def _shown_part(one: Copy, other: Copy) -> Copy:
    """`one` as far as `other` shows it, where that is an excerpt: a beginning with dots at its end."""
    excerpt, dots, behind = other.text.rpartition(DOTS)
    length = len(tokens(excerpt))
    if not dots or len(tokens(behind)) > MOST_BEHIND or length >= len(tokens(one.text)):
        return one
    return replace(one, text=first_tokens(one.text, length))


def _is_part_of(one: Copy, other: Copy) -> bool:
    return _says(other.text, tokens(one.text))


def _differ(mine: tuple[str, ...], theirs: tuple[str, ...]) -> bool:
    """Whether both show files and none is the same. A counter of downloads puts its own host before the address."""
    same = (a == b or a.endswith(f"/{b}") or b.endswith(f"/{a}") for a in mine for b in theirs)
    return bool(mine and theirs) and not any(same)


def _own_lines(copy: Copy) -> str:
    """The text without passages of which another entry of the source has every shingle."""
    if not copy.repeated:
        return copy.text
    return "\n".join(line for line in copy.text.split("\n") if not shingles(line) <= copy.repeated)


def _are_all_replaced(titles: tuple[str, str], replaced: Sequence[Change]) -> bool:
    """Whether all words that only one of the titles has were replaced in its text, on both sides."""
    one, other = (set(title_words(title)) for title in titles)
    old, new = ({word for change in replaced for word in change[side]} for side in (0, 1))
    return bool(one - other and other - one) and one - other <= old and other - one <= new


def _is_in_title(change: Change, title: Change) -> bool:
    """Whether the words replaced in the text are those replaced in the title, or parts of them (`plum`, `plumcake`)."""
    return all(_is_part(said, named) for said, named in zip(change, title, strict=True))


def _is_part(said: Words, named: Words) -> bool:
    one, other = "".join(said), "".join(named)
    least = 1 if is_unspaced(one) else SIZE
    return one == other or (min(len(one), len(other)) >= least and (one in other or other in one))


def _says(text: str, words: Words) -> bool:
    return f" {' '.join(words)} " in f" {' '.join(tokens(text))} " if words else True
