"""Which terms are variants of one name, and the evidence for it. Pure: terms and their use in, groups out."""

from aggregator.categories.variants.choose_name import best_name
from aggregator.categories.variants.group import group_variants
from aggregator.categories.variants.usage import Evidence, Group, Usage

__all__ = ["Evidence", "Group", "Usage", "best_name", "group_variants"]
