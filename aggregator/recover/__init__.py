"""`db recover`: rebuilds a lost state from the published tree, so that readers are not shown every entry again.

The tree has ids, slugs, dates, addresses, the feeds of each entry, and digests of removed entries. It does not have
overrides (held and joined entries), nor entries older than those in the feeds' documents: these stay lost.
"""

from aggregator.recover.recover import Recovery, recover

__all__ = ["Recovery", "recover"]
