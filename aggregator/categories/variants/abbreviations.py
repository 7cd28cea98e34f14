"""Short forms and their long forms: initials (AI), counted letters (i18n), and a list of well-known ones. Pure.

Initials often match by chance. So both forms must occur on the same entries or together, as in `Machine Learning (ML)`;
for four or more letters it is enough that one source uses both.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from aggregator.categories.variants.tokens import Form, words_of
from aggregator.categories.variants.usage import Evidence, quoted
from aggregator.text.counts import count_of

# joined words, without short forms that have another common meaning (PR, OS, go)
_KNOWN = {
    "a11y": "accessibility", "ai": "artificialintelligence", "api": "applicationprogramminginterface",
    "ar": "augmentedreality", "covid": "covid19", "dandd": "dungeonsanddragons", "dnd": "dungeonsanddragons",
    "eu": "europeanunion", "gcp": "googlecloud", "genai": "generativeai", "golang": "golanguage", "gpg": "gnupg",
    "gpu": "graphicsprocessingunit", "hpc": "highperformancecomputing", "i18n": "internationalization",
    "iot": "internetofthings", "js": "javascript", "k8s": "kubernetes", "l10n": "localization",
    "llm": "largelanguagemodel", "ml": "machinelearning", "nlp": "naturallanguageprocessing", "nyc": "newyorkcity",
    "oss": "opensourcesoftware", "postgres": "postgresql", "qa": "qualityassurance", "rpg": "roleplayinggame",
    "saas": "softwareasaservice", "scifi": "sciencefiction", "seo": "searchengineoptimization", "tech": "technology",
    "ts": "typescript", "tv": "television", "uk": "unitedkingdom", "usa": "unitedstates", "ux": "userexperience",
    "vr": "virtualreality", "wasm": "webassembly",
}  # fmt: skip
_SMALL = frozenset("a an and at by da das de del der des di die do du e el et for in la le of on or the to und".split())
_COUNTED = re.compile(r"([a-z])(\d\d?)([a-z])")
_CAMEL = re.compile(r"[A-Z][a-z]+")
_VOWEL = re.compile("[aeiouy]")
MOST_LETTERS = 8


@dataclass(frozen=True, slots=True)
class _Pair:
    """`rank`: the strength of the reason, 0 if there is none."""

    short: Form
    long: Form
    rank: int
    why: str

    @property
    def order(self) -> tuple[int, int]:
        return self.rank, len(self.short.usage.entries & self.long.usage.entries)


def short_forms(forms: Sequence[Form]) -> Iterator[Evidence]:
    """At most one long form for each short one, none if two are equally likely."""
    known: dict[str, Form] = {}
    for form in forms:
        known.setdefault(form.joined, form)
    bracketed = dict(_bracketed(forms, known))
    by_initials = _by_initials(forms)
    for form in known.values():
        pairs = [_judged(form, long, bracketed) for long in _longs(form, known, by_initials)]
        best = sorted((pair for pair in pairs if pair.rank), key=lambda pair: pair.order, reverse=True)
        if best and (len(best) == 1 or best[0].order > best[1].order):
            short, long = best[0].short.usage, best[0].long.usage
            words = f"{quoted(short)} is short for {quoted(long)}{best[0].why}"
            yield Evidence("short", long.key, short.key, words)
    for (inner, outer), whole in bracketed.items():
        for part in (outer, inner):
            if part in known:
                words = f"{quoted(whole.usage)} names {quoted(known[part].usage)}"
                yield Evidence("short", known[part].usage.key, whole.usage.key, words)


def _longs(form: Form, known: Mapping[str, Form], by_initials: Mapping[str, dict[str, Form]]) -> Iterator[Form]:
    if form.joined in _KNOWN and _KNOWN[form.joined] in known:
        yield known[_KNOWN[form.joined]]
    elif len(form.words) == 1 and 2 <= len(form.joined) <= MOST_LETTERS:
        yield from by_initials.get(form.joined, {}).values()


def _by_initials(forms: Sequence[Form]) -> dict[str, dict[str, Form]]:
    """Initials → joined words → the first form with both."""
    found: defaultdict[str, dict[str, Form]] = defaultdict(dict)
    for form in forms:
        for initials in _initials(form):
            found[initials].setdefault(form.joined, form)
    return found


def _initials(form: Form) -> set[str]:
    words, joined = form.words, form.joined
    found = {_acronym(words), _acronym([word for word in words if word not in _SMALL])}
    if len(words) == 1:
        found |= {_acronym([part.lower() for part in _CAMEL.findall(name)]) for name in form.usage.spellings}
        if len(joined) >= 12 and form.is_plain:
            found.add(f"{joined[0]}{len(joined) - 2}{joined[-1]}")
    return found - {""}


def _acronym(words: Sequence[str]) -> str:
    letters = "".join(word[0] for word in words)
    return letters if 2 <= len(letters) <= MOST_LETTERS and letters.isalpha() else ""


def _judged(short: Form, long: Form, bracketed: Mapping[tuple[str, str], Form]) -> _Pair:
    if _KNOWN.get(short.joined) == long.joined:
        return _Pair(short, long, 4, "")
    if (short.joined, long.joined) in bracketed:
        return _Pair(short, long, 3, f", as in {quoted(bracketed[short.joined, long.joined].usage)}")
    if _COUNTED.fullmatch(short.joined):
        return _Pair(short, long, 2, "")
    together = len(short.usage.entries & long.usage.entries)
    fewer = min(len(short.usage.entries), len(long.usage.entries))
    is_no_word = _is_no_word(short)
    if together and 2 * together >= fewer and (is_no_word or together > 2):
        return _Pair(short, long, 2, f"; together on {together} of {count_of(fewer, 'entry', 'entries')}")
    if len(short.joined) > 3 and is_no_word and short.usage.sources & long.usage.sources:
        return _Pair(short, long, 1, "; one source uses both")
    return _Pair(short, long, 0, "")


def _is_no_word(form: Form) -> bool:
    """Whether it is written in capitals or cannot be pronounced, such as `mcp`."""
    in_capitals = any(spelling.replace(".", "").isupper() for spelling in form.usage.spellings)
    return in_capitals or (len(form.joined) > 2 and not _VOWEL.search(form.joined))


def _bracketed(forms: Sequence[Form], known: Mapping[str, Form]) -> Iterator[tuple[tuple[str, str], Form]]:
    """(short, long) → the term with both in it, if one of them is in use."""
    for form in forms:
        before, _, short = form.usage.key.rpartition("(")
        if before and short.endswith(")") and 2 <= len(short := short[:-1]) <= 12 and ")" not in short:
            words, inner = words_of(before.rstrip()), "".join(words_of(short))
            outer = "".join(words)
            acronyms = {_acronym(words), _acronym([word for word in words if word not in _SMALL])} - {""}
            if inner in acronyms and {inner, outer} & known.keys():
                yield (inner, outer), form
