"""The answer to every why: where an entry was seen, why it is one entry, where its categories went, and which feeds
hold it. Nothing is decided here; what was decided is told with its reasons."""

from aggregator.explain.answer import Explanation, as_json
from aggregator.explain.explain import explain

__all__ = ["Explanation", "as_json", "explain"]
