"""Slips of the keyboard: a rare long word that is one letter away from a frequent one. Pure.

One letter also parts real words (county and country). So the word must be rare, its neighbor frequent, the slip inside
of it, and the two never on one entry; what agrees around it, or a source that uses both, makes a shorter one enough.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from rapidfuzz.distance import OSA

from aggregator.categories.variants.tokens import Form
from aggregator.categories.variants.usage import Evidence, quoted

SHORTEST = 6  # letters of a word that may hold a slip
LONG = 8  # letters from which on it needs nothing beside it
RARE = 2  # entries
TIMES = 3  # more frequent
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


def slips(forms: Sequence[Form]) -> Iterator[Evidence]:
    long = [form for form in forms if len(form.joined) >= SHORTEST and form.usage.entries]
    frequent = [form for form in long if len(form.usage.entries) >= TIMES]
    rare = [form for form in long if len(form.usage.entries) <= RARE]
    near = _shortened(frequent)
    for form in rare:
        found = [other for other in _neighbors(form, near) if _is_slip(form, other)]
        if found:
            other = max(found, key=lambda one: (len(one.usage.entries), one.joined))
            words = f"{quoted(form.usage)} looks like a slip for {quoted(other.usage)}"
            yield Evidence("slip", other.usage.key, form.usage.key, words)


def _shortened(forms: Iterable[Form]) -> dict[str, list[Form]]:
    """Each form, whole and without one of its letters: what is one letter apart meets there, however many there are."""
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


def _is_slip(rare: Form, frequent: Form) -> bool:
    one, other = rare.usage, frequent.usage
    pairs = [pair for pair in zip(rare.words, frequent.words, strict=False) if pair[0] != pair[1]]
    if len(rare.words) != len(frequent.words) or len(pairs) != 1 or not _is_word_slip(*pairs[0]):
        return False
    if len(other.entries) < TIMES * len(one.entries) or one.entries & other.entries:
        return False
    return len(rare.words) > 1 or bool(one.sources & other.sources) or len(rare.joined) >= LONG


def _is_word_slip(word: str, other: str) -> bool:
    if not (word.isalpha() and other.isalpha() and min(len(word), len(other)) >= SHORTEST):
        return False
    if word in _REAL and other in _REAL:
        return False
    return word[0] == other[0] and word[-1] == other[-1] and OSA.distance(word, other, score_cutoff=1) == 1
