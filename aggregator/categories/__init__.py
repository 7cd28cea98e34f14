"""Which categories a term goes to. Pure: terms and rules in, placements with their reasons out.

Terms are first made readable: references are decoded, Markdown links unwrapped. Two spellings are one term if they fold
to the same text; folded text is only compared, never shown. Rules are tried in this order: the source's aliases, the
shared aliases, drop, generic, unmapped. Each placement records the deciding rule with its file and line.

A name is split only at the separator in the config of its source, because publishers use `/`, `-`, `,` and `、` inside
names.
"""

from aggregator.categories.names import DEEPEST, LONGEST, CategoryPath, Name, decoded, fold_term, key_of
from aggregator.categories.place_terms import Style, place_terms
from aggregator.categories.rule import KEPT, UNMAPPED, Decider, Placement, Ranked, Rule
from aggregator.categories.rules import MOST_KNOWN, Rules

__all__ = [
    "DEEPEST",
    "KEPT",
    "LONGEST",
    "MOST_KNOWN",
    "UNMAPPED",
    "CategoryPath",
    "Decider",
    "Name",
    "Placement",
    "Ranked",
    "Rule",
    "Rules",
    "Style",
    "decoded",
    "fold_term",
    "key_of",
    "place_terms",
]
