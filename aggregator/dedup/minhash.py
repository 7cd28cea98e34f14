"""Near-duplicates: a text without boilerplate, and the keys by which nearly equal texts are found. Pure.

MinHash (Broder 1997) gives each text a signature; the share of places in which two signatures agree estimates the
Jaccard similarity of their sets of shingles. Bands of a few places each are the keys: two texts at the threshold almost
always share a band, dissimilar ones rarely. Keys only find candidates; the exact similarity decides.
"""

import hashlib
import struct
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache

from rensa import RMinHash

from aggregator.dedup.shingles import shingles, tokens
from aggregator.html.plain_text import is_long_enough

SEED = 1
MIN_RECALL = 0.999  # probability that two texts at the threshold, less the margin, share a band
MARGIN = 0.1  # what a source repeats may make two texts at the threshold differ by so much
MOST_PLACES = 96
LEAD = 30  # words, or twice as many characters, at the beginning of a text

SAMPLED_ENTRIES = 20  # the newest entries of a source, from which its boilerplate is learned
MIN_REPEATS = 5


def scheme(threshold: float) -> str:
    """Names all that keys depend on: algorithm, version, seed, and the shape of bands for the threshold."""
    bands, rows = _shape(threshold)
    return f"rensa-rminhash-{RMinHash.ALGORITHM_VERSION} seed {SEED} {bands}x{rows} 3-shingles, lead of {LEAD}"


def bands(text: str, threshold: float) -> tuple[int, ...]:
    """The keys of a folded text, signed 64-bit numbers; () where it is too short to be distinctive."""
    parts = shingles(text)  # none in a text of signs alone
    if not parts or not is_long_enough(text):
        return ()
    count, rows = _shape(threshold)
    signature = RMinHash(count * rows, SEED)
    signature.update(list(parts))
    places = struct.pack(f"<{count * rows}I", *signature.digest())
    width = len(places) // count
    keys = (_key(bytes([i]) + places[i * width : (i + 1) * width]) for i in range(count))
    return (*keys, _lead(text))


def own_text(text: str, boilerplate: frozenset[str]) -> str:
    """A folded text without its source's boilerplate passages."""
    if not boilerplate:
        return text
    return "\n".join(line for line in text.split("\n") if passage_key(line) not in boilerplate)


def find_boilerplate(texts: Iterable[str]) -> frozenset[str]:
    """The keys of passages that at least half, and at least five, of a source's newest entries contain."""
    newest = list(texts)[:SAMPLED_ENTRIES]
    shown = Counter(key for text in newest for key in {passage_key(line) for line in text.split("\n") if line})
    least = max(MIN_REPEATS, len(newest) / 2)
    return frozenset(key for key, count in shown.items() if count >= least)


def passage_key(passage: str) -> str:
    return hashlib.blake2b(passage.encode(errors="surrogatepass"), digest_size=8).hexdigest()


@lru_cache
def _shape(threshold: float) -> tuple[int, int]:
    """(bands, rows of each): the most rows with which a pair that is nearly at the threshold reaches `MIN_RECALL`."""
    least = threshold - MARGIN
    for rows in range(8, 1, -1):
        for count in range(1, MOST_PLACES // rows + 1):
            if 1 - (1 - least**rows) ** count >= MIN_RECALL:
                return count, rows
    return MOST_PLACES, 1


def _lead(text: str) -> int:
    """The key of its beginning, by which an excerpt finds the whole text."""
    parts = tokens(text)
    return _key(" ".join(parts[: LEAD * (2 if len(parts[0]) == 1 else 1)]).encode(errors="surrogatepass"))


def _key(data: bytes) -> int:
    return int.from_bytes(hashlib.blake2b(data, digest_size=8).digest(), "little", signed=True)
