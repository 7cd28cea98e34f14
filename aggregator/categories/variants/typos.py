"""Typos: a rare long word that is one letter away from a frequent one. Pure.

Real words may also differ in one letter (county and country). So the word must be rare, its neighbor frequent, the typo
inside the word, and the two never on the same entry. Other equal words, or a source with both, allow a shorter word.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from rapidfuzz.distance import OSA

from aggregator.categories.variants.tokens import Form
from aggregator.categories.variants.usage import Evidence, quoted

SHORTEST = 6  # letters of a word that may have a typo
LONG = 8  # letters from which on no other evidence is needed
RARE = 2  # entries
TIMES = 3  # how much more frequent the other word must be
_REAL = frozenset(
    "adaption adsorption allusion automaton automation calvary cavalry casual causal casualty causality collision"
    " collusion commend comment complement compliment confirm conform conformation confirmation contact contract"
    " conversation conservation conversion counselor councilor country county desert dessert detection deflection"
    " defection electron election erection emigration immigration exception expectation formal format formation"
    " illusion inflection infection infliction interference intension intention intercession intersession irrigation"
    " irritation martial marital mediation meditation moral morale mortality morality personal personnel physic"
    " physical precedence precision prevision presence proscription prescription reaction rection sanitation saturation"
    " secession succession stationary stationery statue statute status stimulation simulation sterling stirling"
    " transaction translation vacation vocation".split()
)


def typos(forms: Sequence[Form]) -> Iterator[Evidence]:
    long = [form for form in forms if len(form.joined) >= SHORTEST and form.usage.entries]
    frequent = [form for form in long if len(form.usage.entries) >= TIMES]
    rare = [form for form in long if len(form.usage.entries) <= RARE]
    near = _shortened(frequent)
    for form in rare:
        found = [other for other in _neighbors(form, near) if _is_typo(form, other)]
        if found:
            other = max(found, key=lambda one: (len(one.usage.entries), one.joined))
            words = f"{quoted(form.usage)} looks like a slip for {quoted(other.usage)}"
            yield Evidence("slip", other.usage.key, form.usage.key, words)


def _shortened(forms: Iterable[Form]) -> dict[str, list[Form]]:
    """Each form under its text and its text without one letter: forms one letter apart share a key."""
    found: defaultdict[str, list[Form]] = defaultdict(list)
    for form in forms:
        for key in {form.joined, *_without_one(form.joined)}:
            found[key].append(form)
    return found


def _neighbors(form: Form, near: Mapping[str, list[Form]]) -> list[Form]:
    keys = (form.joined, *_without_one(form.joined))
    return list({other.joined: other for key in keys for other in near.get(key, ())}.values())


def _without_one(text: str) -> list[str]:
    return [text[:i] + text[i + 1 :] for i in range(len(text))]


def _is_typo(rare: Form, frequent: Form) -> bool:
    one, other = rare.usage, frequent.usage
    pairs = [pair for pair in zip(rare.words, frequent.words, strict=False) if pair[0] != pair[1]]
    if len(rare.words) != len(frequent.words) or len(pairs) != 1 or not _is_word_typo(*pairs[0]):
        return False
    if len(other.entries) < TIMES * len(one.entries) or one.entries & other.entries:
        return False
    return len(rare.words) > 1 or bool(one.sources & other.sources) or len(rare.joined) >= LONG


def _is_word_typo(word: str, other: str) -> bool:
    if not (word.isalpha() and other.isalpha() and min(len(word), len(other)) >= SHORTEST):
        return False
    if word in _REAL and other in _REAL:
        return False
    return word[0] == other[0] and word[-1] == other[-1] and OSA.distance(word, other, score_cutoff=1) == 1
