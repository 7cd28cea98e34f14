"""Review of category terms: where they go, proposals to merge some of them, and the answers as aliases."""

from aggregator.term_review.apply import Applied, LeftOut, apply_proposals, apply_review
from aggregator.term_review.propose import propose
from aggregator.term_review.terms import ArrivingTerm, arriving_terms

__all__ = ["Applied", "ArrivingTerm", "LeftOut", "apply_proposals", "apply_review", "arriving_terms", "propose"]
