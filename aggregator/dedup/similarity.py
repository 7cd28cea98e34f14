"""Similarity of two folded texts, and whether two titles contradict each other. Pure.

The work is bounded, because fingerprints limit the length of texts.
"""

import re
from collections import Counter
from collections.abc import Sequence, Set
from functools import lru_cache

from aggregator.text.normalize import unspaced

MIN_GRAMS = 4  # six words; `Read more` or `Comments` identifies no entry
MIN_COMMON_WORDS = 0.5  # share of the longer title's words

_WORD = re.compile(r"\w+")
_NUMBER = re.compile(r"\d+")
# The words of a title; a decimal point belongs to its number, and each Han character is a word.
_HAN = "\u3400-\u9fff\uf900-\ufaff〇"
_TOKEN = re.compile(rf"[{_HAN}]|(?:[^\W{_HAN}]|(?<=\d)[.,](?=\d))+")
# Words that distinguish the parts of a series, by the value that they mean. Digits and single letters do so, too.
_COUNTING = {
    word: str(number)
    for words in (
        "zero one two three four five six seven eight nine ten eleven twelve",
        "〇 i ii iii iv v vi vii viii ix x xi xii",
        "零 一 二 三 四 五 六 七 八 九 十",
        "_ first second third fourth fifth sixth seventh eighth ninth tenth",
    )
    for number, word in enumerate(words.split())
} | {
    word: word
    for word in (
        "monday tuesday wednesday thursday friday saturday sunday january february march april may june july august"
        " september october november december morning afternoon evening night spring summer autumn winter"
        " alpha beta rc final 上 中 下 百 千 春 夏 秋 冬 朝 晚 早"
    ).split()
}


@lru_cache(maxsize=8)
def grams(text: str) -> frozenset[str]:
    """The set of word 3-grams, or of character 3-grams where most of the text is in a script without spaces."""
    words = text.split()
    characters = "".join(words)
    parts: Sequence[str] = characters if 2 * unspaced(characters) > len(characters) else words
    if len(parts) < 3:
        return frozenset([" ".join(parts)]) if parts else frozenset()
    if isinstance(parts, str):
        return frozenset(parts[i : i + 3] for i in range(len(parts) - 2))
    return frozenset(map(" ".join, zip(parts, parts[1:], parts[2:], strict=False)))


def overlap(one: str, other: str) -> float:
    """The share of the longer text's 3-grams that both have, 0 to 1."""
    a, b = grams(one), grams(other)
    longer = max(len(a), len(b))
    return len(a & b) / longer if longer else 0.0


def similarity(one: str, other: str) -> float:
    """Jaccard similarity of the sets of 3-grams, 0 to 1."""
    a, b = grams(one), grams(other)
    either = len(a | b)
    return len(a & b) / either if either else 0.0


def is_distinctive(text: str) -> bool:
    """Whether the text has enough words to identify an entry."""
    return len(grams(text)) >= MIN_GRAMS


def like_titles(one: str, other: str, threshold: float) -> bool:
    """Whether two titles are alike but for punctuation. Numbers have to be equal (`1.2 is out`, `1.3 is out`)."""
    if one == other:
        return bool(one)
    if _NUMBER.findall(one) != _NUMBER.findall(other):
        return False
    bare, other_bare = "".join(_WORD.findall(one)), "".join(_WORD.findall(other))
    return bool(bare) and (bare == other_bare or similarity(bare, other_bare) >= threshold)


def contradict(one: str, other: str) -> bool:
    """Whether two titles differ only in a number, version, episode or day, and so name different entries.

    Titles with little in common do not contradict each other, since a copy may have its own headline. Nor does a title
    with a number contradict one without.
    """
    (words, counts), (other_words, other_counts) = _words_and_counts(one), _words_and_counts(other)
    differ = (counts - other_counts) and (other_counts - counts)
    alike = (words & other_words).total() >= MIN_COMMON_WORDS * max(words.total(), other_words.total())
    return bool(differ) and alike


def share_a_word(one: str, other: str) -> bool:
    """Whether two titles have a word, number or Han character in common."""
    return not set(_TOKEN.findall(one)).isdisjoint(_TOKEN.findall(other))


def share_half(one: str, other: str, repeated: Set[str] = frozenset()) -> bool:
    """Whether two titles have at least half of the longer one's words in common, without those that are `repeated`."""
    words, other_words = (Counter(_words_without(title, repeated)) for title in (one, other))
    return (words & other_words).total() >= MIN_COMMON_WORDS * max(words.total(), other_words.total())


def words_of_half(titles: Sequence[str]) -> frozenset[str]:
    """The words that stand in more than half of the titles, such as the name of the site."""
    uses = Counter(word for title in titles for word in set(_TOKEN.findall(title)))
    return frozenset(word for word, count in uses.items() if 2 * count > len(titles))


def _words_without(title: str, repeated: Set[str]) -> list[str]:
    return [word for word in _TOKEN.findall(title) if word not in repeated]


def _words_and_counts(title: str) -> tuple[Counter[str], Counter[str]]:
    """The words of a title, and those of them that count something (see `_COUNTING`) by value."""
    words: Counter[str] = Counter()
    counts: Counter[str] = Counter()
    for token in _TOKEN.findall(title):
        count = _count(token)
        (counts if count else words)[count or token] += 1
    return words, counts


def _count(token: str) -> str:
    """The value of a word that counts something, "" for any other word."""
    if any(character.isdigit() for character in token):
        return token.replace(",", "").lstrip("0") or "0"
    return _COUNTING.get(token) or (token if len(token) == 1 and token.isascii() else "")
