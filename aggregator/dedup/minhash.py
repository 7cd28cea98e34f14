"""Near-duplicates: what of a text is its own, and by which keys texts that are nearly the same find each other. Pure.

MinHash (Broder 1997) gives each text a signature of which two agree in as many places as their sets of 3-grams do on
average. Bands of a few places each are the keys: texts as alike as asked for share at least one of them nearly surely,
others rarely. Keys find candidates only; the exact similarity decides.
"""

import hashlib
import struct
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache

from rensa import RMinHash

from aggregator.dedup.similarity import grams
from aggregator.html.plain_text import says_enough

SEED = 1
SURE = 0.999  # how surely two texts as alike as the threshold share a band
MOST_PLACES = 96

LOOKED_AT = 20  # the newest entries of a source, in which its boilerplate shows
LEAST_REPEATED = 5


def scheme(threshold: float) -> str:
    """Names what makes keys comparable: algorithm, version, seed, and the shape that the threshold asks for."""
    bands, rows = _shape(threshold)
    return f"rensa-rminhash-{RMinHash.ALGORITHM_VERSION} seed {SEED} {bands}x{rows} 3-grams"


def bands(text: str, threshold: float) -> tuple[int, ...]:
    """The keys of a folded text, signed 64-bit numbers; () where it is too short to be told from others."""
    if not says_enough(text):
        return ()
    count, rows = _shape(threshold)
    signature = RMinHash(count * rows, SEED)
    signature.update(list(grams(text)))
    places = signature.digest()
    return tuple(_key(i, places[i * rows : (i + 1) * rows]) for i in range(count))


def own_text(text: str, boilerplate: frozenset[str]) -> str:
    """A folded text without the passages that its source puts into most entries."""
    if not boilerplate:
        return text
    return "\n".join(line for line in text.split("\n") if passage_key(line) not in boilerplate)


def find_boilerplate(texts: Iterable[str]) -> frozenset[str]:
    """The keys of passages that stand in at least half, and in at least five, of a source's newest entries."""
    newest = list(texts)[:LOOKED_AT]
    shown = Counter(key for text in newest for key in {passage_key(line) for line in text.split("\n") if line})
    least = max(LEAST_REPEATED, len(newest) / 2)
    return frozenset(key for key, count in shown.items() if count >= least)


def passage_key(passage: str) -> str:
    return hashlib.blake2b(passage.encode(errors="surrogatepass"), digest_size=8).hexdigest()


@lru_cache
def _shape(threshold: float) -> tuple[int, int]:
    """(bands, rows a band): as many rows as keep a pair at the threshold sure of a common band."""
    for rows in range(8, 1, -1):
        for count in range(1, MOST_PLACES // rows + 1):
            if 1 - (1 - threshold**rows) ** count >= SURE:
                return count, rows
    return MOST_PLACES, 1


def _key(band: int, places: Sequence[int]) -> int:
    data = struct.pack(f"<B{len(places)}I", band, *places)
    return int.from_bytes(hashlib.blake2b(data, digest_size=8).digest(), "little", signed=True)
