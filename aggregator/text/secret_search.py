"""Finds and replaces a secret in foreign text, in any escaped form. Each line is read once, from left to right."""

import html
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import quote, quote_plus

from aggregator.text.escapes import ROUNDS, Character, decode_once, decodings

SURE = 8  # from this length a secret is also found inside a word
SLOW = 100_000  # longest line that is searched character by character


@dataclass(frozen=True)
class Needle:
    """A secret to search; `shown` and `mark` replace it in a message and in a stored text. `is_pair`: `name=value`."""

    value: str
    shown: str
    mark: str
    is_pair: bool

    @property
    def is_bounded(self) -> bool:
        """Whether it is found only as a separate word: short values occur inside many words."""
        return self.is_pair or len(self.value) < SURE

    @cached_property
    def forms(self) -> tuple[str, ...]:
        """In lower case, at each stage of decoding, and with + for a space."""
        views = [view.lower() for view in decodings(self.value)]
        return tuple(dict.fromkeys(form for view in views for form in (view, view.replace(" ", "+"))))

    @cached_property
    def spellings(self) -> tuple[str, ...]:
        """The usual escaped forms, which can be replaced without reading each character."""
        value = self.value
        escaped = html.escape(value), html.escape(value, quote=False)
        coded = quote(value, safe=""), quote(value), quote(value, safe="!$&'()*+,;=:@/~"), quote_plus(value)
        every = dict.fromkeys((*escaped, *coded, value))
        return tuple(sorted((one for one in every if len(one) >= SURE), key=len, reverse=True))


def is_found(text: str, needle: Needle) -> bool:
    """Whether the text may hold the secret; one that `is_bounded` is found inside a word, too."""
    return any(form in view for view in map(str.lower, decodings(text)) for form in needle.forms)


def replaced(text: str, needle: Needle, by: str) -> str:
    """The text with `by` for each place of the secret. A line over SLOW with an unusual escaping is replaced whole."""
    if not needle.is_bounded:
        for spelling in needle.spellings:
            text = text.replace(spelling, by)
        if not is_found(text, needle):
            return text
    return "\n".join(_replaced_in_line(line, needle, by) for line in text.split("\n"))


def _replaced_in_line(line: str, needle: Needle, by: str) -> str:
    if not is_found(line, needle):
        return line
    if len(line) > SLOW:
        return by  # nobody reads it
    parts, done = [], 0
    for start, end in _spans(line, needle):
        parts += [line[done:start], by]
        done = end
    return "".join([*parts, line[done:]])


def _spans(line: str, needle: Needle) -> list[tuple[int, int]]:
    """The places of the secret in any escaped form, without overlaps."""
    characters = [Character(one, at, at + 1) for at, one in enumerate(line)]
    found: list[tuple[int, int]] = []
    for _ in range(ROUNDS + 1):
        text = "".join(one.lower for one in characters)
        found += ((characters[a].start, characters[b - 1].end) for a, b in _places(text, needle))
        decoded = list(decode_once(characters))
        if len(decoded) == len(characters):
            break
        characters = decoded
    return list(_apart(sorted(found)))


def _places(text: str, needle: Needle) -> Iterator[tuple[int, int]]:
    for form in needle.forms:
        at = text.find(form)
        while at >= 0:
            end = at + len(form)
            beside = text[at - 1 : at] + text[end : end + 1]
            if not (needle.is_bounded and any(map(str.isalnum, beside))):
                yield at, end
            at = text.find(form, end)


def _apart(spans: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    last = (0, 0)
    for start, end in spans:
        if start < last[1]:
            last = (last[0], max(last[1], end))
            continue
        if last[1]:
            yield last
        last = (start, end)
    if last[1]:
        yield last
