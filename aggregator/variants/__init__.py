"""Which terms are spellings of one thing, and what speaks for it. Pure: terms and their use in, groups out."""

from aggregator.variants.choice import best_name
from aggregator.variants.grouping import group_variants
from aggregator.variants.usage import Evidence, Group, Usage

__all__ = ["Evidence", "Group", "Usage", "best_name", "group_variants"]
