"""Where a term goes. Pure: terms and rules in, placements with their reasons out.

What arrives is made readable: references decoded, Markdown links unwrapped. Two spellings are one term where they
fold to the same; folding is for comparing, never for showing. The rules are tried in order: the source's aliases, the
aliases of all, drop, generic, unmapped. Whatever comes out remembers the rule that decided, with its file and line.

Names are split only where the config of their source says by what: `/`, `-`, `,` and `、` stand inside of names that
publishers give.
"""

from aggregator.categories.names import DEEPEST, LONGEST, CategoryPath, Name, decoded, fold_term, key_of
from aggregator.categories.place_terms import Style, place_terms
from aggregator.categories.rule import Decider, Placement, Ranked, Rule
from aggregator.categories.rules import MOST_KNOWN, Rules

__all__ = [
    "DEEPEST",
    "LONGEST",
    "MOST_KNOWN",
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
