"""Which entry is this? Pure: what arrives and what is known in, a decision with its reason out.

The rules stand in the order in which they are tried; the first that holds decides. What a person said comes before
them all, since a sighting seen again is of the entry that a person put it into. Inside one source an id, a link, a
path or the words tell that an entry was seen before; between sources only a link with agreeing words, an id with the
same words, or nearly the same text does.
"""

from aggregator.dedup.candidates import Arriving, CandidateIndex, Known, Neighbor, Removed
from aggregator.dedup.decision import Match
from aggregator.dedup.matcher import Matcher, repeats_ids

__all__ = ["Arriving", "CandidateIndex", "Known", "Match", "Matcher", "Neighbor", "Removed", "repeats_ids"]
