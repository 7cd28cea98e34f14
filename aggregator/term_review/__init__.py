"""What terms arrive and where they go; which of them may be one; and what a person said to that."""

from aggregator.term_review.apply import Applied, LeftOut, apply_review
from aggregator.term_review.propose import propose
from aggregator.term_review.terms import Arriving, arriving_terms

__all__ = ["Applied", "Arriving", "LeftOut", "apply_review", "arriving_terms", "propose"]
