"""What terms arrive and where they go; which of them may be one; and what a person said to that."""

from aggregator.reviewing.applying import Applied, LeftOut, apply_review
from aggregator.reviewing.listing import Arriving, arriving_terms
from aggregator.reviewing.proposing import propose

__all__ = ["Applied", "Arriving", "LeftOut", "apply_review", "arriving_terms", "propose"]
