"""The words of a term, without signs and spaces that do not matter. Pure."""

import re
from dataclasses import dataclass

from aggregator.categories.variants.usage import Usage

_DOTTED = re.compile(r"(?<!\w)(?:[^\W\d_]\.){2,}(?:[^\W\d_]\b)?")  # a.i., u.s.a
_APOSTROPHE = re.compile(r"(?<=\w)['’](?=\w)|(?<=s)['’]")
_LEADING_DOT = re.compile(r"(?<!\S)\.(?=[^\W\d_])")  # .net is not net
_IN_NUMBER = re.compile(r"(?<=\d)[-.:/](?=\d)")  # 5.7 is not 57
_SHORT_SLASH = re.compile(r"(?<!\w)(\w{1,3})/(?=\w{1,3}(?!\w))")  # ci/cd; longer names are two names
_SIGNS = re.compile(r"[\s_:;!?()\[\]{}\"“”„«»·・•|…\-‐‑‒–—]+|\.(?!\d)|(?<!\d)\.")
_NUMBERS_MEET = re.compile(r"(?<=\d) (?=\d)")
LONGEST = 120  # characters of a folded term; longer ones are sentences


@dataclass(frozen=True, slots=True)
class Form:
    """`words` of the folded term; `joined`: without spaces, so that `how to` is `howto`, but `1 2` is not `12`.

    `&` becomes *and*. Signs that make another name (`c++`, `c#`, `$aapl`, `@home`) stay, and commas between names.
    """

    usage: Usage
    words: tuple[str, ...]
    joined: str

    @property
    def is_comparable(self) -> bool:
        """Whether it has at least two characters, one of them a letter."""
        return len(self.joined) >= 2 and any(map(str.isalpha, self.joined))

    @property
    def is_plain(self) -> bool:
        return self.joined.isascii() and self.joined.isalpha()


def form_of(usage: Usage) -> Form:
    words = words_of(usage.key)
    return Form(usage, words, _NUMBERS_MEET.sub("\0", " ".join(words)).replace(" ", "").replace("\0", " "))


def words_of(key: str) -> tuple[str, ...]:
    if key.isalpha():
        return (key,)
    text = _DOTTED.sub(lambda match: match[0].replace(".", ""), key)
    text = _LEADING_DOT.sub("dot", _APOSTROPHE.sub("", text)).replace("&", " and ")
    text = _SHORT_SLASH.sub(r"\1 ", _IN_NUMBER.sub(".", text))
    return tuple(_SIGNS.sub(" ", text).split())
