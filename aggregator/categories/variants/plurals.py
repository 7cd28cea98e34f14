"""English plurals, if both forms are in use. Pure. Forms that often have another meaning are excluded."""

import re
from collections.abc import Iterator, Sequence

from aggregator.categories.variants.tokens import Form
from aggregator.categories.variants.usage import Evidence, Usage, quoted

# Words with an s that mean something else: a field of study, a title, a genre, a product, a name.
_OTHERS = frozenset(
    "apples arms arts blues browns businesses canvas chaos colours commons contents corps cosmos cours customs damages"
    " darts forces futures glasses goods greens grounds humanities jeans manners marines means news odds pandas pants"
    " papers pays premises rails reds securities series shorts species spectacles spirits springs stairs states sweets"
    " terms thanks times trousers waters windows woods works"
    " adams andrews daniels edwards hopkins jacobs james jones matthews parsons peters phillips richards roberts rogers"
    " simons stevens watkins wells williams athens carlos lagos laos marcos mars naples paris texas wales".split()
)
_ICS = frozenset("clinics comics cosmetics critics medics mechanics mosaics pics picnics relics topics".split())
_IRREGULAR = {
    "analyses": "analysis", "children": "child", "crises": "crisis", "criteria": "criterion", "feet": "foot",
    "geese": "goose", "halves": "half", "hypotheses": "hypothesis", "indices": "index", "knives": "knife",
    "leaves": "leaf", "matrices": "matrix", "men": "man", "mice": "mouse", "phenomena": "phenomenon",
    "shelves": "shelf", "teeth": "tooth", "theses": "thesis", "vertices": "vertex", "wives": "wife",
    "wolves": "wolf", "women": "woman",
}  # fmt: skip
_ACRONYMS = re.compile(r"[A-Z][A-Z0-9]+s")  # of the spelling: SSDs
_VOWEL = re.compile("[aeiouy]")


def plurals(forms: Sequence[Form]) -> Iterator[Evidence]:
    known = {form.joined: form.usage for form in reversed(forms)}
    for form in forms:
        for word in _singulars(form):
            one = known.get(form.joined.removesuffix(form.words[-1]) + word)
            if one is not None and not _is_capitals(form.usage, one):
                sure = len(word) > 3 or len(form.words) > 1 or _is_acronym(form.usage)
                words = f"{quoted(form.usage)} is the plural of {quoted(one)}"
                yield Evidence("plural", one.key, form.usage.key, words, sure)
                break


def _singulars(form: Form) -> Iterator[str]:
    """Possible singulars of the last word."""
    word = form.words[-1] if form.words else ""
    if not (word.isascii() and word.isalpha()) or form.usage.key.endswith(("'s", "’s", "s'", "s’")):
        return
    if word in _IRREGULAR:
        yield _IRREGULAR[word]
    elif _is_acronym(form.usage):
        yield word[:-1]
    elif word.endswith("s") and word not in _OTHERS and (word in _ICS or not word.endswith(("ss", "ics"))):
        yield from (one for one in _stems(word) if len(one) > 2 and _VOWEL.search(one))


def _stems(word: str) -> Iterator[str]:
    if word.endswith("ies"):
        yield f"{word[:-3]}y"
    if word.endswith(("ses", "xes", "zes", "ches", "shes", "oes")):
        yield word[:-2]
    yield word[:-1]


def _is_acronym(usage: Usage) -> bool:
    return any(map(_ACRONYMS.fullmatch, usage.spellings))


def _is_capitals(many: Usage, one: Usage) -> bool:
    """Whether capitals make a plural unlikely: GAS and CORS are no plurals, and `cats` is not the plural of CAT."""
    short = many.key.isalpha() and len(many.key) <= 5
    return short and not _is_acronym(many) and (many.name.isupper() or one.name.isupper())
