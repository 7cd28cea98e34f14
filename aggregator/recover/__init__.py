"""db recover: a state made anew from the published tree, so that a lost one floods nobody.

What readers know entries by stands in the tree: ids, slugs, dates, addresses, which feeds hold them; and digests of
what a person removed. What does not is lost: what a person held or joined, and entries that are older than what the
feeds' documents hold.
"""

from aggregator.recover.recover import Recovery, recover

__all__ = ["Recovery", "recover"]
