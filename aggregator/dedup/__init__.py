"""Decides which entry an arriving one is. Pure: arriving and known sightings in, a match with its reason out.

`Matcher` tries the rules in order; the first that holds decides. A person's decisions win over all rules, because a
sighting that is seen again stays in the entry where the person put it. Within one source an id, a link, a path or the
text identifies an entry. Across sources only a link with similar text, an id with the same text, or nearly the same
text does.
"""

from aggregator.dedup.candidates import Arriving, CandidateIndex, Known, Neighbor, Removed
from aggregator.dedup.decision import Match
from aggregator.dedup.matcher import Matcher, repeats_ids

__all__ = ["Arriving", "CandidateIndex", "Known", "Match", "Matcher", "Neighbor", "Removed", "repeats_ids"]
