"""Sources as they are on the web, of which a sample is simulated.

A host of its own, or with a few dozen others, is simulated with all its sources or not at all: the sample has one of
`weight` such hosts. A platform has more sources than that, so a sample of its sources is simulated, and each request
of the sample takes the platform `weight` times the gap. So the queue of every simulated host is as long as in reality.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass

PLATFORMS = 10
ON_PLATFORMS, TOGETHER = 0.20, 0.30  # shares of the sources: at the largest platforms, and on hosts of NEIGHBORS
NEIGHBORS = 50
# Entries a day, and how many of the sources publish so many.
RATES = ((24.0, 0.02), (6.0, 0.08), (1.0, 0.30), (0.15, 0.30), (0.01, 0.30))
VALIDATED = 0.67  # of the sources answer 304 where nothing is new; the others send the same bytes again
FAILING = 0.02


@dataclass(frozen=True, slots=True)
class SampledSource:
    """`rate`: entries a day; `phase`: when the first one appears, in days; `validated`: answers 304; `kind`: of the
    host: own, shared or platform."""

    id: str
    host: str
    kind: str
    rate: float
    phase: float
    validated: bool
    fails: bool

    def published(self, day: float) -> int:
        """How many entries it has published until then."""
        return max(int((day - self.phase) * self.rate), 0) + 1


def sample(sources: int, weight: int) -> list[SampledSource]:
    """One of `weight` of so many sources."""
    chance = random.Random(sources)
    return [_source(chance, number, host, kind) for number, (host, kind) in enumerate(_hosts(sources, weight))]


def _hosts(sources: int, weight: int) -> Iterator[tuple[str, str]]:
    shares = [1 / (rank + 1) for rank in range(PLATFORMS)]
    for rank, share in enumerate(shares):
        for _ in range(round(ON_PLATFORMS * sources * share / sum(shares) / weight)):
            yield f"platform {rank + 1}", "platform"
    for host in range(round(TOGETHER * sources / NEIGHBORS / weight)):
        yield from ((f"shared {host}", "shared") for _ in range(NEIGHBORS))
    for host in range(round((1 - ON_PLATFORMS - TOGETHER) * sources / weight)):
        yield f"own {host}", "own"


def _source(chance: random.Random, number: int, host: str, kind: str) -> SampledSource:
    rates, shares = zip(*RATES, strict=True)
    [rate] = chance.choices(rates, shares)
    phase = -30 - chance.random() / rate
    return SampledSource(f"s{number}", host, kind, rate, phase, chance.random() < VALIDATED, chance.random() < FAILING)
