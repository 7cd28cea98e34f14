"""Explains an entry: where it was seen, why its sightings are one entry, where its terms went, and which feeds hold it.
Reports recorded decisions with their reasons, and decides nothing."""

from aggregator.explain.answer import Explanation, as_json
from aggregator.explain.explain import explain

__all__ = ["Explanation", "as_json", "explain"]
