"""Sketches of texts that were dropped: enough to decide whether another text is equal or similar. Pure.

The sample holds the smallest hashes of the text's 3-grams (bottom-k, Broder 1997). It estimates the share of 3-grams
in another text to about 6 percent, and exactly where the text has no more 3-grams than the sample.
"""

import hashlib
from dataclasses import dataclass
from functools import lru_cache

from aggregator.dedup.similarity import grams, overlap, similarity

SAMPLE = 64  # hashes of four bytes each


@dataclass(frozen=True, slots=True)
class TextSketch:
    """Of a folded text: `length` in characters, `digest`, number of 3-grams, and a sample of their hashes."""

    length: int = 0
    digest: str = ""
    grams: int = 0
    sample: tuple[int, ...] = ()


KnownText = str | TextSketch


def sketch_of(text: str) -> TextSketch:
    if not text:
        return TextSketch()
    hashes = sorted(_hashes(text))
    return TextSketch(len(text), _digest(text), len(hashes), tuple(hashes[:SAMPLE]))


def length_of(known: KnownText) -> int:
    """In characters."""
    return len(known) if isinstance(known, str) else known.length


def has_text(known: KnownText) -> bool:
    """Whether the text is, or was, not empty."""
    return length_of(known) > 0


def is_same(text: str, known: KnownText) -> bool:
    if isinstance(known, str):
        return text == known
    return len(text) == known.length and (not text or _digest(text) == known.digest)


def overlap_with(text: str, known: KnownText) -> float:
    """The share of the longer text's 3-grams that both have, 0 to 1."""
    if isinstance(known, str):
        return overlap(text, known)
    longer = max(len(_hashes(text)), known.grams)
    return _common(text, known) / longer if longer else 0.0


def similarity_to(text: str, known: KnownText) -> float:
    """Jaccard similarity of the sets of 3-grams, 0 to 1."""
    if isinstance(known, str):
        return similarity(text, known)
    common = _common(text, known)
    either = len(_hashes(text)) + known.grams - common
    return common / either if either else 0.0


def _common(text: str, known: TextSketch) -> float:
    """How many 3-grams both have."""
    if not known.sample or not text:
        return 0.0
    there = _hashes(text)
    return known.grams * sum(one in there for one in known.sample) / len(known.sample)


@lru_cache(maxsize=8)
def _hashes(text: str) -> frozenset[int]:
    return frozenset(_hash(gram) for gram in grams(text))


def _hash(gram: str) -> int:
    data = hashlib.blake2b(gram.encode(errors="surrogatepass"), digest_size=4).digest()
    return int.from_bytes(data, "little")


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode(errors="surrogatepass"), digest_size=16).hexdigest()
