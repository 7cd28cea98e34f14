"""Different spellings of the same words: signs and spaces, script, alphabet. Pure."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from typing import TypeVar

from aggregator.categories.variants.tokens import Form
from aggregator.categories.variants.usage import Evidence, Kind, quoted
from aggregator.text.slugs import HAN, slugify

T = TypeVar("T")


def signs(forms: Sequence[Form]) -> Iterator[Evidence]:
    """Forms that differ only in signs and spaces."""
    for some in _alike(forms, lambda form: form.joined if form.is_comparable else None):
        yield from _evidence("signs", some, "differ only in signs and spaces", sure=True)


def script(forms: Sequence[Form]) -> Iterator[Evidence]:
    """Simplified and traditional Chinese."""
    han = [form for form in forms if len(form.joined) >= 2 and HAN.search(form.joined)]
    for some in _alike(list(zip(han, _simplified(han), strict=True)), lambda pair: pair[1]):
        group = [form for form, _ in some]
        if len({form.joined for form in group}) > 1:
            yield from _evidence("script", group, "are the same in simplified and traditional characters", sure=True)


def letters(forms: Sequence[Form]) -> Iterator[Evidence]:
    """A name, and the same name in ASCII letters."""
    ascii_ = {form.joined: form for form in reversed(forms) if form.joined.isascii() and form.is_comparable}
    for form in forms:
        other = ascii_.get(_in_ascii(form))
        if other is not None:
            yield Evidence(
                "letters",
                other.usage.key,
                form.usage.key,
                f"{quoted(form.usage)} is {quoted(other.usage)} in Latin letters without marks",
            )


def _alike(items: Iterable[T], key: Callable[[T], Hashable]) -> Iterator[list[T]]:
    """The groups of items with the same key; items with the key None are left out."""
    found: defaultdict[Hashable, list[T]] = defaultdict(list)
    for item in items:
        if (shared := key(item)) is not None:
            found[shared].append(item)
    yield from (some for some in found.values() if len(some) > 1)


def _evidence(kind: Kind, some: Sequence[Form], relation: str, *, sure: bool = False) -> Iterator[Evidence]:
    first = some[0].usage
    for form in some[1:]:
        words = f"{quoted(first)} and {quoted(form.usage)} {relation}"
        yield Evidence(kind, first.key, form.usage.key, words, sure)


def _simplified(forms: Sequence[Form]) -> list[str]:
    if not forms:
        return []
    from opencc import OpenCC  # loaded only if needed, for its dictionaries

    # terms have no line ends, so they are converted as one text, which is a hundred times faster
    return list(OpenCC("t2s").convert("\n".join(form.joined for form in forms)).split("\n"))


def _in_ascii(form: Form) -> str:
    """Its name in ASCII letters; "" if it is ASCII already, too short, or so long that its slug is cut."""
    han = HAN.search(form.joined)
    if form.joined.isascii() or not any(map(str.isalpha, form.joined)) or len(form.joined) > (9 if han else 14):
        return ""
    slug = slugify(form.usage.key).replace("-", "")
    return slug if len(slug) >= (7 if han else 4) else ""
