"""Terms that equal the name of a category in the config, or a version of it. Pure."""

import re
from collections.abc import Iterator, Sequence

from aggregator.categories.variants.tokens import Form
from aggregator.categories.variants.usage import Evidence, quoted

_VERSION = re.compile(r"(.*[a-z]{4})\s?v?\d{1,2}(?:\.\d{1,2}){0,2}", re.DOTALL)  # python3, html 5, not web3 or mp3


def same_names(forms: Sequence[Form]) -> Iterator[Evidence]:
    """`Python`, if aliases send other terms to `Programming/Python`."""
    for form in forms:
        usage = form.usage
        if len(usage.target) > 1 and usage.entries:
            words = f"{quoted(usage)} is the name of the category {'/'.join(usage.target)}"
            yield Evidence("name", usage.key, usage.key, words)


def versions(forms: Sequence[Form]) -> Iterator[Evidence]:
    """`python3`, if there is a category `Python`."""
    targets = {form.joined: form.usage for form in reversed(forms) if form.usage.target}
    for form in forms:
        match = _VERSION.fullmatch(form.joined)
        if match and match[1] in targets and form.usage.entries:
            one = targets[match[1]]
            words = f"{quoted(form.usage)} is a version of {quoted(one)}, which goes to {'/'.join(one.target)}"
            yield Evidence("version", one.key, form.usage.key, words)
