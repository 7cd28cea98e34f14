"""Forms of one verb: truncate, truncated, truncating. Pure.

Many such forms have their own meaning (building, marketing). So both must mostly occur on the same entries: a publisher
who uses both forms together means one thing.
"""

from collections.abc import Iterator, Sequence

from aggregator.categories.variants.tokens import Form
from aggregator.categories.variants.usage import Evidence, Usage, quoted

# Verbs whose -ing form is a thing, a trade or a field.
_OTHERS = frozenset(
    "act advertise back bank bear bet blog bond book box brew bring build camp card cast catch climb cloth coach code"
    " compute cook craft cycle dance data deal design develop draw drive dwell earn end engineer farm feel film find"
    " fish fit fund game garden gather hack hear heat hire house hunt image interview law learn light list live load"
    " land market mean meet mine model mod nest network nurse open paint park plan play plumb post price print process"
    " program publish race rat read record report research ride roll run sail save school script sculpt seat see set"
    " sew share shift ship shoot shop sing ski spell spend sport staff stock story stream surf swim teach test text"
    " track trade train travel turn understand wed weld wing wire wood write".split()
)
_DOUBLED = frozenset("bdgklmnprt")


def verbs(forms: Sequence[Form]) -> Iterator[Evidence]:
    known = {form.joined: form.usage for form in forms if form.is_plain}
    for form in forms:
        for stem in _stems(_begin(form.joined)):
            verb = known.get(stem)
            if verb is not None and stem not in _OTHERS and _meet(verb, form.usage):
                words = f"{quoted(form.usage)} is a form of {quoted(verb)}, and stands on the same entries"
                yield Evidence("verb", verb.key, form.usage.key, words)
                break


def _begin(word: str) -> str:
    """The text before -ing or -ed; "" if it is no word of a-z."""
    begin = next((word.removesuffix(ending) for ending in ("ing", "ed") if word.endswith(ending)), "")
    return begin if len(begin) >= 2 and begin.isascii() and begin.isalpha() and begin.islower() else ""


def _stems(begin: str) -> Iterator[str]:
    """Possible verbs: work, shadowban for shadowbann, truncate for truncat."""
    if begin:
        yield begin
        if begin[-1] == begin[-2] and begin[-1] in _DOUBLED:
            yield begin[:-1]
        yield f"{begin}e"


def _meet(one: Usage, other: Usage) -> bool:
    together, fewer = len(one.entries & other.entries), min(len(one.entries), len(other.entries))
    return together > 0 and 2 * together >= fewer
